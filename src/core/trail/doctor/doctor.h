/*
 * The doctor: what went wrong with a boot, in words, told from its trail.
 *
 * A table of signs (signs.c), each a pattern over one boot or a few, a verdict and what to do. Pure: trails
 * and facts go in, findings with the events that show them come out. Source: raspberry-pi.md section 11.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/trail/trail.h"

struct board;

enum {
        DOCTOR_BOOTS_MAX = 4, /* that are looked at: the last one, and what came before it */
        DOCTOR_FINDINGS_MAX = 6,
        DOCTOR_EVIDENCE_MAX = 6,
        DOCTOR_ADVICE_MAX = 4,
        DOCTOR_WORDS_SIZE = 320,
        DOCTOR_PATIENCE_MS = 60 * 1000 /* a system that was started has asked for its address by then */
};

/* What is known beyond the trail. */
struct doctor_facts {
        int64_t now_ms;            /* Unix time */
        int64_t patience_ms;       /* 0: DOCTOR_PATIENCE_MS */
        const char *machine;       /* NULL: nobody registered it */
        const struct board *board; /* what kind of computer it is; NULL: not known */
        const char *kernel;        /* the name that it shall load now, without folders; NULL: not known */
        const char *initramfs;     /* likewise */
        uint64_t config_octets;    /* of the config.txt that says so; 0: not known */
        bool is_quiet; /* its system is on its disk, may start without a word to the network, and is taken to
                          be up without one to us */
};

enum doctor_weight {
        DOCTOR_HINT,    /* worth to know */
        DOCTOR_WARNING, /* it boots, and will not always */
        DOCTOR_FAULT    /* it does not boot */
};

struct doctor_finding;
struct boot_view;

/* One row of the table. */
struct doctor_sign {
        const char *id;    /* "offer-not-taken" */
        const char *title; /* "The boot offer is not accepted" */
        enum doctor_weight weight;
        const char *page; /* where it is explained, below docs/ */
        const char *advice[DOCTOR_ADVICE_MAX + 1];
        const char *hides[4]; /* ids of signs that are seen with it, and say less */

        /* Whether a boot shows it; then @f gets its words and evidence. */
        bool (*holds)(const struct boot_view *v, struct doctor_finding *f);
};

extern const struct doctor_sign doctor_signs[];
extern const size_t doctor_n_signs;

struct doctor_evidence {
        const struct trail_session *boot;
        const struct trail_event *event;
};

struct doctor_finding {
        const struct doctor_sign *sign;
        char words[DOCTOR_WORDS_SIZE]; /* what happened, a sentence */
        struct doctor_evidence evidence[DOCTOR_EVIDENCE_MAX];
        size_t n_evidence;
};

struct doctor_report {
        const struct trail_session *boot; /* that the report is about; NULL: none was seen */
        char summary[DOCTOR_WORDS_SIZE];  /* how that boot went, a sentence */
        struct doctor_finding findings[DOCTOR_FINDINGS_MAX];
        size_t n_findings;
};

/**
 * doctor_examine() - what the boots of one machine show
 * @boots:      newest first, as long as @ret is used
 * @n:          of them; more than DOCTOR_BOOTS_MAX are not looked at
 *
 * It is about the newest boot. While that one goes on and shows nothing, it is about the one before.
 */
void doctor_examine(const struct trail_session *const *boots, size_t n, const struct doctor_facts *facts,
                    struct doctor_report *ret);

const char *doctor_weight_name(enum doctor_weight w); /* "fault" */
