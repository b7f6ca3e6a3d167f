/*
 * A job: what is under way with one machine, as it stands in struct machine's `job` and so in the database.
 *
 * There is one at most: what begins next takes its place. Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "core/machine/lifecycle.h"

DEFINE_CLEANUP(json_t, json_decref)

/* What has to be done with the machine's power before the job goes on. */
enum job_step {
        STEP_NONE,
        STEP_BOOT, /* switched on, or off and on, so that it boots from the network */
        STEP_OFF,
        STEP_HAND, /* what STEP_BOOT is, by somebody who has to walk there */
        JOB_STEPS
};

/* What counts as a deployed system being up. */
enum done_when {
        DONE_PHONE_HOME, /* cloud-init, or the first-boot unit, says so */
        DONE_SSH,        /* something answers on port 22 as SSH does */
        DONE_DHCP,       /* an operating system asks for an address */
        DONE_WRITTEN,    /* its disk is written: nothing more will be heard */
        DONE_SIGNS
};

/* A member of a job's wish: the sentence about disks that should have been erased, and are not. */
#define JOB_NOT_ERASED "not_erased"

struct job {
        uint64_t id; /* grows with each job of this machine, and with each step of one that the power is asked for */
        enum machine_event event;
        enum job_step step;
        bool is_begun;   /* the step was handed to the power driver: it must not be begun a second time */
        uint32_t wait_s; /* how long the state may take without a sign, counted anew from each sign */
        enum done_when done;
        uint32_t trial_s; /* how long a new revision may take to give its sign, from the first word of its
                             boot; 0: it is not on trial */
        bool is_tried;  /* that word was said: its time runs, whatever it does, so that it cannot go round for
                           ever */
        json_t *wish;   /* what a later task needs of the order, an object */
        json_t *failed; /* array of names: scripts that did not pass */
};

/** job_new() - an empty job; NULL when out of memory. */
struct job *job_new(uint64_t id, enum machine_event event);
void job_free(struct job *j);
DEFINE_CLEANUP(struct job, job_free)

/** job_parse() - the text that job_print() made. 0, -EBADMSG, or -ENOMEM. */
MUST_CHECK int job_parse(const char *text, struct job **ret);

/** job_print() - as text, the caller's; NULL when out of memory. */
char *job_print(const struct job *j);

const char *done_when_name(enum done_when d); /* "phone-home" */
MUST_CHECK int done_when_parse(const char *name, enum done_when *ret);
