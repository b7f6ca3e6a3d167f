/* Judging boots; see judge.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/selftest/judge.h"

#include <inttypes.h>
#include <string.h>

#include "app/bramble/print.h"

enum {
        LARGE = 4 << 20,     /* octets: smaller ones say nothing about a wall, or a timeout of 30 s */
        RESENT_PER_CENT = 1, /* of a file: more is a bad cable, or a switch that drops */
        BLKSIZE_DEFAULT = 512
};

#define BESIDE "boot offer beside" /* how the trail calls it where another server gives addresses */

static int64_t number(const json_t *step, const char *member) {
        return json_integer_value(json_object_get(step, member));
}

static bool is(const json_t *step, const char *member, const char *value) {
        return strcmp(json_text_at(step, member), value) == 0;
}

static void note_file(const json_t *step, int64_t since_ms, struct selftest_facts *f) {
        const bool is_whole = is(step, "outcome", "ok") && number(step, "octets") == number(step, "size");

        f->n_files++;
        if (f->first_file_ms < 0)
                f->first_file_ms = since_ms;
        f->last_file_ms = since_ms + number(step, "took_ms");
        f->n_missed += is(step, "outcome", "miss");
        if (is(step, "outcome", "failed") && f->n_broken++ == 0)
                f->broken = json_text_at(step, "what");
        if (!is_whole)
                return;
        f->n_whole++;
        f->octets += (uint64_t)number(step, "octets");
        f->resent += (uint64_t)number(step, "resent");
        if ((uint64_t)number(step, "octets") <= f->largest_octets)
                return;
        f->largest = json_text_at(step, "what");
        f->largest_octets = (uint64_t)number(step, "octets");
        f->largest_took_ms = (uint64_t)number(step, "took_ms");
        f->largest_resent = (uint64_t)number(step, "resent");
        f->largest_blksize = (uint64_t)number(step, "blksize");
}

void selftest_facts_of(const json_t *session, struct selftest_facts *ret) {
        const json_t *steps = json_object_get(session, "steps"), *step;
        const int64_t start_ms = number(json_array_get(steps, 0), "at_ms");
        size_t i;

        *ret = (struct selftest_facts){ .acknowledged_ms = -1, .first_file_ms = -1, .last_file_ms = -1 };
        ret->is_finished = json_is_true(json_object_get(session, "finished"));
        json_array_foreach(steps, i, step) {
                const int64_t since_ms = number(step, "at_ms") - start_ms;
                if (is(step, "kind", "tftp") || is(step, "kind", "http"))
                        note_file(step, since_ms, ret);
                if (is(step, "kind", "dhcp") && ret->acknowledged_ms < 0 &&
                    strncmp(json_text_at(step, "detail"), "ACK", 3) == 0)
                        ret->acknowledged_ms = since_ms;
                ret->n_console += is(step, "kind", "console");
                ret->is_beside_other |= is(step, "kind", "dhcp") &&
                                        strncmp(json_text_at(step, "detail"), BESIDE, strlen(BESIDE)) == 0;
                if (is(step, "kind", "dhcp") && is(step, "what", "DISCOVER") && !ret->is_finished) {
                        ret->n_discovers++;
                        ret->last_discover_ms = since_ms;
                }
        }
}

bool selftest_is_quiet(const json_t *session, int64_t now_ms, int64_t quiet_ms) {
        const json_t *steps = json_object_get(session, "steps"), *step;
        int64_t last_ms = 0;
        size_t i;

        json_array_foreach(steps, i, step) {
                const int64_t end_ms = number(step, "at_ms") + number(step, "took_ms");
                last_ms = end_ms > last_ms ? end_ms : last_ms;
        }
        return json_is_true(json_object_get(session, "finished")) || now_ms - last_ms >= quiet_ms;
}

static void put_seconds(struct text *out, int64_t ms) {
        text_printf(out, "%" PRId64 ".%" PRId64 " s", ms / 1000, ms % 1000 / 100);
}

bool selftest_judge_boot(const struct selftest_facts *f, struct text *out) {
        if (f->n_files == 0) {
                text_append(out, "it asked for an address, and for no file: `bramble doctor` says why");
                return false;
        }
        if (f->n_broken) {
                text_printf(out, "%u of %u files broke off, the first of them ", f->n_broken, f->n_files);
                print_text(out, f->broken);
                return false;
        }
        if (f->n_whole == 0) {
                text_printf(out, "none of the %u files that it asked for is there", f->n_files);
                return false;
        }
        text_printf(out, "%u files, ", f->n_whole);
        print_size(out, f->octets);
        text_append(out, ", in ");
        put_seconds(out, f->last_file_ms);
        text_append(out, "; the first after ");
        put_seconds(out, f->first_file_ms);
        text_printf(out, "; %" PRIu64 " blocks sent again; its system %s", f->resent,
                    f->is_finished ? "is up" : "was not heard");
        return true;
}

bool selftest_judge_large_file(const struct selftest_facts *f, struct text *out) {
        const uint64_t again =
                f->largest_resent * (f->largest_blksize ? f->largest_blksize : BLKSIZE_DEFAULT);

        if (f->largest_octets < LARGE) {
                text_append(out, "no file of this boot is large: nothing is proven");
                return false;
        }
        print_text(out, f->largest);
        text_append(out, ": ");
        print_size(out, f->largest_octets);
        text_append(out, " in ");
        put_seconds(out, (int64_t)f->largest_took_ms);
        text_printf(out, ", %" PRIu64 " blocks sent again", f->largest_resent);
        return again * 100 <= f->largest_octets * RESENT_PER_CENT;
}

bool selftest_judge_hand_over(const struct selftest_facts *f, struct text *out) {
        if (f->n_whole) {
                text_printf(out, "it was served %u files: it is not handed over", f->n_whole);
                return false;
        }
        if (f->n_missed == 0) {
                text_append(out, "it asked for no file, so it was not told that there is none");
                return false;
        }
        text_printf(out, "told of %u files that there is none; ", f->n_missed);
        if (f->n_discovers > 1) {
                text_append(out, "it asked for an address again instead of going on");
                return false;
        }
        put_seconds(out, f->last_file_ms - (f->acknowledged_ms < 0 ? 0 : f->acknowledged_ms));
        text_append(out, " after its address it asked no more");
        return true;
}

bool selftest_judge_dropped_options(const struct selftest_facts *f, struct text *out) {
        if (f->n_files) {
                text_printf(out, "it asked for %u files, which it was told nothing of", f->n_files);
                return false;
        }
        text_printf(out, "offered no boot it asked %u times for one; after ", f->n_discovers);
        put_seconds(out, f->last_discover_ms);
        text_append(out, " it asked no more");
        return f->n_discovers > 0;
}

bool selftest_judge_proxy(const struct selftest_facts *f, struct text *out) {
        if (f->is_beside_other)
                return selftest_judge_boot(f, out);
        text_append(
                out,
                "no other server gave it its address: set the subnet to --dhcp proxy, beside one that does");
        return false;
}

bool selftest_judge_netconsole(const struct selftest_facts *f, struct text *out) {
        if (f->n_console)
                text_printf(out, "%u lines of its console were heard", f->n_console);
        else
                text_append(out,
                            "nothing of its console was heard: has its EEPROM, or its kernel, a netconsole?");
        return f->n_console > 0;
}
