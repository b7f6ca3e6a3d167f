/* Who a DHCP message is from: the identity that the plan is asked with, and the key of the lease. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "boot_site.h"
#include "client_says.h"
#include "rack/who.h"

static struct board_set *boards;

struct heard {
        uint8_t octets[DHCP4_MESSAGE_MAX];
        struct dhcp4_packet packet;
        struct who who;
        struct boot_ask ask;
};

static void hear(const struct saying *s, struct heard *h) {
        client_says(s, h->octets, &h->packet);
        who_of(&h->packet, boards, &h->who);
        who_ask(&h->packet, &h->who, boot_client_classify(&h->who.evidence)->id, &h->ask);
}

static void a_message_tells_who_it_is(void **state) {
        static const struct {
                struct saying says;
                enum boot_client_id client;
                uint32_t serial, revision; /* 0: not said */
                bool has_uuid;
                int said_arch;
        } rows[] = {
                { { .type = 1, .mac = "dc:a6:32:a7:ed:89", .options = SAYS_PI4(UUID_PI4) },
                  CLIENT_PI4,
                  0xe5ef6e9d,
                  0xc03112,
                  false,
                  0 },
                { { .type = 3, .mac = "dc:a6:32:a7:ed:89", .options = SAYS_PI4_REQUEST(UUID_PI4) },
                  CLIENT_PI4,
                  0xe5ef6e9d,
                  0xc03112,
                  false,
                  -1 }, /* option 97 is enough */
                { { .type = 1, .mac = "b8:27:eb:2f:aa:eb", .options = SAYS_PI_ROM },
                  CLIENT_PI_ROM,
                  0,
                  0,
                  false,
                  0 }, /* the same sixteen octets on every board are nobody's identity */
                { { .type = 1, .mac = "52:54:00:77:00:6d", .options = SAYS_UEFI_AMD64(UUID_PC) },
                  CLIENT_UEFI_AMD64,
                  0,
                  0,
                  true,
                  7 },
                { { .type = 1,
                    .mac = "52:54:00:00:00:01",
                    .options = { OPTION_TEXT(60, "PXEClient:Arch:00027:UNDI:003000"),
                                 OPTION_TEXT(93, "\0\33") } },
                  CLIENT_UNSERVED,
                  0,
                  0,
                  false,
                  27 }, /* RISC-V: the plan names it */
                { { .type = 1, .mac = "52:54:00:00:00:01", .options = SAYS_SYSTEM },
                  CLIENT_OTHER,
                  0,
                  0,
                  false,
                  -1 },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct heard h;
                hear(&rows[i].says, &h);
                const struct boot_ask *a = &h.ask;
                if (a->client != rows[i].client || a->has_serial != (rows[i].serial != 0) ||
                    a->serial != rows[i].serial || a->revision != rows[i].revision ||
                    a->has_uuid != rows[i].has_uuid || a->said_arch != rows[i].said_arch)
                        fail_msg("row %zu: client %d serial %08x revision %06x uuid %d arch %d", i, a->client,
                                 a->serial, a->revision, a->has_uuid, a->said_arch);
                if (a->has_uuid)
                        assert_memory_equal(a->uuid, &UUID_PC[1], 16);
        }
}

static void a_client_identifier_is_kept_where_it_fits(void **state) {
        static const uint8_t long_id[MACHINE_CLIENT_ID_MAX + 1] = { 0xff };
        const struct saying says = { .type = 1,
                                     .mac = "52:54:00:00:00:01",
                                     .options = { { 61, MACHINE_CLIENT_ID_MAX, long_id } } };
        const struct saying says_more = { .type = 1,
                                          .mac = "52:54:00:00:00:01",
                                          .options = { { 61, sizeof(long_id), long_id } } };
        struct heard h;
        (void)state;

        hear(&says, &h);
        assert_int_equal(h.ask.client_id_len, MACHINE_CLIENT_ID_MAX);
        assert_memory_equal(h.ask.client_id, long_id, MACHINE_CLIENT_ID_MAX);
        hear(&says_more, &h); /* no machine can be registered with one so long */
        assert_int_equal(h.ask.client_id_len, 0);
}

static void firmware_and_system_have_one_key(void **state) {
        static const struct saying firmware = { .type = 1,
                                                .mac = "dc:a6:32:a7:ed:89",
                                                .options = SAYS_PI4(UUID_PI4) };
        static const struct {
                struct dhcp4_option id;
                bool is_same;
        } rows[] = {
                { OPTION_TEXT(61, "\1\xdc\xa6\x32\xa7\xed\x89"), true },  /* only the MAC again */
                { OPTION_TEXT(61, "\1\xdc\xa6\x32\xa7\xed\x88"), false }, /* another's */
                { OPTION_TEXT(61, "\0board"), false },
                { OPTION_TEXT(61, "\377\0\0\0\1\0\4"), false }, /* RFC 4361 */
        };
        struct lease_client want;
        struct heard h;
        (void)state;

        hear(&firmware, &h);
        who_lease_client(&h.packet, 7, &want);
        assert_int_equal(want.subnet, 7);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const struct saying system = { .type = 1,
                                               .mac = "dc:a6:32:a7:ed:89",
                                               .options = { OPTION_TEXT(12, "board"), rows[i].id } };
                struct lease_client key;
                hear(&system, &h);
                who_lease_client(&h.packet, 7, &key);
                assert_string_equal(key.hostname, "board");
                bool is_same = key.key_len == want.key_len && memcmp(key.key, want.key, want.key_len) == 0;
                if (is_same != rows[i].is_same)
                        fail_msg("row %zu", i);
        }
}

static void the_strongest_key_finds_the_machine(void **state) {
        struct boot_site *s = boot_site_new();
        struct boot_ask by_mac = { .mac = { { 0x52, 0x54, 0, 0x77, 0, 0x6d } },
                                   .has_serial = true,
                                   .serial = 0xe5ef6e9d };
        struct boot_ask by_serial = { .mac = { { 2, 0, 0, 0, 0, 1 } },
                                      .has_serial = true,
                                      .serial = 0xe5ef6e9d };
        struct boot_ask nobody = { .mac = { { 2, 0, 0, 0, 0, 1 } } };
        (void)state;

        assert_string_equal(who_machine(s->site, &by_mac)->name, "pc");
        assert_string_equal(who_machine(s->site, &by_serial)->name, "pi4-demo");
        assert_null(who_machine(s->site, &nobody));
        boot_site_free(s);
}

static int set_up(void **state) {
        (void)state;
        boards = board_set_builtin();
        return boards ? 0 : -1;
}

static int tear_down(void **state) {
        (void)state;
        board_set_drop(boards);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_message_tells_who_it_is),
                cmocka_unit_test(a_client_identifier_is_kept_where_it_fits),
                cmocka_unit_test(firmware_and_system_have_one_key),
                cmocka_unit_test(the_strongest_key_finds_the_machine),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
