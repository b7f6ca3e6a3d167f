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
#include "app/bramble/catalog/catalog.h"
#include "app/bramble/cmd.h"
#include "app/bramble/download.h"
#include "app/bramble/imported.h"
#include "app/bramble/loaders.h"
#include "app/bramble/noun.h"
#include "app/bramble/root_dir.h"
#include "app/bramble/upload.h"
#include "io/fd.h"

static const struct column list_columns[] = {
        { .title = "NAME", .field = "name" },
        { .title = "VERSION", .field = "version", .is_right = true },
        { .title = "KIND", .field = "kind" },
        { .title = "ARCH", .field = "arch" },
        { .title = "ROOTS", .field = "roots" },
        { .title = "BOARDS", .field = "boards" },
        { .title = "FILES", .field = "n_files", .is_right = true },
        { .title = "SIZE", .field = "size", .format = format_size, .is_right = true },
        { .title = "CREATED", .field = "created", .format = format_time },
        {},
};

/* "disk (written to it), ram (a squashfs in memory)": what the words mean is in the words. */
static void format_roots(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        static const struct {
                const char *root, *means;
        } rows[] = { { "initrd", "its initrd is the system" },
                     { "disk", "written to one" },
                     { "ram", "in memory, gone at the next boot" },
                     { "nfs", "a tree on the server" },
                     { "nbd", "a disk on the server" } };
        const json_t *root;
        size_t n;

        (void)cli;
        (void)row;
        json_array_foreach(value, n, root) {
                text_printf(out, "%s%s", n ? "; " : "", json_string_value(root));
                for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                        if (strcmp(rows[i].root, json_string_value(root)) == 0)
                                text_printf(out, " (%s)", rows[i].means);
        }
        if (json_array_size(value) == 0)
                text_append(out, "nothing");
}

static void format_why_not(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        const char *root;
        json_t *why;
        bool is_first = true;

        (void)cli;
        (void)row;
        json_object_foreach((json_t *)(uintptr_t)value, root, why) {
                text_printf(out, "%s%s: ", is_first ? "" : "; ", root);
                print_text(out, json_string_value(why) ? json_string_value(why) : "");
                is_first = false;
        }
}

static void format_done(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        if (json_array_size(value) == 0)
                text_append(out, "nothing: it has neither cloud-init nor an SSH server");
        else
                format_plain(out, cli, row, value);
}

static void format_ties(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        const json_t *tie;
        size_t n;

        (void)cli;
        (void)row;
        json_array_foreach(value, n, tie) {
                text_append(out, n ? "; " : "");
                print_text(out, json_text_at(tie, "what"));
                text_append(out, " (");
                print_text(out, json_text_at(tie, "why"));
                text_append(out, ")");
        }
}

static const struct column show_columns[] = {
        { .title = "name", .field = "name" },
        { .title = "version", .field = "version" },
        { .title = "kind", .field = "kind" },
        { .title = "arch", .field = "arch" },
        { .title = "system", .field = "os" },
        { .title = "can live in", .field = "roots", .format = format_roots },
        { .title = "cannot", .field = "why_not", .format = format_why_not },
        { .title = "tells it is up by", .field = "done_signals", .format = format_done },
        { .title = "over the network", .field = "changed_over_network", .format = format_ties },
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
                r = collect_file(c, source, UPLOAD_SOURCE, NULL, &err);
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

        if (initrd && kernel && strcmp(last_part(kernel), last_part(initrd)) == 0)
                return cli_fail(
                        CLI_USAGE,
                        "image import: kernel and initrd are both called %s, and machines ask for them "
                        "by name: give one of them another",
                        last_part(kernel));
        if (boot_dir)
                r = collect_dir(c, boot_dir, "", NULL, NULL, &err);
        if (r == 0 && dtbs)
                r = collect_dir(c, dtbs, "dtbs/", ".dtb", "dtb", &err);
        if (r == 0 && kernel)
                r = loaders_collect(c, arch, "", append_note, notes, &err);
        if (r == 0 && kernel)
                r = collect_file(c, kernel, last_part(kernel), "kernel", &err);
        if (r == 0 && initrd)
                r = collect_file(c, initrd, last_part(initrd), "initrd", &err);
        return r < 0 ? cli_fail_with(CLI_LOCAL, &err) : CLI_OK;
}

