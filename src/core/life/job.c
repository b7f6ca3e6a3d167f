/* Jobs as text; see job.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "core/life/job.h"

static const char *const step_names[JOB_STEPS] = {
        [STEP_NONE] = "none",
        [STEP_BOOT] = "boot",
        [STEP_OFF] = "off",
        [STEP_HAND] = "hand",
};

static const char *const done_names[DONE_SIGNS] = {
        [DONE_PHONE_HOME] = "phone-home",
        [DONE_SSH] = "ssh",
        [DONE_DHCP] = "dhcp",
        [DONE_WRITTEN] = "written",
};

const char *done_when_name(enum done_when d) {
        return d < DONE_SIGNS ? done_names[d] : "";
}

int done_when_parse(const char *name, enum done_when *ret) {
        for (size_t i = 0; i < DONE_SIGNS; i++) {
                if (strcmp(done_names[i], name) == 0) {
                        *ret = (enum done_when)i;
                        return 0;
                }
        }
        return -EINVAL;
}

static int step_parse(const char *name, enum job_step *ret) {
        for (size_t i = 0; i < JOB_STEPS; i++) {
                if (strcmp(step_names[i], name) == 0) {
                        *ret = (enum job_step)i;
                        return 0;
                }
        }
        return -EINVAL;
}

struct job *job_new(uint64_t id, enum machine_event event) {
        CLEANUP(job_free_at) struct job *j = malloc(sizeof(*j));
        if (!j)
                return NULL;
        *j = (struct job){ .id = id, .event = event, .wish = json_object(), .failed = json_array() };
        return j->wish && j->failed ? TAKE(j) : NULL;
}

void job_free(struct job *j) {
        if (!j)
                return;
        json_decref(j->wish);
        json_decref(j->failed);
        free(j);
}

int job_parse(const char *text, struct job **ret) {
        CLEANUP(json_decref_at) json_t *in = json_loads(text, 0, NULL);
        CLEANUP(job_free_at) struct job *j = job_new(0, EVENT_COMMISSION);
        const char *event, *step, *done;
        json_t *wish, *failed;
        json_int_t id, wait_s, trial_s = 0;
        int is_begun, is_tried = false;

        if (!j)
                return -ENOMEM;
        if (json_unpack(in, "{s:I, s:s, s:s, s:b, s:I, s:s, s:o, s:o, s?I, s?b}", "id", &id, "event", &event,
                        "step", &step, "begun", &is_begun, "wait_s", &wait_s, "done", &done, "wish", &wish,
                        "failed", &failed, "trial_s", &trial_s, "tried", &is_tried) < 0)
                return -EBADMSG;
        json_decref(j->wish);
        json_decref(j->failed);
        j->wish = json_incref(wish);
        j->failed = json_incref(failed);
        j->id = (uint64_t)id;
        j->is_begun = is_begun;
        j->is_tried = is_tried;
        j->wait_s = (uint32_t)wait_s;
        j->trial_s = (uint32_t)trial_s;
        if (wait_s < 0 || wait_s > UINT32_MAX || trial_s < 0 || trial_s > UINT32_MAX ||
            !json_is_object(wish) || !json_is_array(failed) || machine_event_parse(event, &j->event) < 0 ||
            step_parse(step, &j->step) < 0 || done_when_parse(done, &j->done) < 0)
                return -EBADMSG;
        *ret = TAKE(j);
        return 0;
}

char *job_print(const struct job *j) {
        CLEANUP(json_decref_at)
        json_t *out = json_pack("{s:I, s:s, s:s, s:b, s:I, s:s, s:O, s:O, s:I, s:b}", "id", (json_int_t)j->id,
                                "event", machine_event_name(j->event), "step", step_names[j->step], "begun",
                                j->is_begun, "wait_s", (json_int_t)j->wait_s, "done", done_names[j->done],
                                "wish", j->wish, "failed", j->failed, "trial_s", (json_int_t)j->trial_s,
                                "tried", j->is_tried);
        return out ? json_dumps(out, JSON_COMPACT) : NULL;
}
