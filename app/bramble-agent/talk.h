/*
 * The agent's conversation with its server: say hello, wait for a task, work, report, wait again.
 *
 * A state machine without I/O: the caller feeds it what happened and the time, asks talk_next() what to do
 * now, and carries that out. A server that is away is asked again and again, ever more slowly; nothing that
 * it does or fails to do makes the machine start anew by itself.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
        TALK_POLL_S = 50,        /* the longest wait of one question for a task */
        TALK_PROGRESS_MS = 1000, /* between two reports of progress */
        TALK_HEARTBEAT_S = 30,   /* until the server has said another */
        TALK_BACK_OFF_MS = 1000, /* after the first failure; doubles */
        TALK_BACK_OFF_MAX_MS = 30000,
        TALK_REFUSED_MAX_MS = 60000, /* who is refused asks no more often than this in the end */
        TALK_ROOT_AGAIN_MS = 60000   /* a root that could not be brought up is tried again */
};

/* What became of a request. */
enum talk_answer {
        TALK_OK,
        TALK_NOTHING, /* a question for a task that there is not: 204 */
        TALK_REFUSED, /* 4xx: the server does not want it, and will not the next time */
        TALK_FAILED   /* no answer, or 5xx: try again */
};

enum talk_work {
        TALK_IDLE,
        TALK_WORKING,  /* a job runs */
        TALK_STOPPING, /* it was told to stop */
        TALK_REPORTING /* it has ended, and its result is not with the server yet */
};

/* Zero-initialise. */
struct talk {
        enum talk_work work;
        bool is_known;    /* the server has answered a hello */
        bool was_refused; /* the last hello was */
        bool wants_root;  /* to be set at first: bring up the root of the machine's system */
        bool is_at_root;  /* a job does that */
        uint64_t task;    /* that was taken up last; 0: none yet */
        uint64_t next;    /* that waits to be taken up; 0: none */
        bool has_news;    /* progress that was not reported yet */
        bool hello_sent, poll_sent, progress_sent, result_sent; /* on their way */
        uint64_t hello_ms, poll_ms, progress_ms, result_ms;     /* not before */
        uint64_t root_ms;                                       /* likewise */
        uint64_t heartbeat_ms;                                  /* at the latest */
        uint32_t heartbeat_s;
        unsigned failures, result_failures;
};

/* What to do now; all that are set, in this order. */
struct talk_todo {
        bool hello;
        bool poll;     /* ask for a task after talk.task */
        bool stop;     /* the job that runs */
        bool start;    /* a job for the task that talk.task names now */
        bool root;     /* a job for the root */
        bool progress; /* say how far the job is, or that there is none */
        bool result;   /* say how the job ended */
        uint64_t wake_ms;
};

/** talk_next() - what to do now. */
struct talk_todo talk_next(struct talk *t, uint64_t now_ms);

/** talk_after() - the task after which to ask for one. */
uint64_t talk_after(const struct talk *t);

/** talk_hello_answered() - @heartbeat_s: as the server wants it; 0: as before. @chance, here and below: any
 * number, so that many machines do not ask at once. */
void talk_hello_answered(struct talk *t, enum talk_answer answer, uint32_t heartbeat_s, uint64_t now_ms,
                         uint32_t chance);

/** talk_poll_answered() - @task: its number, with TALK_OK. */
void talk_poll_answered(struct talk *t, enum talk_answer answer, uint64_t task, uint64_t now_ms,
                        uint32_t chance);

void talk_progress_answered(struct talk *t, enum talk_answer answer, uint64_t now_ms);

/** talk_result_answered() - true: the result is settled, and what the job wanted afterwards may be done. */
bool talk_result_answered(struct talk *t, enum talk_answer answer, uint64_t now_ms, uint32_t chance);

/** talk_job_moved() - the job got on, which is worth a report. */
void talk_job_moved(struct talk *t);

/** talk_job_ended() - its result waits to be told. */
void talk_job_ended(struct talk *t, uint64_t now_ms);