static bool is_dir(const char *path) {
        struct stat status;
        return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Whether the command line names a source or parts, and not both or half of one. */
static int check_import(const struct args *args) {
        static const char *const parts[] = { "kernel", "initrd", "dtbs", "boot-dir", "arch", "cmdline" };
        static const char *const of_source[] = { "sha256", "no-root" };
        const bool has_source = args->n_words == 2, has_dir = has_source && is_dir(args->words[1]);
        /* A file may hold an image of parts, whose processor and command line can be said. */
        const size_t n_parts = has_dir ? ARRAY_LEN(parts) : ARRAY_LEN(parts) - 2;

        for (size_t i = 0; has_source && i < n_parts; i++)
                if (args_value(args, parts[i]))
                        return cli_fail(CLI_USAGE,
                                        "image import: --%s is for an image of parts, and %s is a whole one: "
                                        "give one "
                                        "or the other",
                                        parts[i], args->words[1]);
        for (size_t i = 0; (!has_source || has_dir) && i < ARRAY_LEN(of_source); i++)
                if (args_value(args, of_source[i]))
                        return cli_fail(
                                CLI_USAGE,
                                "image import: --%s is for one file that is an image, as a disk image is",
                                of_source[i]);
        if (args_value(args, "root") && !has_dir)
                return cli_fail(CLI_USAGE,
                                "image import: --root is what belongs to a boot directory, which is not "
                                "given");
        if (has_source)
                return CLI_OK;
        if (!args_value(args, "kernel") && args_value(args, "boot-dir") && !args_value(args, "initrd"))
                return CLI_OK; /* an EEPROM of a Raspberry Pi, by content */
        if (!args_value(args, "kernel"))
                return cli_fail(CLI_USAGE,
                                "image import: what of? Give a directory, a file or a URL, or --arch, "
                                "--kernel and --initrd, or a --catalog that has it");
        if (!args_value(args, "arch"))
                return cli_fail(
                        CLI_USAGE,
                        "image import: which architecture is the kernel? Give --arch arm64, armhf or amd64");
        return CLI_OK;
}

/* What is imported, where it is not made of parts. */
struct source {
        const char *named; /* as people know it; NULL: of parts */
        char *fetched;     /* ours, in the cache; NULL: it lies under its name */
        struct os_list catalog;
        const struct os_image *image; /* of the catalog; NULL: it is none */
        char sha256[2 * OS_LIST_DIGEST_SIZE + 1];
};

static void source_free(struct source *s) {
        free(s->fetched);
        os_list_free(&s->catalog);
}

static const char *sha256_of_source(const struct args *args, const struct source *s) {
        return s->sha256[0] ? s->sha256 : args_value(args, "sha256");
}

/* What is one file tells by its content what it is. */
static json_t *about_of(const struct args *args, const struct source *s) {
        static const char *const texts[] = { "arch", "cmdline" };
        json_t *about = json_pack("{s:s}", "name", args->words[0]);
        const char *kind = !s->named          ? "parts"
                           : is_dir(s->named) ? "pi"
                                              : NULL,
                   *sha256 = sha256_of_source(args, s);
        int r = about ? 0 : -1;

        if (sha256)
                r |= json_object_set_new(about, "sha256", json_string(sha256));

        if (kind)
                r |= json_object_set_new(about, "kind", json_string(kind));
        for (size_t i = 0; i < ARRAY_LEN(texts); i++)
                if (args_value(args, texts[i]))
                        r |= json_object_set_new(about, texts[i], json_string(args_value(args, texts[i])));
        if (args_value(args, "no-root"))
                r |= json_object_set_new(about, "root", json_false());
        if (r == 0)
                return about;
        json_decref(about);
        return NULL;
}

/* A file that is an image of parts goes with the loaders that this machine has for it, as parts do. */
static int collect_loaders(struct collection *c, const struct args *args, const char *source,
                           struct text *notes) {
        const char *arch = args_value(args, "arch");
        struct error err = {};

        if (!arch || is_dir(source))
                return CLI_OK;
        return loaders_collect(c, arch, "", append_note, notes, &err) < 0 ? cli_fail_with(CLI_LOCAL, &err)
                                                                          : CLI_OK;
}

/* @packed is open for as long as the collection is sent. */
static int collect_root(struct collection *c, const struct cli *cli, const char *root, int *packed) {
        char path[32];
        struct error err = {};
        int r = 0;

        if (is_dir(root)) {
                if (cli->has_progress)
                        (void)fprintf(stderr, "packing %s\r", root);
                r = root_dir_pack(root, packed, &err);
                if (cli->has_progress)
                        (void)fputs("\033[K", stderr);
                (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", *packed);
                root = path;
        }
        if (r == 0)
                r = collect_file(c, root, UPLOAD_SOURCE, NULL, &err);
        return r < 0 ? cli_fail_with(CLI_LOCAL, &err) : CLI_OK;
}

static int collect_all(struct collection *c, const struct cli *cli, const struct args *args,
                       const char *source, int *packed, struct text *notes) {
        if (!source)
                return collect_parts(c, args, notes);
        const char *root = args_value(args, "root");
        int code = collect_source(c, source);
        if (code == CLI_OK)
                code = collect_loaders(c, args, source, notes);
        return code == CLI_OK && root ? collect_root(c, cli, root, packed) : code;
}

static int import_from(struct cli *cli, const struct args *args, const struct source *s) {
        CLEANUP(collection_free) struct collection files = {};
        CLEANUP(json_decref_at) json_t *image = NULL, *about = about_of(args, s);
        CLEANUP(text_free) struct text notes = {};
        CLEANUP(fd_close_at) int packed = -1;
        int code = collect_all(&files, cli, args, s->fetched ? s->fetched : s->named, &packed, &notes);

        if (code != CLI_OK)
                return code;
        if (!about)
                return cli_fail(CLI_LOCAL, "--cmdline is no UTF-8 text");
        if (files.n == 0)
                return cli_fail(CLI_LOCAL,
                                "%s has no files: a Raspberry Pi's boot directory has a config.txt at least",
                                s->named);
        collection_sort(&files);
        files.about = s->named;
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

/* NAME alone, or catalog:NAME. */
static const char *name_in_catalog(const struct args *args) {
        static const char *const parts[] = { "kernel", "initrd", "boot-dir" };

        if (args->n_words == 2)
                return text_starts_with(args->words[1], CATALOG_PREFIX)
                               ? args->words[1] + strlen(CATALOG_PREFIX)
                               : NULL;
        for (size_t i = 0; i < ARRAY_LEN(parts); i++)
                if (args_value(args, parts[i]))
                        return NULL;
        return args_value(args, "catalog") || catalog_is_there() ? args->words[0] : NULL;
}

static int choose_from_catalog(struct cli *cli, const struct args *args, const char *name, struct source *s) {
        int code = catalog_load_named(cli, args, &s->catalog);

        if (code != CLI_OK)
                return code;
        s->image = catalog_choose(&s->catalog, name);
        if (!s->image)
                return CLI_REFUSED;
        s->named = s->image->url;
        if (s->image->has_packed_digest)
                (void)text_hex(s->image->packed_digest, sizeof(s->image->packed_digest), s->sha256);
        return CLI_OK;
}

int cmd_image_import(struct cli *cli, const struct args *args) {
        const char *name = name_in_catalog(args);
        CLEANUP(source_free) struct source s = { .named = args->n_words == 2 ? args->words[1] : NULL };
        int code = name ? choose_from_catalog(cli, args, name, &s) : check_import(args);

        if (code == CLI_OK && s.named && download_is_url(s.named))
                code = download(cli, s.named, sha256_of_source(args, &s) != NULL, &s.fetched);
        /* A sum of the file is for the daemon to check, as it comes. */
        if (code == CLI_OK && s.image && !s.image->has_packed_digest)
                code = catalog_check(s.image, s.fetched ? s.fetched : s.named);
        if (code == CLI_OK)
                code = import_from(cli, args, &s);
        /* Kept for another try only where it is sure to be what was meant. */
        if (s.fetched && (code == CLI_OK || code == CLI_REFUSED))
                (void)unlink(s.fetched);
        return code;
}

/* ---- verify ---- */

static int verify_one(struct cli *cli, const json_t *image, bool *ret_is_bad) {
        CLEANUP(free_at) char *ref = NULL;
        CLEANUP(json_decref_at) json_t *answer = NULL;

        if (asprintf(&ref, "%s@%" JSON_INTEGER_FORMAT, json_text_at(image, "name"),
                     json_integer_value(json_at(image, "version"))) < 0)
                return cli_fail(CLI_LOCAL, "out of memory");
        CLEANUP(free_at) char *path = api_path("images", ref, "verify", NULL);
        if (cli->has_progress)
                (void)fprintf(stderr, "\rreading %s\033[K", ref);
        const int code = api_json(cli, "POST", path, NULL, &answer);
        if (cli->has_progress)
                (void)fputs("\r\033[K", stderr);
        if (code != CLI_OK)
                return code;
        const json_t *bad = json_at(answer, "bad"), *one;
        size_t i;
        json_array_foreach(bad, i, one) {
                CLEANUP(text_free) struct text line = {};
                text_printf(&line, "%s: ", ref);
                print_text(&line, json_text_at(one, "path"));
                text_append(&line, ": ");
                print_text(&line, json_text_at(one, "why"));
                text_printf(&line, " (blob %s)", json_text_at(one, "sha256"));
                if (line.octets)
                        (void)puts(line.octets);
        }
        *ret_is_bad |= json_array_size(bad) > 0;
        return CLI_OK;
}

/* NAME or NAME@VERSION. */
static bool is_meant(const json_t *image, const char *wanted) {
        const char *name = json_text_at(image, "name"), *at = wanted ? strchr(wanted, '@') : NULL;
        const size_t len = at ? (size_t)(at - wanted) : wanted ? strlen(wanted) : 0;

        if (!wanted)
                return true;
        return strlen(name) == len && memcmp(name, wanted, len) == 0 &&
               (!at || strtoll(at + 1, NULL, 10) == json_integer_value(json_at(image, "version")));
}

int cmd_image_verify(struct cli *cli, const struct args *args) {
        const char *wanted = args->n_words ? args->words[0] : NULL;
        CLEANUP(json_decref_at) json_t *images = NULL;
        const json_t *image;
        bool is_bad = false;
        size_t i, n = 0;
        int code = api_list(cli, "/api/v1/images", &images);

        json_array_foreach(images, i, image) {
                if (code != CLI_OK || !is_meant(image, wanted))
                        continue;
                code = verify_one(cli, image, &is_bad);
                n++;
        }
        if (code != CLI_OK)
                return code;
        if (n == 0 && wanted)
                return cli_fail(CLI_REFUSED, "there is no image %s", wanted);
        if (is_bad)
                return cli_fail(CLI_REFUSED,
                                "octets in the store are not what they were: import these images again");
        cli_done(cli, "%zu images are as they were imported", n);
        return CLI_OK;
}
