/* Signature files, as rpi-eeprom-digest writes them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "format/boot_sig.h"

#define DIGEST "00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0"
#define X16(s) s s s s s s s s s s s s s s s s
#define RSA X16("0123456789abcdef0123456789abcdef")

static const struct row {
        const char *text; /* as it is written */
        bool has_ts, has_rsa;
        unsigned soc;
} written[] = {
        { DIGEST "\n", false, false, 0 }, /* an old one */
        { DIGEST "\nts: 1614092425\n", true, false, 0 },
        { DIGEST "\nts: 1614092425\ntarget-soc: 2712\n", true, false, 2712 }, /* of an EEPROM image */
        { DIGEST "\nts: 1614092425\nrsa2048: " RSA "\n", true, true, 0 }, /* of boot.img, of bootconf.txt */
        { DIGEST "\nts: 1614092425\ntarget-soc: 2711\nrsa2048: " RSA "\n", true, true, 2711 },
};

static void is_read_and_written_alike(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(written); i++) {
                const struct row *row = &written[i];
                CLEANUP(text_free) struct text out = {};
                struct boot_sig sig;

                assert_int_equal(boot_sig_parse(row->text, strlen(row->text), &sig), 0);
                assert_int_equal(sig.has_ts, row->has_ts);
                assert_int_equal(sig.ts, row->has_ts ? 1614092425 : 0);
                assert_int_equal(sig.target_soc, row->soc);
                assert_int_equal(sig.has_rsa, row->has_rsa);
                assert_int_equal(sig.digest[1], 0x11);
                assert_int_equal(sig.rsa[255], row->has_rsa ? 0xef : 0);
                boot_sig_write(&sig, &out);
                assert_string_equal(out.octets, row->text);
        }
}

static const struct {
        const char *text, *remark;
        int result;
} judged[] = {
        { DIGEST, "the last line need not end", 0 },
        { DIGEST "\r\nts: 1\r\n", "as other systems end lines", 0 },
        { DIGEST "\nrsa2048: " RSA "\nts: 1\n", "in another order", 0 },
        { DIGEST "\nfuture: 7\nts: 1\n", "a line that comes one day", 0 },
        { "", "nothing", -EBADMSG },
        { "0011\n", "half a digest", -EBADMSG },
        { "ts: 1\n" DIGEST "\n", "no digest at its place", -EBADMSG },
        { DIGEST "\nts: yesterday\n", "no time", -EBADMSG },
        { DIGEST "\ntarget-soc: 99999\n", "no chip", -EBADMSG },
        { DIGEST "\nrsa2048: 0123\n", "half a signature", -EBADMSG },
        { DIGEST "\nrsa2048: " RSA "00\n", "more than a signature", -EBADMSG },
        { DIGEST "\n" RSA RSA "\n", "a line without end", -EBADMSG },
};

static void is_judged(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(judged); i++) {
                struct boot_sig sig;
                if (boot_sig_parse(judged[i].text, strlen(judged[i].text), &sig) != judged[i].result)
                        fail_msg("%s", judged[i].remark);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(is_read_and_written_alike),
                cmocka_unit_test(is_judged),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
