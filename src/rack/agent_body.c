/* What agents say; see agent_body.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/agent_body.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { FORM_FIELDS_MAX = 32 };

DEFINE_CLEANUP(json_t, json_decref)

/* One line for people: control characters would play with their terminals, and half a character is none. */
static void copy_line(char *buf, size_t size, const char *text) {
        size_t len = text ? strnlen(text, size - 1) : 0;

        while (text && text[len] && len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
                len--;
        for (size_t i = 0; i < len; i++)
                buf[i] = (unsigned char)text[i] < ' ' || text[i] == 0x7f ? ' ' : text[i];
        buf[len] = 0;
}

static const char *text_of(const json_t *in, const char *member) {
        return json_string_value(json_object_get(in, member));
}

/* A count of octets or of seconds; what is none counts as not known. */
static uint64_t number_of(const json_t *in, const char *member) {
        const json_t *value = json_object_get(in, member);
        double number = json_number_value(value);

        if (json_is_integer(value))
                return json_integer_value(value) > 0 ? (uint64_t)json_integer_value(value) : 0;
        return number > 0 && number < 9e18 ? (uint64_t)number : 0;
}

static int read_task(const json_t *in, struct agent_said *s, struct error *reterr) {
        const json_t *task = json_object_get(in, "task");

        if (!json_is_integer(task) || json_integer_value(task) < 0)
                return error_set(reterr, -EBADMSG,
                                 "the report does not say which task it is about (\"task\": 7)");
        s->task = (uint64_t)json_integer_value(task);
        return 0;
}

static int read_hello(const json_t *in, struct agent_said *s, struct error *reterr) {
        const char *arch = text_of(in, "arch");

        if (!arch || arch_parse(arch, &s->arch) < 0)
                return error_set(
                        reterr, -EBADMSG,
                        "the agent does not say on which architecture it runs (\"arch\": \"arm64\")");
        copy_line(s->what, sizeof(s->what), text_of(in, "agent"));
        (void)snprintf(s->detail, sizeof(s->detail), "%s, up for %llu s", arch_name(s->arch),
                       (unsigned long long)number_of(in, "uptime_s"));
        return 0;
}

static int read_progress(const json_t *in, struct agent_said *s, struct error *reterr) {
        copy_line(s->what, sizeof(s->what), text_of(in, "phase"));
        copy_line(s->detail, sizeof(s->detail), text_of(in, "text"));
        s->is_idle = !s->what[0] || strcmp(s->what, "idle") == 0;
        s->done = number_of(in, "done");
        s->total = number_of(in, "total");
        s->rate = number_of(in, "rate");
        return read_task(in, s, reterr);
}

static int read_result(const json_t *in, struct agent_said *s, struct error *reterr) {
        const json_t *ok = json_object_get(in, "ok");

        if (!json_is_boolean(ok))
                return error_set(reterr, -EBADMSG,
                                 "the result does not say whether the task is done (\"ok\": true)");
        s->is_well = json_is_true(ok);
        copy_line(s->detail, sizeof(s->detail), text_of(in, "error"));
        return read_task(in, s, reterr);
}

static int read_script(const json_t *in, struct agent_said *s, struct error *reterr) {
        const char *name = text_of(in, "name"), *status = text_of(in, "status");

        if (!name || !name[0] || !status || !status[0])
                return error_set(reterr, -EBADMSG, "the result of a script names the script and its status");
        s->is_well = strcmp(status, "passed") == 0 || strcmp(status, "skipped") == 0;
        copy_line(s->what, sizeof(s->what), name);
        copy_line(s->detail, sizeof(s->detail), status);
        return read_task(in, s, reterr);
}

static int read_phone_home(const json_t *in, struct agent_said *s, struct error *reterr) {
        (void)reterr;
        copy_line(s->what, sizeof(s->what), text_of(in, "hostname"));
        return 0;
}

static int (*const readers[])(const json_t *in, struct agent_said *s, struct error *reterr) = {
        [REPORT_HELLO] = read_hello,   [REPORT_PROGRESS] = read_progress,     [REPORT_RESULT] = read_result,
        [REPORT_SCRIPT] = read_script, [REPORT_PHONE_HOME] = read_phone_home,
};

int agent_body_read(enum agent_report_kind kind, const void *body, size_t len, struct agent_said *ret,
                    struct error *reterr) {
        json_error_t error;
        CLEANUP(json_decref_at)
        json_t *in = body ? json_loadb(body, len, JSON_REJECT_DUPLICATES, &error) : NULL;
        struct agent_said said = { .kind = kind };

        if (!in)
                return error_set(reterr, -EBADMSG, "the body is no JSON: %s",
                                 body ? error.text : "it is empty");
        if (!json_is_object(in))
                return error_set(reterr, -EBADMSG, "the body is no JSON object");
        int r = readers[kind](in, &said, reterr);
        if (r == 0)
                *ret = said;
        return r;
}

/* ---- a form ---- */

/* Takes "%41" and "+" back. 0, or -EBADMSG for what is no text of UTF-8 or no escape. */
static int decode(const char *at, size_t len, struct text *out) {
        for (size_t i = 0; i < len; i++) {
                char c = at[i] == '+' ? ' ' : at[i];
                if (at[i] == '%') {
                        int high = i + 2 < len ? text_hex_digit(at[i + 1]) : -1;
                        int low = i + 2 < len ? text_hex_digit(at[i + 2]) : -1;
                        if (high < 0 || low < 0)
                                return -EBADMSG;
                        c = (char)(high << 4 | low);
                        i += 2;
                }
                if (!c)
                        return -EBADMSG;
                text_append_octets(out, &c, 1);
        }
        return out->failed ? -ENOMEM : 0;
}

/* One "name=value"; jansson takes it if it is UTF-8. */
static int add_field(json_t *object, const char *at, size_t len) {
        CLEANUP(text_free) struct text name = {}, value = {};
        const char *equals = memchr(at, '=', len);
        size_t name_len = equals ? (size_t)(equals - at) : len;

        int r = decode(at, name_len, &name);
        if (r == 0 && equals)
                r = decode(equals + 1, len - name_len - 1, &value);
        if (r < 0 || !name.octets)
                return -EBADMSG;
        return json_object_set_new(object, name.octets, json_string(value.octets ? value.octets : ""));
}

char *agent_form_read(const void *body, size_t len) {
        CLEANUP(json_decref_at) json_t *object = json_object();
        const char *at = body, *end = at + len;

        if (!object || len == 0)
                return NULL;
        for (size_t n = 0; at < end; n++) {
                const char *amp = memchr(at, '&', (size_t)(end - at));
                size_t field = amp ? (size_t)(amp - at) : (size_t)(end - at);
                if (n == FORM_FIELDS_MAX || add_field(object, at, field) < 0)
                        return NULL;
                at += field + (amp != NULL);
        }
        return json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
}
