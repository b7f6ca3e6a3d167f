/* Boards: the built-in ones hold together, and what an operator writes is checked. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/machine/board.h"

#define BASE \
        "title: Lab board\nfamily: none\narchs: [arm64]\nclient: uboot-arm64\nmethods: [uboot-pxelinux]\n"

struct row {
        const char *yaml;
        const char *complaint; /* part of the sentence; NULL: it is a board */
        const char *remark;
};

static const struct row rows[] = {
        { "name: lab\n" BASE, NULL, "what every board needs" },
        { "name: lab\n" BASE "dtbs: [lab.dtb]\n", NULL, "with a device tree" },
        { BASE, "name", "no name" },
        { "name: Lab\n" BASE, "only a-z", "upper case" },
        { "name: lab\ncolour: red\n" BASE, "colour", "an unknown key" },
        { "name: lab\ntitle: x\nfamily: 2713\narchs: [arm64]\nclient: pi4\nmethods: [pi-tftp]\n", "2713",
          "no such family" },
        { "name: lab\ntitle: x\nfamily: 2711\narchs: [arm64]\nclient: pi4\nmethods: [pi-tftp]\n",
          "needs revision_types", "a Pi without types" },
        { "name: lab\n" BASE "dtbs: [../lab.dtb]\n", "no file name", "a path" },
        { "name: lab\n" BASE "dtbs: [lab.bin]\n", "no file name", "not a device tree" },
        { "name: lab\n" BASE "revision_types: [1]\n", "only a Raspberry Pi", "types without a family" },
        { "name: lab\n" BASE "dtbs: [a.dtb, b.dtb]\nsteppings: [{ name: D0, dtb: b.dtb, overlay: d0 }]\n",
          NULL, "a stepping" },
        { "name: lab\n" BASE "dtbs: [a.dtb]\nsteppings: [{ name: D0, dtb: a.dtb, revisions: [0xb04170, 1], "
          "since_pcb: 1 }]\n",
          NULL, "a stepping that revisions tell" },
        { "name: lab\n" BASE "dtbs: [a.dtb]\nsteppings: [{ name: D0, dtb: a.dtb, revisions: [D0] }]\n",
          "'D0'", "a revision that is no number" },
        { "name: lab\n" BASE "dtbs: [a.dtb]\nsteppings: [{ name: D0, dtb: b.dtb }]\n", "not among its dtbs",
          "a stepping whose device tree is nobody's" },
        { "name: lab\n" BASE "ouis: [\"b8:27:eb\"]\noffer_delay_ms: 2000\n", NULL, "how its MACs begin" },
        { "name: lab\n" BASE "ouis: [\"b8-27-eb\"]\n", "is not how a MAC begins", "another spelling" },
        { "name: lab\n" BASE "since: { http: 2024-01-15 }\n", NULL, "what its EEPROM learnt" },
        { "name: lab\n" BASE "since: { http: 2024/01/15 }\n", "is no day", "no day" },
        { "name: lab\n" BASE "since: { gopher: 2024-01-15 }\n", "gopher", "nothing that it could learn" },
        { "name: [\n", "lab.yaml", "no YAML" },
        { "", "octets", "nothing" },
};

static void checks_what_operators_write(void **state) {
        (void)state;
        CLEANUP(board_set_drop_at) struct board_set *builtin = board_set_builtin();

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct error err = {};
                CLEANUP(board_set_drop_at)
                struct board_set *s =
                        board_set_lay_over(builtin, rows[i].yaml, strlen(rows[i].yaml), "lab.yaml", &err);
                if (!!s != !rows[i].complaint || (!s && !strstr(err.text, rows[i].complaint)))
                        fail_msg("%s: \"%s\"", rows[i].remark, err.text);
                if (s) {
                        assert_string_equal(board_find(s, "lab")->title, "Lab board");
                        assert_int_equal(board_set_len(s), board_set_len(builtin) + 1);
                }
        }
}

static void lays_over_a_built_in_board(void **state) {
        (void)state;
        static const char yaml[] =
                "name: pi4b\ntitle: Ours\nfamily: 2711\narchs: [arm64]\nrevision_types: [0x11]\n"
                "dtbs: [ours.dtb]\nclient: pi4\nmethods: [pi-tftp]\n";
        static const char thief[] =
                "name: mine\ntitle: Mine\nfamily: 2711\narchs: [arm64]\nrevision_types: [0x11]\n"
                "dtbs: [ours.dtb]\nclient: pi4\nmethods: [pi-tftp]\n";
        CLEANUP(board_set_drop_at) struct board_set *builtin = board_set_builtin();
        CLEANUP(board_set_drop_at)
        struct board_set *s = board_set_lay_over(builtin, yaml, sizeof(yaml) - 1, "pi4b.yaml", NULL);
        struct error err = {};

        assert_non_null(s);
        assert_int_equal(board_set_len(s), board_set_len(builtin));
        assert_string_equal(board_find_type(s, 0x11)->dtbs[0], "ours.dtb");
        assert_string_equal(board_find_type(builtin, 0x11)->title, "Raspberry Pi 4B");
        assert_null(board_set_lay_over(s, thief, sizeof(thief) - 1, "mine.yaml", &err));
        assert_string_equal(err.text, "mine.yaml: revision type 0x11 belongs to board pi4b");
}

