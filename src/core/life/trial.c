/* Trials; see trial.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/life/trial.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/life/job.h"

bool trial_is_possible(const struct machine *m) {
        return m->state == STATE_DEPLOYED && machine_is_run_by_agent(m);
}

bool trial_is_on(const struct machine *m) {
        return m->good && m->state == STATE_DEPLOYING;
}

/* ---- which root ---- */

enum volume_part trial_part_of(const json_t *run) {
        const char *name = json_string_value(json_object_get(run, "volume"));
        enum volume_part part = VOLUME_ROOT;

        return name && volume_part_parse(name, &part) == 0 ? part : VOLUME_ROOT;
}

static json_t *kept_of(const struct machine *m) {
        const char *space = m->good ? strchr(m->good, ' ') : NULL;
        return space ? json_loads(space, 0, NULL) : NULL;
}

json_t *trial_good_run(const struct machine *m) {
        CLEANUP(json_decref_at) json_t *kept = kept_of(m);
        const char *run = json_string_value(json_object_get(kept, "run"));

        return run ? json_loads(run, 0, NULL) : NULL;
}

enum volume_part trial_next_part(const struct machine *m) {
        CLEANUP(json_decref_at) json_t *good = trial_good_run(m);
        return good && trial_part_of(good) == VOLUME_ROOT ? VOLUME_ROOT2 : VOLUME_ROOT;
}

/* ---- the wish ---- */

static bool says_nothing(const json_t *wish, const char *member) {
        const json_t *value = json_object_get(wish, member);
        return !value || json_is_null(value);
}

/* @members of @from that @to says nothing about. */
static int take_over(json_t *to, const json_t *from, const char *const *members) {
        int r = 0;

        for (; *members && r == 0; members++) {
                json_t *value = json_object_get(from, *members);
                if (value && says_nothing(to, *members))
                        r = json_object_set(to, *members, value);
        }
        return r;
}

json_t *trial_wish(const struct machine *m, const json_t *wish) {
        static const char *const of_root[] = { "persistent", "size", NULL };
        static const char *const of_data[] = { "kind", "mount", "size", "disk", NULL };
        CLEANUP(json_decref_at) json_t *run = m->run ? json_loads(m->run, 0, NULL) : NULL;
        CLEANUP(json_decref_at) json_t *ret = json_copy((json_t *)wish);
        CLEANUP(json_decref_at) json_t *data = json_object();
        const json_t *now = json_array_get(json_object_get(run, "data"), 0);

        if (!run || !ret || !data)
                return NULL;
        int r = says_nothing(ret, "root") ? json_object_set_new(ret, "root", json_string(root_name(m->root)))
                                          : 0;
        const char *root = json_string_value(json_object_get(ret, "root"));
        const bool is_same = root && strcmp(root, root_name(m->root)) == 0;
        if (r == 0 && is_same && m->root != ROOT_RAM)
                r = take_over(ret, run, of_root);
        if (r == 0 && now && says_nothing(ret, "data"))
                r = take_over(data, now, of_data) < 0 ? -1 : json_object_set(ret, "data", data);
        return r < 0 ? NULL : TAKE(ret);
}

/* ---- what is kept ---- */

int trial_keep(struct machine *m) {
        char token[2 * sizeof(m->token_hash) + 1] = "", deployment[24];

        int r = trial_forget_left(m);
        if (r < 0)
                return r;
        if (m->has_token)
                (void)text_hex(m->token_hash, sizeof(m->token_hash), token);
        (void)snprintf(deployment, sizeof(deployment), "%" PRIu64, m->deployment);
        CLEANUP(json_decref_at)
        json_t *rest = json_pack("{s:s, s:s?, s:s, s:s}", "run", m->run, "seed", m->seed, "token_sha256",
                                 token, "deployment", deployment);
        CLEANUP(free_at) char *text = rest ? json_dumps(rest, JSON_COMPACT) : NULL;
        char *good = NULL;

        if (!text || asprintf(&good, "%s %s", m->image, text) < 0)
                return -ENOMEM;
        free(m->good);
        m->good = good;
        return 0;
}

/* A text of its own; NULL where there is none. */
static int copy_text(const json_t *from, const char *member, char **to) {
        const char *text = json_string_value(json_object_get(from, member));
        char *copy = text ? strdup(text) : NULL;

        if (text && !copy)
                return -ENOMEM;
        free(*to);
        *to = copy;
        return 0;
}

/* Its system may still run from it, when it did start: it goes with the next boot. */
static int leave_root(struct machine *m, const json_t *failed) {
        CLEANUP(json_decref_at) json_t *run = json_loads(m->run, 0, NULL);
        const json_t *kind = json_object_get(failed, "root");

        if (!run || !kind || m->root == ROOT_RAM)
                return 0;
        json_t *left =
                json_pack("{s:O, s:s}", "root", kind, "volume", volume_part_name(trial_part_of(failed)));
        if (json_object_set_new(run, TRIAL_LEFT, left) < 0)
                return -ENOMEM;
        free(m->run);
        m->run = json_dumps(run, JSON_COMPACT);
        return m->run ? 0 : -ENOMEM;
}

/* The root that a run says; where it is of another time the machine's stays. */
static void take_root(struct machine *m) {
        CLEANUP(json_decref_at) json_t *run = m->run ? json_loads(m->run, 0, NULL) : NULL;
        const char *root = json_string_value(json_object_get(run, "root"));
        enum root_kind kind;

        if (root && root_parse(root, &kind) == 0)
                m->root = kind;
}

int trial_fall_back(struct machine *m) {
        const char *space = m->good ? strchr(m->good, ' ') : NULL;
        CLEANUP(json_decref_at) json_t *rest = kept_of(m);
        CLEANUP(json_decref_at) json_t *failed = m->run ? json_loads(m->run, 0, NULL) : NULL;
        const char *token = json_string_value(json_object_get(rest, "token_sha256"));
        const char *deployment = json_string_value(json_object_get(rest, "deployment"));
        size_t len = space ? (size_t)(space - m->good) : 0;

        if (!rest || !token || len >= sizeof(m->image) ||
            (deployment && text_parse_u64(deployment, UINT64_MAX, &m->deployment) < 0))
                return -EBADMSG;
        memcpy(m->image, m->good, len);
        m->image[len] = 0;
        m->has_token = text_parse_hex(token, m->token_hash, sizeof(m->token_hash)) == 0;
        int r = copy_text(rest, "run", &m->run);
        if (r == 0)
                r = copy_text(rest, "seed", &m->seed);
        if (r == 0)
                r = leave_root(m, failed); /* before its root is another again */
        take_root(m);
        trial_end(m);
        return r;
}

void trial_end(struct machine *m) {
        free(TAKE(m->good));
}

bool trial_has_left(const struct machine *m) {
        CLEANUP(json_decref_at) json_t *run = m->run ? json_loads(m->run, 0, NULL) : NULL;
        return json_object_get(run, TRIAL_LEFT) != NULL;
}

int trial_forget_left(struct machine *m) {
        CLEANUP(json_decref_at) json_t *run = m->run ? json_loads(m->run, 0, NULL) : NULL;

        if (!run || json_object_del(run, TRIAL_LEFT) < 0)
                return 0;
        char *text = json_dumps(run, JSON_COMPACT);
        if (!text)
                return -ENOMEM;
        free(m->run);
        m->run = text;
        return 0;
}
