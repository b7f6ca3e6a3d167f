/* Boots as they are drawn, against the drawings. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/trail/waterfall.h"

#define AT(ms) (INT64_C(1795356230000) + (ms))

/* A Pi 4's boot, shortened. */
static const struct trail_event pi4[] = {
        { 1, TRAIL_DHCP, TRAIL_OK, AT(0), 0, 0, 0, 0, 0, "DISCOVER", "OFFER 10.77.0.51", "pi4" },
        { 2, TRAIL_DHCP, TRAIL_OK, AT(12), 6, 0, 0, 0, 0, "REQUEST", "ACK 10.77.0.51", "pi4" },
        { 3, TRAIL_TFTP, TRAIL_PROBE, AT(240), 2, 0, 2255000, 0, 0, "1f2e3d4c/start4.elf", "Early terminate",
          "pi4" },
        { 4, TRAIL_TFTP, TRAIL_OK, AT(260), 8, 1711, 1711, 0, 0, "1f2e3d4c/config.txt", "", "pi4" },
        { 5, TRAIL_TFTP, TRAIL_MISS, AT(280), 0, 0, 0, 0, 0, "1f2e3d4c/pieeprom.sig", "", "pi4" },
        { 6, TRAIL_TFTP, TRAIL_OK, AT(300), 900, 2255000, 2255000, 3, 0, "1f2e3d4c/start4.elf", "", "pi4" },
        { 7, TRAIL_TFTP, TRAIL_OK, AT(1300), 4, 5448, 5448, 0, 0, "1f2e3d4c/fixup4.dat", "", "pi4" },
        { 8, TRAIL_NOTE, TRAIL_OK, AT(1400), 0, 0, 0, 0, 0, "foreign DHCP server",
          "10.77.0.1 answers on this subnet too; set it to proxy, or switch that server off", "" },
        { 9, TRAIL_TFTP, TRAIL_OK, AT(6200), 4100, 9300000, 9300000, 0, 0,
          "1f2e3d4c/overlays/a-name-that-no-column-can-hold/kernel8.img", "", "pi4" },
        { 10, TRAIL_HTTP, TRAIL_FAILED, AT(10400), 12000, 524288, 31000000, 0, 0, "/initrd.img",
          "timed out after 12.0 s", "pi4" },
};

static struct trail_session session(const struct trail_event *events, size_t n) {
        return (struct trail_session){
                .id = 1,
                .mac = { { 0xdc, 0xa6, 0x32, 1, 2, 3 } },
                .ip = ip_from_v4(0x0a4d0033),
                .machine = "pi4-demo",
                .start_ms = AT(0),
                .last_ms = AT(22400),
                .events = events,
                .n_events = n,
        };
}

static void assert_drawn(const struct trail_session *s, unsigned width, bool is_ascii, const char *want) {
        char *drawn = waterfall_draw(s, &(struct waterfall_style){ width, is_ascii });
        assert_non_null(drawn);
        assert_string_equal(drawn, want);
        free(drawn);
}

/* clang-format off: a drawing is read as it stands */
static void a_pi4_on_a_plain_terminal(void **state) {
        const struct trail_session s = session(pi4, sizeof(pi4) / sizeof(*pi4));
        (void)state;
        assert_drawn(&s, 80, true,
                     "Boot of pi4-demo, dc:a6:32:01:02:03, 10.77.0.51, 2026-11-22 14:03:50 UTC\n"
                     "\n"
                     "   0.000  DHCP  DISCOVER (pi4)     ||         |           OFFER 10.77.0.51\n"
                     "   0.012  DHCP  REQUEST (pi4)      ||         |           ACK 10.77.0.51\n"
                     "   0.240  TFTP  ~2e3d4c/start4.elf ||         |           probe\n"
                     "   0.260  TFTP  ~2e3d4c/config.txt ||         |   1.7 kB  ok\n"
                     "   0.280  TFTP  ~3d4c/pieeprom.sig ||         |           not found (normal)\n"
                     "   0.300  TFTP  ~2e3d4c/start4.elf |#         |   2.3 MB  2.5 MB/s, 3 resent\n"
                     "   1.300  TFTP  ~2e3d4c/fixup4.dat |#         |   5.4 kB  ok\n"
                     "   1.400  NOTE  foreign DHCP server: 10.77.0.1 answers on this subnet too; set\n"
                     "                it to proxy, or switch that server off\n"
                     "      :         4.8 s of silence\n"
                     "   6.200  TFTP  ~-hold/kernel8.img |  ###     |   9.3 MB  2.3 MB/s\n"
                     "  10.400  HTTP  /initrd.img        |    xxxxxx| 524.3 kB  timed out after 12.0\n"
                     "                s, at 1 %\n"
                     "\n"
                     "Not finished: 22.4 s in all, 12.1 MB in 4 files, 3 blocks resent, 1 not found, 1\n"
                     "probe, 1 failed\n"
                     "Last: HTTP /initrd.img, timed out after 12.0 s, at 1 %\n");
}

