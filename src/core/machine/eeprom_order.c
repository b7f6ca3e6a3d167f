/* One machine's part of a roll-out; see eeprom_order.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/machine/eeprom_order.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Fields of the first line, with room for a NUL: numbers of 20 digits, a name, a digest in hex. */
enum { STEP_SIZE = 16, HEX_SIZE = 2 * EEPROM_DIGEST_SIZE + 1, FIELDS = 14, OLD_FIELDS = 7 };

#define NOTHING "-"

static const char *const names[EEPROM_STEPS] = {
        [EEPROM_WAITING] = "waiting", [EEPROM_OFFERED] = "offered", [EEPROM_TAKEN] = "taken",
        [EEPROM_STARTED] = "started", [EEPROM_DONE] = "done",       [EEPROM_FAILED] = "failed",
        [EEPROM_STOPPED] = "stopped",
};

const char *eeprom_step_name(enum eeprom_step step) {
        return names[step];
}

bool eeprom_step_is_open(enum eeprom_step step) {
        return step == EEPROM_WAITING || step == EEPROM_OFFERED || step == EEPROM_TAKEN ||
               step == EEPROM_STARTED;
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

static int parse_content(char *image, const char *hex, struct eeprom_content *ret) {
        if (strcmp(image, NOTHING) == 0)
                return 0;
        (void)snprintf(ret->image, sizeof(ret->image), "%s", image);
        return text_parse_hex(hex, ret->digest, sizeof(ret->digest));
}

/* Where the line of @text for people begins; what was ordered before there were former contents has a shorter
 * first one. */
static int parse_fields(const char *text, struct eeprom_order *ret, size_t *ret_former_len) {
        char step[STEP_SIZE], image[MACHINE_IMAGE_MAX + 1], hex[HEX_SIZE];
        char former[MACHINE_IMAGE_MAX + 1] = NOTHING, former_hex[HEX_SIZE] = "";
        int n = sscanf(text,
                       "%" SCNu64 " %u %15s %" SCNd64 " %" SCNu32 " %74s %64s %" SCNu64 " %" SCNu32
                       " %u %74s %" SCNu64 " %64s %zu",
                       &ret->rollout, &ret->wave, step, &ret->since_s, &ret->ts, image, hex,
                       &ret->now.build_s, &ret->within_s, &ret->flags, former, &ret->former.build_s,
                       former_hex, ret_former_len);

        if ((n != OLD_FIELDS && n != FIELDS) || parse_step(step, &ret->step) < 0 ||
            parse_content(image, hex, &ret->now) < 0)
                return -EBADMSG;
        return parse_content(former, former_hex, &ret->former);
}

/* Four parts: a line of fields, a line for people, and the two configurations as they are, the former first.
 */
int eeprom_order_parse(const char *text, struct eeprom_order *ret) {
        struct eeprom_order o = { .within_s = EEPROM_WITHIN_S };
        const char *why = strchr(text, '\n'), *rest = why ? strchr(why + 1, '\n') : NULL;
        size_t former_len = 0;

        if (!rest || (size_t)(rest - why) > EEPROM_WHY_MAX + 1)
                return -EBADMSG;
        CLEANUP(free_at) char *line = strndup(text, (size_t)(why - text));
        if (!line || parse_fields(line, &o, &former_len) < 0 || former_len > strlen(rest + 1))
                return -EBADMSG;
        memcpy(o.why, why + 1, (size_t)(rest - why - 1));
        o.former.config = rest + 1;
        o.former.config_len = former_len;
        o.now.config = rest + 1 + former_len;
        o.now.config_len = strlen(o.now.config);
        *ret = o;
        return 0;
}

char *eeprom_order_print(const struct eeprom_order *o) {
        CLEANUP(text_free) struct text out = {};
        char hex[HEX_SIZE], former_hex[HEX_SIZE];

        text_printf(&out, "%" PRIu64 " %u %s %" PRId64 " %" PRIu32 " %s %s", o->rollout, o->wave,
                    names[o->step], o->since_s, o->ts, o->now.image[0] ? o->now.image : NOTHING,
                    text_hex(o->now.digest, sizeof(o->now.digest), hex));
        text_printf(&out, " %" PRIu64 " %" PRIu32 " %u %s %" PRIu64 " %s %zu\n%s\n", o->now.build_s,
                    o->within_s, o->flags, o->former.image[0] ? o->former.image : NOTHING, o->former.build_s,
                    text_hex(o->former.digest, sizeof(o->former.digest), former_hex), o->former.config_len,
                    o->why);
        text_append_octets(&out, o->former.config, o->former.config_len);
        text_append_octets(&out, o->now.config, o->now.config_len);
        return text_take(&out);
}

const char *eeprom_order_no_way_back(const struct eeprom_order *o) {
        if (o->former.image[0])
                return NULL;
        return o->former.config_len ? "the firmware that it had before is no image here: import that release"
                                    : "nobody knew what it had before: its agent had not told";
}

bool eeprom_order_of(const struct machine *m, struct eeprom_order *ret) {
        return m->eeprom && eeprom_order_parse(m->eeprom, ret) == 0;
}
