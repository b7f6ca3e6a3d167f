/* One machine's part of a roll-out; see eeprom_order.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/machine/eeprom_order.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Fields of the first line, with room for a NUL: numbers of 20 digits, a name, a digest in hex. */
enum { STEP_SIZE = 16, HEX_SIZE = 2 * EEPROM_DIGEST_SIZE + 1 };

static const char *const names[EEPROM_STEPS] = {
        [EEPROM_WAITING] = "waiting", [EEPROM_OFFERED] = "offered", [EEPROM_TAKEN] = "taken",
        [EEPROM_DONE] = "done",       [EEPROM_FAILED] = "failed",   [EEPROM_STOPPED] = "stopped",
};

const char *eeprom_step_name(enum eeprom_step step) {
        return names[step];
}

bool eeprom_step_is_open(enum eeprom_step step) {
        return step == EEPROM_WAITING || step == EEPROM_OFFERED || step == EEPROM_TAKEN;
}

static int parse_step(const char *name, enum eeprom_step *ret) {
        for (enum eeprom_step s = 0; s < EEPROM_STEPS; s++) {
                if (strcmp(names[s], name) == 0) {
                        *ret = s;
                        return 0;
                }
        }
        return -EBADMSG;
}

/* Three parts: a line of fields, a line for people, and the configuration as it is. */
int eeprom_order_parse(const char *text, struct eeprom_order *ret) {
        const char *why = strchr(text, '\n'), *config = why ? strchr(why + 1, '\n') : NULL;
        char step[STEP_SIZE], hex[HEX_SIZE];
        struct eeprom_order o = {};

        if (!config || (size_t)(config - why) > EEPROM_WHY_MAX + 1 ||
            sscanf(text, "%" SCNu64 " %u %15s %" SCNd64 " %" SCNu32 " %74s %64s", &o.rollout, &o.wave, step,
                   &o.since_s, &o.ts, o.image, hex) != 7 ||
            parse_step(step, &o.step) < 0 || text_parse_hex(hex, o.digest, sizeof(o.digest)) < 0)
                return -EBADMSG;
        memcpy(o.why, why + 1, (size_t)(config - why - 1));
        o.config = config + 1;
        *ret = o;
        return 0;
}

char *eeprom_order_print(const struct eeprom_order *o) {
        CLEANUP(text_free) struct text out = {};
        char hex[HEX_SIZE];

        text_printf(&out, "%" PRIu64 " %u %s %" PRId64 " %" PRIu32 " %s %s\n%s\n%s", o->rollout, o->wave,
                    names[o->step], o->since_s, o->ts, o->image, text_hex(o->digest, sizeof(o->digest), hex),
                    o->why, o->config);
        return text_take(&out);
}

bool eeprom_order_of(const struct machine *m, struct eeprom_order *ret) {
        return m->eeprom && eeprom_order_parse(m->eeprom, ret) == 0;
}
