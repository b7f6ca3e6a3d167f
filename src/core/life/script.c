/* Scripts; see script.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/life/script.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/nearest.h"
#include "base/text.h"
#include "core/life/job.h"
#include "core/life/order.h"

/* ---- what the agent brings along ---- */

struct builtin {
        const char *name;
        int timeout_s;
        const char *parameters[4];
        json_t *(*ours)(const struct script_wish *w); /* parameters that only we know; NULL: none */
};

static const struct image_file *largest(const struct image *i, const struct image_file *than) {
        for (size_t n = 0; i && n < i->n_files; n++)
                if (!than || i->files[n].size > than->size)
                        than = &i->files[n];
        return than;
}

/* What the agent may fetch anyway: of its machine's image, else of its own. The larger, the truer the rate.
 */
static json_t *something_to_fetch(const struct script_wish *w) {
        static const enum arch archs[] = { ARCH_ARM64, ARCH_ARMHF, ARCH_AMD64 };
        const struct machine *m = w->machine;
        const struct image_file *f = largest(m->image[0] ? site_image(w->site, m->image) : NULL, NULL);
        char hex[2 * SHA256_SIZE + 1], name[32];

        for (size_t i = 0; i < ARRAY_LEN(archs); i++) {
                (void)snprintf(name, sizeof(name), "agent-%s", arch_name(archs[i]));
                f = largest(site_image(w->site, name), f);
        }
        return f ? json_pack("{s:o}", "path",
                             json_sprintf("blob/%s", text_hex(f->blob.octets, SHA256_SIZE, hex)))
                 : json_object();
}

/* app/bramble-agent has a function for each. */
static const struct builtin builtins[] = {
        { "memory", 900, { "percent", "passes", "octets" }, NULL },
        { "storage", 900, { "disk", "seconds" }, NULL },
        { "network", 300, { "seconds" }, something_to_fetch },
        { "temperature", 600, { "seconds", "degraded_celsius" }, NULL },
        { "throttling", 60, { NULL }, NULL },
        {},
};

static const struct builtin *builtin_by_name(const char *name) {
        for (const struct builtin *b = builtins; b->name; b++)
                if (strcmp(b->name, name) == 0)
                        return b;
        return NULL;
}

bool script_is_builtin(const char *name) {
        return builtin_by_name(name);
}

static bool builtin_takes(const struct builtin *b, const char *parameter) {
        for (size_t i = 0; i < ARRAY_LEN(b->parameters) && b->parameters[i]; i++)
                if (strcmp(b->parameters[i], parameter) == 0)
                        return true;
        return false;
}

/* ---- orders ---- */

static bool is_base64(const char *text) {
        size_t len = 0;
        CLEANUP(free_at) void *octets = base64_decode(text, &len);
        return octets && len > 0;
}

static int check_own(const json_t *item, struct error *reterr) {
        const char *name = json_string_value(json_object_get(item, "name"));
        const char *body = json_string_value(json_object_get(item, "body_base64"));
        const json_t *timeout = json_object_get(item, "timeout_s"),
                     *parameters = json_object_get(item, "parameters");

        if (!name || !script_is_name(name))
                return error_set(reterr, -EINVAL,
                                 "a script has a name of letters, digits, \"-\", \"_\" and \".\"");
        if (!body || strlen(body) > ORDER_SCRIPT_MAX || !is_base64(body))
                return error_set(reterr, -EINVAL,
                                 "script %s: its body is wanted as base64, %d octets at most", name,
                                 ORDER_SCRIPT_MAX);
        if (timeout && (!json_is_integer(timeout) || json_integer_value(timeout) < 1 ||
                        json_integer_value(timeout) > SCRIPT_TIMEOUT_S_MAX))
                return error_set(reterr, -EINVAL, "script %s: timeout_s is a number of seconds, %d at most",
                                 name, SCRIPT_TIMEOUT_S_MAX);
        if (parameters && !json_is_object(parameters))
                return error_set(reterr, -EINVAL, "script %s: parameters are an object", name);
        return 0;
}

int script_check(const json_t *item, struct error *reterr) {
        const char *name = json_string_value(item);

        if (name && script_is_name(name))
                return 0;
        if (name)
                return error_set(reterr, -EINVAL, "\"%.64s\" is no name of a script, and no tag", name);
        if (json_is_object(item))
                return check_own(item, reterr);
        return error_set(reterr, -EINVAL,
                         "a script is a name or a tag, or an object with \"name\" and \"body_base64\"");
}

