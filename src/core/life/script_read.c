/* Scripts read; see script_read.h. The keys are those of MAAS' metadata. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/life/script_read.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/life/job.h"
#include "core/life/script.h"
#include "core/machine/machine.h"
#include "format/script_header.h"

/* One script on its way. */
struct reading {
        const char *body;
        size_t len;
        const json_t *header;
        struct script *script;
        struct text notes;
        struct error *reterr;
};

static int wrong(struct reading *r, const char *key, const char *sentence) {
        unsigned line = script_header_line(r->body, r->len, key);
        return error_set(r->reterr, -EINVAL, "line %u: %s: %s", line, key, sentence);
}

static int no_memory(struct reading *r) {
        return error_set(r->reterr, -ENOMEM, "out of memory");
}

static void note(struct reading *r, const char *key, const char *sentence) {
        text_printf(&r->notes, "%s%s: %s", r->notes.len ? "\n" : "", key, sentence);
}

/* ---- texts ---- */

static int read_name(struct reading *r, const char *key, const json_t *value) {
        const char *name = json_string_value(value);

        if (!name || !script_is_name(name))
                return wrong(r, key, "letters, digits, \"-\", \"_\" and \".\" are wanted, 127 at most");
        (void)text_copy(r->script->name, sizeof(r->script->name), name);
        return 0;
}

static int read_line(struct reading *r, const char *key, const json_t *value, char **ret) {
        const char *text = json_string_value(value);

        if (!text || strlen(text) > SCRIPT_TEXT_MAX)
                return wrong(r, key, "a text of 4096 octets at most is wanted");
        free(*ret);
        *ret = strdup(text);
        return *ret ? 0 : no_memory(r);
}

static int read_title(struct reading *r, const char *key, const json_t *value) {
        return read_line(r, key, value, &r->script->title);
}

static int read_description(struct reading *r, const char *key, const json_t *value) {
        return read_line(r, key, value, &r->script->description);
}

/* ---- kinds ---- */

static int read_type(struct reading *r, const char *key, const json_t *value) {
        static const struct {
                const char *name;
                int number; /* as MAAS' API has it */
                enum script_type type;
        } rows[] = {
                { "commissioning", 0, SCRIPT_COMMISSIONING },
                { "commission", 0, SCRIPT_COMMISSIONING },
                { "testing", 2, SCRIPT_TESTING },
                { "test", 2, SCRIPT_TESTING },
        };
        const char *name = json_string_value(value);

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                if (name ? strcmp(name, rows[i].name) != 0
                         : !json_is_integer(value) || json_integer_value(value) != rows[i].number)
                        continue;
                r->script->type = rows[i].type;
                return 0;
        }
        return wrong(r, key, "commissioning or testing is wanted: nothing else is run here");
}

static int read_timeout(struct reading *r, const char *key, const json_t *value) {
        r->script->timeout_s = script_timeout_s(r->header);
        if (r->script->timeout_s || (json_is_integer(value) && json_integer_value(value) == 0))
                return 0;
        return wrong(r, key, "seconds are wanted, or hours:minutes:seconds, a week at most");
}

static int read_destructive(struct reading *r, const char *key, const json_t *value) {
        if (!json_is_boolean(value))
                return wrong(r, key, "true or false is wanted");
        r->script->is_destructive = json_is_true(value);
        return 0;
}

/* ---- words ---- */

/* Adds one that is not there yet; false when it is none, or when there are too many. */
static bool add_word(struct text *words, size_t *n, const char *word, size_t len) {
        if (!machine_is_word(word, len) || ++*n > SCRIPT_WORDS_MAX)
                return false;
        if (words->len)
                text_append(words, " ");
        text_append_octets(words, word, len);
        return true;
}

static int take_words(struct reading *r, struct text *words, char **ret) {
        if (!words->len)
                return 0;
        free(*ret);
        *ret = text_take(words);
        return *ret ? 0 : no_memory(r);
}

