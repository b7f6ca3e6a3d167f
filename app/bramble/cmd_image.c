/* bramble image … */
/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/bramble/api.h"
#include "app/bramble/cmd.h"
#include "app/bramble/imported.h"
#include "app/bramble/loaders.h"
#include "app/bramble/noun.h"
#include "app/bramble/upload.h"

#define DISK_IMAGE_NAME ".img" /* under which the API takes a disk or FAT image */

static const struct column list_columns[] = {
        { .title = "NAME", .field = "name" },
        { .title = "KIND", .field = "kind" },
        { .title = "ARCH", .field = "arch" },
        { .title = "BOARDS", .field = "boards" },
        { .title = "FILES", .field = "n_files", .is_right = true },
        { .title = "SIZE", .field = "size", .format = format_size, .is_right = true },
        { .title = "CREATED", .field = "created", .format = format_time },
        {},
};

static const struct column show_columns[] = {
        { .title = "name", .field = "name" },
        { .title = "kind", .field = "kind" },
        { .title = "arch", .field = "arch" },
        { .title = "boards", .field = "boards" },
        { .title = "cmdline", .field = "cmdline" },
        { .title = "files", .field = "n_files" },
        { .title = "size", .field = "size", .format = format_size },
        { .title = "created", .field = "created" },
        {},
};

/* On a terminal enough of it to compare by eye. */
static void format_digest(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        const char *digest = json_string_value(value);

        (void)row;
        text_printf(out, "%.*s", cli->is_terminal ? 12 : 64, digest ? digest : "");
}

static const struct column file_columns[] = {
        { .title = "PATH", .field = "path" },
        { .title = "ROLE", .field = "role" },
        { .title = "SIZE", .field = "size", .format = format_size, .is_right = true },
        { .title = "SHA256", .field = "sha256", .format = format_digest },
        {},
};

int cmd_image_list(struct cli *cli, const struct args *args) {
        (void)args;
        return noun_list(cli, "/api/v1/images", list_columns);
}

int cmd_image_show(struct cli *cli, const struct args *args) {
        CLEANUP(free_at) char *path = api_path("images", args->words[0], NULL);
        CLEANUP(json_decref_at) json_t *image = NULL;
        const int code = noun_show(cli, path, show_columns, &image);

        if (code != CLI_OK || cli->json)
                return code;
        if (cli->is_terminal)
                (void)puts("");
        return print_table(cli, file_columns, json_object_get(image, "files"));
}

int cmd_image_delete(struct cli *cli, const struct args *args) {
        CLEANUP(free_at) char *path = api_path("images", args->words[0], NULL);
        const int code = noun_delete(cli, path);

        if (code == CLI_OK)
                cli_done(cli, "deleted image %s", args->words[0]);
        return code;
}

/* ---- import ---- */

/* What is packed is unpacked by who knows how: the sentence says with what. */
static int check_disk_image(const char *path) {
        static const struct {
                const char *magic;
                size_t len;
                const char *tool;
        } packed[] = {
                { "\xfd"
                  "7zXZ",
                  5, "xz -d" },
                { "\x1f\x8b", 2, "gunzip" },
                { "\x28\xb5\x2f\xfd", 4, "zstd -d" },
                { "PK\x03\x04", 4, "unzip" },
        };
        char head[8] = "";
        FILE *f = fopen(path, "re");

        if (!f)
                return cli_fail(CLI_LOCAL, "cannot read %s: %s", path, strerror(errno));
        const size_t n = fread(head, 1, sizeof(head), f);
        (void)fclose(f);
        for (size_t i = 0; i < ARRAY_LEN(packed); i++)
                if (n >= packed[i].len && memcmp(head, packed[i].magic, packed[i].len) == 0)
                        return cli_fail(CLI_LOCAL, "%s is packed: unpack it first with `%s`", path,
                                        packed[i].tool);
        return CLI_OK;
}

static bool has_config(const char *dir, const char *below) {
        CLEANUP(free_at) char *path = NULL;
        bool found = false;

        if (asprintf(&path, "%s/%s", dir, below) < 0) {
                path = NULL;
                return false;
        }
        DIR *d = opendir(path);
        for (const struct dirent *e; d && !found && (e = readdir(d));)
                found = strcasecmp(e->d_name, "config.txt") == 0;
        if (d)
                (void)closedir(d);
        return found;
}

/* Said before a wrong directory, which may be large, is read and sent. */
static int check_boot_dir(const char *dir) {
        static const char *const usual[] = { "boot/firmware", "firmware", "bootfs", "system-boot", "boot" };

        if (access(dir, R_OK | X_OK) < 0)
                return cli_fail(CLI_LOCAL, "cannot read %s: %s", dir, strerror(errno));
        if (has_config(dir, "."))
                return CLI_OK;
        for (size_t i = 0; i < ARRAY_LEN(usual); i++)
                if (has_config(dir, usual[i]))
                        return cli_fail(CLI_REFUSED, "there is no config.txt in %s; did you mean %s/%s?", dir,
                                        dir, usual[i]);
        return cli_fail(CLI_REFUSED, "there is no config.txt in %s: it is no Raspberry Pi boot directory",
                        dir);
}

