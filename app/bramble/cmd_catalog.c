/* bramble image catalog, bramble catalog … */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/bramble/api.h"
#include "app/bramble/args.h"
#include "app/bramble/catalog/catalog.h"
#include "app/bramble/catalog/suits.h"
#include "app/bramble/cmd.h"
#include "app/bramble/collect.h"
#include "app/bramble/download.h"
#include "app/bramble/imported.h"
#include "app/bramble/print.h"
#include "app/bramble/upload.h"
#include "base/text.h"

static const struct column columns[] = {
        { .title = "NAME", .field = "name" },
        { .title = "TITLE", .field = "title" },
        { .title = "RELEASED", .field = "released" },
        { .title = "SIZE", .field = "size", .format = format_size, .is_right = true },
        { .title = "FOR", .field = "devices" },
        {},
};

/* ---- what suits ---- */

/* Boards of this site, each once; an empty list: nobody knows. */
static int boards_of_site(struct cli *cli, json_t **ret) {
        CLEANUP(json_decref_at) json_t *machines = NULL, *boards = json_object();
        const json_t *machine;
        size_t i;
        const int code = api_list(cli, "/api/v1/machines", &machines);

        if (code != CLI_OK)
                return code;
        json_array_foreach(machines, i, machine) {
                const char *board = json_text_at(machine, "board");
                if (*board)
                        (void)json_object_set_new(boards, board, json_true());
        }
        *ret = TAKE(boards);
        return CLI_OK;
}

static int boards_wanted(struct cli *cli, const struct args *args, json_t **ret) {
        const char *board = args_value(args, "board");

        if (args_value(args, "all"))
                *ret = json_object();
        else if (board)
                *ret = json_pack("{s:b}", board, 1);
        else
                return boards_of_site(cli, ret);
        return *ret ? CLI_OK : cli_fail(CLI_LOCAL, "out of memory");
}

static bool suits_any(const struct os_image *image, json_t *boards) {
        const char *board;
        json_t *unused;

        json_object_foreach(boards, board, unused) {
                if (catalog_suits(image, board))
                        return true;
        }
        return json_object_size(boards) == 0;
}

static json_t *row_of(const struct os_image *i) {
        json_t *devices = json_array();

        for (size_t d = 0; i->devices[d]; d++)
                (void)json_array_append_new(devices, json_string(i->devices[d]));
        return json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:o}", "name", i->name, "title", i->title,
                         "description", i->description, "released", i->released, "size",
                         (json_int_t)(i->packed_size ? i->packed_size : i->size), "url", i->url, "devices",
                         devices);
}

int cmd_image_catalog(struct cli *cli, const struct args *args) {
        CLEANUP(os_list_free) struct os_list list = {};
        CLEANUP(json_decref_at) json_t *boards = NULL, *rows = json_array();
        int code = catalog_load_named(cli, args, &list);

        if (code == CLI_OK)
                code = boards_wanted(cli, args, &boards);
        if (code != CLI_OK)
                return code;
        for (size_t i = 0; i < list.n; i++)
                if (suits_any(&list.images[i], boards))
                        (void)json_array_append_new(rows, row_of(&list.images[i]));
        if (list.n_skipped)
                cli_note("%zu entries have no address or nothing to check them by, and are left out",
                         list.n_skipped);
        if (json_array_size(rows) < list.n)
                cli_done(cli, "%zu images are for other boards than this site's: --all lists them",
                         list.n - json_array_size(rows));
        return cli->json ? print_json(rows) : print_table(cli, columns, rows);
}

/* ---- to a folder, and from one ---- */

static const char *last_part(const char *path) {
        const char *slash = strrchr(path, '/');
        return slash ? slash + 1 : path;
}

/* How its file is called in the folder: by its own name, with the end of the one it comes from, which says
 * how it is packed. */
static void file_name(const struct os_image *i, struct text *out) {
        const char *file = last_part(i->url), *end = strstr(file, ".img");

        text_printf(out, "%s", i->name);
        for (const char *c = end ? end : strrchr(file, '.'); c && *c; c++)
                text_printf(out, "%c", strchr("?#", *c) ? '_' : *c);
}

static json_t *entry_of(const struct os_image *i, const char *file) {
        char hex[2 * OS_LIST_DIGEST_SIZE + 1];
        json_t *entry = row_of(i);

        (void)json_object_del(entry, "title");
        (void)json_object_set_new(entry, "name", json_string(i->title));
        (void)json_object_set_new(entry, "url", json_string(file));
        (void)json_object_set_new(entry, "release_date", json_string(i->released));
        (void)json_object_del(entry, "released");
        (void)json_object_del(entry, "size");
        (void)json_object_set_new(entry, "extract_size", json_integer((json_int_t)i->size));
        (void)json_object_set_new(entry, "image_download_size", json_integer((json_int_t)i->packed_size));
        if (i->has_digest)
                (void)json_object_set_new(entry, "extract_sha256",
                                          json_string(text_hex(i->digest, sizeof(i->digest), hex)));
        if (i->has_packed_digest)
                (void)json_object_set_new(
                        entry, "image_download_sha256",
                        json_string(text_hex(i->packed_digest, sizeof(i->packed_digest), hex)));
        return entry;
}

