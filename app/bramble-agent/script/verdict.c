/* Verdicts and output; see verdict.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/json.h"
#include "app/bramble-agent/script/verdict.h"

enum {
        BEGIN_MAX = VERDICT_OUTPUT_MAX / 2,
        RING_SIZE = VERDICT_OUTPUT_MAX / 2 - 100 /* for what stands between them */
};

static const char *const names[] = {
        [VERDICT_PASSED] = "passed", [VERDICT_SKIPPED] = "skipped",    [VERDICT_DEGRADED] = "degraded",
        [VERDICT_FAILED] = "failed", [VERDICT_TIMED_OUT] = "timedout",
};

const char *verdict_name(enum verdict v) {
        return names[v];
}

int verdict_of(const char *name) {
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                if (strcmp(names[i], name) == 0)
                        return (int)i;
        return -EINVAL;
}

enum verdict verdict_worse(enum verdict a, enum verdict b) {
        /* What was skipped says nothing beside what was not. */
        if (a == VERDICT_SKIPPED)
                return b;
        if (b == VERDICT_SKIPPED)
                return a;
        return a > b ? a : b;
}

void output_add(struct output *o, const void *data, size_t len) {
        const char *at = data;
        size_t room = o->begin.len < BEGIN_MAX ? BEGIN_MAX - o->begin.len : 0, n = len < room ? len : room;

        if (n > 0)
                text_append_octets(&o->begin, at, n);
        if (n < len && !o->ring)
                o->ring = malloc(RING_SIZE);
        for (; n < len && o->ring; n++) {
                o->left_out += o->ring_len == RING_SIZE;
                o->ring[o->ring_at] = at[n];
                o->ring_at = (o->ring_at + 1) % RING_SIZE;
                o->ring_len += o->ring_len < RING_SIZE;
        }
}

void output_printf(struct output *o, const char *format, ...) {
        char line[512];
        va_list args;

        va_start(args, format);
        int n = vsnprintf(line, sizeof(line), format, args);
        va_end(args);
        if (n > 0)
                output_add(o, line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

void output_free(struct output *o) {
        text_free(&o->begin);
        free(o->ring);
        *o = (struct output){ 0 };
}

json_t *output_json(const struct output *o) {
        CLEANUP(text_free) struct text all = { 0 };

        text_append_octets(&all, o->begin.octets ? o->begin.octets : "", o->begin.len);
        if (o->left_out > 0)
                text_printf(&all, "\n[... %llu octets left out ...]\n", (unsigned long long)o->left_out);
        size_t first = o->ring_len == RING_SIZE ? o->ring_at : 0;
        if (o->ring_len > 0) {
                text_append_octets(&all, o->ring + first, o->ring_len - first);
                text_append_octets(&all, o->ring, first);
        }
        return all.failed ? NULL : json_clean_text(all.octets, all.len);
}

char *verdict_report(uint64_t task, const char *name, enum verdict v, int exit_status, double seconds,
                     const struct output *output, json_t *results) {
        CLEANUP(json_decref_at) json_t *o = json_object();

        json_put_number(o, "task", (int64_t)task);
        json_put_text(o, "name", name);
        json_put_text(o, "status", verdict_name(v));
        json_put_number(o, "exit", exit_status);
        (void)json_object_set_new(o, "runtime_s", json_real(seconds));
        (void)json_object_set_new(o, "output", output_json(output));
        (void)json_object_set_new(o, "results", results ? json_incref(results) : json_object());
        return json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(6));
}