static void a_pi4_on_a_wide_one(void **state) {
        const struct trail_session s = session(pi4, sizeof(pi4) / sizeof(*pi4));
        (void)state;
        assert_drawn(
                &s, 100, false,
                "Boot of pi4-demo, dc:a6:32:01:02:03, 10.77.0.51, 2026-11-22 14:03:50 UTC\n"
                "\n"
                "   0.000  DHCP  DISCOVER (pi4)             │▏             │           OFFER 10.77.0.51\n"
                "   0.012  DHCP  REQUEST (pi4)              │▏             │           ACK 10.77.0.51\n"
                "   0.240  TFTP  1f2e3d4c/start4.elf        │▏             │           probe\n"
                "   0.260  TFTP  1f2e3d4c/config.txt        │▏             │   1.7 kB  ok\n"
                "   0.280  TFTP  1f2e3d4c/pieeprom.sig      │▏             │           not found (normal)\n"
                "   0.300  TFTP  1f2e3d4c/start4.elf        │▊             │   2.3 MB  2.5 MB/s, 3 resent\n"
                "   1.300  TFTP  1f2e3d4c/fixup4.dat        │▊             │   5.4 kB  ok\n"
                "   1.400  NOTE  foreign DHCP server: 10.77.0.1 answers on this subnet too; set it to proxy, "
                "or\n"
                "                switch that server off\n"
                "      ⋮         4.8 s of silence\n"
                "   6.200  TFTP  …lumn-can-hold/kernel8.img │   ███▍       │   9.3 MB  2.3 MB/s\n"
                "  10.400  HTTP  /initrd.img                │      ▒▒▒▒▒▒▒▒│ 524.3 kB  timed out after 12.0 "
                "s, at 1 %\n"
                "\n"
                "Not finished: 22.4 s in all, 12.1 MB in 4 files, 3 blocks resent, 1 not found, 1 probe, 1 "
                "failed\n"
                "Last: HTTP /initrd.img, timed out after 12.0 s, at 1 %\n");
}

static void lines_for_those_who_watch(void **state) {
        static const struct {
                size_t event;
                const char *want;
        } rows[] = {
                { 0, "14:03:50.000  pi4-demo           DHCP  DISCOVER (pi4)                       OFFER "
                     "10.77.0.51\n" },
                { 5, "14:03:50.300  pi4-demo           TFTP  1f2e3d4c/start4.elf          2.3 MB  2.5 MB/s, "
                     "3 resent\n" },
                { 7, "14:03:51.400  pi4-demo           NOTE  foreign DHCP server: 10.77.0.1 answers on this "
                     "subnet too;\n"
                     "                                       set it to proxy, or switch that server off\n" },
        };
        const struct trail_session s = session(pi4, sizeof(pi4) / sizeof(*pi4));
        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                char *line =
                        waterfall_line(&s, &pi4[rows[i].event], &(struct waterfall_style){ .width = 100 });
                assert_non_null(line);
                assert_string_equal(line, rows[i].want);
                free(line);
        }
}
/* clang-format on */

/* What a stranger sends cannot steer the terminal. */
static void hostile_text(void **state) {
        static const struct trail_event events[] = {
                { 1, TRAIL_TFTP, TRAIL_MISS, AT(0), 0, 0, 0, 0, 0, "a\x1b[2Jb\xff\xc2\x9b\xe2\x82z", "", "" },
        };
        const struct trail_session s = session(events, 1);
        (void)state;
        for (int is_ascii = 0; is_ascii < 2; is_ascii++) {
                char *drawn = waterfall_draw(&s, &(struct waterfall_style){ 0, is_ascii });
                assert_non_null(drawn);
                assert_non_null(strstr(drawn, "a?[2Jb????"));
                assert_null(strchr(drawn, 0x1b));
                free(drawn);
        }
}

/* The calendar is ours, as a pure floor may not ask the C library's. */
static void dates(void **state) {
        static const struct {
                int64_t unix_s;
                const char *want;
        } rows[] = {
                { 0, "1970-01-01 00:00:00 UTC" },           { 951782400, "2000-02-29 00:00:00 UTC" },
                { 951868800, "2000-03-01 00:00:00 UTC" },   { 1077926399, "2004-02-27 23:59:59 UTC" },
                { 1735689599, "2024-12-31 23:59:59 UTC" },  { 1740787200, "2025-03-01 00:00:00 UTC" },
                { 4107542399, "2100-02-28 23:59:59 UTC" },  { 4107542400, "2100-03-01 00:00:00 UTC" },
                { 13574563200, "2400-02-29 00:00:00 UTC" }, { 1709164800, "2024-02-29 00:00:00 UTC" },
        };
        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                struct trail_session s = session(NULL, 0);
                s.start_ms = s.last_ms = rows[i].unix_s * 1000;
                char *drawn = waterfall_draw(&s, &(struct waterfall_style){ 0 });
                assert_non_null(drawn);
                if (!strstr(drawn, rows[i].want))
                        fail_msg("no '%s' in: %s", rows[i].want, drawn);
                free(drawn);
        }
}

