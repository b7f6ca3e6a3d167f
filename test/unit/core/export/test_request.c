/* Requests to bramble-helper: what is one, and what is refused before anything is done. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "core/export/request.h"

static struct helper_request an_offer(void) {
        return (struct helper_request){ .serial = 1,
                                        .verb = HELPER_OFFER,
                                        .volume = { VOLUME_NBD, VOLUME_DATA, 7 },
                                        .server = ip_from_v4(0x0a4d0001),
                                        .client = ip_from_v4(0x0a4d0014) };
}

static struct helper_request a_reset(void) {
        return (struct helper_request){ .serial = 0xfffffffe,
                                        .verb = HELPER_RESET,
                                        .volume = { VOLUME_NBD, VOLUME_ROOT, INT64_MAX },
                                        .content = { 1, 2, 3 },
                                        .size = 64 * VOLUME_MIB,
                                        .deployment = UINT64_MAX,
                                        .boot = 5 };
}

static void assert_same(const struct helper_request *a, const struct helper_request *b) {
        uint8_t octets[2][HELPER_REQUEST_SIZE];

        helper_request_write(a, octets[0]);
        helper_request_write(b, octets[1]);
        assert_memory_equal(octets[0], octets[1], sizeof(octets[0]));
        assert_int_equal(a->boot, b->boot);
        assert_int_equal(a->deployment, b->deployment);
        assert_true(ip_equal(&a->client, &b->client));
}

static int there_and_back(const struct helper_request *q, struct helper_request *ret) {
        uint8_t octets[HELPER_REQUEST_SIZE];

        helper_request_write(q, octets);
        return helper_request_parse(octets, sizeof(octets), ret);
}

static void requests_come_back(void **state) {
        struct helper_request q = a_reset(), back = {};
        (void)state;

        assert_int_equal(there_and_back(&q, &back), 0);
        assert_same(&q, &back);
        q = an_offer();
        assert_int_equal(there_and_back(&q, &back), 0);
        assert_same(&q, &back);
}

static void what_makes_no_sense_is_refused(void **state) {
        struct helper_request back = {}, rows[] = {
                [0] = an_offer(), an_offer(), an_offer(), an_offer(), an_offer(), an_offer(),
                a_reset(),        a_reset(),  a_reset(),  a_reset(),  a_reset(),
        };
        (void)state;

        rows[0].verb = HELPER_VERBS;
        rows[1].volume.machine = 0;
        rows[2].volume.machine = (uint64_t)INT64_MAX + 1;
        rows[3].volume.kind = VOLUME_KINDS;
        rows[4].volume.part = VOLUME_PARTS;
        rows[5].client = (struct ip_addr){};
        rows[6].size = VOLUME_SIZE_LEAST - VOLUME_MIB;
        rows[7].size = VOLUME_SIZE_MOST + VOLUME_MIB;
        rows[8].size += 1; /* no whole MiB: another base would have its name */
        rows[9].boot = 0;
        rows[10].size = 0;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                assert_int_equal(there_and_back(&rows[i], &back), -EBADMSG);
        rows[10].volume.kind = VOLUME_NFS; /* a tree has no size */
        assert_int_equal(there_and_back(&rows[10], &back), 0);
}

static void the_length_and_the_version_are_fixed(void **state) {
        const struct helper_request q = an_offer();
        uint8_t octets[HELPER_REQUEST_SIZE + 1] = {};
        struct helper_request back;
        (void)state;

        helper_request_write(&q, octets);
        for (size_t len = 0; len < HELPER_REQUEST_SIZE; len++)
                assert_int_equal(helper_request_parse(octets, len, &back), -EBADMSG);
        assert_int_equal(helper_request_parse(octets, sizeof(octets), &back), -EBADMSG);
        octets[0]++;
        assert_int_equal(helper_request_parse(octets, HELPER_REQUEST_SIZE, &back), -EBADMSG);
}

static void answers_come_back(void **state) {
        struct helper_answer a = { .serial = 9,
                                   .kind = HELPER_LISTED,
                                   .result = -ENOSPC,
                                   .kinds = 3,
                                   .done = 1,
                                   .total = UINT64_MAX,
                                   .volume = { VOLUME_NFS, VOLUME_ROOT, 7 } };
        struct helper_answer back = {};
        uint8_t octets[HELPER_ANSWER_SIZE];
        (void)state;

        memset(a.text, 'x', sizeof(a.text)); /* without an end: it is cut */
        helper_answer_write(&a, octets);
        assert_int_equal(helper_answer_parse(octets, sizeof(octets), &back), 0);
        assert_int_equal(strlen(back.text), HELPER_TEXT_SIZE - 1);
        assert_true(volume_equal(&a.volume, &back.volume));
        assert_int_equal(back.result, -ENOSPC);
        assert_int_equal(back.total, UINT64_MAX);
        octets[HELPER_ANSWER_SIZE - 1] = 'x';
        assert_int_equal(helper_answer_parse(octets, sizeof(octets), &back), -EBADMSG);
        assert_int_equal(helper_answer_parse(octets, sizeof(octets) - 1, &back), -EBADMSG);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(requests_come_back),
                cmocka_unit_test(what_makes_no_sense_is_refused),
                cmocka_unit_test(the_length_and_the_version_are_fixed),
                cmocka_unit_test(answers_come_back),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
