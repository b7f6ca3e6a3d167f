/* Neighbours: the port that the card heard which boots, and no other's. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/life/neighbour.h"

#define CARDS \
        "\"network\":{\"cards\":[{\"ports\":[{\"id\":\"eth0\",\"address\":\"dc:a6:32:01:02:03\"}," \
        "{\"id\":\"eth1\",\"address\":\"dc:a6:32:01:02:04\"}]}]}"
#define LONG "0123456789012345678901234567890123456789012345678901234567890123"

static const struct {
        const char *remark, *inventory, *chassis, *port; /* NULL: it is not known */
} rows[] = {
        { "the card that boots",
          "{" CARDS ",\"board\":{\"neighbours\":[{\"interface\":\"eth1\",\"chassis\":\"b\",\"port\":\"Gi2\"},"
          "{\"interface\":\"eth0\",\"chassis\":\"a\",\"port\":\"Gi1\",\"port_description\":\"first\"}]}}",
          "a", "Gi1" },
        { "only the other one heard",
          "{" CARDS
          ",\"board\":{\"neighbours\":[{\"interface\":\"eth1\",\"chassis\":\"b\",\"port\":\"Gi2\"}]}}",
          "b", "Gi2" },
        { "two switches on one cable",
          "{" CARDS ",\"board\":{\"neighbours\":[{\"interface\":\"eth0\",\"chassis\":\"a\",\"port\":\"Gi1\"},"
          "{\"interface\":\"eth0\",\"chassis\":\"c\",\"port\":\"Gi9\"}]}}",
          NULL, NULL },
        { "a card that is not its own",
          "{" CARDS
          ",\"board\":{\"neighbours\":[{\"interface\":\"eth9\",\"chassis\":\"a\",\"port\":\"Gi1\"}]}}",
          NULL, NULL },
        { "a name that would be cut",
          "{" CARDS ",\"board\":{\"neighbours\":[{\"interface\":\"eth0\",\"chassis\":\"" LONG
          "\",\"port\":\"Gi1\"}]}}",
          NULL, NULL },
        { "without a chassis",
          "{" CARDS ",\"board\":{\"neighbours\":[{\"interface\":\"eth0\",\"port\":\"Gi1\"}]}}", NULL, NULL },
        { "nobody spoke", "{" CARDS ",\"board\":{}}", NULL, NULL },
        { "of other kinds", "{\"network\":[],\"board\":{\"neighbours\":{}}}", NULL, NULL },
        { "no JSON", "{", NULL, NULL },
        { "no inventory", NULL, NULL, NULL },
};

static void tells_the_port_of_its_own_cable(void **state) {
        const struct mac macs[] = { { { 0xdc, 0xa6, 0x32, 1, 2, 3 } }, { { 0xdc, 0xa6, 0x32, 1, 2, 4 } } };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct power_neighbour n = {};
                bool is_known = neighbour_of_inventory(rows[i].inventory, macs, 2, &n);
                if (is_known != (rows[i].chassis != NULL))
                        fail_msg("%s", rows[i].remark);
                if (is_known &&
                    (strcmp(n.chassis, rows[i].chassis) != 0 || strcmp(n.port, rows[i].port) != 0))
                        fail_msg("%s: %s %s", rows[i].remark, n.chassis, n.port);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(tells_the_port_of_its_own_cable) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
