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
#include "app/bramble/file.h"
#include "app/bramble/imported.h"
#include "app/bramble/print.h"
#include "app/bramble/upload.h"
#include "base/text.h"
#include "io/fd.h"

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

static int refuse_board(const char *board, const char *meant) {
        CLEANUP(text_free) struct text names = {};

        if (meant)
                return cli_fail(CLI_REFUSED, "there is no board %s, did you mean %s?", board, meant);
        catalog_print_boards(&names);
        return cli_fail(CLI_REFUSED, "there is no board %s: there are %s", board,
                        names.octets ? names.octets : "");
}

static int boards_wanted(struct cli *cli, const struct args *args, const struct os_list *list, json_t **ret) {
        const char *board = args_value(args, "board"), *meant;

        if (args_value(args, "all"))
                *ret = json_object();
        else if (board && !catalog_knows(list, board, &meant))
                return refuse_board(board, meant);
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
                code = boards_wanted(cli, args, &list, &boards);
        if (code != CLI_OK)
                return code;
        for (size_t i = 0; i < list.n; i++)
                if (suits_any(&list.images[i], boards))
                        (void)json_array_append_new(rows, row_of(&list.images[i]));
        if (list.n_skipped)
                cli_note("%zu entries have no address or nothing to check them by, and are left out",
                         list.n_skipped);
        if (json_array_size(rows) < list.n)
                cli_done(cli, "%zu images are for other boards%s: --all lists them",
                         list.n - json_array_size(rows),
                         args_value(args, "board") ? "" : " than this site's");
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

static int copy_octets(FILE *in, int out) {
        char piece[64 * 1024];
        uint64_t at = 0;
        int r = 0;

        for (size_t n; r == 0 && (n = fread(piece, 1, sizeof(piece), in)) > 0; at += n)
                r = fd_write(out, piece, n, at);
        return r == 0 && ferror(in) ? -EIO : r;
}

static int copy_file(const char *from, const char *to) {
        CLEANUP(file_new_end) struct file_new out = {};
        FILE *in = fopen(from, "re");

        if (!in)
                return cli_fail(CLI_LOCAL, "cannot read %s: %s", from, strerror(errno));
        int code = file_new_begin(to, &out);
        const int r = code == CLI_OK ? copy_octets(in, out.fd) : 0;
        (void)fclose(in);
        if (r < 0)
                return cli_fail(CLI_LOCAL, "cannot copy %s to %s: %s", from, to, strerror(-r));
        return code == CLI_OK ? file_new_settle(&out) : code;
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

/* Its file in the folder has its name before the first dot. */
static bool is_of(const json_t *entry, const struct os_image *image) {
        const char *file = json_text_at(entry, "url");
        const size_t len = strlen(image->name);

        return strncmp(file, image->name, len) == 0 && file[len] == '.';
}

/* In the place of what was listed of its name: that file is this one now. */
static void put_entry(json_t *entries, const struct os_image *image, const char *file) {
        const json_t *entry;
        size_t i;

        json_array_foreach(entries, i, entry) {
                if (!is_of(entry, image))
                        continue;
                (void)json_array_set_new(entries, i, entry_of(image, file));
                return;
        }
        (void)json_array_append_new(entries, entry_of(image, file));
}

static int export_image(struct cli *cli, const struct os_image *image, const char *dir, json_t *list) {
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
                put_entry(json_object_get(list, "os_list"), image, name.octets);
        return code;
}

/* The list that the folder has, with all that it says; an empty one where it has none. */
static int read_own_list(const char *path, json_t **ret) {
        CLEANUP(json_decref_at) json_t *list = NULL;

        list = access(path, F_OK) < 0 ? json_pack("{s:[]}", "os_list") : json_load_file(path, 0, NULL);
        if (!json_is_array(json_object_get(list, "os_list")))
                return cli_fail(CLI_REFUSED,
                                "%s is no list of images, and is left as it is: name another folder", path);
        *ret = TAKE(list);
        return CLI_OK;
}

static int write_list(const char *path, const json_t *list) {
        CLEANUP(free_at) char *text = json_dumps(list, JSON_INDENT(2));

        return text ? file_write(path, text, strlen(text)) : cli_fail(CLI_LOCAL, "out of memory");
}

static int export_named(struct cli *cli, const struct args *args, const char *path, json_t *list) {
        const char *dir = args->words[0], *names[ARGS_OPTIONS_MAX + 1];
        CLEANUP(os_list_free) struct os_list known = {};
        int code = catalog_load_named(cli, args, &known);

        (void)args_values(args, "image", names);
        if (code == CLI_OK && mkdir(dir, 0755) < 0 && errno != EEXIST)
                return cli_fail(CLI_LOCAL, "cannot make %s: %s", dir, strerror(errno));
        for (const char *const *name = names; code == CLI_OK && *name; name++) {
                const struct os_image *image = catalog_choose(&known, *name);
                code = image ? export_image(cli, image, dir, list) : CLI_REFUSED;
        }
        return code == CLI_OK ? write_list(path, list) : code;
}

int cmd_catalog_export(struct cli *cli, const struct args *args) {
        const char *dir = args->words[0];
        CLEANUP(json_decref_at) json_t *list = NULL;
        CLEANUP(free_at) char *path = NULL;

        if (asprintf(&path, "%s/" CATALOG_FILE, dir) < 0) {
                path = NULL;
                return cli_fail(CLI_LOCAL, "out of memory");
        }
        int code = read_own_list(path, &list);
        if (code == CLI_OK)
                code = export_named(cli, args, path, list);
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
