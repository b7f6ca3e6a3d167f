/* Trials; see trial.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/life/trial.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "core/life/job.h"

bool trial_is_possible(const struct machine *m) {
        return m->state == STATE_DEPLOYED && m->root == ROOT_RAM && machine_is_run_by_agent(m);
}

bool trial_is_on(const struct machine *m) {
        return m->good && m->state == STATE_DEPLOYING;
}

int trial_keep(struct machine *m) {
        char token[2 * sizeof(m->token_hash) + 1] = "";

        if (m->has_token)
                (void)text_hex(m->token_hash, sizeof(m->token_hash), token);
        CLEANUP(json_decref_at)
        json_t *rest = json_pack("{s:s, s:s?, s:s}", "run", m->run, "seed", m->seed, "token_sha256", token);
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

int trial_fall_back(struct machine *m) {
        const char *space = m->good ? strchr(m->good, ' ') : NULL;
        CLEANUP(json_decref_at) json_t *rest = space ? json_loads(space, 0, NULL) : NULL;
        const char *token = json_string_value(json_object_get(rest, "token_sha256"));
        size_t len = space ? (size_t)(space - m->good) : 0;

        if (!rest || !token || len >= sizeof(m->image))
                return -EBADMSG;
        memcpy(m->image, m->good, len);
        m->image[len] = 0;
        m->has_token = text_parse_hex(token, m->token_hash, sizeof(m->token_hash)) == 0;
        int r = copy_text(rest, "run", &m->run);
        if (r == 0)
                r = copy_text(rest, "seed", &m->seed);
        trial_end(m);
        return r;
}

void trial_end(struct machine *m) {
        free(TAKE(m->good));
}
