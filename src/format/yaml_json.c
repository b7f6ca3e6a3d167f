/* YAML by libyaml's events; see yaml_json.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "base/cleanup.h"
#include "format/json_text.h"
#include "format/yaml_json.h"

/* The collections that are open, from the outermost; a mapping's key waits for its value. */
struct build {
        struct {
                json_t *value;
                char *key;
        } open[YAML_DEPTH_MAX];
        unsigned depth, n_nodes;
        json_t *root;
        bool failed;
};

static json_t *read_scalar(const char *text, size_t len, bool is_plain) {
        static const char *const truths[] = { "true", "True", "yes" }, *const falsehoods[] = { "false",
                                                                                               "False",
                                                                                               "no" };
        char *end;

        for (size_t i = 0; is_plain && i < ARRAY_LEN(truths); i++) {
                if (strcmp(text, truths[i]) == 0)
                        return json_true();
                if (strcmp(text, falsehoods[i]) == 0)
                        return json_false();
        }
        if (is_plain && (len == 0 || strcmp(text, "null") == 0 || strcmp(text, "~") == 0))
                return json_null();
        if (is_plain && strspn(text, "+-0123456789.eE") == len) {
                errno = 0;
                long long whole = strtoll(text, &end, 10);
                if (!*end && errno == 0)
                        return json_integer(whole);
                errno = 0;
                double number = strtod(text, &end);
                json_t *real = *end || errno ? NULL : json_real(number); /* NULL for what JSON cannot say */
                if (real)
                        return real;
        }
        return json_clean_text(text, len);
}

/* Puts a value where the innermost open collection wants it. */
static void place(struct build *b, json_t *value) {
        if (!value || b->n_nodes++ >= YAML_NODES_MAX) {
                json_decref(value);
                b->failed = true;
        } else if (b->depth == 0)
                b->root = value;
        else if (json_is_array(b->open[b->depth - 1].value))
                b->failed |= json_array_append_new(b->open[b->depth - 1].value, value) < 0;
        else if (!b->open[b->depth - 1].key) {
                /* A key; of other kinds than text only their looks count. */
                b->open[b->depth - 1].key = json_is_string(value) ? strdup(json_string_value(value))
                                                                  : json_dumps(value, JSON_ENCODE_ANY);
                json_decref(value);
                b->failed |= !b->open[b->depth - 1].key;
        } else {
                CLEANUP(free_at) char *key = TAKE(b->open[b->depth - 1].key);
                b->failed |= json_object_set_new_nocheck(b->open[b->depth - 1].value, key, value) < 0;
        }
}

static void open_collection(struct build *b, json_t *value) {
        if (!value || b->depth == YAML_DEPTH_MAX) {
                json_decref(value);
                b->failed = true;
                return;
        }
        b->open[b->depth].key = NULL;
        b->open[b->depth++].value = value;
}

static void close_collection(struct build *b) {
        if (b->depth == 0) {
                b->failed = true;
                return;
        }
        b->depth--;
        free(b->open[b->depth].key);
        place(b, b->open[b->depth].value);
}

/* False at the end of the document. */
static bool take_event(struct build *b, const yaml_event_t *e) {
        switch (e->type) {
        case YAML_SCALAR_EVENT:
                place(b, read_scalar((const char *)e->data.scalar.value, e->data.scalar.length,
                                     e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE));
                return true;
        case YAML_SEQUENCE_START_EVENT:
                open_collection(b, json_array());
                return true;
        case YAML_MAPPING_START_EVENT:
                open_collection(b, json_object());
                return true;
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
                close_collection(b);
                return true;
        case YAML_STREAM_START_EVENT:
        case YAML_DOCUMENT_START_EVENT:
                return true;
        case YAML_ALIAS_EVENT: /* a few of them make any text endless */
                b->failed = true;
                return false;
        default:
                return false;
        }
}

json_t *yaml_to_json(const char *text, size_t len, unsigned *ret_line) {
        struct build b = { 0 };
        yaml_parser_t parser;
        yaml_event_t event;
        bool goes_on = true;
        size_t line = 0;

        if (ret_line)
                *ret_line = 1;
        if (len > YAML_TEXT_MAX || !yaml_parser_initialize(&parser))
                return NULL;
        yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
        while (goes_on && !b.failed) {
                if (!yaml_parser_parse(&parser, &event)) {
                        line = parser.problem_mark.line;
                        b.failed = true;
                        break;
                }
                line = event.start_mark.line;
                goes_on = take_event(&b, &event);
                yaml_event_delete(&event);
        }
        yaml_parser_delete(&parser);
        b.failed |= b.depth > 0;
        while (b.depth > 0) {
                free(b.open[--b.depth].key);
                json_decref(b.open[b.depth].value);
        }
        if (b.failed) {
                json_decref(b.root);
                if (ret_line)
                        *ret_line = (unsigned)line + 1;
                return NULL;
        }
        return b.root;
}
