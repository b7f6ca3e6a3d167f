/* Questions to programs that switch power, and their answers; see exec_protocol.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/power/answer.h"
#include "core/power/exec_protocol.h"
#include "core/power/keys.h"
#include "core/power/params.h"

#define GREETING "bramble-power 1"

enum { LINE_MAX = POWER_VALUE_MAX + 64 };

/* ---- The question ---- */

/* One line, whatever stands in it: a switch may call its port what it likes. */
static void put(struct text *out, const char *word, const char *value) {
        if (!value || !*value)
                return;
        text_printf(out, "%s ", word);
        for (const char *c = value; *c; c++)
                text_append_octets(out, (unsigned char)*c < 0x20 || *c == 0x7f ? "?" : c, 1);
        text_append(out, "\n");
}

/* As given, and for the rest as its row says: a program need not know defaults. */
static void put_params(struct text *out, const struct power_params *p) {
        for (const struct power_key *key = p->driver->keys; key->name; key++) {
                const char *value = power_param(p, key->name);
                if (value)
                        text_printf(out, "parameter %s %s\n", key->name, value);
        }
        for (size_t i = 0; i < p->n; i++) {
                const struct power_param *param = &p->params[i];
                if (!power_key_find(p->driver, param->name))
                        text_printf(out, "parameter %s %s\n", param->name, param->value);
        }
}

void power_request_write(struct text *out, const struct power_target *t, enum power_action action,
                         unsigned timeout_s) {
        char mac[MAC_TEXT_SIZE];

        text_printf(out, GREETING "\naction %s\ntimeout_s %u\n", power_action_name(action), timeout_s);
        put(out, "machine", t->machine);
        for (size_t i = 0; i < t->n_macs; i++)
                put(out, "mac", mac_text(&t->macs[i], mac));
        put(out, "interface", t->interface);
        if (t->neighbour) {
                put(out, "neighbour-chassis", t->neighbour->chassis);
                put(out, "neighbour-port", t->neighbour->port);
                put(out, "neighbour-description", t->neighbour->port_description);
        }
        put_params(out, t->params);
        text_append(out, "end\n");
}

/* Words of the question: each puts its value into the request; 0 or -EINVAL. */

static int take_action(struct power_request *r, char *value) {
        return power_action_parse(value, &r->action);
}

static int take_timeout(struct power_request *r, char *value) {
        uint64_t n;
        int e = text_parse_u64(value, 3600, &n);
        if (e == 0)
                r->timeout_s = (unsigned)n;
        return e;
}

static int take_machine(struct power_request *r, char *value) {
        return text_copy(r->machine, sizeof(r->machine), value);
}

static int take_mac(struct power_request *r, char *value) {
        if (r->n_macs == POWER_REQUEST_MACS_MAX)
                return -EINVAL;
        return mac_parse(value, &r->macs[r->n_macs++]);
}

static int take_interface(struct power_request *r, char *value) {
        return text_copy(r->interface, sizeof(r->interface), value);
}

static int take_chassis(struct power_request *r, char *value) {
        return text_copy(r->neighbour.chassis, sizeof(r->neighbour.chassis), value);
}

static int take_port(struct power_request *r, char *value) {
        return text_copy(r->neighbour.port, sizeof(r->neighbour.port), value);
}

static int take_description(struct power_request *r, char *value) {
        return text_copy(r->neighbour.port_description, sizeof(r->neighbour.port_description), value);
}

static int take_parameter(struct power_request *r, char *value) {
        char *name = strsep(&value, " ");
        return value ? power_params_set(r->params, name, value, NULL) : -EINVAL;
}

static const struct {
        const char *word;
        int (*take)(struct power_request *r, char *value);
} request_words[] = {
        { "action", take_action },       { "timeout_s", take_timeout },
        { "machine", take_machine },     { "mac", take_mac },
        { "interface", take_interface }, { "neighbour-chassis", take_chassis },
        { "neighbour-port", take_port }, { "neighbour-description", take_description },
        { "parameter", take_parameter },
};