int script_check_parameters(const json_t *value, struct error *reterr) {
        const char *name;
        const json_t *given;

        if (!json_is_object(value) || json_object_size(value) > SCRIPT_WORDS_MAX)
                return error_set(reterr, -EINVAL, "an object of %d parameters at most is wanted",
                                 SCRIPT_WORDS_MAX);
        json_object_foreach((json_t *)(uintptr_t)value, name, given) {
                const char *text = json_string_value(given);
                bool is_right = text ? strlen(text) <= SCRIPT_VALUE_MAX && !strpbrk(text, "\n\r")
                                     : json_is_integer(given);
                if (!is_right)
                        return error_set(reterr, -EINVAL,
                                         "%.64s: a line of %d octets at most is wanted, or a whole number",
                                         name, SCRIPT_VALUE_MAX);
        }
        return 0;
}

/* ---- what is meant ---- */

/* One script of a wish: one of them is not NULL. */
struct meant {
        const struct builtin *builtin;
        const struct script *stored;
        const json_t *own;
};

typedef int (*meant_fn)(void *ctx, const struct meant *m);

/* All that a word means: a name, or a tag. Return: how many, or what @fn returned that is negative. */
static int each_of_word(const struct site *s, const char *word, meant_fn fn, void *ctx) {
        struct meant m = { .builtin = builtin_by_name(word), .stored = site_script_by_name(s, word) };
        int n = 0, r;

        if (m.builtin)
                m.stored = NULL;
        if (m.builtin || m.stored) {
                r = fn(ctx, &m);
                return r < 0 ? r : 1;
        }
        for (size_t i = 0; i < site_n_scripts(s); i++) {
                m.stored = site_script(s, i);
                if (!script_has_tag(m.stored, word))
                        continue;
                r = fn(ctx, &m);
                if (r < 0)
                        return r;
                n++;
        }
        return n;
}

static int each_usual(const struct script_wish *w, meant_fn fn, void *ctx) {
        int r = 0;

        for (const struct builtin *b = builtins; b->name && r >= 0; b++)
                r = fn(ctx, &(struct meant){ .builtin = b });
        for (size_t i = 0; w->is_commission && i < site_n_scripts(w->site) && r >= 0; i++) {
                const struct script *s = site_script(w->site, i);
                if (s->type == SCRIPT_COMMISSIONING && !script_has_tag(s, SCRIPT_TAG_NOAUTO))
                        r = fn(ctx, &(struct meant){ .stored = s });
        }
        return r;
}

/* @unknown: called for a word that means nothing; NULL: it is left out. */
static int each_meant(const struct script_wish *w, meant_fn fn,
                      int (*unknown)(const struct site *s, const char *word, struct error *reterr), void *ctx,
                      struct error *reterr) {
        int r = 0;

        if (!json_is_array(w->scripts))
                return each_usual(w, fn, ctx);
        for (size_t i = 0; i < json_array_size(w->scripts) && r >= 0; i++) {
                const json_t *item = json_array_get(w->scripts, i);
                const char *word = json_string_value(item);
                if (!word)
                        r = fn(ctx, &(struct meant){ .own = item });
                else if ((r = each_of_word(w->site, word, fn, ctx)) == 0 && unknown)
                        r = unknown(w->site, word, reterr);
        }
        return r;
}

static int no_such(const struct site *s, const char *word, struct error *reterr) {
        struct nearest n = nearest_to(word);

        for (const struct builtin *b = builtins; b->name; b++)
                nearest_offer(&n, b->name);
        for (size_t i = 0; i < site_n_scripts(s); i++)
                nearest_offer(&n, site_script(s, i)->name);
        if (n.best)
                return error_set(reterr, -EINVAL, "there is no script \"%.64s\"; \"%s\" is probably meant",
                                 word, n.best);
        return error_set(
                reterr, -EINVAL,
                "there is no script or tag \"%.64s\"; there are memory, storage, network, temperature, "
                "throttling, and what bramble script list names",
                word);
}

static bool takes(const struct meant *m, const char *parameter) {
        if (m->own)
                return true; /* its metadata is the agent's to read */
        return m->builtin ? builtin_takes(m->builtin, parameter) : script_takes(m->stored, parameter);
}

struct taker_search {
        const char *parameter;
        bool is_found;
};

static int look_for_taker(void *ctx, const struct meant *m) {
        struct taker_search *search = ctx;
        search->is_found |= takes(m, search->parameter);
        return 0;
}

