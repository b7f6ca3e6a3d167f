/* What boots prove, told from sessions as the API has them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble/api.h"
#include "app/bramble/selftest/fitness.h"
#include "app/bramble/selftest/judge.h"

#define STEP(kind, outcome, at, took, octets, size, resent, what, detail) \
        "{\"kind\":\"" kind "\",\"outcome\":\"" outcome "\",\"at_ms\":" #at ",\"took_ms\":" #took \
        ",\"octets\":" #octets ",\"size\":" #size ",\"resent\":" #resent \
        ",\"blksize\":1468,\"what\":\"" what "\",\"detail\":\"" detail "\"}"
#define SESSION(finished, steps) "{\"finished\":" #finished ",\"steps\":[" steps "]}"
#define ASKS STEP("dhcp", "ok", 1000, 0, 0, 0, 0, "DISCOVER", "OFFER 10.77.0.5")
#define ACKS ASKS "," STEP("dhcp", "ok", 1200, 0, 0, 0, 0, "REQUEST", "ACK 10.77.0.5")
#define PROBE STEP("tftp", "probe", 1300, 10, 0, 900, 0, "s/start4.elf", "")
#define SMALL STEP("tftp", "ok", 1400, 100, 900, 900, 0, "s/config.txt", "")
#define KERNEL(resent) STEP("tftp", "ok", 2000, 2500, 9000000, 9000000, resent, "s/kernel8.img", "")
#define MISS(at) STEP("tftp", "miss", at, 0, 0, 0, 0, "s/start4.elf", "")

typedef bool judge_fn(const struct selftest_facts *f, struct text *out);

static void what_a_boot_proves(void **state) {
        static const struct {
                judge_fn *judge;
                bool wanted;
                const char *session, *said;
        } rows[] = {
                { selftest_judge_boot, true, SESSION(true, ACKS "," PROBE "," SMALL "," KERNEL(3)),
                  "2 files, 9.00 MB, in 3.5 s; the first after 0.3 s; 3 blocks sent again; its system is "
                  "up" },
                { selftest_judge_boot, true, SESSION(false, ACKS "," SMALL), "was not heard" },
                { selftest_judge_boot, false, SESSION(false, ASKS "," ASKS), "for no file" },
                { selftest_judge_boot, false, SESSION(false, ACKS "," MISS(1300)), "none of the 1 files" },
                { selftest_judge_boot, false,
                  SESSION(false, ACKS "," SMALL "," STEP("tftp", "failed", 2000, 30000, 5000, 9000000, 9,
                                                         "s/kernel8.img", "")),
                  "1 of 2 files broke off, the first of them s/kernel8.img" },
                { selftest_judge_large_file, true, SESSION(true, ACKS "," SMALL "," KERNEL(3)),
                  "s/kernel8.img: 9.00 MB in 2.5 s" },
                { selftest_judge_large_file, false, SESSION(true, ACKS "," KERNEL(100)),
                  "100 blocks sent again" },
                { selftest_judge_large_file, false, SESSION(true, ACKS "," SMALL), "nothing is proven" },
                { selftest_judge_hand_over, true, SESSION(false, ACKS "," MISS(1300) "," MISS(1400)),
                  "2 files that there is none; 0.2 s after" },
                { selftest_judge_hand_over, false, SESSION(false, ACKS "," MISS(1300) "," ASKS),
                  "for an address again" },
                { selftest_judge_hand_over, false, SESSION(true, ACKS "," KERNEL(0)), "not handed over" },
                { selftest_judge_hand_over, false, SESSION(false, ACKS), "asked for no file" },
                { selftest_judge_dropped_options, true,
                  SESSION(false,
                          ASKS "," STEP("dhcp", "ok", 45300, 0, 0, 0, 0, "DISCOVER", "OFFER 10.77.0.5")),
                  "asked 2 times for one; after 44.3 s it asked no more" },
                { selftest_judge_dropped_options, false, SESSION(false, ACKS "," MISS(1300)), "for 1 files" },
                { selftest_judge_proxy, true,
                  SESSION(false, STEP("dhcp", "ok", 1000, 0, 0, 0, 0, "DISCOVER",
                                      "boot offer beside the other server") "," SMALL),
                  "1 files" },
                { selftest_judge_proxy, false, SESSION(true, ACKS "," SMALL), "--dhcp proxy" },
                { selftest_judge_netconsole, true,
                  SESSION(true, ACKS "," STEP("console", "ok", 1500, 0, 0, 0, 0, "RPi: BOOTLOADER", "")),
                  "1 lines" },
                { selftest_judge_netconsole, false, SESSION(true, ACKS "," SMALL), "nothing of its console" },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(json_decref_at) json_t *session = json_loads(rows[i].session, 0, NULL);
                CLEANUP(text_free) struct text out = {};
                struct selftest_facts f;
                assert_non_null(session);
                selftest_facts_of(session, &f);
                assert_int_equal(rows[i].judge(&f, &out), rows[i].wanted);
                assert_non_null(strstr(out.octets, rows[i].said));
        }
}

static void when_it_is_over(void **state) {
        CLEANUP(json_decref_at) json_t *under_way = json_loads(SESSION(false, ACKS "," KERNEL(0)), 0, NULL);
        CLEANUP(json_decref_at) json_t *finished = json_loads(SESSION(true, ACKS), 0, NULL);
        (void)state;

        assert_false(selftest_is_quiet(under_way, 4500 + 999, 1000)); /* from the kernel's last octet */
        assert_true(selftest_is_quiet(under_way, 4500 + 1000, 1000));
        assert_true(selftest_is_quiet(finished, 1200, 1000));
}

