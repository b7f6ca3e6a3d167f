/* Lists, from files and web servers; see catalog.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/catalog/catalog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/bramble/download.h"
#include "base/nearest.h"
#include "base/text.h"

struct loading {
        struct cli *cli;
        bool may_fetch;
        struct os_list *list;
        size_t n_missing; /* lists that were never fetched */
};

static const char *default_source(void) {
        const char *named = getenv("BRAMBLE_CATALOG");
        return named && *named ? named : CATALOG_DEFAULT;
}

bool catalog_is_there(void) {
        return download_is_url(default_source()) || access(default_source(), R_OK) == 0;
}

/* What a list calls by a name of its own is beside it; a list of a web server names no files of ours. */
static char *resolve(const char *origin, const char *address) {
        const char *slash = strrchr(origin, '/');
        char *whole = NULL;

        if (download_is_url(address) || (*address == '/' && !download_is_url(origin)))
                return strdup(address);
        return asprintf(&whole, "%.*s%s", slash ? (int)(slash - origin) + 1 : 0, origin, address) < 0 ? NULL
                                                                                                      : whole;
}

static int resolve_all(const char *origin, char **address) {
        char *whole = resolve(origin, *address);

        if (!whole)
                return cli_fail(CLI_LOCAL, "out of memory");
        free(*address);
        *address = whole;
        return CLI_OK;
}

static int read_list(struct loading *l, const char *path, const char *origin) {
        CLEANUP(free_at) char *text = malloc(OS_LIST_SIZE_MAX + 1);
        const size_t had = l->list->n, had_more = l->list->n_more;
        int code = CLI_OK;
        FILE *f = fopen(path, "re");

        if (!f || !text) {
                code = cli_fail(CLI_LOCAL, "cannot read %s: %s", path, strerror(errno));
                if (f)
                        (void)fclose(f);
                return code;
        }
        const size_t len = fread(text, 1, OS_LIST_SIZE_MAX + 1, f);
        (void)fclose(f);
        const int r = os_list_read(text, len, l->list);
        if (r == -EBADMSG)
                return cli_fail(CLI_LOCAL, "%s is no list of images in the format of Raspberry Pi Imager",
                                origin);
        if (r < 0)
                return cli_fail(CLI_LOCAL, "%s: %s", origin,
                                r == -E2BIG ? "it is larger than any list of images should be"
                                            : strerror(-r));
        for (size_t i = had; code == CLI_OK && i < l->list->n; i++)
                code = resolve_all(origin, &l->list->images[i].url);
        for (size_t i = had_more; code == CLI_OK && i < l->list->n_more; i++)
                code = resolve_all(origin, &l->list->more[i]);
        return code;
}

static int load_url(struct loading *l, const char *url) {
        CLEANUP(free_at) char *kept = download_kept_path(url), *fetched = NULL;

        if (!kept)
                return cli_fail(CLI_LOCAL, "out of memory");
        if (l->may_fetch) {
                const int code = download(l->cli, url, false, &fetched);
                if (code != CLI_OK)
                        return code;
                if (rename(fetched, kept) < 0)
                        return cli_fail(CLI_LOCAL, "cannot write %s: %s", kept, strerror(errno));
        } else if (access(kept, R_OK) < 0) {
                l->n_missing++;
                return CLI_OK;
        }
        return read_list(l, kept, url);
}

static int load_source(struct loading *l, const char *source) {
        CLEANUP(free_at) char *inside = NULL;
        struct stat status;

        if (download_is_url(source))
                return load_url(l, source);
        if (stat(source, &status) < 0)
                return cli_fail(CLI_LOCAL, "cannot read %s: %s", source, strerror(errno));
        if (!S_ISDIR(status.st_mode))
                return read_list(l, source, source);
        if (asprintf(&inside, "%s/" CATALOG_FILE, source) < 0) {
                inside = NULL;
                return cli_fail(CLI_LOCAL, "out of memory");
        }
        return read_list(l, inside, inside);
}

/* Lists that lists name come after them, and may name others: OS_LIST_MORE_MAX in all. */
int catalog_load(struct cli *cli, const char *const *sources, bool may_fetch, struct os_list *ret) {
        const char *const usual[] = { default_source(), NULL };
        struct loading l = { .cli = cli, .may_fetch = may_fetch, .list = ret };
        int code = CLI_OK;

        if (!*sources && !catalog_is_there())
                return cli_fail(
                        CLI_LOCAL,
                        "there is no %s: name a list of images by --catalog, as a file, a folder or a URL",
                        usual[0]);
        for (const char *const *source = *sources ? sources : usual; code == CLI_OK && *source; source++)
                code = load_source(&l, *source);
        for (size_t i = 0; code == CLI_OK && i < ret->n_more; i++)
                code = load_source(&l, ret->more[i]);
        if (code == CLI_OK && l.n_missing)
                cli_note("lists of %zu web addresses were never fetched: --sync fetches them", l.n_missing);
        return code;
}

int catalog_load_named(struct cli *cli, const struct args *args, struct os_list *ret) {
        const char *sources[ARGS_OPTIONS_MAX + 1];

        (void)args_values(args, "catalog", sources);
        return catalog_load(cli, sources, args_value(args, "sync"), ret);
}

const struct os_image *catalog_choose(const struct os_list *l, const char *name) {
        const struct os_image *found = os_list_find(l, name);
        struct nearest n = nearest_to(name);

        for (size_t i = 0; !found && i < l->n; i++)
                nearest_offer(&n, l->images[i].name);
        if (!found && n.best)
                (void)cli_fail(CLI_REFUSED, "there is no %s in the catalog, did you mean %s?", name, n.best);
        else if (!found)
                (void)cli_fail(
                        CLI_REFUSED,
                        "there is no %s in the catalog: `bramble image catalog --all` lists what there is",
                        name);
        return found;
}

int catalog_fetch(struct cli *cli, const struct os_image *image, char **ret, bool *ret_is_ours) {
        *ret_is_ours = download_is_url(image->url);
        if (*ret_is_ours)
                return download(cli, image->url, image->has_packed_digest, ret);
        *ret = strdup(image->url);
        return *ret ? CLI_OK : cli_fail(CLI_LOCAL, "out of memory");
}