/* The next line, without its end, into @line; false at the end of the text or when it is too long or holds a
 * NUL. */
static bool next_line(const char **at, const char *end, char line[static LINE_MAX]) {
        if (*at == end)
                return false;
        const char *stop = memchr(*at, '\n', (size_t)(end - *at));
        const size_t len = (size_t)((stop ? stop : end) - *at);
        if (len >= LINE_MAX || memchr(*at, 0, len))
                return false;
        memcpy(line, *at, len);
        line[len] = 0;
        if (len && line[len - 1] == '\r')
                line[len - 1] = 0;
        *at = stop ? stop + 1 : end;
        return true;
}

static int take_line(struct power_request *r, char *line, struct error *reterr) {
        char *value = line;
        const char *word = strsep(&value, " ");

        for (size_t i = 0; i < ARRAY_LEN(request_words); i++) {
                if (strcmp(request_words[i].word, word) != 0)
                        continue;
                if (value && request_words[i].take(r, value) == 0)
                        return 0;
                return error_set(reterr, -EINVAL, "the question's line \"%s\" makes no sense", word);
        }
        return 0; /* a word of later days */
}

int power_request_parse(const char *text, size_t len, const struct power_driver *driver,
                        struct power_request *ret, struct error *reterr) {
        const char *at = text, *end = text + len;
        char line[LINE_MAX];

        *ret = (struct power_request){};
        int r = power_params_new(driver, &ret->params, reterr);
        if (r < 0)
                return r;
        if (!next_line(&at, end, line) || strcmp(line, GREETING) != 0)
                return error_set(reterr, -EINVAL, "the question does not begin with \"" GREETING "\"");
        while (next_line(&at, end, line)) {
                if (strcmp(line, "end") == 0)
                        return power_params_check(ret->params, reterr);
                r = take_line(ret, line, reterr);
                if (r < 0)
                        return r;
        }
        return error_set(reterr, -EINVAL, "the question has no end");
}

void power_request_clear(struct power_request *r) {
        power_params_free(r->params);
        *r = (struct power_request){};
}

/* ---- The answer ---- */

/* What can go wrong, as programs say it. */
static const struct {
        const char *word;
        int code;
} faults[] = {
        { "no-answer", -ETIMEDOUT }, { "busy", -EAGAIN },       { "credentials", -EACCES },
        { "refused", -EREMOTEIO },   { "not-found", -ENOENT },  { "unsupported", -EOPNOTSUPP },
        { "garbage", -EBADMSG },     { "parameters", -EINVAL }, { "failed", -EIO },
};

static const char *fault_word(int code) {
        for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
                if (faults[i].code == code)
                        return faults[i].word;
        }
        return "failed";
}

void power_answer_write(struct text *out, int r, const struct power_outcome *outcome,
                        const struct error *err) {
        if (r < 0) {
                char word[32];
                (void)snprintf(word, sizeof(word), "error %s", fault_word(r));
                put(out, word, err->text);
                return;
        }
        if (r == POWER_BY_HAND) {
                put(out, "hand", err->text);
                return;
        }
        text_printf(out, "state %s\n", power_state_name(outcome->state));
        put(out, "note", outcome->note);
        if (*outcome->learned_name)
                text_printf(out, "learned %s %s\n", outcome->learned_name, outcome->learned_value);
}

/* What an answer has said so far. */
struct hearing {
        enum power_action action;
        bool has_state;
        int result; /* as power_act() returns it */
        struct power_outcome outcome;
        char sentence[300]; /* of result, or the last line that is for people */
        bool is_bad;
};

static void copy_plain(char *buf, size_t size, const char *s) {
        power_plain(s, strlen(s), buf, size);
}

