/* One boot drawn as text; see waterfall.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/trail/waterfall.h"

enum {
        GAP_MS = 2000,      /* a silence worth a line: firmware that waits, not one that works */
        RATE_MIN = 1 << 16, /* octets: below it a rate says nothing */
        CELL_PARTS = 8,
        INDENT = 16,      /* columns before what happened, in a drawing */
        LINE_INDENT = 39, /* and in a line for those who watch */
        FIXED = 30        /* columns that do not grow with the width */
};

struct canvas {
        struct text text;
        bool is_ascii;
        const struct trail_session *session;
        unsigned what, bar, outcome; /* columns of what grows with the width */
};

static const char *const kind_words[] = { "DHCP", "TFTP", "HTTP", "NOTE", "AGNT", "CONS", "WIRE" };

/* ---- text by columns ---- */

/* The length of the UTF-8 character at @s, or 0 when it is none that may be shown. */
static size_t character_len(const char *s, bool is_ascii) {
        const unsigned char *u = (const unsigned char *)s;
        if (u[0] < 0x80)
                return u[0] >= 0x20 && u[0] != 0x7f;
        size_t len = u[0] >= 0xc2 && u[0] < 0xe0 ? 2 : u[0] >= 0xe0 && u[0] < 0xf0 ? 3 : 0;
        if (is_ascii || len == 0 || (u[0] == 0xc2 && u[1] < 0xa0)) /* U+0080 to U+009F steer terminals */
                return 0;
        for (size_t i = 1; i < len; i++)
                if ((u[i] & 0xc0) != 0x80)
                        return 0;
        return len;
}

static unsigned columns_of(const char *s, bool is_ascii) {
        unsigned n = 0;
        for (size_t len; *s; s += len ? len : 1, n++)
                len = character_len(s, is_ascii);
        return n;
}

static void put_repeated(struct canvas *c, const char *s, unsigned n) {
        while (n-- > 0)
                text_append(&c->text, s);
}

/* Writes @n columns of @s. What a stranger sent cannot steer the terminal: it shows as '?'. */
static const char *put_some(struct canvas *c, const char *s, unsigned n) {
        for (size_t len; *s && n > 0; s += len ? len : 1, n--) {
                len = character_len(s, c->is_ascii);
                text_append_octets(&c->text, len ? s : "?", len ? len : 1);
        }
        return s;
}

static const char *skip(const struct canvas *c, const char *s, unsigned n) {
        for (size_t len; *s && n > 0; s += len ? len : 1, n--)
                len = character_len(s, c->is_ascii);
        return s;
}

/* Cut to @width; of a path the end is what tells. */
static unsigned put_cut(struct canvas *c, const char *s, unsigned width, bool keep_end) {
        unsigned n = columns_of(s, c->is_ascii);
        const char *mark = c->is_ascii ? "~" : "…";

        if (n <= width) {
                (void)put_some(c, s, n);
                return n;
        }
        if (keep_end) {
                text_append(&c->text, mark);
                (void)put_some(c, skip(c, s, n - width + 1), width - 1);
        } else {
                (void)put_some(c, s, width - 1);
                text_append(&c->text, mark);
        }
        return width;
}

static void put_padded(struct canvas *c, const char *s, unsigned width, bool keep_end) {
        put_repeated(c, " ", width - put_cut(c, s, width, keep_end));
}

/* Trailing blanks would only wrap on narrow terminals. */
static void end_line(struct canvas *c) {
        while (c->text.len > 0 && c->text.octets[c->text.len - 1] == ' ')
                c->text.octets[--c->text.len] = 0;
        text_append(&c->text, "\n");
}

/* ---- numbers as people read them ---- */

static const char *size_text(uint64_t octets, char buf[static 16]) {
        static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
        size_t unit = 0;
        double n = (double)octets;

        for (; n >= 999.95 && unit + 1 < ARRAY_LEN(units); unit++)
                n /= 1000;
        (void)snprintf(buf, 16, unit ? "%.1f %s" : "%.0f %s", n, units[unit]);
        return buf;
}

