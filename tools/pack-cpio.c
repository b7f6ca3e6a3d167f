/*
 * Packs an initramfs archive: a list on standard input, the archive on standard output.
 *
 *      directory NAME | file NAME SOURCE | program NAME SOURCE | link NAME TARGET
 *
 * One entry a line, in the order in which the kernel shall unpack them; sources may not contain white space.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "format/cpio.h"

static const struct {
        const char *word;
        uint32_t mode;
} kinds[] = {
        { "directory", CPIO_DIRECTORY },
        { "file", CPIO_FILE },
        { "program", CPIO_PROGRAM },
        { "link", CPIO_LINK },
};

static void die(const char *what, const char *why) {
        (void)fprintf(stderr, "pack-cpio: %s: %s\n", what, why);
        exit(EXIT_FAILURE);
}

static void put(const void *data, size_t len) {
        if (len > 0 && fwrite(data, len, 1, stdout) != 1)
                die("standard output", strerror(errno));
}

static void put_entry(uint32_t number, const char *name, uint32_t mode, const void *data, uint32_t size) {
        static const uint8_t zeros[4];
        uint8_t header[CPIO_HEADER_MAX];
        struct writer w = writer_of(header, sizeof(header));

        cpio_write_entry(&w, number, name, mode, size);
        if (w.full)
                die(name, "the name is too long");
        put(header, writer_len(&w));
        put(data, size);
        put(zeros, cpio_padding(size));
}

static uint32_t read_file(const char *path, void **ret) {
        FILE *f = fopen(path, "rb");
        long size = -1;

        if (!f || fseek(f, 0, SEEK_END) < 0 || (size = ftell(f)) < 0 || size > INT32_MAX)
                die(path, f ? "cannot be read" : strerror(errno));
        rewind(f);
        void *data = malloc((size_t)size + 1);
        if (!data || fread(data, 1, (size_t)size, f) != (size_t)size)
                die(path, "cannot be read");
        (void)fclose(f);
        *ret = data;
        return (uint32_t)size;
}

static uint32_t mode_of(const char *word) {
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
                if (strcmp(kinds[i].word, word) == 0)
                        return kinds[i].mode;
        die(word, "is none of directory, file, program, link");
        return 0;
}

int main(void) {
        char word[16], name[CPIO_NAME_MAX + 1], source[4096], line[8192];
        uint8_t end[2 * CPIO_HEADER_MAX];

        for (uint32_t number = 1; fgets(line, sizeof(line), stdin); number++) {
                int n = sscanf(line, "%15s %255s %4095s", word, name, source);
                if (n <= 0)
                        continue;
                uint32_t mode = mode_of(word);
                if (n != (mode == CPIO_DIRECTORY ? 2 : 3))
                        die(line, "has too few or too many words");
                CLEANUP(free_at) void *data = NULL;
                uint32_t size = 0;
                if (mode == CPIO_FILE || mode == CPIO_PROGRAM)
                        size = read_file(source, &data);
                else if (mode == CPIO_LINK)
                        size = (uint32_t)strlen(data = strdup(source));
                put_entry(number, name, mode, data, size);
        }
        struct writer w = writer_of(end, sizeof(end));
        cpio_write_end(&w);
        put(end, writer_len(&w));
        return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
