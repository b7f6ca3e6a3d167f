/*
 * Any octets as a segment of the trail: what is read is written the same again, goes into a recorder, is
 * drawn, and judged by the doctor.
 *
 * A fuzzer does not find checksums, so each record is also tried with its checksum set right.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "core/trail/doctor/doctor.h"
#include "core/trail/record.h"
#include "core/trail/waterfall.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_again(const uint8_t *octets, size_t size, const struct trail_record *r) {
        uint8_t again[TRAIL_RECORD_MAX];
        size_t n = r->is_event ? trail_record_write_event(again, r->session.id, &r->event)
                               : trail_record_write_session(again, &r->session);
        if (n != size || memcmp(again, octets, n) != 0)
                __builtin_trap();
}

/* What a doctor says is a sentence, whatever he looks at. */
static void judge(const struct trail *t, const struct trail_session *s) {
        static struct doctor_report report;
        const struct trail_session *boots[] = { s, trail_before(t, s->id), NULL };
        const struct doctor_facts facts = { .now_ms = s->last_ms + 61000,
                                            .machine = "pi",
                                            .kernel = "kernel8.img",
                                            .initramfs = "initramfs8" };

        doctor_examine(boots, boots[1] ? 2 : 1, &facts, &report);
        for (size_t i = 0; i < report.n_findings; i++)
                if (!report.findings[i].words[0])
                        __builtin_trap();
}

static int draw(void *ctx, const struct trail_session *s) {
        judge(ctx, s);
        for (int is_ascii = 0; is_ascii < 2; is_ascii++)
                free(waterfall_draw(s, &(struct waterfall_style){ 80, is_ascii }));
        for (size_t i = 0; i < s->n_events; i++)
                free(waterfall_line(s, &s->events[i], &(struct waterfall_style){ 60, true }));
        return 0;
}

static void mend_checksum(uint8_t *octets, size_t len) {
        size_t size = len < 8 ? 0 : (size_t)(octets[6] << 8 | octets[7]);
        if (size < 4 || size > len)
                return;
        uint32_t sum = hash_crc32c(0, octets + 4, size - 4);
        for (int i = 0; i < 4; i++)
                octets[i] = (uint8_t)(sum >> (24 - 8 * i));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        CLEANUP(trail_free_at) struct trail *t = trail_new(&(struct trail_limits){ 4, 16, 1 << 16 });
        CLEANUP(free_at) uint8_t *octets = malloc(len + 1);
        if (!t || !octets)
                return 0;

        memcpy(octets, data, len);
        for (size_t at = 0; at < len;) {
                struct trail_record r;
                mend_checksum(octets + at, len - at);
                int size = trail_record_read(octets + at, len - at, &r);
                if (size < 0)
                        break;
                check_again(octets + at, (size_t)size, &r);
                if ((r.is_event ? trail_restore_event(t, r.session.id, &r.event)
                                : trail_restore_session(t, &r.session)) < 0)
                        return 0;
                at += (size_t)size;
        }
        return trail_each(t, draw, t);
}
