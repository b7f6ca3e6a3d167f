/* The conversation with the server; see talk.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "app/bramble-agent/talk.h"

/* One second, two, four, …, and up to a quarter more: a thousand machines that lost their server at once
 * shall not all come back at once. */
static uint64_t back_off_ms(unsigned failures, uint64_t max_ms, uint32_t chance) {
        uint64_t wait = TALK_BACK_OFF_MS;

        for (unsigned i = 1; i < failures && wait < max_ms; i++)
                wait *= 2;
        if (wait > max_ms)
                wait = max_ms;
        return wait + wait / 4 * (chance % 1024) / 1024;
}

static void heard(struct talk *t, uint64_t now_ms) {
        t->failures = 0;
        t->heartbeat_ms = now_ms + (uint64_t)t->heartbeat_s * 1000;
}

void talk_hello_answered(struct talk *t, enum talk_answer answer, uint32_t heartbeat_s, uint64_t now_ms,
                         uint32_t chance) {
        t->hello_sent = false;
        t->was_refused = answer == TALK_REFUSED;
        t->is_known = answer == TALK_OK;
        if (!t->is_known) {
                uint64_t max_ms = t->was_refused ? TALK_REFUSED_MAX_MS : TALK_BACK_OFF_MAX_MS;
                t->hello_ms = now_ms + back_off_ms(++t->failures, max_ms, chance);
                return;
        }
        if (heartbeat_s > 0)
                t->heartbeat_s = heartbeat_s;
        heard(t, now_ms);
        t->poll_ms = t->result_ms = now_ms;
}

/* A refusal means that the server has forgotten us, or who we are: begin with a hello, and slowly. */
static void begin_anew(struct talk *t, uint64_t now_ms, uint32_t chance) {
        t->is_known = false;
        t->was_refused = true;
        t->hello_ms = now_ms + back_off_ms(++t->failures, TALK_REFUSED_MAX_MS, chance);
}

void talk_poll_answered(struct talk *t, enum talk_answer answer, uint64_t task, uint64_t now_ms,
                        uint32_t chance) {
        t->poll_sent = false;
        switch (answer) {
        case TALK_OK:
                /* What is known is not done twice, whatever a server says. */
                if (task != talk_after(t))
                        t->next = task;
                heard(t, now_ms);
                t->poll_ms = now_ms + TALK_BACK_OFF_MS;
                break;
        case TALK_NOTHING:
                heard(t, now_ms);
                t->poll_ms = now_ms + TALK_BACK_OFF_MS / 4; /* in case it does not wait as it was asked to */
                break;
        case TALK_REFUSED:
                begin_anew(t, now_ms, chance);
                break;
        case TALK_FAILED:
                t->poll_ms = now_ms + back_off_ms(++t->failures, TALK_BACK_OFF_MAX_MS, chance);
                break;
        }
}

void talk_progress_answered(struct talk *t, enum talk_answer answer, uint64_t now_ms) {
        t->progress_sent = false;
        if (answer == TALK_OK || answer == TALK_NOTHING) {
                t->heartbeat_ms = now_ms + (uint64_t)t->heartbeat_s * 1000;
                return;
        }
        /* A while later; whether the server is well shows in the questions for a task. */
        t->progress_ms = now_ms + 5 * TALK_PROGRESS_MS;
        if (t->heartbeat_ms < t->progress_ms)
                t->heartbeat_ms = t->progress_ms;
}

bool talk_result_answered(struct talk *t, enum talk_answer answer, uint64_t now_ms, uint32_t chance) {
        t->result_sent = false;
        if (answer == TALK_FAILED) {
                t->result_ms = now_ms + back_off_ms(++t->result_failures, TALK_BACK_OFF_MAX_MS, chance);
                return false;
        }
        if (t->is_at_root)
                t->root_ms = now_ms + TALK_ROOT_AGAIN_MS;
        t->is_at_root = false;
        t->work = TALK_IDLE;
        t->result_failures = 0;
        return answer != TALK_REFUSED;
}

void talk_job_moved(struct talk *t) {
        t->has_news = true;
}

void talk_job_ended(struct talk *t, uint64_t now_ms) {
        t->work = TALK_REPORTING;
        t->has_news = false;
        t->result_ms = now_ms;
}

static bool is_due(uint64_t at_ms, uint64_t now_ms, uint64_t *wake_ms) {
        if (at_ms <= now_ms)
                return true;
        if (at_ms < *wake_ms)
                *wake_ms = at_ms;
        return false;
}

/* What the task that waits means for the job that runs. */
static void take_up(struct talk *t, struct talk_todo *todo) {
        if (t->next == 0)
                return;
        if (t->work == TALK_WORKING) {
                todo->stop = true;
                t->work = TALK_STOPPING;
        } else if (t->work == TALK_IDLE) {
                todo->start = true;
                t->task = t->next;
                t->next = 0;
                t->work = TALK_WORKING;
        }
}

/* A root is brought up for as long as there is no task, and again after one. */
static void take_up_root(struct talk *t, uint64_t now_ms, struct talk_todo *todo) {
        if (!t->wants_root || t->work != TALK_IDLE || !is_due(t->root_ms, now_ms, &todo->wake_ms))
                return;
        todo->root = t->is_at_root = true;
        t->work = TALK_WORKING;
}

uint64_t talk_after(const struct talk *t) {
        return t->next != 0 ? t->next : t->task;
}

struct talk_todo talk_next(struct talk *t, uint64_t now_ms) {
        struct talk_todo todo = { .wake_ms = UINT64_MAX };

        if (t->heartbeat_s == 0)
                t->heartbeat_s = TALK_HEARTBEAT_S;
        take_up(t, &todo);
        if (!t->is_known) {
                if (!t->hello_sent && is_due(t->hello_ms, now_ms, &todo.wake_ms))
                        todo.hello = t->hello_sent = true;
                return todo;
        }
        take_up_root(t, now_ms, &todo);
        if (!t->poll_sent && is_due(t->poll_ms, now_ms, &todo.wake_ms))
                todo.poll = t->poll_sent = true;
        if (t->work == TALK_REPORTING) {
                if (!t->result_sent && is_due(t->result_ms, now_ms, &todo.wake_ms))
                        todo.result = t->result_sent = true;
                return todo;
        }
        uint64_t progress_ms =
                t->has_news && t->progress_ms < t->heartbeat_ms ? t->progress_ms : t->heartbeat_ms;
        if (!t->progress_sent && is_due(progress_ms, now_ms, &todo.wake_ms)) {
                todo.progress = t->progress_sent = true;
                t->has_news = false;
                t->progress_ms = now_ms + TALK_PROGRESS_MS;
        }
        return todo;
}
