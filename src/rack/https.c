/* The rack's HTTPS; see https.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/https.h"

#include <errno.h>
#include <string.h>

#include "io/clock.h"
#include "io/credential.h"
#include "io/log.h"
#include "rack/http.h"
#include "rack/state.h"

int https_start(struct rack *r, const struct http_config *like, struct error *reterr) {
        CLEANUP(free_at) struct netif *all = NULL;
        struct authority_addrs addrs;
        struct http_config config = *like;

        int n = netif_list(&all);
        if (n < 0)
                return error_set(reterr, n, "cannot list the network interfaces: %s", strerror(-n));
        authority_addrs(all, (size_t)n, &addrs);
        int error = authority_renew(r->authority, &addrs, clock_unix_s(), reterr);
        if (error < 0)
                return error;
        config.port = r->config.https_port;
        config.credential = authority_server(r->authority);
        return http_server_start(&config, &http_files_backend, r->http_files, &r->https, reterr);
}

static void renew(struct rack *r, const struct authority_addrs *addrs) {
        struct error error;

        if (authority_renew(r->authority, addrs, clock_unix_s(), &error) < 0) {
                log_error("https: no fresh certificate, going on with the old one", "why", error.text);
                return;
        }
        http_server_set_credential(r->https, authority_server(r->authority));
        log_info("https: a fresh certificate");
}

void https_follow(struct rack *r, const struct netif *all, size_t n) {
        struct authority_addrs addrs;

        authority_addrs(all, n, &addrs);
        if (r->https && authority_is_due(r->authority, &addrs, clock_unix_s()))
                renew(r, &addrs);
}

void https_tick(struct rack *r) {
        if (authority_is_old(r->authority, clock_unix_s()))
                renew(r, authority_named(r->authority));
}

void https_say(const struct rack *r, struct boot_ask *ask) {
        ask->http_port = r->config.http_port;
        ask->https_port = r->config.https_port;
        if (r->authority)
                memcpy(ask->ca, authority_hash(r->authority), sizeof(ask->ca));
}
