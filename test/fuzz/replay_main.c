/* Runs a fuzz target over its corpus, so that every unit run replays what fuzzing once found. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { INPUT_MAX = 1 << 20 }; /* octets */

static int replay(const char *dir, const char *name) {
        static uint8_t input[INPUT_MAX];
        char path[4096];

        (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
        FILE *f = fopen(path, "rb");
        if (!f) {
                perror(path);
                return -1;
        }
        size_t len = fread(input, 1, sizeof(input), f);
        (void)fclose(f);

        /* A copy of the exact size, so that the sanitizer sees a read one octet too far. */
        uint8_t *exact = malloc(len ? len : 1);
        if (!exact)
                return -1;
        memcpy(exact, input, len);
        (void)LLVMFuzzerTestOneInput(exact, len);
        free(exact);
        return 0;
}

int main(int argc, char **argv) {
        if (argc != 2) {
                (void)fprintf(stderr, "usage: %s CORPUS\n", argv[0]);
                return 2;
        }
        DIR *dir = opendir(argv[1]);
        if (!dir) {
                perror(argv[1]);
                return 1;
        }
        unsigned n = 0;
        for (struct dirent *entry; (entry = readdir(dir));) {
                if (entry->d_name[0] == '.')
                        continue;
                if (replay(argv[1], entry->d_name) < 0)
                        return 1;
                n++;
        }
        (void)closedir(dir);
        if (n == 0) {
                (void)fprintf(stderr, "%s: no input: a corpus has at least one file\n", argv[1]);
                return 1;
        }
        (void)printf("%u inputs\n", n);
        return 0;
}