/* A list, or a text with commas between. */
static int read_tags(struct reading *r, const char *key, const json_t *value) {
        CLEANUP(text_free) struct text words = {};
        bool is_right = json_is_array(value) || json_is_string(value);
        size_t n = 0;

        for (size_t i = 0; is_right && i < json_array_size(value); i++) {
                const char *tag = json_string_value(json_array_get(value, i));
                is_right = tag && add_word(&words, &n, tag, strlen(tag));
        }
        for (const char *at = json_string_value(value); is_right && at && *at;) {
                size_t len = strcspn(at, ", ");
                is_right = len == 0 || add_word(&words, &n, at, len);
                at += len + (at[len] != 0);
        }
        return is_right ? take_words(r, &words, &r->script->tags)
                        : wrong(r, key, "a list of 32 words at most is wanted");
}

static int read_parameters(struct reading *r, const char *key, const json_t *value) {
        CLEANUP(text_free) struct text words = {};
        const char *name;
        const json_t *about;
        size_t n = 0;

        if (!json_is_object(value) && !json_is_null(value))
                return wrong(r, key,
                             "each parameter is wanted with its type, as in storage: {type: storage}");
        json_object_foreach((json_t *)(uintptr_t)value, name, about) {
                if (!json_is_object(about) || !json_is_string(json_object_get(about, "type")))
                        return wrong(
                                r, key,
                                "each parameter is wanted with its type, as in storage: {type: storage}");
                if (!add_word(&words, &n, name, strlen(name)))
                        return wrong(r, key, "32 parameters at most are wanted, each called by a word");
        }
        return take_words(r, &words, &r->script->parameters);
}

/* ---- what is not done ---- */

static bool says_nothing(const json_t *value) {
        return json_is_null(value) || json_is_false(value) ||
               (json_is_array(value) && json_array_size(value) == 0) ||
               (json_is_object(value) && json_object_size(value) == 0);
}

static int note_packages(struct reading *r, const char *key, const json_t *value) {
        if (!says_nothing(value))
                note(r, key, "nothing is installed: the script has the agent's busybox, and what it brings");
        return 0;
}

static int note_reboot(struct reading *r, const char *key, const json_t *value) {
        if (!says_nothing(value))
                note(r, key, "a machine that reboots by itself begins anew, and the script with it");
        return 0;
}

static int note_recommission(struct reading *r, const char *key, const json_t *value) {
        if (!says_nothing(value))
                note(r, key, "no second inventory is taken");
        return 0;
}

/* Forms that the agent knows; what is written otherwise is on no machine. */
static bool is_hardware(const json_t *one) {
        static const char *const forms[] = { "modalias:",
                                             "pci:",
                                             "usb:",
                                             "system_vendor:",
                                             "system_product:",
                                             "system_version:",
                                             "mainboard_vendor:",
                                             "mainboard_product:" };
        const char *text = json_string_value(one);

        for (size_t i = 0; text && i < ARRAY_LEN(forms); i++)
                if (text_starts_with(text, forms[i]) && text[strlen(forms[i])])
                        return true;
        return false;
}

static int read_hardware(struct reading *r, const char *key, const json_t *value) {
        bool is_right = json_is_array(value) || is_hardware(value);

        for (size_t i = 0; is_right && i < json_array_size(value); i++)
                is_right = is_hardware(json_array_get(value, i));
        return is_right ? 0
                        : wrong(r, key,
                                "modalias:, pci:, usb:, system_vendor:, system_product:, system_version:, "
                                "mainboard_vendor: or mainboard_product: is wanted, or a list of these");
}

static int note_networking(struct reading *r, const char *key, const json_t *value) {
        if (!says_nothing(value))
                note(r, key, "the network stays as the agent has it");
        return 0;
}

