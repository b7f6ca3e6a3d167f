/* What FreeIPMI's programs write (ipmipower(8), its common/toolcommon and ipmipower_error.c). */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "core/power/answer.h"

enum { SHOWN_MAX = 160 }; /* octets of a line in a sentence */

/* What stands behind "HOST: "; a row matches what begins with it. */
static const struct {
        const char *text;
        int code;
        enum power_state state;
        const char *sentence; /* NULL: as they say it */
} rows[] = {
        { "on", 0, POWER_ON, NULL },
        { "off", 0, POWER_OFF, NULL },
        { "ok", 0, POWER_UNKNOWN, NULL },
        { "connection timeout", -ETIMEDOUT, POWER_UNKNOWN, "no answer" },
        { "session timeout", -ETIMEDOUT, POWER_UNKNOWN, "no answer" },
        { "message timeout", -ETIMEDOUT, POWER_UNKNOWN, "no answer" },
        { "bmc busy", -EAGAIN, POWER_UNKNOWN, "it is busy" },
        { "password invalid", -EACCES, POWER_UNKNOWN, "wrong password" },
        /* IPMI 1.5 says nothing at all to a wrong password. */
        { "password verification timeout", -EACCES, POWER_UNKNOWN, "wrong password" },
        { "username invalid", -EACCES, POWER_UNKNOWN, "it does not know this user" },
        { "k_g invalid", -EACCES, POWER_UNKNOWN, "wrong key k_g" },
        { "privilege level cannot be obtained", -EACCES, POWER_UNKNOWN,
          "this user may not have these rights: another privilege, or other workarounds" },
        { "privilege level insufficient", -EACCES, POWER_UNKNOWN,
          "this user's rights do not suffice for it" },
        { "authentication type unavailable", -EACCES, POWER_UNKNOWN,
          "it takes no password of this kind: another driver or privilege" },
        { "cipher suite id unavailable", -EOPNOTSUPP, POWER_UNKNOWN, "it has no such cipher suite" },
        { "ipmi 2.0 unavailable", -EOPNOTSUPP, POWER_UNKNOWN, "it knows IPMI 1.5 only: driver=LAN" },
        { "hostname invalid", -EHOSTUNREACH, POWER_UNKNOWN, "nobody knows its address" },
        { "invalid hostname", -EHOSTUNREACH, POWER_UNKNOWN, "nobody knows its address" },
        { "bmc error", -EREMOTEIO, POWER_UNKNOWN, "it answered with an error" },
};

static int judge(const char *text, size_t len, enum power_state *ret, struct error *reterr) {
        char shown[SHOWN_MAX];

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const size_t n = strlen(rows[i].text);
                const bool is_whole = rows[i].code == 0;
                if (len < n || (is_whole && len != n) || strncasecmp(text, rows[i].text, n) != 0)
                        continue;
                *ret = rows[i].state;
                return rows[i].code == 0 ? 0 : error_set(reterr, rows[i].code, "%s", rows[i].sentence);
        }
        power_plain(text, len, shown, sizeof(shown));
        return error_set(reterr, -EBADMSG, "FreeIPMI says \"%s\"", shown);
}

int ipmi_answer_parse(const char *text, size_t len, enum power_state *ret, struct error *reterr) {
        const char *end = memchr(text, '\n', len);
        const char *last = NULL;

        len = end ? (size_t)(end - text) : len;
        /* A host may have colons of its own; what is said of it has none. */
        for (size_t i = 0; i + 1 < len; i++) {
                if (text[i] == ':' && text[i + 1] == ' ')
                        last = text + i + 2;
        }
        if (!last)
                return error_set(reterr, -EBADMSG, "FreeIPMI's answer makes no sense%s",
                                 len ? "" : ": it is empty");
        return judge(last, len - (size_t)(last - text), ret, reterr);
}
