/* Trail records: there and back, cut, flipped, and what no recorder of ours writes. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "core/trail/record.h"

static const struct trail_session session = {
        .id = 7,
        .mac = { { 2, 0, 0, 0, 0, 1 } },
        .ip = { .family = IP_V4, .octets = { 10, 77, 0, 5 } },
        .machine = "pi4-demo",
        .start_ms = 1700000000000,
        .last_ms = 1700000020000,
        .is_finished = true,
        .n_dropped = 3,
};

static struct trail_event longest_event(void) {
        struct trail_event e = { .sequence = 9,
                                 .kind = TRAIL_HTTP,
                                 .outcome = TRAIL_FAILED,
                                 .at_ms = 1700000000001,
                                 .took_ms = UINT32_MAX,
                                 .octets = UINT64_MAX,
                                 .size = 1,
                                 .resent = 2,
                                 .blksize = UINT16_MAX };
        memset(e.what, 'w', sizeof(e.what) - 1);
        memset(e.detail, 'd', sizeof(e.detail) - 1);
        memset(e.client, 'c', sizeof(e.client) - 1);
        return e;
}

/* No octet less, no bit else. */
static void assert_guarded(uint8_t *buf, size_t size) {
        struct trail_record r;
        for (size_t cut = 0; cut < size; cut++)
                assert_int_equal(trail_record_read(buf, cut, &r), -EBADMSG);
        for (size_t bit = 0; bit < size * 8; bit++) {
                buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
                assert_int_equal(trail_record_read(buf, size, &r), -EBADMSG);
                buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
}

static void session_there_and_back(void **state) {
        uint8_t buf[TRAIL_RECORD_MAX];
        struct trail_record r;
        (void)state;

        size_t size = trail_record_write_session(buf, &session);
        assert_int_equal(trail_record_read(buf, sizeof(buf), &r), size);
        assert_false(r.is_event);
        assert_int_equal(r.session.id, session.id);
        assert_true(mac_equal(&r.session.mac, &session.mac));
        assert_true(ip_equal(&r.session.ip, &session.ip));
        assert_string_equal(r.session.machine, session.machine);
        assert_int_equal(r.session.start_ms, session.start_ms);
        assert_int_equal(r.session.last_ms, session.last_ms);
        assert_true(r.session.is_finished);
        assert_int_equal(r.session.n_dropped, 3);
        assert_guarded(buf, size);
}

static void it_is_kept_how_it_ended(void **state) {
        static const struct {
                bool is_over, is_finished;
        } rows[] = { { false, false }, { true, false }, { true, true } };
        uint8_t buf[TRAIL_RECORD_MAX];
        struct trail_record r;
        (void)state;

        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                struct trail_session s = session;
                s.is_over = rows[i].is_over;
                s.is_finished = rows[i].is_finished;
                assert_true(trail_record_read(buf, trail_record_write_session(buf, &s), &r) > 0);
                assert_int_equal(r.session.is_over, s.is_over);
                assert_int_equal(r.session.is_finished, s.is_finished);
        }
}

static void event_there_and_back(void **state) {
        uint8_t buf[TRAIL_RECORD_MAX];
        struct trail_record r;
        struct trail_event e = longest_event();
        (void)state;

        size_t size = trail_record_write_event(buf, 7, &e);
        assert_int_equal(trail_record_read(buf, sizeof(buf), &r), size);
        assert_true(r.is_event);
        assert_int_equal(r.session.id, 7);
        assert_int_equal(r.event.sequence, e.sequence);
        assert_int_equal(r.event.kind, e.kind);
        assert_int_equal(r.event.outcome, e.outcome);
        assert_int_equal(r.event.at_ms, e.at_ms);
        assert_int_equal(r.event.took_ms, e.took_ms);
        assert_true(r.event.octets == e.octets);
        assert_int_equal(r.event.size, e.size);
        assert_int_equal(r.event.resent, e.resent);
        assert_int_equal(r.event.blksize, e.blksize);
        assert_string_equal(r.event.what, e.what);
        assert_string_equal(r.event.detail, e.detail);
        assert_string_equal(r.event.client, e.client);
        assert_guarded(buf, size);
}

/* As all events were before blocks were told of, and most are still. */
static void event_without_blocks(void **state) {
        uint8_t buf[TRAIL_RECORD_MAX], with[TRAIL_RECORD_MAX];
        struct trail_record r;
        struct trail_event e = longest_event();
        (void)state;

        size_t size_with = trail_record_write_event(with, 7, &e);
        e.blksize = 0;
        size_t size = trail_record_write_event(buf, 7, &e);
        assert_int_equal(size + 2, size_with);
        assert_int_equal(trail_record_read(buf, sizeof(buf), &r), size);
        assert_int_equal(r.event.blksize, 0);
        assert_string_equal(r.event.what, e.what);
        assert_guarded(buf, size);
}

static void impossible_numbers(void **state) {
        uint8_t buf[TRAIL_RECORD_MAX];
        struct trail_record r;
        (void)state;

        for (int i = 0; i < 4; i++) {
                struct trail_event e = longest_event();
                e.kind = i == 0 ? (enum trail_kind)9 : e.kind;
                e.outcome = i == 1 ? (enum trail_outcome)9 : e.outcome;
                e.at_ms = i == 2 ? INT64_MAX : e.at_ms;
                e.sequence = i == 3 ? UINT64_MAX : e.sequence;
                assert_int_equal(trail_record_read(buf, trail_record_write_event(buf, 1, &e), &r), -EBADMSG);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(session_there_and_back), cmocka_unit_test(it_is_kept_how_it_ended),
                cmocka_unit_test(event_there_and_back),   cmocka_unit_test(event_without_blocks),
                cmocka_unit_test(impossible_numbers),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
