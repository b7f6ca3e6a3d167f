/* Journal records and reading files back: cut at every octet, with every bit flipped, and with foreign octets
 * in. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "core/lease/record.h"

enum { MARK = 0x1234, RECORDS = 5, FILE_SIZE = LEASE_HEAD_SIZE + RECORDS * LEASE_RECORD_MAX + 256 };

static struct lease sample(unsigned i) {
        struct lease l = {
                .addr = 0x0a4d0010 + i,
                .state = i % 4 == LEASE_OFFERED ? LEASE_BOUND : (enum lease_state)(i % 4),
                .client = { .subnet = 7, .mac = { { 2, 0, 0, 0, 0, (uint8_t)i } } },
                .expires_s = 1700000000 + i,
                .granted_s = i == 0 ? -1 : 1690000000,
        };
        uint8_t id[LEASE_KEY_MAX];
        memset(id, (int)i, sizeof(id));
        lease_client_key(&l.client, id, (i * 21) % LEASE_KEY_MAX, &l.client.mac);
        memset(l.client.hostname, 'h', (i * 17) % LEASE_HOSTNAME_MAX);
        if (i == 4)
                memset(l.client.hostname, 'h', LEASE_HOSTNAME_MAX);
        return l;
}

static void assert_same(const struct lease *a, const struct lease *b) {
        assert_int_equal(a->addr, b->addr);
        assert_int_equal(a->state, b->state);
        assert_int_equal(a->expires_s, b->expires_s);
        assert_int_equal(a->granted_s, b->granted_s);
        assert_int_equal(a->client.subnet, b->client.subnet);
        assert_int_equal(a->client.key_len, b->client.key_len);
        assert_memory_equal(a->client.key, b->client.key, sizeof(a->client.key));
        assert_memory_equal(&a->client.mac, &b->client.mac, sizeof(a->client.mac));
        assert_string_equal(a->client.hostname, b->client.hostname);
}

static void there_and_back(void **state) {
        (void)state;
        for (unsigned i = 0; i < RECORDS; i++) {
                uint8_t buf[LEASE_RECORD_MAX];
                struct lease in = sample(i), out;
                uint64_t number;
                size_t size = lease_record_write(buf, MARK, 42, &in);

                assert_int_equal(size % LEASE_RECORD_ALIGN, 0);
                assert_true(size >= LEASE_RECORD_MIN && size <= LEASE_RECORD_MAX);
                assert_int_equal(lease_record_read(buf, size, MARK, &number, &out), size);
                assert_int_equal(number, 42);
                assert_same(&in, &out);
                assert_int_equal(lease_record_read(buf, size, MARK + 1, &number, &out),
                                 -EBADMSG); /* another file's */
                for (size_t cut = 0; cut < size; cut++)
                        assert_int_equal(lease_record_read(buf, cut, MARK, &number, &out), -EBADMSG);
                for (size_t bit = 0; bit < size * 8; bit++) {
                        buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
                        assert_int_equal(lease_record_read(buf, size, MARK, &number, &out), -EBADMSG);
                        buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
                }
        }
}

/* A journal of RECORDS records, and where each ends. */
struct sample_file {
        uint8_t octets[FILE_SIZE];
        size_t ends[RECORDS + 1];
};

static void sample_file(struct sample_file *f) {
        memset(f, 0, sizeof(*f));
        lease_head_write(f->octets, MARK);
        f->ends[0] = LEASE_HEAD_SIZE;
        for (unsigned i = 0; i < RECORDS; i++) {
                struct lease l = sample(i);
                f->ends[i + 1] = f->ends[i] + lease_record_write(f->octets + f->ends[i], MARK, i + 1, &l);
        }
}

/* Notes which samples came back. */
static int note(void *ctx, const struct lease *l) {
        bool *seen = ctx;
        unsigned i = l->addr - 0x0a4d0010;
        struct lease want = sample(i);
        assert_true(i < RECORDS);
        assert_same(&want, l);
        assert_false(seen[i]);
        seen[i] = true;
        return 0;
}

static void cut_at_every_octet(void **state) {
        struct sample_file f;
        (void)state;

        sample_file(&f);
        for (size_t len = 0; len <= FILE_SIZE; len++) {
                bool seen[RECORDS] = {};
                struct lease_replay replay;
                int r = lease_replay(f.octets, len, note, seen, &replay);
                if (len < LEASE_HEAD_SIZE) {
                        assert_int_equal(r, -EBADMSG);
                        continue;
                }
                assert_int_equal(r, 0);
                size_t whole = 0;
                while (whole < RECORDS && f.ends[whole + 1] <= len)
                        whole++;
                assert_int_equal(replay.records, whole);
                assert_int_equal(replay.last, whole);
                assert_int_equal(replay.end, f.ends[whole]);
                assert_int_equal(replay.missing, 0);
                for (size_t i = 0; i < RECORDS; i++)
                        assert_int_equal(seen[i], i < whole);
        }
}

static void flip_every_bit(void **state) {
        struct sample_file f;
        (void)state;

        sample_file(&f);
        for (size_t bit = 0; bit < f.ends[RECORDS] * 8; bit++) {
                bool seen[RECORDS] = {};
                struct lease_replay replay;
                size_t hit = 0; /* 0: the head */
                while (f.ends[hit] <= bit / 8)
                        hit++;

                f.octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
                assert_int_equal(lease_replay(f.octets, FILE_SIZE, note, seen, &replay), 0);
                f.octets[bit / 8] ^= (uint8_t)(1 << bit % 8);

                /* It costs the record that it hit, and no other; the head is there twice. */
                assert_int_equal(replay.records, hit ? RECORDS - 1 : RECORDS);
                assert_int_equal(replay.missing, hit && hit < RECORDS ? 1 : 0);
                assert_int_equal(replay.torn_end > replay.end, hit == RECORDS);
                for (size_t i = 0; i < RECORDS; i++)
                        assert_int_equal(seen[i], i + 1 != hit);
        }
}

static void stale_octets(void **state) {
        struct sample_file f;
        struct lease_replay replay;
        bool seen[RECORDS] = {};
        struct lease l = sample(0);
        (void)state;

        sample_file(&f);
        /* Behind the end: a record of another file, and one of this file whose number was already used. */
        size_t size = lease_record_write(f.octets + f.ends[RECORDS], MARK + 1, RECORDS + 1, &l);
        (void)lease_record_write(f.octets + f.ends[RECORDS] + size, MARK, RECORDS, &l);
        assert_int_equal(lease_replay(f.octets, FILE_SIZE, note, seen, &replay), 0);
        assert_int_equal(replay.records, RECORDS);
        assert_int_equal(replay.end, f.ends[RECORDS]);
        assert_true(replay.torn_end > replay.end);
}

static int refuse(void *ctx, const struct lease *l) {
        (void)ctx;
        (void)l;
        return -ENOMEM;
}

static void answer_of_the_caller(void **state) {
        struct sample_file f;
        struct lease_replay replay;
        (void)state;

        sample_file(&f);
        assert_int_equal(lease_replay(f.octets, FILE_SIZE, refuse, NULL, &replay), -ENOMEM);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(there_and_back),       cmocka_unit_test(cut_at_every_octet),
                cmocka_unit_test(flip_every_bit),       cmocka_unit_test(stale_octets),
                cmocka_unit_test(answer_of_the_caller),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