static int note_parallel(struct reading *r, const char *key, const json_t *value) {
        const char *how = json_string_value(value);

        if ((how && strcmp(how, "disabled") != 0) || (json_is_integer(value) && json_integer_value(value)))
                note(r, key, "scripts run one after another");
        return 0;
}

/* What says nothing that would be done otherwise. */
static int leave(struct reading *r, const char *key, const json_t *value) {
        (void)r;
        (void)key;
        (void)value;
        return 0;
}

static const struct {
        const char *key;
        int (*read)(struct reading *r, const char *key, const json_t *value);
} keys[] = {
        { "name", read_name },
        { "title", read_title },
        { "description", read_description },
        { "script_type", read_type },
        { "type", read_type },
        { "timeout", read_timeout },
        { "destructive", read_destructive },
        { "tags", read_tags },
        { "parameters", read_parameters },
        { "packages", note_packages },
        { "may_reboot", note_reboot },
        { "recommission", note_recommission },
        { "for_hardware", read_hardware },
        { "apply_configured_networking", note_networking },
        { "parallel", note_parallel },
        { "hardware_type", leave },
        { "results", leave },
        { "comment", leave },
};

static int read_key(struct reading *r, const char *key, const json_t *value) {
        for (size_t i = 0; i < ARRAY_LEN(keys); i++)
                if (strcmp(keys[i].key, key) == 0)
                        return json_is_null(value) ? 0 : keys[i].read(r, key, value);
        note(r, key, "not known, left out");
        return 0;
}

static int read_header(struct reading *r) {
        const char *key;
        const json_t *value;
        int e = 0;

        json_object_foreach((json_t *)(uintptr_t)r->header, key, value) {
                e = read_key(r, key, value);
                if (e < 0)
                        return e;
        }
        if (r->notes.failed)
                return no_memory(r);
        r->script->notes = r->notes.len ? text_take(&r->notes) : NULL;
        return 0;
}

static int name_by_file(struct reading *r, const char *file) {
        const char *slash = file ? strrchr(file, '/') : NULL, *name = slash ? slash + 1 : file;

        if (r->script->name[0])
                return 0;
        if (!name || !script_is_name(name))
                return error_set(
                        r->reterr, -EINVAL,
                        "its metadata has no name, and \"%.64s\" can be none: letters, digits, \"-\", "
                        "\"_\" and \".\" are wanted",
                        name ? name : "");
        (void)text_copy(r->script->name, sizeof(r->script->name), name);
        return 0;
}

static int keep_body(struct reading *r) {
        r->script->body = calloc(1, r->len + 1);
        if (!r->script->body)
                return no_memory(r);
        memcpy(r->script->body, r->body, r->script->body_len = r->len);
        return 0;
}

int script_read(const char *file, const void *body, size_t len, struct script **ret, struct error *reterr) {
        CLEANUP(script_drop_at) struct script *script = script_new();
        unsigned line = 0;

        if (len == 0 || len > SCRIPT_BODY_MAX)
                return error_set(reterr, -EINVAL, len ? "a script has %d octets at most" : "it is empty",
                                 SCRIPT_BODY_MAX);
        CLEANUP(json_decref_at) json_t *header = script_header(body, len, &line);
        if (!script)
                return error_set(reterr, -ENOMEM, "out of memory");
        if (!header)
                return error_set(reterr, -EINVAL, "line %u: its metadata is no YAML that can be read", line);
        script->type = SCRIPT_TESTING;
        struct reading r = { .body = body, .len = len, .header = header, .script = script, .reterr = reterr };
        int e = read_header(&r);
        text_free(&r.notes);
        if (e == 0)
                e = name_by_file(&r, file);
        if (e == 0 && script_is_builtin(script->name))
                e = error_set(reterr, -EINVAL, "the agent brings a script %s along: choose another name",
                              script->name);
        if (e == 0)
                e = keep_body(&r);
        if (e == 0)
                *ret = TAKE(script);
        return e;
}
