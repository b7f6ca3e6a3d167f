/* DHCP options as operators write them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/site/subnet.h"

struct row {
        const char *spelled;
        const char *wire;      /* hex; NULL: refused */
        const char *complaint; /* part of the sentence */
};

static const struct row rows[] = {
        { "42=ip:10.77.0.1", "0a4d0001", NULL },
        { "42=ip:10.77.0.1,10.77.0.2", "0a4d00010a4d0002", NULL },
        { "23=u8:64", "40", NULL },
        { "26=u16:1500", "05dc", NULL },
        { "25=u16:68,296", "00440128", NULL },
        { "24=u32:600", "00000258", NULL },
        { "2=i32:-3600", "fffff1f0", NULL },
        { "2=i32:-2147483648", "80000000", NULL },
        { "19=bool:true", "01", NULL },
        { "19=bool:false", "00", NULL },
        { "17=text:/srv/root,v3", "2f7372762f726f6f742c7633", NULL }, /* a comma is text here */
        { "100=text:CET-1CEST,M3.5.0", "4345542d31434553542c4d332e352e30", NULL },
        { "43=hex:010a", "010a", NULL },
        { "119=domain:a.example,b", "0161076578616d706c6500016200", NULL },
        { "119=domain:example.", "076578616d706c6500", NULL },
        { "121=net-routes:10.0.0.0/8=10.77.0.1", "080a0a4d0001", NULL },
        { "121=net-routes:0.0.0.0/0=10.77.0.1,192.0.2.128/25=10.77.0.2", "000a4d000119c00002800a4d0002",
          NULL },

        { "", NULL, "NUMBER=TYPE:VALUE" },
        { "42", NULL, "NUMBER=TYPE:VALUE" },
        { "=ip:1.2.3.4", NULL, "NUMBER=TYPE:VALUE" },
        { "256=u8:1", NULL, "NUMBER=TYPE:VALUE" },
        { "42=10.77.0.1", NULL, "its type is one of" },
        { "42=ipv4:10.77.0.1", NULL, "its type is one of" },
        { "42=ip:", NULL, "type ip takes" },
        { "42=ip:10.77.0.1,", NULL, "type ip takes" },
        { "42=ip:fd77::1", NULL, "type ip takes" },
        { "23=u8:256", NULL, "type u8 takes" },
        { "2=i32:2147483648", NULL, "type i32 takes" },
        { "19=bool:1", NULL, "type bool takes" },
        { "17=text:", NULL, "type text takes" },
        { "43=hex:0", NULL, "type hex takes" },
        { "43=hex:0g", NULL, "type hex takes" },
        { "119=domain:a..b", NULL, "type domain takes" },
        { "121=net-routes:10.0.0.1/8=10.77.0.1", NULL, "type net-routes takes" },
        { "121=net-routes:10.0.0.0/8", NULL, "type net-routes takes" },
        { "53=u8:2", NULL, "not for an operator" },
        { "54=ip:10.0.0.1", NULL, "not for an operator" },
        { "51=u32:60", NULL, "setting lease" },
        { "82=hex:00", NULL, "RFC 3046" },
        { "255=hex:00", NULL, "ends the packet" },
};

static void parses_what_operators_write(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct subnet_option o = {};
                struct error err = {};
                char hex[2 * SUBNET_OPTION_OCTETS_MAX + 1];
                int r = subnet_option_parse(rows[i].spelled, &o, &err);

                if (r != (rows[i].wire ? 0 : -EINVAL))
                        fail_msg("%s: %d \"%s\"", rows[i].spelled, r, err.text);
                if (r == 0) {
                        assert_string_equal(text_hex(o.octets, o.len, hex), rows[i].wire);
                        assert_string_equal(o.spelled, rows[i].spelled);
                } else if (!strstr(err.text, rows[i].complaint))
                        fail_msg("%s: says \"%s\"", rows[i].spelled, err.text);
                subnet_option_clear(&o);
        }
}

static void refuses_what_fits_no_packet(void **state) {
        (void)state;
        char spelled[2 * SUBNET_OPTION_OCTETS_MAX] = "224=text:";
        struct subnet_option o = {};
        struct error err = {};

        memset(spelled + strlen(spelled), 'a', SUBNET_OPTION_OCTETS_MAX + 1);
        assert_int_equal(subnet_option_parse(spelled, &o, &err), -EINVAL);
        assert_non_null(strstr(err.text, "longer than"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(parses_what_operators_write),
                cmocka_unit_test(refuses_what_fits_no_packet),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