#define MACHINE(state, root, more) \
        "{\"name\":\"pi\",\"macs\":[\"dc:a6:32:01:02:03\"],\"state\":\"" state "\",\"root\":" root "," more \
        "}"
#define IMAGE "\"image\":\"card@1\""
#define NO_IMAGE "\"image\":null"

/* Before a board is switched for nothing. NULL: yes. */
static void what_can_be_tried(void **state) {
        static const struct {
                const char *machine, *not_served, *not_taken;
        } rows[] = {
                { MACHINE("Deployed", "\"initrd\"", IMAGE), NULL, NULL }, /* added with its image */
                { MACHINE("Deployed", "\"initrd\"", IMAGE ",\"locked\":true"), NULL, "machine unlock pi" },
                { MACHINE("Deployed", "\"disk\"", IMAGE), "machine release pi", "machine delete pi" },
                { MACHINE("Deployed", "\"ram\"", IMAGE), NULL,
                  "Deployed with root ram, and not a machine that was added with its image, which alone can "
                  "be "
                  "taken for a boot: bramble machine delete pi; bramble machine add pi --mac "
                  "dc:a6:32:01:02:03 --image IMAGE" },
                { MACHINE("Deployed", "\"nfs\"", IMAGE), NULL, "with root nfs" },
                { MACHINE("Ready", "null", NO_IMAGE), NULL, "pi is Ready, and not" },
                { MACHINE("New", "null", NO_IMAGE ",\"inventoried\":null"), "machine set pi --image",
                  "no image to be taken" },
                { MACHINE("New", "null", NO_IMAGE ",\"inventoried\":\"2026-01-02T03:04:05Z\""), NULL,
                  "machine set pi --image" },
                { MACHINE("Deploying", "\"disk\"", IMAGE ",\"deadline\":\"2026-01-02T03:04:05Z\""),
                  "is Deploying: wait", "machine delete pi" },
                { MACHINE("Broken", "\"disk\"", IMAGE), "Broken on its disk", "pi is Broken" },
                { MACHINE("Rescue mode", "\"disk\"", IMAGE), NULL, "pi is Rescue mode" },
                { MACHINE("Retired", "null", NO_IMAGE), "machine restore pi", "pi is Retired" },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(json_decref_at) json_t *machine = json_loads(rows[i].machine, 0, NULL);
                CLEANUP(text_free) struct text served = {}, taken = {};
                assert_non_null(machine);
                assert_int_equal(fitness_is_served(machine, &served), !rows[i].not_served);
                assert_int_equal(fitness_can_lose_image(machine, &taken), !rows[i].not_taken);
                if (rows[i].not_served)
                        assert_non_null(strstr(served.octets, rows[i].not_served));
                if (rows[i].not_taken)
                        assert_non_null(strstr(taken.octets, rows[i].not_taken));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_a_boot_proves),
                cmocka_unit_test(when_it_is_over),
                cmocka_unit_test(what_can_be_tried),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