static void knows_families_by_their_macs(void **state) {
        static const struct {
                const char *mac;
                unsigned families;
        } macs[] = {
                { "b8:27:eb:00:00:01", 1U << BOARD_PI_ROM },
                { "dc:a6:32:00:00:01", 1U << BOARD_PI_2711 },
                { "2c:cf:67:00:00:01", 1U << BOARD_PI_2711 | 1U << BOARD_PI_2712 },
                { "52:54:00:00:00:01", 0 },
        };

        CLEANUP(board_set_drop_at) struct board_set *s = board_set_builtin();

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(macs); i++) {
                struct mac mac;
                assert_int_equal(mac_parse(macs[i].mac, &mac), 0);
                assert_int_equal(board_families_of_mac(s, &mac), macs[i].families);
        }
}

/* A file of the operator's takes the built-in board's place in this, too; and a board that is no Raspberry Pi
 * makes none of its MACs. */
static void an_operators_ouis_count(void **state) {
#define PI(name, type, oui) \
        "name: " name "\ntitle: Ours\nfamily: 2712\narchs: [arm64]\nrevision_types: [" type "]\n" \
        "dtbs: [ours.dtb]\nclient: pi5\nmethods: [pi-tftp]\nouis: [\"" oui "\"]\n"
        static const char *const files[] = {
                PI("ours", "0x7e", "0a:0b:0c"),
                PI("pi4b", "0x11", "b8:27:eb"),
                "name: lab\n" BASE "ouis: [\"0a:0b:0d\"]\n",
        };
        static const struct {
                const char *mac;
                unsigned families;
        } macs[] = {
                { "0a:0b:0c:00:00:01", 1U << BOARD_PI_2712 },
                { "0a:0b:0d:00:00:01", 0 },
                { "b8:27:eb:00:00:01", 1U << BOARD_PI_ROM | 1U << BOARD_PI_2712 },
        };
        struct board_set *s = board_set_builtin();
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(files); i++) {
                struct board_set *next = board_set_lay_over(s, files[i], strlen(files[i]), "ours.yaml", NULL);
                assert_non_null(next);
                board_set_drop(s);
                s = next;
        }
        for (size_t i = 0; i < ARRAY_LEN(macs); i++) {
                struct mac mac;
                assert_int_equal(mac_parse(macs[i].mac, &mac), 0);
                assert_int_equal(board_families_of_mac(s, &mac), macs[i].families);
        }
        board_set_drop(s);
}

static void keeps_what_firmware_learnt(void **state) {
        CLEANUP(board_set_drop_at) struct board_set *s = board_set_builtin();
        const struct board *pi5 = board_find(s, "pi5"), *pi3 = board_find(s, "pi3b");

        (void)state;
        assert_int_equal(pi5->since[BOARD_SINCE_BLOCK_ROLLOVER], 20250923);
        assert_int_equal(pi5->since[BOARD_SINCE_SIGNED_TFTP], 20260912);
        assert_int_equal(board_find(s, "pi4b")->since[BOARD_SINCE_SIGNED_TFTP], 0);
        assert_int_equal(pi3->since[BOARD_SINCE_HTTP], 0);
        assert_int_equal(pi3->offer_delay_ms, 1000);
        assert_int_equal(pi5->n_steppings, 2);
        assert_string_equal(pi5->steppings[0].overlay, "bcm2712d0");
}

static void the_revision_tells_the_stepping(void **state) {
        static const struct {
                const char *board;
                uint32_t revision;
                const char *stepping; /* NULL: nobody knows */
        } codes[] = {
                { "pi5", 0xc04170, "C1" },
                { "pi5", 0xd04170, "C1" },
                { "pi5", 0xb04170, "D0" }, /* 2 GiB came with it */
                { "pi5", 0xd04171, "D0" },
                { "pi5", 0xe04171, "D0" },
                { "pi5", 0xa04170, NULL }, /* none is known */
                { "pi5", 0x80000000 | 0xc04170,
                  "C1" },                  /* overvoltage is forbidden: no matter of the board's */
                { "pi5", 0xc03112, NULL }, /* of a Pi 4 */
                { "pi5", 0x0171, NULL },   /* an old code */
                { "pi5", 0, NULL },
                { "pi4b", 0xc03115, NULL },
        };
        CLEANUP(board_set_drop_at) struct board_set *s = board_set_builtin();

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
                const struct board_stepping *found =
                        board_stepping_of(board_find(s, codes[i].board), codes[i].revision);
                if (!found != !codes[i].stepping || (found && strcmp(found->name, codes[i].stepping) != 0))
                        fail_msg("%s %x: %s", codes[i].board, codes[i].revision,
                                 found ? found->name : "none");
        }
}

static void built_in_boards_hold_together(void **state) {
        (void)state;
        CLEANUP(board_set_drop_at) struct board_set *s = board_set_builtin();

        assert_true(board_set_len(s) > 10);
        for (size_t i = 0; i < board_set_len(s); i++) {
                const struct board *b = board_set_item(s, i);
                assert_ptr_equal(board_find(s, b->name), b);
                if (i > 0)
                        assert_true(strcmp(board_set_item(s, i - 1)->name, b->name) < 0);
                for (size_t t = 0; t < b->n_types; t++)
                        assert_ptr_equal(board_find_type(s, b->types[t]), b); /* no type twice */
                assert_non_null(b->methods[0]);
        }
        assert_null(board_find(s, "nothing"));
        assert_null(board_find_type(s, 0xff));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(checks_what_operators_write),
                cmocka_unit_test(lays_over_a_built_in_board),
                cmocka_unit_test(knows_families_by_their_macs),
                cmocka_unit_test(an_operators_ouis_count),
                cmocka_unit_test(keeps_what_firmware_learnt),
                cmocka_unit_test(the_revision_tells_the_stepping),
                cmocka_unit_test(built_in_boards_hold_together),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
