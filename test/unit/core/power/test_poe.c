/* Ports of PoE switches: what their state means, and which is the machine's. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "core/power/poe.h"

static void reads_ports(void **state) {
        static const struct {
                const char *text, *port; /* NULL: none */
        } rows[] = {
                { "7", "1.7" },    { "1.7", "1.7" },       { "2.48", "2.48" },
                { "", NULL },      { "0", NULL },          { "1.0", NULL },
                { "0.1", NULL },   { "1.", NULL },         { ".1", NULL },
                { "1.2.3", NULL }, { "Gi7", NULL },        { "-1", NULL },
                { "1. 7", NULL },  { "2147483648", NULL }, { "123456789012.1", NULL },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct poe_port p = {};
                char text[POE_PORT_TEXT_SIZE];
                if (poe_port_parse(rows[i].text, &p) != (rows[i].port ? 0 : -EINVAL))
                        fail_msg("%s", rows[i].text);
                if (rows[i].port)
                        assert_string_equal(poe_port_text(&p, text), rows[i].port);
        }
}

static void knows_what_a_port_means(void **state) {
        static const struct {
                bool is_enabled;
                int64_t detection;
                enum power_state state;
                const char *note; /* a part of it; "" nothing is said */
        } rows[] = {
                { true, POE_DELIVERING, POWER_ON, "" },
                { true, POE_NOT_TOLD, POWER_ON, "" }, /* some switches do not tell: what was set has to do */
                { true, POE_SEARCHING, POWER_OFF, "powered from elsewhere" },
                { true, POE_FAULT, POWER_OFF, "fault" },
                { true, POE_OTHER_FAULT, POWER_OFF, "fault" },
                { true, POE_TESTING, POWER_UNKNOWN, "testing" },
                { true, POE_DISABLED, POWER_OFF, "no power yet" }, /* a moment after it was enabled */
                { true, 99, POWER_ON, "" },
                { true, -1, POWER_ON, "" },
                { false, POE_DISABLED, POWER_OFF, "" },
                { false, POE_NOT_TOLD, POWER_OFF, "" },
                { false, POE_DELIVERING, POWER_ON, "still gives power" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct power_outcome o = { .note = "of before" };
                poe_state(rows[i].is_enabled, rows[i].detection, &o);
                if (o.state != rows[i].state || !strstr(o.note, rows[i].note) || (!*rows[i].note && *o.note))
                        fail_msg("row %zu: %s, \"%s\"", i, power_state_name(o.state), o.note);
        }
}

static const struct poe_port small[] = { { 1, 1 }, { 1, 2 }, { 1, 3 } };
static const struct poe_port stack[] = { { 1, 1 }, { 1, 2 }, { 2, 1 }, { 2, 2 } };

static void chooses_a_port_or_none(void **state) {
        static const struct {
                const struct poe_port *ports;
                size_t n_ports;
                uint32_t bridge_port, ifindex;
                size_t n_macs;
                const char *port;     /* NULL: none */
                const char *sentence; /* a part of it */
        } rows[] = {
                { small, 3, 2, 2, 1, "1.2", NULL },
                { small, 3, 2, 10102, 1, "1.2", NULL }, /* counted as the bridge counts */
                { small, 3, 57, 3, 1, "1.3", NULL },    /* counted as interfaces are */
                { small, 3, 0, 1, 0, "1.1", NULL },     /* known by LLDP alone */
                { small, 3, 2, 102, POE_MACS_MAX, "1.2", NULL },
                { small, 3, 2, 102, POE_MACS_MAX + 1, NULL, "port 2 has 5 addresses behind it" },
                { small, 3, 24, 10124, 1, NULL, "none that gives power" },  /* an uplink */
                { small, 3, 1, 2, 1, NULL, "port 1.1 or 1.2: set port" },   /* the two counts contradict */
                { stack, 4, 2, 102, 1, NULL, "port 1.2 or 2.2: set port" }, /* which unit of the stack? */
                { small, 0, 2, 2, 1, NULL, "none that gives power" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const struct poe_evidence e = { rows[i].ports, rows[i].n_ports, rows[i].bridge_port,
                                                rows[i].ifindex, rows[i].n_macs };
                struct poe_port p = {};
                struct error err = {};
                char text[POE_PORT_TEXT_SIZE];
                const int r = poe_choose(&e, &p, &err);
                if ((r == 0) != !!rows[i].port)
                        fail_msg("row %zu: %d \"%s\"", i, r, err.text);
                if (rows[i].port)
                        assert_string_equal(poe_port_text(&p, text), rows[i].port);
                else if (!strstr(err.text, rows[i].sentence))
                        fail_msg("row %zu: says \"%s\"", i, err.text);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_ports),
                cmocka_unit_test(knows_what_a_port_means),
                cmocka_unit_test(chooses_a_port_or_none),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
