/* Batches of UDP over the loopback interface. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/udp.h"

enum { PATIENCE_MS = 10000, MESSAGES = 8, PIECES = 600, ROOM = 2048 };

struct world {
        int from, to;
        struct udp_out *out;
        struct udp_in *in;
        struct udp_to address; /* of @to, from another address of ours */
};

static int setup(void **state) {
        const struct udp_config plain = {}, telling = { .tells_local = true,
                                                        .is_shared = true,
                                                        .buffer_octets = 1 << 20 };
        struct world *w = calloc(1, sizeof(*w));

        w->from = udp_open(&plain);
        w->to = udp_open(&telling);
        w->out = udp_out_new(MESSAGES, PIECES, ROOM);
        w->in = udp_in_new(300, 2000);
        w->address = (struct udp_to){ .peer = ip_from_v4(INADDR_LOOPBACK + 1),
                                      .local = ip_from_v4(INADDR_LOOPBACK + 2),
                                      .peer_port = udp_port(w->to) };
        *state = w;
        return w->from < 0 || w->to < 0 || !w->out || !w->in ? -1 : 0;
}

static int teardown(void **state) {
        struct world *w = *state;

        (void)close(w->from);
        (void)close(w->to);
        udp_out_free(w->out);
        udp_in_free(w->in);
        free(w);
        return 0;
}

static unsigned fates[3];
static void *fate_tag;

static void note_fate(void *ctx, void *tag, enum udp_fate fate, int error) {
        (void)ctx, (void)error;
        fates[fate]++;
        fate_tag = tag;
}

static void flush(struct world *w) {
        memset(fates, 0, sizeof(fates));
        fate_tag = NULL;
        (void)udp_out_flush(w->out, w->from, note_fate, NULL);
}

/* Waits until something has come; all of a loopback send has come then. */
static int receive(struct world *w) {
        struct pollfd p = { .fd = w->to, .events = POLLIN };

        if (poll(&p, 1, PATIENCE_MS) != 1)
                fail_msg("nothing came");
        return udp_in_receive(w->in, w->to);
}

static void put_message(struct world *w, size_t segment, unsigned n, size_t last_len) {
        static const uint8_t body[1500];

        assert_true(udp_out_begin(w->out, &w->address, segment));
        for (unsigned i = 0; i < n; i++) {
                uint8_t *head = udp_out_room(w->out, 4);
                assert_non_null(head);
                memcpy(head, (uint8_t[]){ 1, 2, 3, (uint8_t)i }, 4);
                assert_true(udp_out_point(w->out, body, (i + 1 < n ? segment : last_len) - 4));
        }
        udp_out_end(w->out, &fates);
}

static void check_segments(struct world *w, size_t segment, unsigned n, size_t last_len) {
        assert_int_equal(receive(w), n);
        for (unsigned i = 0; i < n; i++) {
                struct udp_datagram d;
                udp_in_at(w->in, i, &d);
                assert_int_equal(d.len, i + 1 < n ? segment : last_len);
                assert_int_equal(d.octets[3], (uint8_t)i);
                assert_int_equal(ip_to_v4(&d.peer), INADDR_LOOPBACK + 2);
                assert_int_equal(ip_to_v4(&d.local), INADDR_LOOPBACK + 1);
                assert_int_equal(d.peer_port, udp_port(w->from));
                assert_true(d.ifindex > 0);
        }
}

static void test_segments(void **state) {
        static const struct {
                const char *remark;
                size_t segment;
                unsigned n;
                size_t last_len;
        } rows[] = {
                { "one, shorter than a segment", 500, 1, 40 },
                { "one, exactly a segment", 500, 1, 500 },
                { "several", 500, 5, 500 },
                { "the last is short", 1472, 44, 5 },
                { "as many as the kernel takes", 100, UDP_SEGMENTS_MAX, 100 },
        };
        struct world *w = *state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                print_message("%s\n", rows[i].remark);
                put_message(w, rows[i].segment, rows[i].n, rows[i].last_len);
                flush(w);
                check_segments(w, rows[i].segment, rows[i].n, rows[i].last_len);
                assert_int_equal(fates[UDP_UNSEGMENTED] + fates[UDP_NOT_SENT] + fates[UDP_NO_ROOM], 0);
        }
}

/* More segments than any kernel takes stand for a way out that takes none: each goes as a datagram. */
static void test_refused_segments(void **state) {
        struct world *w = *state;

        put_message(w, 20, 250, 7);
        flush(w);
        check_segments(w, 20, 250, 7);
        assert_int_equal(fates[UDP_UNSEGMENTED], 1);
        assert_ptr_equal(fate_tag, &fates);
}

/* One message that cannot be sent does not hold up those behind it. */
static void test_refused_message(void **state) {
        struct world *w = *state;
        struct udp_to everybody = w->address;
        int tag;

        everybody.peer = ip_from_v4(INADDR_BROADCAST); /* not allowed without SO_BROADCAST */
        put_message(w, 0, 1, 10);
        assert_true(udp_out_begin(w->out, &everybody, 0));
        udp_out_end(w->out, &tag);
        put_message(w, 0, 1, 20);
        flush(w);
        assert_int_equal(fates[UDP_NOT_SENT], 1);
        assert_ptr_equal(fate_tag, &tag);
        assert_int_equal(receive(w), 2);
}

static void test_full(void **state) {
        struct world *w = *state;

        for (unsigned i = 0; i < MESSAGES; i++)
                put_message(w, 0, 1, 10);
        assert_false(udp_out_begin(w->out, &w->address, 0));
        flush(w);
        assert_int_equal(receive(w), MESSAGES);

        /* What was not ended is dropped, with its room. */
        assert_true(udp_out_begin(w->out, &w->address, 0));
        assert_non_null(udp_out_room(w->out, ROOM));
        assert_null(udp_out_room(w->out, 1));
        flush(w);
        put_message(w, 0, 1, 30);
        assert_true(udp_out_begin(w->out, &w->address, 0));
        for (unsigned i = 0; i < PIECES - 2; i++)
                assert_true(udp_out_point(w->out, "x", 1));
        assert_false(udp_out_point(w->out, "x", 1));
        flush(w);
        assert_int_equal(receive(w), 1);
        assert_int_equal(udp_in_receive(w->in, w->to), 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_segments),
                TEST(test_refused_segments),
                TEST(test_refused_message),
                TEST(test_full),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