static int copy_file(const char *from, const char *to) {
        char piece[64 * 1024];
        int fault = 0;
        FILE *in = fopen(from, "re"), *out = in ? fopen(to, "we") : NULL;

        if (!in || !out)
                fault = errno;
        for (size_t n; !fault && (n = fread(piece, 1, sizeof(piece), in)) > 0;)
                fault = fwrite(piece, 1, n, out) == n ? 0 : errno;
        if (!fault && ferror(in))
                fault = EIO;
        if (in)
                (void)fclose(in);
        if (out && fclose(out) == EOF && !fault)
                fault = errno;
        return fault ? cli_fail(CLI_LOCAL, "cannot copy %s to %s: %s", from, to, strerror(fault)) : CLI_OK;
}

/* What was fetched goes there; across file systems as a copy. */
static int move_file(const char *from, const char *to, bool is_ours) {
        if (is_ours && rename(from, to) == 0)
                return CLI_OK;
        const int code = copy_file(from, to);
        if (code == CLI_OK && is_ours)
                (void)unlink(from);
        return code;
}

static int export_image(struct cli *cli, const struct os_image *image, const char *dir, json_t *entries) {
        CLEANUP(text_free) struct text name = {}, path = {};
        CLEANUP(free_at) char *fetched = NULL;
        bool is_ours = false;

        file_name(image, &name);
        text_printf(&path, "%s/%s", dir, name.octets ? name.octets : "");
        if (name.failed || path.failed)
                return cli_fail(CLI_LOCAL, "out of memory");
        int code = catalog_fetch(cli, image, &fetched, &is_ours);
        if (code == CLI_OK)
                code = catalog_check(image, fetched);
        if (code == CLI_OK)
                code = move_file(fetched, path.octets, is_ours);
        else if (fetched && is_ours && code == CLI_REFUSED)
                (void)unlink(fetched);
        if (code == CLI_OK)
                (void)json_array_append_new(entries, entry_of(image, name.octets));
        return code;
}

static int write_list(const char *dir, json_t *entries) {
        CLEANUP(json_decref_at) json_t *list = json_pack("{s:O}", "os_list", entries);
        CLEANUP(free_at) char *path = NULL;

        if (asprintf(&path, "%s/" CATALOG_FILE, dir) < 0) {
                path = NULL;
                return cli_fail(CLI_LOCAL, "out of memory");
        }
        return json_dump_file(list, path, JSON_INDENT(2)) == 0
                       ? CLI_OK
                       : cli_fail(CLI_LOCAL, "cannot write %s: %s", path, strerror(errno));
}

int cmd_catalog_export(struct cli *cli, const struct args *args) {
        const char *dir = args->words[0], *names[ARGS_OPTIONS_MAX + 1];
        CLEANUP(os_list_free) struct os_list list = {};
        CLEANUP(json_decref_at) json_t *entries = json_array();
        int code = catalog_load_named(cli, args, &list);

        (void)args_values(args, "image", names);
        if (code == CLI_OK && mkdir(dir, 0755) < 0 && errno != EEXIST)
                return cli_fail(CLI_LOCAL, "cannot make %s: %s", dir, strerror(errno));
        for (const char *const *name = names; code == CLI_OK && *name; name++) {
                const struct os_image *image = catalog_choose(&list, *name);
                code = image ? export_image(cli, image, dir, entries) : CLI_REFUSED;
        }
        if (code == CLI_OK)
                code = write_list(dir, entries);
        if (code == CLI_OK)
                cli_done(cli, "next, where there is no internet: `bramble catalog import %s`", dir);
        return code;
}

static int import_image(struct cli *cli, const struct os_image *image, const char *dir) {
        CLEANUP(json_decref_at) json_t *about = NULL, *made = NULL;
        CLEANUP(collection_free) struct collection files = { .about = image->url };
        char hex[2 * OS_LIST_DIGEST_SIZE + 1];
        struct error err = {};
        int code = CLI_OK;

        if (download_is_url(image->url))
                return cli_fail(CLI_REFUSED,
                                "%s does not lie in %s, but at %s: `bramble catalog export` makes a folder "
                                "that has all",
                                image->name, dir, image->url);
        if (!image->has_packed_digest)
                code = catalog_check(image, image->url);
        if (code != CLI_OK)
                return code;
        about = json_pack("{s:s}", "name", image->name);
        if (image->has_packed_digest) /* by the daemon, as it comes */
                (void)json_object_set_new(
                        about, "sha256",
                        json_string(text_hex(image->packed_digest, sizeof(image->packed_digest), hex)));
        if (collect_file(&files, image->url, UPLOAD_SOURCE, NULL, &err) < 0)
                return cli_fail_with(CLI_LOCAL, &err);
        code = upload(cli, about, &files, &made);
        if (code == CLI_OK && cli->json)
                return print_json(made);
        if (code == CLI_OK)
                tell_imported(made);
        return code;
}

int cmd_catalog_import(struct cli *cli, const struct args *args) {
        const char *dir = args->words[0];
        CLEANUP(os_list_free) struct os_list list = {};
        int code = catalog_load(cli, (const char *const[]){ dir, NULL }, false, &list);

        for (size_t i = 0; code == CLI_OK && i < list.n; i++)
                code = import_image(cli, &list.images[i], dir);
        return code;
}
