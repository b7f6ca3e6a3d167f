/* Updates of EEPROMs, as the wire shows them; see eeprom.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/eeprom.h"

#include <string.h>
#include <strings.h>

#include "core/boot/pi_ramdisk.h"
#include "core/machine/eeprom_order.h"
#include "io/clock.h"
#include "rack/who.h"

static void report(struct rack *r, const struct session *s, const struct machine *m,
                   enum agent_report_kind kind) {
        const struct agent_report said = {
                .kind = kind,
                .machine = m->id,
                .session = s->ask.session,
                .at_s = clock_unix_s(),
                .mac = s->ask.mac,
                .client_ip = s->ask.client_ip,
        };
        if (r->config.agent)
                r->config.agent(r->config.agent_ctx, &said);
}

static bool is_named(const char *path, const char *name) {
        const char *slash = strrchr(path, '/');
        return strcasecmp(slash ? slash + 1 : path, name) == 0;
}

/* The first that firmware reads in its tree. A board that is handed over to its disk finds none, and what it
 * asks for is enough: start4.elf, before its update and after it. */
static bool is_beginning(const struct served *s, const struct machine *m) {
        if (machine_purpose(m) == PURPOSE_LOCAL)
                return is_named(s->path, "start4.elf");
        return s->is_whole && (is_named(s->path, "config.txt") || is_named(s->path, PI_RAMDISK_SIGNATURE));
}

/* Its tree is read from the beginning by what runs there now. */
static void note_start(struct rack *r, struct session *s, const struct machine *m) {
        struct eeprom_order o;
        const bool is_awaited = eeprom_order_of(m, &o) && o.step == EEPROM_TAKEN;

        if (s->eeprom == SESSION_EEPROM_FETCHED)
                report(r, s, m, REPORT_EEPROM_LEFT);
        else if (s->eeprom == SESSION_EEPROM_RESTARTED || is_awaited)
                report(r, s, m, REPORT_EEPROM_STARTED);
        s->eeprom = SESSION_EEPROM_NOTHING;
}

void rack_watch_eeprom(struct rack *r, struct session *session, const struct served *s) {
        const struct machine *m = who_machine(r->nets->site, &session->ask);

        if (!m || !m->eeprom || (s->client != CLIENT_PI4 && s->client != CLIENT_PI5))
                return;
        if (s->is_whole && is_named(s->path, "pieeprom.upd")) {
                session->eeprom = SESSION_EEPROM_FETCHED;
                report(r, session, m, REPORT_EEPROM_FETCHED);
        } else if (is_beginning(s, m)) {
                note_start(r, session, m);
        }
}

void rack_watch_restart(struct session *s) {
        if (s->eeprom == SESSION_EEPROM_FETCHED)
                s->eeprom = SESSION_EEPROM_RESTARTED;
}
