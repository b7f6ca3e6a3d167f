/* The rack's certificates; see authority.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/authority.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "io/credential.h"
#include "io/log.h"

enum {
        DAY_S = 24 * 3600,
        BEGINS_S = -1 * DAY_S, /* clients' clocks are not ours to the second */
        LASTS_S = 365 * DAY_S,
        RENEWED_S = 30 * DAY_S /* before it ends */
};

struct authority {
        struct credential *own, *server; /* @server: NULL before the first */
        uint8_t hash[SHA256_SIZE];
        char *pem;
        char *host;                   /* NULL: none */
        struct authority_addrs addrs; /* that @server names */
        int64_t from_s, until_s;
};

static int load_or_make(const char *path, struct credential **ret, struct error *reterr) {
        CLEANUP(credential_drop_at) struct credential *c = NULL;
        int error = credential_load(path, &c, reterr);

        if (error == -ENOENT) {
                error = credential_make_authority(&c, reterr);
                if (error == 0)
                        error = credential_save(c, path, reterr);
                if (error == 0)
                        log_info("https: an authority was made", "file", path);
        }
        if (error == 0)
                *ret = TAKE(c);
        return error;
}

int authority_open(const char *dir, const char *host, struct authority **ret, struct error *reterr) {
        CLEANUP(authority_free_at) struct authority *a = calloc(1, sizeof(*a));
        CLEANUP(text_free) struct text path = {};

        text_printf(&path, "%s/ca.pem", dir);
        if (!a || path.failed)
                return error_set(reterr, -ENOMEM, "out of memory");
        int error = load_or_make(path.octets, &a->own, reterr);
        if (error < 0)
                return error;
        credential_hash(a->own, a->hash);
        a->pem = credential_pem(a->own);
        if (host && *host)
                a->host = strdup(host);
        if (!a->pem || (host && *host && !a->host))
                return error_set(reterr, -ENOMEM, "out of memory");
        *ret = TAKE(a);
        return 0;
}

void authority_free(struct authority *a) {
        if (!a)
                return;
        credential_drop(a->own);
        credential_drop(a->server);
        free(a->pem);
        free(a->host);
        free(a);
}

const uint8_t *authority_hash(const struct authority *a) {
        return a->hash;
}

const char *authority_pem(const struct authority *a) {
        return a->pem;
}

static bool has(const struct authority_addrs *addrs, uint32_t addr) {
        for (size_t i = 0; i < addrs->n; i++)
                if (addrs->items[i] == addr)
                        return true;
        return false;
}

void authority_addrs(const struct netif *all, size_t n, struct authority_addrs *ret) {
        ret->n = 0;
        for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < all[i].n_addrs && ret->n < AUTHORITY_ADDRS_MAX; k++)
                        if (!has(ret, all[i].addrs[k].addr))
                                ret->items[ret->n++] = all[i].addrs[k].addr;
}

bool authority_is_old(const struct authority *a, int64_t now_s) {
        return !a->server || now_s < a->from_s || now_s >= a->until_s - RENEWED_S;
}

bool authority_is_due(const struct authority *a, const struct authority_addrs *addrs, int64_t now_s) {
        for (size_t i = 0; i < addrs->n; i++)
                if (!has(&a->addrs, addrs->items[i]))
                        return true;
        return authority_is_old(a, now_s);
}

const struct authority_addrs *authority_named(const struct authority *a) {
        return &a->addrs;
}

int authority_renew(struct authority *a, const struct authority_addrs *addrs, int64_t now_s,
                    struct error *reterr) {
        const int64_t from_s = now_s + BEGINS_S > 0 ? now_s + BEGINS_S : 0, until_s = now_s + LASTS_S;
        const struct credential_names names = { .addrs = addrs->items, .n_addrs = addrs->n, .host = a->host };
        struct credential *fresh;

        int error = credential_make_server(a->own, &names, from_s, until_s, &fresh, reterr);
        if (error < 0)
                return error;
        credential_drop(a->server);
        a->server = fresh;
        if (addrs != &a->addrs)
                a->addrs = *addrs;
        a->from_s = from_s;
        a->until_s = until_s;
        return 0;
}

struct credential *authority_server(const struct authority *a) {
        return a->server;
}