static const char *seconds_text(int64_t ms, char buf[static 24]) {
        (void)snprintf(buf, 24, "%lld.%lld s", (long long)(ms / 1000), (long long)(ms % 1000 / 100));
        return buf;
}

static const char *time_text(int64_t unix_ms, char buf[static 24]) {
        unsigned second = (unsigned)(unix_ms / 1000 % 86400);
        (void)snprintf(buf, 24, "%02u:%02u:%02u", second / 3600, second / 60 % 60, second % 60);
        return buf;
}

/* The day in the Gregorian calendar, by whole cycles of 400 years, 100, 4 and 1, with years that begin in
 * March. */
static const char *date_text(int64_t unix_ms, char buf[static 24]) {
        enum {
                DAYS_400 = 146097,
                DAYS_100 = 36524,
                DAYS_4 = 1461,
                DAYS_1 = 365,
                EPOCH = 719468 /* since 0000-03-01 */
        };
        uint64_t day = (uint64_t)(unix_ms / 86400000) + EPOCH, year = day / DAYS_400 * 400;

        day %= DAYS_400;
        uint64_t centuries =
                day / DAYS_100 - day / (DAYS_400 - 1); /* the last day of a cycle is in the fourth */
        day -= centuries * DAYS_100;
        year += centuries * 100 + day / DAYS_4 * 4;
        day %= DAYS_4;
        uint64_t years = day / DAYS_1 - day / (DAYS_4 - 1); /* so is a leap day */
        day -= years * DAYS_1;
        year += years;

        uint64_t month = (5 * day + 2) / 153; /* from March; five months have 153 days */
        day -= (153 * month + 2) / 5;
        (void)snprintf(buf, 24, "%04llu-%02llu-%02llu", (unsigned long long)(year + (month >= 10)),
                       (unsigned long long)((month + 2) % 12 + 1), (unsigned long long)(day + 1));
        return buf;
}

/* ---- what an event says ---- */

/* What is read as a sentence, and no step of the conversation. */
static bool is_aside(const struct trail_event *e) {
        return e->kind == TRAIL_NOTE || e->kind == TRAIL_CONSOLE || e->kind == TRAIL_WIRE;
}

/* Whether something was served after @e: then the client took its "not found" as it was meant. */
static bool client_went_on(const struct trail_session *s, const struct trail_event *e) {
        for (size_t i = s->n_events; i-- > 0 && s->events[i].at_ms >= e->at_ms;)
                if (s->events[i].sequence != e->sequence && s->events[i].outcome == TRAIL_OK &&
                    !is_aside(&s->events[i]) &&
                    (s->events[i].at_ms > e->at_ms || s->events[i].sequence > e->sequence))
                        return true;
        return false;
}

/* How a served one went: its detail, or its rate. */
static void served_text(const struct trail_event *e, char *buf, size_t size) {
        char octets[16];

        if (e->detail[0] || e->kind == TRAIL_DHCP)
                (void)snprintf(buf, size, "%s", e->detail[0] ? e->detail : "answered");
        else if (e->took_ms > 0 && e->octets >= RATE_MIN)
                (void)snprintf(buf, size, "%s/s", size_text(e->octets * 1000 / e->took_ms, octets));
        else
                (void)snprintf(buf, size, "ok");
}

/* What was asked for in vain: with the reason where it is not simply absent. */
static void missed_text(const struct trail_session *s, const struct trail_event *e, char *buf, size_t size) {
        if (e->detail[0])
                (void)snprintf(buf, size, "not found: %s", e->detail);
        else
                (void)snprintf(buf, size, "not found%s", client_went_on(s, e) ? " (normal)" : "");
}

/* Adds ", BEFORE N AFTER". */
static void append(char *buf, size_t size, const char *before, unsigned n, const char *after) {
        size_t len = strlen(buf);
        (void)snprintf(buf + len, size - len, ", %s%u %s", before, n, after);
}