static int collect_source(struct collection *c, const char *source) {
        struct stat status;
        struct error err = {};
        int r;

        if (stat(source, &status) < 0)
                return cli_fail(CLI_LOCAL, "cannot read %s: %s", source, strerror(errno));
        if (S_ISDIR(status.st_mode)) {
                const int code = check_boot_dir(source);
                if (code != CLI_OK)
                        return code;
                r = collect_dir(c, source, "", NULL, NULL, &err);
        } else {
                const int code = check_disk_image(source);
                if (code != CLI_OK)
                        return code;
                r = collect_file(c, source, DISK_IMAGE_NAME, NULL, &err);
        }
        return r < 0 ? cli_fail_with(CLI_LOCAL, &err) : CLI_OK;
}

static void append_note(void *ctx, const char *line) {
        text_printf(ctx, "%s\n", line);
}

/* What was taken and what is missing is told when there is an image: a failure is one sentence. */
static void tell_notes(const struct text *notes, size_t n_skipped) {
        for (const char *line = notes->octets; line && *line; line = strchr(line, '\n') + 1)
                cli_note("%.*s", (int)strcspn(line, "\n"), line);
        if (n_skipped)
                cli_note("%zu links that lead elsewhere, or things that are no files, are left out",
                         n_skipped);
}

static const char *last_part(const char *path) {
        const char *slash = strrchr(path, '/');
        return slash ? slash + 1 : path;
}

/* The kernel and the initrd keep their names, but stand above what a --boot-dir may hold under the same ones.
 */
static int collect_parts(struct collection *c, const struct args *args, struct text *notes) {
        const char *boot_dir = args_value(args, "boot-dir"), *dtbs = args_value(args, "dtbs");
        const char *kernel = args_value(args, "kernel"), *initrd = args_value(args, "initrd");
        const char *arch = args_value(args, "arch");
        struct error err = {};
        int r = 0;

        if (initrd && strcmp(last_part(kernel), last_part(initrd)) == 0)
                return cli_fail(
                        CLI_USAGE,
                        "image import: kernel and initrd are both called %s, and machines ask for them "
                        "by name: give one of them another",
                        last_part(kernel));
        if (boot_dir)
                r = collect_dir(c, boot_dir, "", NULL, NULL, &err);
        if (r == 0 && dtbs)
                r = collect_dir(c, dtbs, "dtbs/", ".dtb", "dtb", &err);
        if (r == 0)
                r = loaders_collect(c, arch, "", append_note, notes, &err);
        if (r == 0)
                r = collect_file(c, kernel, last_part(kernel), "kernel", &err);
        if (r == 0 && initrd)
                r = collect_file(c, initrd, last_part(initrd), "initrd", &err);
        return r < 0 ? cli_fail_with(CLI_LOCAL, &err) : CLI_OK;
}

/* Whether the command line names a source or parts, and not both or half of one. */
static int check_import(const struct args *args) {
        static const char *const parts[] = { "arch", "kernel", "initrd", "dtbs", "boot-dir", "cmdline" };
        const bool has_source = args->n_words == 2;

        for (size_t i = 0; has_source && i < ARRAY_LEN(parts); i++)
                if (args_value(args, parts[i]))
                        return cli_fail(CLI_USAGE,
                                        "image import: --%s is for an image of parts, and %s is a whole one: "
                                        "give one "
                                        "or the other",
                                        parts[i], args->words[1]);
        if (has_source)
                return CLI_OK;
        if (!args_value(args, "kernel"))
                return cli_fail(CLI_USAGE, "image import: what of? Give a directory or .img file, or --arch, "
                                           "--kernel and --initrd");
        if (!args_value(args, "arch"))
                return cli_fail(
                        CLI_USAGE,
                        "image import: which architecture is the kernel? Give --arch arm64, armhf or amd64");
        return CLI_OK;
}

static json_t *about_of(const struct args *args) {
        json_t *about =
                json_pack("{s:s, s:s}", "name", args->words[0], "kind", args->n_words == 2 ? "pi" : "parts");
        const char *arch = args_value(args, "arch"), *cmdline = args_value(args, "cmdline");

        if (about && arch)
                (void)json_object_set_new(about, "arch", json_string(arch));
        if (about && cmdline)
                (void)json_object_set_new(about, "cmdline", json_string(cmdline));
        return about;
}

int cmd_image_import(struct cli *cli, const struct args *args) {
        CLEANUP(collection_free) struct collection files = {};
        CLEANUP(json_decref_at) json_t *image = NULL, *about = about_of(args);
        CLEANUP(text_free) struct text notes = {};
        int code = check_import(args);

        if (code != CLI_OK)
                return code;
        code = args->n_words == 2 ? collect_source(&files, args->words[1])
                                  : collect_parts(&files, args, &notes);
        if (code != CLI_OK)
                return code;
        if (!about)
                return cli_fail(CLI_LOCAL, "--cmdline is no UTF-8 text");
        if (files.n == 0)
                return cli_fail(CLI_LOCAL,
                                "%s has no files: a Raspberry Pi's boot directory has a config.txt at least",
                                args->words[1]);
        collection_sort(&files);
        files.about = args->n_words == 2 ? args->words[1] : NULL;
        code = upload(cli, about, &files, &image);
        if (code != CLI_OK)
                return code;
        tell_notes(&notes, files.n_skipped);
        if (cli->json)
                return print_json(image);
        tell_imported(image);
        cli_done(cli, "next: `bramble machine add NAME --mac MAC --image %s`", args->words[0]);
        return CLI_OK;
}
