/* Lines of a console, from pieces. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "net/netconsole/lines.h"

struct page {
        char text[1024];
};

static void add_line(void *ctx, const char *line) {
        struct page *p = ctx;
        size_t len = strlen(p->text);
        (void)snprintf(p->text + len, sizeof(p->text) - len, "%s|", line);
}

/* Datagrams up to a NULL, and the lines that come of them, each with a bar behind it. */
static const struct {
        const char *about, *datagrams[5], *lines, *rest;
} rows[] = {
        { "a line a datagram", { "one\n", "two\n" }, "one|two|", "" },
        { "several in one", { "one\ntwo\nthr", "ee\n" }, "one|two|three|", "" },
        { "pieces", { "Boot mode: ", "NETWORK", " (02)\r\n" }, "Boot mode: NETWORK (02)|", "" },
        { "nothing but line ends", { "\n\n", "\r\n", "  \n" }, "", "" },
        { "no end yet", { "DHCP src: " }, "", "DHCP src:|" },
        { "what steers terminals", { "\33[31mred\a\tthen\n" }, "?[31mred? then|", "" },
        { "extended", { "6,1,9,-;one\n", "6,2,9,-;two\n K=v\n" }, "one|two|", "" },
        { "extended in parts", { "6,1,9,-,ncfrag=0/8;long", "6,1,9,-,ncfrag=4/8;line" }, "longline|", "" },
        { "a part is lost", { "6,1,9,-,ncfrag=0/8;long", "6,2,9,-;two" }, "long|two|", "" },
};

static void each_becomes_lines(void **state) {
        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                struct netconsole_lines l = {};
                struct page page = {}, rest = {};
                for (size_t d = 0; rows[i].datagrams[d]; d++) {
                        struct netconsole_record r;
                        netconsole_record_read(rows[i].datagrams[d], strlen(rows[i].datagrams[d]), &r);
                        netconsole_lines_add(&l, &r, add_line, &page);
                }
                netconsole_lines_end(&l, add_line, &rest);
                if (strcmp(page.text, rows[i].lines) != 0 || strcmp(rest.text, rows[i].rest) != 0)
                        fail_msg("%s: \"%s\" and \"%s\"", rows[i].about, page.text, rest.text);
        }
}

static void a_line_without_end_is_cut(void **state) {
        struct netconsole_lines l = {};
        struct page page = {};
        char octets[100];
        (void)state;

        memset(octets, 'x', sizeof(octets));
        for (int i = 0; i < 50; i++)
                netconsole_lines_add(&l, &(struct netconsole_record){ .text = octets, .len = sizeof(octets) },
                                     add_line, &page);
        netconsole_lines_end(&l, add_line, &page);
        assert_int_equal(strlen(page.text), NETCONSOLE_LINE_MAX + 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_becomes_lines),
                cmocka_unit_test(a_line_without_end_is_cut),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
