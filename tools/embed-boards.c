/*
 * Build step: checks every file of data/boards with the parser that brambled itself uses, and writes them as
 * one C array.
 *
 * usage: embed-boards FOLDER OUTPUT.c OUTPUT.d
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/machine/board_yaml.h"

enum { BOARDS_MAX = 512 };

struct input {
        char path[4096], file[256];
        struct board_parsed parsed;
};

static int read_board(struct input *in) {
        static char yaml[BOARD_YAML_MAX + 1];
        struct error err = {};
        FILE *f = fopen(in->path, "rb");

        if (!f) {
                perror(in->path);
                return -1;
        }
        size_t len = fread(yaml, 1, sizeof(yaml), f);
        (void)fclose(f);
        if (board_yaml_parse(yaml, len, in->file, &in->parsed, &err) < 0) {
                (void)fprintf(stderr, "%s\n", err.text);
                return -1;
        }
        if (strlen(in->file) != strlen(in->parsed.board.name) + 5 ||
            !text_starts_with(in->file, in->parsed.board.name)) {
                (void)fprintf(stderr, "%s: its board calls itself %s\n", in->file, in->parsed.board.name);
                return -1;
        }
        return 0;
}

static int compare_inputs(const void *a, const void *b) {
        return strcmp(((const struct input *)a)->parsed.board.name,
                      ((const struct input *)b)->parsed.board.name);
}

static void put_string(FILE *out, const char *s) {
        (void)fputc('"', out);
        for (; *s; s++) {
                if (*s == '"' || *s == '\\')
                        (void)fputc('\\', out);
                (void)fputc(*s, out);
        }
        (void)fputc('"', out);
}

static void put_names(FILE *out, const char *field, const char *const *names) {
        if (!names[0])
                return;
        (void)fprintf(out, "          .%s = { ", field);
        for (; *names; names++) {
                put_string(out, *names);
                (void)fputs(", ", out);
        }
        (void)fputs("},\n", out);
}

static void put_quirks(FILE *out, const struct board *b) {
        (void)fprintf(out, "          .n_ouis = %zu, .ouis = { ", b->n_ouis);
        for (size_t i = 0; i < b->n_ouis; i++)
                (void)fprintf(out, "{ 0x%02x, 0x%02x, 0x%02x }, ", b->ouis[i][0], b->ouis[i][1],
                              b->ouis[i][2]);
        (void)fprintf(out, "},\n          .offer_delay_ms = %u, .since = { ", b->offer_delay_ms);
        for (size_t i = 0; i < BOARD_SINCE_KINDS; i++)
                (void)fprintf(out, "%u, ", b->since[i]);
        (void)fprintf(out, "},\n          .n_steppings = %zu, .steppings = { ", b->n_steppings);
        for (size_t i = 0; i < b->n_steppings; i++) {
                (void)fputs("{ ", out);
                put_string(out, b->steppings[i].name);
                (void)fputs(", ", out);
                put_string(out, b->steppings[i].dtb);
                (void)fputs(", ", out);
                if (b->steppings[i].overlay)
                        put_string(out, b->steppings[i].overlay);
                else
                        (void)fputs("NULL", out);
                (void)fputs(", { ", out);
                for (size_t k = 0; k < b->steppings[i].n_revisions; k++)
                        (void)fprintf(out, "0x%x, ", b->steppings[i].revisions[k]);
                (void)fprintf(out, "}, %zu, %u }, ", b->steppings[i].n_revisions, b->steppings[i].since_pcb);
        }
        (void)fputs("},\n", out);
}

static void put_board(FILE *out, const struct board *b) {
        (void)fputs("        { .name = ", out);
        put_string(out, b->name);
        (void)fputs(", .title = ", out);
        put_string(out, b->title);
        (void)fputs(", .client = ", out);
        put_string(out, b->client);
        (void)fprintf(out, ", .family = (enum board_family)%d,\n          .archs = { ", (int)b->family);
        for (size_t i = 0; i < BOARD_ARCHS_MAX && b->archs[i] != ARCH_NONE; i++)
                (void)fprintf(out, "(enum arch)%d, ", (int)b->archs[i]);
        (void)fprintf(out, "},\n          .n_types = %zu", b->n_types);
        for (size_t i = 0; i < b->n_types; i++)
                (void)fprintf(out, ", .types[%zu] = 0x%02x", i, b->types[i]);
        (void)fputs(",\n", out);
        put_names(out, "dtbs", b->dtbs);
        put_names(out, "upstream_dtbs", b->upstream_dtbs);
        put_names(out, "methods", b->methods);
        put_quirks(out, b);
        (void)fputs("        },\n", out);
}

static int write_array(const char *path, const struct input *inputs, size_t n) {
        FILE *out = fopen(path, "w");
        if (!out) {
                perror(path);
                return -1;
        }
        (void)fputs("/* Made by embed-boards from data/boards. */\n#include \"core/machine/board.h\"\n\n"
                    "const struct board boards_builtin[] = {\n",
                    out);
        for (size_t i = 0; i < n; i++)
                put_board(out, &inputs[i].parsed.board);
        (void)fprintf(out, "};\nconst size_t n_boards_builtin = %zu;\n", n);
        return fclose(out) == 0 ? 0 : -1;
}

/* The folder is named too, so that a new file builds the array again. */
static int write_depfile(const char *path, const char *target, const char *folder, const struct input *inputs,
                         size_t n) {
        FILE *out = fopen(path, "w");
        if (!out) {
                perror(path);
                return -1;
        }
        (void)fprintf(out, "%s: %s", target, folder);
        for (size_t i = 0; i < n; i++)
                (void)fprintf(out, " %s", inputs[i].path);
        (void)fputc('\n', out);
        return fclose(out) == 0 ? 0 : -1;
}

static int read_folder(const char *folder, struct input *inputs, size_t *n) {
        DIR *dir = opendir(folder);
        int r = 0;

        if (!dir) {
                perror(folder);
                return -1;
        }
        for (struct dirent *entry; r == 0 && (entry = readdir(dir));) {
                if (!text_ends_with(entry->d_name, ".yaml"))
                        continue;
                if (*n == BOARDS_MAX) {
                        (void)fprintf(stderr, "%s: more than %d boards\n", folder, BOARDS_MAX);
                        r = -1;
                        break;
                }
                struct input *in = &inputs[*n];
                (void)snprintf(in->file, sizeof(in->file), "%s", entry->d_name);
                (void)snprintf(in->path, sizeof(in->path), "%s/%s", folder, entry->d_name);
                r = read_board(in);
                *n += r == 0;
        }
        (void)closedir(dir);
        return r;
}

int main(int argc, char **argv) {
        if (argc != 4) {
                (void)fprintf(stderr, "usage: %s FOLDER OUTPUT.c OUTPUT.d\n", argv[0]);
                return 2;
        }
        struct input *inputs = calloc(BOARDS_MAX, sizeof(*inputs));
        if (!inputs)
                return 1;
        size_t n = 0;
        int r = read_folder(argv[1], inputs, &n);
        if (r == 0) {
                qsort(inputs, n, sizeof(*inputs), compare_inputs);
                r = write_array(argv[2], inputs, n);
        }
        if (r == 0)
                r = write_depfile(argv[3], argv[2], argv[1], inputs, n);
        for (size_t i = 0; i < n; i++)
                board_parsed_clear(&inputs[i].parsed);
        free(inputs);
        return r == 0 ? 0 : 1;
}
