/*
 * The way to the rack: how fast octets come, and whether the card counts errors meanwhile.
 *
 * Parameters: path (of a blob: "blob/SHA256"; without it only the counters are looked at), seconds (10).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/bramble-agent/check/check.h"
#include "app/bramble-agent/io/clock.h"
#include "app/bramble-agent/io/http.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/json.h"
#include "base/text.h"

enum { SECONDS = 10, MBIT = 1000000 };

struct stream {
        struct check_context *c;
        uint64_t octets, begin_ms, end_ms;
};

static int take(void *ctx, const void *data, size_t len) {
        struct stream *s = ctx;

        (void)data;
        s->octets += len;
        return clock_now_ms() >= s->end_ms || !check_may_go_on(s->c);
}

/* Again and again the same blob, until the time is up. */
static bool stream(struct stream *s, const char *path, struct error *reterr) {
        const struct http_ask ask = { .method = "GET", .path = path, .take = take, .take_ctx = s };

        while (clock_now_ms() < s->end_ms && check_may_go_on(s->c)) {
                CLEANUP(http_reply_clear) struct http_reply reply;
                uint64_t before = s->octets;
                job_ask(s->c->job, &ask, &reply);
                if (s->octets == before) {
                        (void)error_set(reterr, -1, "the server gave nothing: %s",
                                        reply.status ? "it refuses" : reply.why);
                        return false;
                }
        }
        return true;
}

/* What goes wrong on a bad cable or in a bad card. */
static int64_t count_errors(struct check_context *c) {
        static const char *const counters[] = { "rx_errors", "tx_errors", "rx_crc_errors" };
        const struct job_world *world = job_world(c->job);
        int64_t sum = 0, value;

        for (size_t i = 0; i < ARRAY_LEN(counters); i++)
                if (tree_number(&world->tree, &value, "sys/class/net/%s/statistics/%s", world->nic,
                                counters[i]))
                        sum += value;
        return sum;
}

static bool is_half_duplex(struct check_context *c) {
        const struct job_world *world = job_world(c->job);
        char duplex[16];

        return tree_text(&world->tree, duplex, sizeof(duplex), "sys/class/net/%s/duplex", world->nic) &&
               text_starts_with(duplex, "half");
}

static bool is_path(const char *path) {
        return text_starts_with(path, "blob/") &&
               path[strspn(path, "abcdefghijklmnopqrstuvwxyz0123456789/")] == '\0';
}

enum verdict check_network(struct check_context *c) {
        const char *path = json_text_of(c->parameters, "path");
        struct stream s = { .c = c, .begin_ms = clock_now_ms() };
        struct error error = { 0 };
        int64_t before = count_errors(c);

        if (!is_path(path)) {
                output_printf(c->output,
                              "the task names no blob to fetch: only the card's counters were looked at\n");
                json_put_number(c->results, "errors", before);
                return VERDICT_SKIPPED;
        }
        s.end_ms = s.begin_ms + json_number_of(c->parameters, "seconds", 3600, SECONDS) * 1000;
        job_say(c->job, "network", 0, 0, NULL);
        if (!stream(&s, path, &error)) {
                output_printf(c->output, "%s\n", error.text);
                return VERDICT_FAILED;
        }
        uint64_t took_ms = clock_now_ms() - s.begin_ms, rate = s.octets * 1000 / (took_ms ? took_ms : 1);
        int64_t errors = count_errors(c) - before;
        json_put_number(c->results, "octets_per_s", (int64_t)rate);
        json_put_number(c->results, "errors", errors);
        output_printf(c->output, "%llu Mbit/s from the rack, %lld errors on the card\n",
                      (unsigned long long)(rate * 8 / MBIT), (long long)errors);
        if (is_half_duplex(c)) {
                output_printf(c->output, "the link is half duplex: card and switch do not agree\n");
                return VERDICT_DEGRADED;
        }
        return errors > 0 ? VERDICT_DEGRADED : VERDICT_PASSED;
}