/* Words for outcomes, in sessions of one or two events. */
static void outcomes(void **state) {
        static const struct {
                struct trail_event event;
                bool goes_on; /* the client was served something afterwards */
                const char *want;
        } rows[] = {
                { { .kind = TRAIL_TFTP, .outcome = TRAIL_MISS }, false, " not found\n" },
                { { .kind = TRAIL_TFTP, .outcome = TRAIL_MISS }, true, " not found (normal)\n" },
                { { .kind = TRAIL_TFTP, .outcome = TRAIL_MISS, .detail = "no such image" },
                  true,
                  " not found: no such image\n" },
                { { .kind = TRAIL_TFTP, .outcome = TRAIL_PROBE }, true, " probe\n" },
                { { .kind = TRAIL_TFTP,
                    .outcome = TRAIL_FAILED,
                    .detail = "it cannot be made: it would be longer than firmware reads" },
                  true,
                  "           it cannot be made: it would be\n"
                  "                longer than firmware reads\n" },
                { { .kind = TRAIL_TFTP, .outcome = TRAIL_FAILED, .took_ms = 3456 },
                  true,
                  " failed after 3.4 s\n" },
                { { .kind = TRAIL_TFTP, .outcome = TRAIL_FAILED, .octets = 50, .size = 200 },
                  true,
                  ", at 25 %\n" },
                { { .kind = TRAIL_DHCP, .outcome = TRAIL_IGNORED }, true, " ignored\n" },
                { { .kind = TRAIL_DHCP, .outcome = TRAIL_IGNORED, .detail = "not registered" },
                  false,
                  " ignored: not registered\n" },
                { { .kind = TRAIL_HTTP, .outcome = TRAIL_OK, .octets = 999, .took_ms = 1 },
                  true,
                  " 999 B  ok\n" },
                { { .kind = TRAIL_HTTP, .outcome = TRAIL_OK, .octets = 2000000, .took_ms = 500, .resent = 1 },
                  true,
                  " 2.0 MB  4.0 MB/s, 1 resent\n" },
        };
        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                struct trail_event events[2] = { rows[i].event,
                                                 { .sequence = 2, .at_ms = AT(5000), .detail = "served" } };
                events[0].at_ms = AT(0);
                const struct trail_session s = session(events, rows[i].goes_on ? 2 : 1);
                char *drawn = waterfall_draw(&s, &(struct waterfall_style){ 0 });
                assert_non_null(drawn);
                if (!strstr(drawn, rows[i].want))
                        fail_msg("row %zu: no '%s' in: %s", i, rows[i].want, drawn);
                free(drawn);
        }
}

static void how_it_ended(void **state) {
        static const struct {
                bool is_over, is_finished;
                const char *want;
        } rows[] = { { false, false, "\nNot finished: 22.4 s in all" },
                     { true, false, "\nOver: 22.4 s in all" },
                     { true, true, "\nFinished: 22.4 s in all" } };
        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                struct trail_session s = session(pi4, 1);
                s.is_over = rows[i].is_over;
                s.is_finished = rows[i].is_finished;
                char *drawn = waterfall_draw(&s, &(struct waterfall_style){ 0 });
                assert_non_null(drawn);
                assert_non_null(strstr(drawn, rows[i].want));
                free(drawn);
        }
}

/* Odd values and every width: no line is wider than asked for, and nothing reads beyond its end. */
static void any_width(void **state) {
        struct trail_event events[3];
        (void)state;

        memcpy(events, pi4, sizeof(events));
        memset(events[0].what, 'w', sizeof(events[0].what) - 1);
        memset(events[1].detail, 'd', sizeof(events[1].detail) - 1);
        events[2].kind = TRAIL_NOTE;
        memset(events[2].detail, 'n', sizeof(events[2].detail) - 1);
        events[1].octets = UINT64_MAX;
        events[1].took_ms = UINT32_MAX;
        events[1].resent = UINT32_MAX;
        for (unsigned width = 0; width < 300; width += 7) {
                struct trail_session s = session(events, width % 2 ? 3 : 0);
                unsigned limit = width < WATERFALL_WIDTH_MIN ? WATERFALL_WIDTH_DEFAULT : width;
                char *drawn = waterfall_draw(&s, &(struct waterfall_style){ width, true });
                assert_non_null(drawn);
                for (char *line = strtok(drawn, "\n"); line; line = strtok(NULL, "\n"))
                        assert_true(strlen(line) <= limit);
                free(drawn);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_pi4_on_a_plain_terminal),
                cmocka_unit_test(a_pi4_on_a_wide_one),
                cmocka_unit_test(lines_for_those_who_watch),
                cmocka_unit_test(hostile_text),
                cmocka_unit_test(dates),
                cmocka_unit_test(outcomes),
                cmocka_unit_test(how_it_ended),
                cmocka_unit_test(any_width),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
