/* Consoles of machines; see console.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/console.h"

#include <stdio.h>
#include <string.h>

#include "io/clock.h"
#include "rack/state.h"
#include "rack/story.h"

enum {
        LINES_MAX = 250,     /* of a boot: a quarter of what its trail holds */
        LAST_WORDS_MAX = 20, /* beyond them */
        LINE_MS = 1000,      /* without more, a piece of a line is one */
};

/* What tells why a kernel, or firmware, ended. */
static const char *const last_words[] = {
        "Kernel panic", "not syncing", "Unable to mount", "Cannot open root", "Oops", "BUG:", "rror",
};

static bool is_last_word(const char *line) {
        for (size_t i = 0; i < ARRAY_LEN(last_words); i++)
                if (strstr(line, last_words[i]))
                        return true;
        return false;
}

/* ---- the boot that it is of ---- */

/* Firmware writes before it asks for anything: then a boot begins, of a machine that somebody registered. */
static struct session *begin_by_console(struct rack *r, const struct mac *mac, uint64_t now_ms) {
        const struct machine *m = site_machine_by_mac(r->nets->site, mac);
        struct session *s = m ? rack_begin_session(r, mac, CLIENT_PI_OTHER, m, now_ms) : NULL;

        if (s)
                s->is_by_console = true;
        return s;
}

/* Whether firmware that writes began anew. */
static bool begins_boot(const struct session *s, uint64_t now_ms) {
        if (!s)
                return true;
        return s->is_by_console ? session_is_silent(s, now_ms) : session_is_over(s, s->first_client, now_ms);
}

/* The trail's session; 0: nobody's. Who runs for long has none that is kept any more: then its last boot. */
static uint64_t boot_of(struct rack *r, const struct mac *mac, bool is_firmware, uint64_t now_ms) {
        struct session *s = sessions_find(r->sessions, mac);

        if (is_firmware && begins_boot(s, now_ms))
                s = begin_by_console(r, mac, now_ms);
        else if (is_firmware)
                sessions_touch(r->sessions, s, now_ms);
        if (s)
                return s->ask.session;
        /* The trail is walked for those alone whom somebody registered: a flood of made-up MACs would stand
         * in the way of DHCP. */
        if (!site_machine_by_mac(r->nets->site, mac))
                return 0;
        const struct trail_session *last = trail_newest(r->trail, mac);
        return last ? last->id : 0;
}

/* ---- lines ---- */

struct telling {
        struct rack *rack;
        struct console *console;
};

/* Both parts have their room. */
static void tell_line(const struct telling *t, const char *line) {
        struct trail_event e = { .kind = TRAIL_CONSOLE, .outcome = TRAIL_OK, .at_ms = clock_unix_ms() };
        size_t len = strlen(line), first = sizeof(e.what) - 1;

        (void)snprintf(e.what, sizeof(e.what), "%s", line);
        (void)snprintf(e.detail, sizeof(e.detail), "%s", len > first ? line + first : "");
        rack_tell(t->rack, t->console->boot, &e);
}

static void take_line(void *ctx, const char *line) {
        const struct telling *t = ctx;
        struct console *c = t->console;

        if (c->n_lines < LINES_MAX) {
                c->n_lines++;
                tell_line(t, line);
                if (c->n_lines == LINES_MAX)
                        tell_line(t, "(more of its console is not kept, but for its last words)");
        } else if (c->n_last_words < LAST_WORDS_MAX && is_last_word(line)) {
                c->n_last_words++;
                tell_line(t, line);
        }
}

static struct console *console_of(struct rack *r, const struct mac *mac) {
        struct console *items = r->consoles.items, *oldest = &items[0];

        for (size_t i = 0; i < CONSOLES_MAX; i++) {
                struct console *c = &items[i];
                if (mac_equal(&c->mac, mac))
                        return c;
                if (c->heard_ms < oldest->heard_ms)
                        oldest = c;
        }
        netconsole_lines_end(&oldest->lines, take_line, &(struct telling){ r, oldest });
        *oldest = (struct console){ .mac = *mac };
        return oldest;
}

/* What is left of the boot before is of that one. */
static void follow_boot(struct telling *t, uint64_t boot) {
        struct console *c = t->console;

        if (c->boot == boot)
                return;
        netconsole_lines_end(&c->lines, take_line, t);
        c->boot = boot;
        c->n_lines = c->n_last_words = 0;
}

static bool is_served(const struct rack *r, unsigned ifindex) {
        for (size_t i = 0; i < r->n_links; i++)
                if (r->links[i].ifindex == ifindex)
                        return true;
        return false;
}

void rack_hear_console(struct rack *r, unsigned ifindex, const struct netconsole_datagram *d,
                       uint64_t now_ms) {
        struct netconsole_record record;

        if (!is_served(r, ifindex) || mac_is_zero(&d->mac))
                return;
        (void)rack_hear_served(r, now_ms); /* what it fetched before it spoke belongs before it */
        netconsole_record_read(d->text, d->len, &record);
        uint64_t boot = boot_of(r, &d->mac, !record.is_extended && netconsole_is_firmware(d), now_ms);
        if (!boot)
                return;
        struct telling t = { r, console_of(r, &d->mac) };
        follow_boot(&t, boot);
        t.console->heard_ms = now_ms;
        netconsole_lines_add(&t.console->lines, &record, take_line, &t);
}

void rack_end_lines(struct rack *r, uint64_t now_ms) {
        for (size_t i = 0; i < CONSOLES_MAX; i++) {
                struct telling t = { r, &r->consoles.items[i] };
                if (t.console->lines.len > 0 && now_ms - t.console->heard_ms >= LINE_MS)
                        netconsole_lines_end(&t.console->lines, take_line, &t);
        }
}
