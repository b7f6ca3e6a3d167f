/* Messages that are written: what fits where, and what comes last. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "net/dhcp4/packet.h"

static const uint8_t ack = DHCP4_ACK, octets[1024] = "abcdefghijklmnopqrstuvwxyz";

#define OF(number, len) ((struct dhcp4_option){ number, len, octets })
#define TYPE ((struct dhcp4_option){ DHCP4_OPTION_TYPE, 1, &ack })

static const struct layout {
        const char *remark;
        struct dhcp4_option options[4]; /* behind the type */
        size_t n_options;
        const char *file;
        size_t size_max;
        size_t len;       /* of the message */
        uint8_t overload; /* 0: no option 52 */
        bool has_file;    /* in its field */
        size_t n_left_out;
} layouts[] = {
        { "short ones are padded for old relays", { OF(3, 4) }, 1, "boot", 548, 300, 0, true, 0 },
        { "just fits: 548 is 240 + type 3 + 304 + end",
          { OF(3, 255), OF(4, 45) },
          2,
          "boot",
          548,
          548,
          0,
          true,
          0 },
        { "one more octet goes to sname", { OF(3, 255), OF(4, 46) }, 2, "boot", 548, 504, 2, true, 0 },
        { "what is longer than sname takes the file's field",
          { OF(3, 255), OF(4, 100) },
          2,
          "boot",
          548,
          510,
          3,
          false,
          0 },
        { "what fits nowhere stays out",
          { OF(3, 255), OF(4, 200), OF(5, 4) },
          3,
          "boot",
          548,
          516,
          3,
          false,
          1 },
        { "above 255: two pieces", { OF(121, 300) }, 1, NULL, 1472, 548, 0, false, 0 },
        { "exactly 510: two pieces", { OF(121, 510) }, 1, NULL, 1472, 758, 0, false, 0 },
        { "empty option", { OF(80, 0) }, 1, NULL, 548, 300, 0, false, 0 },
};

static void lays_out(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(layouts); i++) {
                const struct layout *l = &layouts[i];
                struct dhcp4_option options[5] = { TYPE };
                uint8_t buf[DHCP4_MESSAGE_MAX], overload = 0;
                struct dhcp4_packet p;
                size_t n_left_out = 0;

                memcpy(options + 1, l->options, sizeof(l->options));
                size_t len = dhcp4_message_write(&(struct dhcp4_message){ .op = 2,
                                                                          .file = l->file,
                                                                          .options = options,
                                                                          .n_options = 1 + l->n_options,
                                                                          .size_max = l->size_max },
                                                 buf);
                if (dhcp4_packet_parse(buf, len, &p) < 0)
                        fail_msg("%s: unreadable", l->remark);
                (void)dhcp4_option_u8(&p, DHCP4_OPTION_OVERLOAD, &overload);
                for (size_t j = 0; j < l->n_options; j++) {
                        const struct dhcp4_option *o = dhcp4_option_find(&p, l->options[j].number);
                        n_left_out += !o;
                        if (o && (o->len != l->options[j].len || memcmp(o->octets, octets, o->len) != 0))
                                fail_msg("%s: option %u is not what it was", l->remark, o->number);
                }
                if (len != l->len || overload != l->overload || (p.file[0] != '\0') != l->has_file ||
                    n_left_out != l->n_left_out || p.type != DHCP4_ACK)
                        fail_msg("%s: %zu octets, overload %u, file '%s', %zu left out", l->remark, len,
                                 overload, p.file, n_left_out);
                if (l->file && !l->has_file && !dhcp4_option_find(&p, DHCP4_OPTION_BOOT_FILE))
                        fail_msg("%s: the file's name is lost", l->remark);
        }
}

static void a_long_file_name_becomes_an_option(void **state) {
        char file[200];
        uint8_t buf[DHCP4_MESSAGE_MAX];
        struct dhcp4_packet p;
        (void)state;

        memset(file, 'u', sizeof(file));
        for (size_t len = 127; len <= 128; len++) { /* the field holds 127 and a NUL */
                file[len] = '\0';
                size_t n = dhcp4_message_write(
                        &(struct dhcp4_message){
                                .op = 2, .file = file, .options = &TYPE, .n_options = 1, .size_max = 548 },
                        buf);
                file[len] = 'u';
                assert_int_equal(dhcp4_packet_parse(buf, n, &p), 0);
                const struct dhcp4_option *o = dhcp4_option_find(&p, DHCP4_OPTION_BOOT_FILE);
                assert_int_equal(o ? o->len : strlen(p.file), len);
                assert_int_equal(o != NULL, len == 128);
        }
}

static void the_relays_option_is_last(void **state) {
        uint8_t buf[DHCP4_MESSAGE_MAX];
        const struct dhcp4_option options[] = { TYPE, OF(3, 255), OF(4, 200) };
        (void)state;

        size_t len = dhcp4_message_write(&(struct dhcp4_message){ .op = 2,
                                                                  .options = options,
                                                                  .n_options = 3,
                                                                  .relay = &OF(DHCP4_OPTION_RELAY, 20),
                                                                  .size_max = 548 },
                                         buf);
        assert_int_equal(buf[len - 1], DHCP4_OPTION_END);
        assert_int_equal(buf[len - 23], DHCP4_OPTION_RELAY);
        assert_int_equal(buf[len - 22], 20);
        assert_memory_equal(buf + len - 21, octets, 20);

        len = dhcp4_message_write(&(struct dhcp4_message){ .op = 2,
                                                           .options = options,
                                                           .n_options = 1,
                                                           .relay = &OF(DHCP4_OPTION_RELAY, 400),
                                                           .size_max = 548 },
                                  buf);
        assert_int_equal(len, 0); /* without it the relay could not deliver the answer */
}

static void the_header_is_where_rfc_2131_has_it(void **state) {
        static const uint8_t expected[44] = {
                2, 1, 6, 0,  0xaa, 0xbb, 0xcc, 0xdd, 0, 0, 0x80, 0,    10,   0, 0,    1, 10,
                0, 0, 2, 10, 0,    0,    3,    10,   0, 0, 4,    0x52, 0x54, 0, 0x77, 0, 0x61,
        };
        static const uint8_t magic[] = { 99, 130, 83, 99, 53, 1, 5, 255, 0 };
        uint8_t buf[DHCP4_MESSAGE_MAX];
        (void)state;

        memset(buf, 0xee, sizeof(buf)); /* nothing of what lay there may leave */
        size_t len = dhcp4_message_write(&(struct dhcp4_message){ .op = 2,
                                                                  .xid = 0xaabbccdd,
                                                                  .flags = DHCP4_FLAG_BROADCAST,
                                                                  .ciaddr = 0x0a000001,
                                                                  .yiaddr = 0x0a000002,
                                                                  .siaddr = 0x0a000003,
                                                                  .giaddr = 0x0a000004,
                                                                  .mac = { { 0x52, 0x54, 0, 0x77, 0, 0x61 } },
                                                                  .file = "f",
                                                                  .options = &TYPE,
                                                                  .n_options = 1,
                                                                  .size_max = 548 },
                                         buf);
        assert_memory_equal(buf, expected, sizeof(expected));
        assert_memory_equal(buf + 108, "f\0", 2);
        assert_memory_equal(buf + 236, magic, sizeof(magic));
        assert_int_equal(memchr(buf, 0xee, len) != NULL, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(lays_out),
                cmocka_unit_test(a_long_file_name_becomes_an_option),
                cmocka_unit_test(the_relays_option_is_last),
                cmocka_unit_test(the_header_is_where_rfc_2131_has_it),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