static void outcome_text(const struct trail_session *s, const struct trail_event *e, char *buf, size_t size) {
        char seconds[24];

        switch (e->outcome) {
        case TRAIL_OK:
                served_text(e, buf, size);
                break;
        case TRAIL_MISS:
                missed_text(s, e, buf, size);
                break;
        case TRAIL_PROBE:
                (void)snprintf(buf, size, "probe");
                break;
        case TRAIL_IGNORED:
                (void)snprintf(buf, size, "ignored%s%s", e->detail[0] ? ": " : "", e->detail);
                break;
        case TRAIL_FAILED:
                if (e->detail[0])
                        (void)snprintf(buf, size, "%s", e->detail);
                else
                        (void)snprintf(buf, size, "failed after %s", seconds_text(e->took_ms, seconds));
                if (e->octets && e->octets < e->size)
                        append(buf, size, "at ", (unsigned)(100.0 * (double)e->octets / (double)e->size),
                               "%");
                break;
        }
        if (e->resent)
                append(buf, size, "", e->resent, "resent");
}

static void what_text(const struct trail_event *e, char *buf, size_t size) {
        bool has_client = e->kind == TRAIL_DHCP && e->client[0];
        (void)snprintf(buf, size, "%s%s%s%s", e->what, has_client ? " (" : "", has_client ? e->client : "",
                       has_client ? ")" : "");
}

/* ---- lines ---- */

