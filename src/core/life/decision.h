/*
 * One decision on its way: the machine as it is becoming, and its job. Shared by the files on_*.c, and by
 * nobody else.
 *
 * decision_happen() follows the lifecycle table; what an event means is theirs to say.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/life/decide.h"

struct decision {
        const struct site *site;
        const struct life_facts *facts;
        struct machine *m;  /* ours to change */
        struct job *job;    /* likewise; NULL: none */
        const json_t *wish; /* of the order in work; NULL: it is no order */
        char because[MACHINE_REASON_MAX +
                     1];     /* for people: why what happens now happens; "": the state says enough */
        struct machine *old; /* a record for the board that it had; NULL: it keeps its board */
        uint64_t gone;       /* the record of its new board, which goes away; 0: there was none */
        bool has_new_board;
        struct error *reterr;
};

/** decision_begin() - @d is set in every case, so that its cleanup may stand before. */
MUST_CHECK int decision_begin(struct decision *d, const struct site *s, const struct machine *m,
                              const struct life_facts *f, struct error *reterr);
void decision_end(struct decision *d); /* the CLEANUP() function */

/** decision_finish() - the result, written into the machine and handed out. */
MUST_CHECK int decision_finish(struct decision *d, struct life_outcome *ret);

/** decision_happen() - @event, and all that follows from it at once; 1, or 0 when it changes nothing in this
 * state. */
MUST_CHECK int decision_happen(struct decision *d, enum machine_event event);

/** decision_because() - the sentence that the machine will have as its reason. */
void decision_because(struct decision *d, const char *format, ...) PRINTF(2, 3);

/** decision_is_stuck() - whether it has a system on its disk, and nothing here could bring it back from
 * there. */
bool decision_is_stuck(const struct decision *d);

/** decision_say_not_erased() - why it is given back with all that is on its disks. */
void decision_say_not_erased(struct decision *d);

/** decision_keep_not_erased() - what was said last is said on, however the power of its job fares. */
MUST_CHECK int decision_keep_not_erased(struct decision *d);

/** decision_wish() - a text of the order; NULL: it says nothing about it. */
const char *decision_wish(const struct decision *d, const char *member);

int decision_no_memory(struct decision *d); /* -ENOMEM, said */
