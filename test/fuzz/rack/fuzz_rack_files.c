/* Any path, asked for by TFTP and HTTP: what lies below it is the plan's to say, and every refusal has its
 * words. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot_site.h"
#include "core/image/store.h"
#include "io/published.h"
#include "io/tree.h"
#include "rack/http.h"
#include "rack/served.h"
#include "rack/tftp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { PATH_SIZE = 512, PI4 = 0x0a4d000a, UEFI = 0x0a4d000b, STRANGER = 0x0a4d0063, ELSEWHERE = 0x0a630001 };

static void *take_site(void *s) {
        return site_take(s);
}

static void drop_site(void *s) {
        site_drop(s);
}

static void meet(struct presences *p, enum boot_client_id client, const char *mac, uint32_t addr) {
        struct boot_ask ask = boot_site_ask(client, mac, 77);
        ask.client_ip = ip_from_v4(addr);
        assert(presences_set(p, &ask) == 0);
}

/* A store without a blob: files that are not made in memory cannot be given, and say so. */
static struct store *empty_store(void) {
        char dir[] = "/tmp/bramble-fuzz-rack-XXXXXX";
        struct store *store = NULL;

        assert(mkdtemp(dir) && store_open(dir, &store, NULL) == 0 && tree_remove(AT_FDCWD, dir) == 0);
        return store;
}

/* What is served, made once: two boots with tokens of their own, strangers beside them. */
static struct view_source *source_of(void) {
        static struct published site;
        static struct boot_site *files;
        static struct view_source source;

        if (files)
                return &source;
        published_init(&site, take_site, drop_site);
        files = boot_site_new();
        published_set(&site, site_take(files->site));
        source = (struct view_source){ .site = &site,
                                       .presences = presences_new(),
                                       .served = queue_new(4, sizeof(struct served)),
                                       .store = empty_store(),
                                       .http_port = 5248 };
        meet(source.presences, CLIENT_PI4, "dc:a6:32:a7:ed:89", PI4);
        meet(source.presences, CLIENT_UEFI_ARM64, "52:54:00:77:00:f0", UEFI);
        return &source;
}

/* What is told of it fits, and ends. */
static void hear(struct view_source *source) {
        struct served s;

        assert(queue_receive(source->served, &s, 1) == 1);
        assert(memchr(s.path, 0, sizeof(s.path)) && memchr(s.detail, 0, sizeof(s.detail)));
}

static void ask_tftp(struct view_source *source, struct tftp_files *files, uint32_t addr, const char *path) {
        const struct tftp_peer peer = { .client = ip_from_v4(addr), .server = ip_from_v4(0x0a4d0001) };
        struct tftp_grant grant = {};
        struct tftp_report report = { .peer = peer };

        tftp_files_backend.open(files, 0, &peer, path, 0, &grant);
        assert(!grant.file || (!grant.refusal && !grant.is_ignored));
        assert(!grant.refusal || grant.refusal[0]);
        report.outcome = grant.file ? TFTP_DONE : TFTP_NOT_FOUND;
        report.tag = grant.tag;
        (void)snprintf(report.path, sizeof(report.path), "%.255s", path);
        boot_file_drop(grant.file);
        tftp_files_backend.report(files, 0, &report);
        tftp_files_backend.batch_end(files, 0);
        hear(source);
}

static void ask_http(struct view_source *source, struct http_files *files, uint32_t addr, const char *path) {
        const struct http_request r = {
                .method = "GET", .path = path, .client = ip_from_v4(addr), .server = ip_from_v4(0x0a4d0001)
        };
        struct http_report report = { .client = r.client, .method = "GET", .is_complete = true };
        struct http_answer answer;

        http_files_backend.answer(files, &r, &answer, &report.tag);
        assert((answer.status == 200) == (answer.file != NULL));
        assert(answer.file || (answer.body_len > 1 && answer.body[answer.body_len - 1] == '\n'));
        boot_file_drop(answer.file);
        free(answer.body);
        report.status = answer.status;
        (void)snprintf(report.path, sizeof(report.path), "%.255s", path);
        http_files_backend.report(files, &report);
        hear(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        static const uint32_t who[] = { PI4, UEFI, STRANGER, ELSEWHERE };
        static struct tftp_files *tftp;
        static struct http_files *http;
        struct view_source *source = source_of();
        char path[PATH_SIZE];

        if (!tftp)
                tftp = tftp_files_new(source, 1);
        if (!http)
                http = http_files_new(source);
        assert(tftp && http);
        if (len < 1 || len > sizeof(path))
                return 0;
        memcpy(path, data + 1, len - 1);
        path[len - 1] = 0;
        ask_tftp(source, tftp, who[data[0] % ARRAY_LEN(who)], path);
        ask_http(source, http, who[data[0] % ARRAY_LEN(who)], path);
        return 0;
}
