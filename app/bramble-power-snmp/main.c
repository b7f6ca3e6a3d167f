/*
 * bramble-power-snmp: the driver snmp_poe's own program. It reads one question of bramble-power-exec(7), asks
 * the switch, answers and ends.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble-power-snmp/switch.h"
#include "core/power/drivers.h"
#include "core/power/params.h"

static int read_question(struct power_request *ret, struct error *reterr) {
        static char question[POWER_REQUEST_MAX + 1];
        const size_t len = fread(question, 1, sizeof(question), stdin);

        if (len > POWER_REQUEST_MAX)
                return error_set(reterr, -EINVAL, "the question is longer than %d octets", POWER_REQUEST_MAX);
        return power_request_parse(question, len, &power_snmp_poe, ret, reterr);
}

int main(int argc, char **argv) {
        CLEANUP(power_request_clear) struct power_request request = {};
        CLEANUP(text_free) struct text answer = {};
        struct power_outcome outcome = {};
        struct error err = {};

        (void)argv;
        if (argc != 1) {
                (void)fputs("usage: bramble-power-snmp <QUESTION, in the words of bramble-power-exec(7)\n",
                            stderr);
                return 2;
        }
        int r = read_question(&request, &err);
        if (r == 0)
                r = switch_act(&request, &outcome, &err);
        power_answer_write(&answer, r, &outcome, &err);
        if (answer.failed || fwrite(answer.octets, 1, answer.len, stdout) != answer.len)
                return 1;
        return 0;
}
