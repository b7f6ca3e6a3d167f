/* A walk over the events of libyaml that keeps the path to where it is. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "app/brambled/yaml_lines.h"
#include "base/text.h"

/* A mapping or list that the walk is inside of. */
struct level {
        bool is_mapping, wants_key;
        unsigned n_items; /* of a list, so far */
        size_t path_len;  /* of the path to the mapping or list itself */
};

struct walk {
        struct yaml_lines *lines;
        const char *shown;
        struct error *reterr;
        struct level levels[YAML_DEPTH_MAX];
        size_t depth;
        char path[YAML_PATH_MAX];
        unsigned n_documents;
};

static int refuse(const struct walk *w, const yaml_mark_t *mark, const char *why) {
        return error_set(w->reterr, -EINVAL, "%s line %zu: %s", w->shown, mark->line + 1, why);
}

unsigned yaml_lines_of(const struct yaml_lines *l, const char *path) {
        for (size_t i = 0; i < l->n; i++)
                if (strcmp(l->at[i].path, path) == 0)
                        return l->at[i].line;
        return 0;
}

static int note(struct walk *w, const yaml_mark_t *mark) {
        struct yaml_lines *l = w->lines;
        const unsigned before = yaml_lines_of(l, w->path);

        if (before)
                return error_set(w->reterr, -EINVAL, "%s line %zu: key '%s' stands on line %u already",
                                 w->shown, mark->line + 1, w->path, before);
        if (l->n == YAML_KEYS_MAX)
                return refuse(w, mark, "too many keys");
        (void)text_copy(l->at[l->n].path, sizeof(l->at[l->n].path), w->path);
        l->at[l->n++].line = (unsigned)mark->line + 1;
        return 0;
}

/* Whether a key can be shown in a sentence. */
static bool is_word(const char *name) {
        const char *s = name;

        while ((unsigned char)*s > ' ' && *s != 0x7f)
                s++;
        return *name && !*s;
}

/* Sets the path to @name below the level, and notes it. */
static int enter_key(struct walk *w, struct level *level, const yaml_event_t *e) {
        const char *dot = level->path_len ? "." : "";
        const char *name = (const char *)e->data.scalar.value;

        if (!is_word(name) || strlen(name) != e->data.scalar.length)
                return refuse(w, &e->start_mark, "this is no key");
        const int n =
                snprintf(w->path + level->path_len, sizeof(w->path) - level->path_len, "%s%s", dot, name);
        if (n < 0 || (size_t)n >= sizeof(w->path) - level->path_len)
                return refuse(w, &e->start_mark, "the key is too long");
        level->wants_key = false;
        return note(w, &e->start_mark);
}

static int enter_item(struct walk *w, struct level *level, const yaml_event_t *e) {
        const int n = snprintf(w->path + level->path_len, sizeof(w->path) - level->path_len, "[%u]",
                               level->n_items++);

        if (n < 0 || (size_t)n >= sizeof(w->path) - level->path_len)
                return refuse(w, &e->start_mark, "the key is too long");
        return note(w, &e->start_mark);
}

static int push(struct walk *w, const yaml_event_t *e, bool is_mapping) {
        if (w->depth == YAML_DEPTH_MAX)
                return refuse(w, &e->start_mark, "nested too deeply");
        w->levels[w->depth++] = (struct level){
                .is_mapping = is_mapping,
                .wants_key = is_mapping,
                .path_len = strlen(w->path),
        };
        return 0;
}

/* A scalar, or the begin of a mapping or list: a key, a value or an item of the level we are in. */
static int node(struct walk *w, const yaml_event_t *e) {
        struct level *level = w->depth ? &w->levels[w->depth - 1] : NULL;

        if (level && level->is_mapping && level->wants_key) {
                if (e->type != YAML_SCALAR_EVENT)
                        return refuse(w, &e->start_mark, "this is no key");
                return enter_key(w, level, e);
        }
        if (level && level->is_mapping)
                level->wants_key = true;
        if (level && !level->is_mapping) {
                const int r = enter_item(w, level, e);
                if (r < 0)
                        return r;
        }
        return e->type == YAML_SCALAR_EVENT ? 0 : push(w, e, e->type == YAML_MAPPING_START_EVENT);
}

static int event(struct walk *w, const yaml_event_t *e) {
        switch (e->type) {
        case YAML_DOCUMENT_START_EVENT:
                return w->n_documents++
                               ? refuse(w, &e->start_mark, "a second document begins here; one is taken")
                               : 0;
        case YAML_ALIAS_EVENT:
                return refuse(w, &e->start_mark, "aliases (*name) are not taken");
        case YAML_SCALAR_EVENT:
        case YAML_SEQUENCE_START_EVENT:
        case YAML_MAPPING_START_EVENT:
                return node(w, e);
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
                w->path[w->levels[--w->depth].path_len] = '\0';
                return 0;
        default:
                return 0;
        }
}

static int walk_all(struct walk *w, yaml_parser_t *parser) {
        for (bool is_end = false; !is_end;) {
                yaml_event_t e;
                if (!yaml_parser_parse(parser, &e)) {
                        if (parser->error == YAML_MEMORY_ERROR)
                                return -ENOMEM;
                        return refuse(w, &parser->problem_mark,
                                      parser->problem ? parser->problem : "this is no YAML");
                }
                const int r = event(w, &e);
                is_end = e.type == YAML_STREAM_END_EVENT;
                yaml_event_delete(&e);
                if (r < 0)
                        return r;
        }
        return 0;
}

int yaml_lines_read(const void *yaml, size_t len, const char *shown, struct yaml_lines **ret,
                    struct error *reterr) {
        CLEANUP(free_at) struct yaml_lines *lines = calloc(1, sizeof(*lines));
        yaml_parser_t parser;

        if (!lines || !yaml_parser_initialize(&parser))
                return -ENOMEM;
        yaml_parser_set_input_string(&parser, yaml, len);
        struct walk w = { .lines = lines, .shown = shown, .reterr = reterr };
        const int r = walk_all(&w, &parser);
        yaml_parser_delete(&parser);
        if (r < 0)
                return r;
        *ret = TAKE(lines);
        return 0;
}