static int accept(void *ctx, const struct meant *m) {
        (void)ctx;
        (void)m;
        return 0;
}

int script_wish_check(const struct script_wish *w, struct error *reterr) {
        int r = each_meant(w, accept, no_such, NULL, reterr);
        struct taker_search search = {};
        const json_t *value;

        json_object_foreach((json_t *)(uintptr_t)w->parameters, search.parameter, value) {
                search.is_found = false;
                if (r >= 0)
                        r = each_meant(w, look_for_taker, NULL, &search, reterr);
                if (r >= 0 && !search.is_found)
                        r = error_set(reterr, -EINVAL, "none of these scripts takes a parameter \"%.64s\"",
                                      search.parameter);
        }
        return r < 0 ? r : 0;
}

/* ---- the task ---- */

/* A check of ours wants numbers as numbers; people write all as text. */
static json_t *value_for_builtin(const json_t *given) {
        const char *text = json_string_value(given);
        uint64_t number;

        if (text && text_parse_u64(text, INT64_MAX, &number) == 0)
                return json_integer((json_int_t)number);
        return json_incref((json_t *)(uintptr_t)given);
}

static int put_given(json_t *parameters, const struct script_wish *w, const struct meant *m) {
        const char *name;
        const json_t *given;
        int r = 0;

        json_object_foreach((json_t *)(uintptr_t)w->parameters, name, given) {
                if (r < 0 || !takes(m, name))
                        continue;
                r = json_object_set_new(parameters, name,
                                        m->builtin ? value_for_builtin(given)
                                                   : json_incref((json_t *)(uintptr_t)given));
        }
        return r;
}

static json_t *parameters_of(const struct script_wish *w, const struct meant *m) {
        json_t *own = m->own ? json_object_get(m->own, "parameters") : NULL;
        CLEANUP(json_decref_at)
        json_t *parameters = own                              ? json_copy(own)
                             : m->builtin && m->builtin->ours ? m->builtin->ours(w)
                                                              : json_object();

        return parameters && put_given(parameters, w, m) == 0 ? TAKE(parameters) : NULL;
}

static json_t *stored_task(const struct script *s, json_t *parameters) {
        CLEANUP(free_at) char *body = base64_encode(s->body, s->body_len);
        return json_pack("{s:s, s:s, s:I, s:o}", "name", s->name, "body_base64", body, "timeout_s",
                         (json_int_t)(s->timeout_s ? s->timeout_s : SCRIPT_TIMEOUT_S_DEFAULT), "parameters",
                         parameters);
}

static json_t *own_task(const json_t *item, json_t *parameters) {
        json_int_t timeout_s = json_integer_value(json_object_get(item, "timeout_s"));

        return json_pack("{s:O, s:O, s:I, s:o}", "name", json_object_get(item, "name"), "body_base64",
                         json_object_get(item, "body_base64"), "timeout_s",
                         timeout_s ? timeout_s : SCRIPT_TIMEOUT_S_DEFAULT, "parameters", parameters);
}

static bool is_listed(const json_t *list, const char *name) {
        for (size_t i = 0; i < json_array_size(list); i++)
                if (strcmp(json_string_value(json_object_get(json_array_get(list, i), "name")), name) == 0)
                        return true;
        return false;
}

struct listing {
        const struct script_wish *wish;
        json_t *list;
};

/* Each once, whatever it was called by. */
static int add_task(void *ctx, const struct meant *m) {
        struct listing *l = ctx;
        const char *name = m->builtin  ? m->builtin->name
                           : m->stored ? m->stored->name
                                       : json_string_value(json_object_get(m->own, "name"));

        if (is_listed(l->list, name) || json_array_size(l->list) >= ORDER_SCRIPTS_MAX)
                return 0;
        json_t *parameters = parameters_of(l->wish, m);
        if (m->builtin)
                return json_array_append_new(
                        l->list, json_pack("{s:s, s:s, s:i, s:o}", "name", name, "builtin", name, "timeout_s",
                                           m->builtin->timeout_s, "parameters", parameters));
        return json_array_append_new(l->list, m->stored ? stored_task(m->stored, parameters)
                                                        : own_task(m->own, parameters));
}

json_t *script_list(const struct script_wish *w) {
        CLEANUP(json_decref_at) json_t *list = json_array();
        struct listing l = { .wish = w, .list = list };

        return list && each_meant(w, add_task, NULL, &l, NULL) >= 0 ? TAKE(list) : NULL;
}