static void hear_state(struct hearing *h, char *value) {
        static const enum power_state states[] = { POWER_ON, POWER_OFF, POWER_UNKNOWN };

        for (size_t i = 0; i < ARRAY_LEN(states); i++) {
                if (strcmp(power_state_name(states[i]), value) == 0) {
                        h->outcome.state = states[i];
                        h->has_state = true;
                        return;
                }
        }
        h->is_bad = true;
}

static void hear_note(struct hearing *h, char *value) {
        copy_plain(h->outcome.note, sizeof(h->outcome.note), value);
}

static void hear_learned(struct hearing *h, char *value) {
        char *name = strsep(&value, " ");

        h->is_bad = h->is_bad || !value || strlen(name) >= sizeof(h->outcome.learned_name) ||
                    strlen(value) >= sizeof(h->outcome.learned_value);
        if (h->is_bad)
                return;
        copy_plain(h->outcome.learned_name, sizeof(h->outcome.learned_name), name);
        copy_plain(h->outcome.learned_value, sizeof(h->outcome.learned_value), value);
}

/* What a person is told has to be something. */
static void hear_sentence(struct hearing *h, int result, const char *sentence) {
        h->result = result;
        copy_plain(h->sentence, sizeof(h->sentence), *sentence ? sentence : "it does not say why");
}

static void hear_error(struct hearing *h, char *value) {
        const char *word = strsep(&value, " ");
        int code = -EIO;

        for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
                if (strcmp(faults[i].word, word) == 0)
                        code = faults[i].code;
        }
        hear_sentence(h, code, value && *value ? value : word);
}

static void hear_hand(struct hearing *h, char *value) {
        hear_sentence(h, POWER_BY_HAND, value);
}

static const struct {
        const char *word;
        void (*hear)(struct hearing *h, char *value);
} answer_words[] = {
        { "state", hear_state }, { "note", hear_note }, { "learned", hear_learned },
        { "error", hear_error }, { "hand", hear_hand },
};

static void hear_line(struct hearing *h, char *line) {
        char *space = strchr(line, ' ');

        for (size_t i = 0; space && i < ARRAY_LEN(answer_words); i++) {
                if (strlen(answer_words[i].word) == (size_t)(space - line) &&
                    strncmp(answer_words[i].word, line, (size_t)(space - line)) == 0) {
                        answer_words[i].hear(h, space + 1);
                        return;
                }
        }
        if (*line && h->result == POWER_DONE)
                copy_plain(h->sentence, sizeof(h->sentence), line);
}

int power_answer_parse(const char *text, size_t len, int status, enum power_action action,
                       struct power_outcome *ret, struct error *reterr) {
        struct hearing h = { .action = action };
        const char *at = text, *end = text + len;
        char line[LINE_MAX];

        while (next_line(&at, end, line))
                hear_line(&h, line);
        if (h.result != POWER_DONE)
                return error_set(reterr, h.result, "%s", h.sentence);
        if (status != 0)
                return error_set(reterr, -EIO, "it ended with status %d%s%s", status, *h.sentence ? ": " : "",
                                 h.sentence);
        if (h.is_bad || at != end)
                return error_set(reterr, -EBADMSG, "its answer is not in the words of bramble-power-exec(7)");
        if (action == POWER_QUERY && !h.has_state)
                return error_set(reterr, -EBADMSG, "it did not say the state%s%s", *h.sentence ? ": " : "",
                                 h.sentence);
        *ret = h.outcome;
        return POWER_DONE;
}

void power_exec_each_word(void (*fn)(void *ctx, const char *word), void *ctx) {
        for (size_t i = 0; i < ARRAY_LEN(request_words); i++)
                fn(ctx, request_words[i].word);
        for (size_t i = 0; i < ARRAY_LEN(answer_words); i++)
                fn(ctx, answer_words[i].word);
        for (size_t i = 0; i < ARRAY_LEN(faults); i++)
                fn(ctx, faults[i].word);
}
