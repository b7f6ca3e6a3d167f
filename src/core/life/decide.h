/*
 * What follows for one machine: from what a person orders, an agent reports, the power does, or the time that
 * has passed.
 *
 * Pure decisions over the lifecycle table: the machine as it is goes in, the machine as it shall be comes
 * out, with what goes into the database besides. Who calls writes it down first and does afterwards what the
 * job in it says.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/life/back.h"
#include "core/life/job.h"
#include "core/life/order.h"
#include "core/life/seed.h"
#include "core/life/work.h"
#include "core/machine/agent_report.h"
#include "core/machine/script_result.h"
#include "core/site/site.h"

enum {
        LIFE_HAND_S =
                7 * 24 * 3600,  /* how long a hand is waited for: it may be far away, and nothing is lost */
        LIFE_PENDING_MAX = 256, /* enlisted machines that wait for approval */
        LIFE_ENLISTED_MAX =
                16384 /* New machines that enlisted themselves, before no more of them are taken */
};

/* What is known of the moment. */
struct life_facts {
        int64_t now_s;   /* Unix time */
        uint64_t job_id; /* for a job, or a step of one, that begins now */
        bool agent_is_up;
        unsigned power_can;          /* flags of enum life_can, of the machine's driver */
        unsigned roots;              /* bits 1 << enum root_kind: what can be served here */
        const char *lack;            /* why others are not, for people; NULL or "" */
        char token[TOKEN_TEXT_SIZE]; /* for a deployment that begins now */
        uint8_t token_hash[MACHINE_TOKEN_HASH_SIZE];
};

struct life_outcome {
        struct machine *now; /* NULL: nothing changes */
        bool is_new;         /* @now is added */

        /* Of a machine whose board was replaced: what was found out of the board goes along with it. */
        bool has_new_board;
        struct machine *old; /* is added: the board that it had */
        uint64_t gone; /* is removed, its keys are those of @now: the new board's record; 0: it had none */

        char *inventory; /* to be kept; NULL: none came */
        char *power;     /* parameters of its power driver, likewise */
        bool has_script;
        struct script_result script;
};

void life_outcome_clear(struct life_outcome *o); /* also the CLEANUP() function */

/*
 * Each returns 0 with @ret filled (and nothing in it when nothing follows), or -errno with a sentence: -EBUSY
 * where the state does not allow it, -EINVAL where the order makes no sense for this machine, -EBADMSG where
 * a report makes none.
 * @ret comes zero-initialised.
 */

MUST_CHECK int life_on_order(const struct site *s, const struct machine *m, const struct order *o,
                             const struct life_facts *f, struct life_outcome *ret, struct error *reterr);

/** life_on_report() - of a registered machine's agent or system. Progress changes nothing here. */
MUST_CHECK int life_on_report(const struct site *s, const struct machine *m, const struct agent_report *r,
                              const struct life_facts *f, struct life_outcome *ret, struct error *reterr);

/** life_on_ssh() - something at the machine's address answers as SSH does. */
MUST_CHECK int life_on_ssh(const struct site *s, const struct machine *m, const struct life_facts *f,
                           struct life_outcome *ret, struct error *reterr);

/** life_on_stranger() - a report of a machine that nobody registered: with its inventory it is enlisted,
 * where its subnet says so. */
MUST_CHECK int life_on_stranger(const struct site *s, const struct agent_report *r,
                                const struct life_facts *f, struct life_outcome *ret, struct error *reterr);

/** life_on_power_begun() - the job's step is handed to the power driver now. */
MUST_CHECK int life_on_power_begun(const struct machine *m, uint64_t job, struct life_outcome *ret,
                                   struct error *reterr);

/**
 * life_on_power_done() - the driver is done with the job's step
 * @result:     0, 1: it needs a hand, or -errno; @words say so for people
 * @parameters: of the driver, with what it has learnt; NULL: as they were
 */
MUST_CHECK int life_on_power_done(const struct site *s, const struct machine *m, uint64_t job, int result,
                                  const char *words, const char *parameters, const struct life_facts *f,
                                  struct life_outcome *ret, struct error *reterr);

/** life_on_storage_failed() - what its root needs on the server cannot be had, for the reason that @words
 * say. */
MUST_CHECK int life_on_storage_failed(const struct site *s, const struct machine *m, const char *words,
                                      const struct life_facts *f, struct life_outcome *ret,
                                      struct error *reterr);

/** life_on_power_set() - its power is switched in another way from now on. @parameters: as
 * power_params_json() has them. */
MUST_CHECK int life_on_power_set(const struct machine *m, const char *driver, const char *parameters,
                                 struct life_outcome *ret, struct error *reterr);

/**
 * life_on_time() - its deadline has passed
 * @work:       what its agent told of what it is at now; NULL: nothing
 */
MUST_CHECK int life_on_time(const struct site *s, const struct machine *m, const struct work *work,
                            const struct life_facts *f, struct life_outcome *ret, struct error *reterr);