static void put_bar(struct canvas *c, const struct trail_event *e) {
        static const char *const parts[CELL_PARTS] = { "▏", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
        const struct trail_session *s = c->session;
        uint64_t total = s->last_ms > s->start_ms ? (uint64_t)(s->last_ms - s->start_ms) : 1;
        uint64_t from = (uint64_t)(e->at_ms - s->start_ms), parts_all = (uint64_t)c->bar * CELL_PARTS;
        uint64_t first = from * parts_all / total / CELL_PARTS, end = (from + e->took_ms) * parts_all / total;

        if (first >= c->bar)
                first = c->bar - 1;
        for (uint64_t cell = 0; cell < c->bar; cell++) {
                uint64_t begin = cell * CELL_PARTS;
                uint64_t filled = cell < first || (end <= begin && cell > first) ? 0
                                  : end >= begin + CELL_PARTS                    ? CELL_PARTS
                                  : end > begin                                  ? end - begin
                                                                                 : 1;
                if (filled == 0)
                        text_append(&c->text, " ");
                else if (e->outcome == TRAIL_FAILED)
                        text_append(&c->text, c->is_ascii ? "x" : "▒");
                else if (c->is_ascii)
                        text_append(&c->text, filled > 1 ? "#" : "|");
                else
                        text_append(&c->text, filled == CELL_PARTS ? "█" : parts[filled]);
        }
}

static void put_offset(struct canvas *c, int64_t ms) {
        text_printf(&c->text, "%4lld.%03lld", (long long)(ms / 1000), (long long)(ms % 1000));
}

static unsigned width_of(const struct canvas *c) {
        return c->what + c->bar + c->outcome + FIXED;
}

/*
 * Text of @first columns on this line, and on more lines from column @indent to the edge when it is long;
 * broken between words.
 */
static void put_wrapped(struct canvas *c, const char *s, unsigned first, unsigned indent) {
        for (unsigned width = first;; width = width_of(c) - indent) {
                unsigned n = columns_of(s, c->is_ascii), fits = n;
                if (n > width)
                        for (fits = width; fits > width / 2 && *skip(c, s, fits) != ' ';)
                                fits--;
                if (n > width && fits == width / 2)
                        fits = width; /* one long word */
                s = put_some(c, s, fits);
                end_line(c);
                if (!*s)
                        return;
                s += *s == ' ';
                put_repeated(c, " ", indent);
        }
}

static void put_note(struct canvas *c, const struct trail_event *e, unsigned indent) {
        char note[sizeof(e->what) + sizeof(e->detail) + 2];
        (void)snprintf(note, sizeof(note), "%s%s%s", e->what, e->what[0] && e->detail[0] ? ": " : "",
                       e->detail);
        put_wrapped(c, note, width_of(c) - indent, indent);
}

static void put_event(struct canvas *c, const struct trail_event *e) {
        char what[sizeof(e->what) + sizeof(e->client) + 4], outcome[256], size[16];
        const char *edge = c->is_ascii ? "|" : "│";

        put_offset(c, e->at_ms - c->session->start_ms);
        text_printf(&c->text, "  %s  ", kind_words[e->kind]);
        if (is_aside(e)) {
                put_note(c, e, INDENT);
                return;
        }
        what_text(e, what, sizeof(what));
        outcome_text(c->session, e, outcome, sizeof(outcome));
        put_padded(c, what, c->what, e->kind != TRAIL_DHCP);
        text_printf(&c->text, " %s", edge);
        put_bar(c, e);
        text_printf(&c->text, "%s %8s  ", edge, e->octets ? size_text(e->octets, size) : "");
        put_wrapped(c, outcome, c->outcome, INDENT);
}

static void put_gap(struct canvas *c, int64_t ms) {
        char seconds[24];
        text_printf(&c->text, "      %s         %s of silence\n", c->is_ascii ? ":" : "⋮",
                    seconds_text(ms, seconds));
}

static void put_events(struct canvas *c) {
        const struct trail_session *s = c->session;
        int64_t busy_until_ms = s->start_ms;

        for (size_t i = 0; i < s->n_events; i++) {
                const struct trail_event *e = &s->events[i];
                if (e->at_ms - busy_until_ms >= GAP_MS)
                        put_gap(c, e->at_ms - busy_until_ms);
                put_event(c, e);
                if (e->at_ms + e->took_ms > busy_until_ms)
                        busy_until_ms = e->at_ms + e->took_ms;
        }
}

/* A line that was put together, brought to the width. */
static void put_text(struct canvas *c, const struct text *t) {
        c->text.failed |= t->failed;
        if (t->octets)
                put_wrapped(c, t->octets, width_of(c), 0);
}

static void put_head(struct canvas *c) {
        const struct trail_session *s = c->session;
        CLEANUP(text_free) struct text t = {};
        char mac[MAC_TEXT_SIZE], ip[IP_TEXT_SIZE], date[24], time[24];

        text_append(&t, "Boot of ");
        if (s->machine[0])
                text_printf(&t, "%s, ", s->machine);
        if (!mac_is_zero(&s->mac))
                text_printf(&t, "%s, ", mac_text(&s->mac, mac));
        if (ip_is_set(&s->ip))
                text_printf(&t, "%s, ", ip_text(&s->ip, ip));
        text_printf(&t, "%s %s UTC", date_text(s->start_ms, date), time_text(s->start_ms, time));
        put_text(c, &t);
        text_append(&c->text, "\n");
}

struct sums {
        uint64_t octets, resent;
        unsigned files, missed, probes, failed;
};

static struct sums sum_up(const struct trail_session *s) {
        struct sums sums = {};
        for (size_t i = 0; i < s->n_events; i++) {
                const struct trail_event *e = &s->events[i];
                sums.octets += e->octets;
                sums.resent += e->resent;
                sums.files += e->outcome == TRAIL_OK && (e->kind == TRAIL_TFTP || e->kind == TRAIL_HTTP);
                sums.missed += e->outcome == TRAIL_MISS;
                sums.probes += e->outcome == TRAIL_PROBE;
                sums.failed += e->outcome == TRAIL_FAILED;
        }
        return sums;
}

/* One item of the sum, when there is something to say. */
static void sum_item(struct text *t, uint64_t n, const char *one, const char *many) {
        if (n)
                text_printf(t, ", %llu %s", (unsigned long long)n, n == 1 ? one : many);
}

/* A system may have come up all the same, and said nothing. */
static const char *end_text(const struct trail_session *s) {
        if (s->is_finished)
                return "Finished";
        return s->is_over ? "Over" : "Not finished";
}

static void put_sum(struct canvas *c) {
        const struct trail_session *s = c->session;
        struct sums sums = sum_up(s);
        CLEANUP(text_free) struct text t = {};
        char seconds[24], octets[16];

        text_printf(&t, "%s: %s in all", end_text(s), seconds_text(s->last_ms - s->start_ms, seconds));
        if (sums.octets)
                text_printf(&t, ", %s", size_text(sums.octets, octets));
        if (sums.files)
                text_printf(&t, " in %u %s", sums.files, sums.files == 1 ? "file" : "files");
        sum_item(&t, sums.resent, "block resent", "blocks resent");
        sum_item(&t, sums.missed, "not found", "not found");
        sum_item(&t, sums.probes, "probe", "probes");
        sum_item(&t, sums.failed, "failed", "failed");
        sum_item(&t, s->n_dropped, "event left out", "events left out");
        text_append(&c->text, "\n");
        put_text(c, &t);
}

static void put_last(struct canvas *c) {
        const struct trail_session *s = c->session;
        char what[160], outcome[256];
        const struct trail_event *last = NULL;

        for (size_t i = s->n_events; i-- > 0 && !last;)
                if (!is_aside(&s->events[i]))
                        last = &s->events[i];
        if (!last)
                return;
        what_text(last, what, sizeof(what));
        outcome_text(s, last, outcome, sizeof(outcome));
        text_printf(&c->text, "Last: %s ", kind_words[last->kind]);
        (void)put_cut(c, what, c->what, last->kind != TRAIL_DHCP);
        text_append(&c->text, ", ");
        (void)put_cut(c, outcome, c->bar + c->outcome, false);
        text_append(&c->text, "\n");
}

/* Three columns share what the fixed ones leave. */
static struct canvas canvas_of(const struct trail_session *s, const struct waterfall_style *style) {
        unsigned width = style->width ? style->width : WATERFALL_WIDTH_DEFAULT;
        width = width < WATERFALL_WIDTH_MIN ? WATERFALL_WIDTH_MIN : width;
        width = width > WATERFALL_WIDTH_MAX ? WATERFALL_WIDTH_MAX : width;

        struct canvas c = { .is_ascii = style->is_ascii, .session = s };
        unsigned rest = width - FIXED;
        c.what = rest * 3 / 8;
        c.bar = rest / 5;
        c.outcome = rest - c.what - c.bar;
        return c;
}

char *waterfall_draw(const struct trail_session *s, const struct waterfall_style *style) {
        struct canvas c = canvas_of(s, style);
        put_head(&c);
        put_events(&c);
        put_sum(&c);
        put_last(&c);
        char *drawn = text_take(&c.text);
        text_free(&c.text);
        return drawn;
}

char *waterfall_line(const struct trail_session *s, const struct trail_event *e,
                     const struct waterfall_style *style) {
        struct canvas c = canvas_of(s, style);
        char time[24], mac[MAC_TEXT_SIZE], what[160], outcome[256], size[16];

        text_printf(&c.text, "%s.%03d  ", time_text(e->at_ms, time), (int)(e->at_ms % 1000));
        put_padded(&c, s->machine[0] ? s->machine : mac_text(&s->mac, mac), 17, false);
        text_printf(&c.text, "  %s  ", kind_words[e->kind]);
        what_text(e, what, sizeof(what));
        outcome_text(s, e, outcome, sizeof(outcome));
        if (is_aside(e)) {
                put_note(&c, e, LINE_INDENT);
        } else {
                put_padded(&c, what, c.what, e->kind != TRAIL_DHCP);
                text_printf(&c.text, " %8s  ", e->octets ? size_text(e->octets, size) : "");
                put_wrapped(&c, outcome, width_of(&c) - c.what - LINE_INDENT - 11, LINE_INDENT);
        }
        char *line = text_take(&c.text);
        text_free(&c.text);
        return line;
}
