/* One machine's part of a roll-out; see eeprom_order.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/machine/eeprom_order.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Fields of the first line, with room for a NUL: numbers of 20 digits, a name, a digest and a signature in
 * hex.
 */
enum {
        STEP_SIZE = 16,
        HEX_SIZE = 2 * EEPROM_DIGEST_SIZE + 1,
        RSA_HEX_SIZE = 2 * EEPROM_RSA_SIZE + 1,
        FIELDS = 18,
        FIELDS_WITHOUT_FILES = 14, /* before there were updates with a key */
        FIELDS_WITHOUT_FORMER = 7  /* before there was a way back */
};

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

static int parse_rsa(const char *hex, struct eeprom_content *ret) {
        if (strcmp(hex, NOTHING) == 0)
                return 0;
        ret->has_rsa = true;
        return text_parse_hex(hex, ret->rsa, sizeof(ret->rsa));
}

/* The first line: @rest_len is what follows the second. What was ordered before there were all of these
 * fields has fewer. */
static int parse_fields(const char *text, size_t rest_len, struct eeprom_order *ret) {
        char step[STEP_SIZE], image[MACHINE_IMAGE_MAX + 1], hex[HEX_SIZE], rsa[RSA_HEX_SIZE] = NOTHING;
        char former[MACHINE_IMAGE_MAX + 1] = NOTHING, former_hex[HEX_SIZE] = "";
        char former_rsa[RSA_HEX_SIZE] = NOTHING;
        int n = sscanf(text,
                       "%" SCNu64 " %u %15s %" SCNd64 " %" SCNu32 " %74s %64s %" SCNu64 " %" SCNu32
                       " %u %74s %" SCNu64 " %64s %zu %zu %zu %512s %512s",
                       &ret->rollout, &ret->wave, step, &ret->since_s, &ret->ts, image, hex,
                       &ret->now.build_s, &ret->within_s, &ret->flags, former, &ret->former.build_s,
                       former_hex, &ret->former.config_len, &ret->former.files_len, &ret->now.files_len, rsa,
                       former_rsa);

        if ((n != FIELDS_WITHOUT_FORMER && n != FIELDS_WITHOUT_FILES && n != FIELDS) ||
            parse_step(step, &ret->step) < 0 || parse_content(image, hex, &ret->now) < 0 ||
            parse_content(former, former_hex, &ret->former) < 0 || parse_rsa(rsa, &ret->now) < 0 ||
            parse_rsa(former_rsa, &ret->former) < 0)
                return -EBADMSG;
        for (size_t i = 0; i < 3; i++) {
                const size_t part[] = { ret->former.config_len, ret->former.files_len, ret->now.files_len };
                if (part[i] > rest_len)
                        return -EBADMSG;
                rest_len -= part[i];
        }
        ret->now.config_len = rest_len;
        return 0;
}

/* A line of fields, a line for people, and without anything between them what the board had, configuration
 * and files, and what it gets, files and configuration. */
int eeprom_order_parse(const char *text, struct eeprom_order *ret) {
        struct eeprom_order o = { .within_s = EEPROM_WITHIN_S };
        const char *why = strchr(text, '\n'), *rest = why ? strchr(why + 1, '\n') : NULL;

        if (!rest || (size_t)(rest - why) > EEPROM_WHY_MAX + 1)
                return -EBADMSG;
        CLEANUP(free_at) char *line = strndup(text, (size_t)(why - text));
        if (!line || parse_fields(line, strlen(rest + 1), &o) < 0)
                return -EBADMSG;
        memcpy(o.why, why + 1, (size_t)(rest - why - 1));
        o.former.config = rest + 1;
        o.former.files = o.former.config + o.former.config_len;
        o.now.files = o.former.files + o.former.files_len;
        o.now.config = o.now.files + o.now.files_len;
        *ret = o;
        return 0;
}

static const char *rsa_text(const struct eeprom_content *c, char buf[static RSA_HEX_SIZE]) {
        return c->has_rsa ? text_hex(c->rsa, sizeof(c->rsa), buf) : NOTHING;
}

char *eeprom_order_print(const struct eeprom_order *o) {
        CLEANUP(text_free) struct text out = {};
        char hex[HEX_SIZE], former_hex[HEX_SIZE], rsa[RSA_HEX_SIZE];

        text_printf(&out, "%" PRIu64 " %u %s %" PRId64 " %" PRIu32 " %s %s", o->rollout, o->wave,
                    names[o->step], o->since_s, o->ts, o->now.image[0] ? o->now.image : NOTHING,
                    text_hex(o->now.digest, sizeof(o->now.digest), hex));
        text_printf(&out, " %" PRIu64 " %" PRIu32 " %u %s %" PRIu64 " %s %zu %zu %zu", o->now.build_s,
                    o->within_s, o->flags, o->former.image[0] ? o->former.image : NOTHING, o->former.build_s,
                    text_hex(o->former.digest, sizeof(o->former.digest), former_hex), o->former.config_len,
                    o->former.files_len, o->now.files_len);
        text_printf(&out, " %s", rsa_text(&o->now, rsa));
        text_printf(&out, " %s\n%s\n", rsa_text(&o->former, rsa), o->why);
        text_append_octets(&out, o->former.config, o->former.config_len);
        text_append_octets(&out, o->former.files, o->former.files_len);
        text_append_octets(&out, o->now.files, o->now.files_len);
        text_append_octets(&out, o->now.config, o->now.config_len);
        return text_take(&out);
}

const char *eeprom_order_no_way_back(const struct eeprom_order *o) {
        if (o->former.image[0])
                return NULL;
        return o->former.config_len
                       ? "what it had before cannot be put together here: its firmware is no image, or its "
                         "configuration names another server's authority"
                       : "nobody knew what it had before: its agent had not told";
}

bool eeprom_order_of(const struct machine *m, struct eeprom_order *ret) {
        return m->eeprom && eeprom_order_parse(m->eeprom, ret) == 0;
}
