/*
 * What a boot proves about a board, from its trail: how fast, how clean, and whether it went where it should.
 *
 * Pure: a session as the API has it goes in.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* A boot in numbers. Times are milliseconds from its first DISCOVER; -1: it never came to that. */
struct selftest_facts {
        int64_t acknowledged_ms, first_file_ms, last_file_ms, last_discover_ms;
        unsigned n_discovers, n_files, n_whole, n_missed, n_broken;
        uint64_t octets, resent; /* of files that arrived; TFTP blocks sent again */
        const char *broken;      /* the first file that broke off; borrowed from the session; NULL */
        const char *largest;     /* likewise, of those that arrived */
        uint64_t largest_octets, largest_took_ms, largest_resent, largest_blksize;
        unsigned n_console;   /* lines that it wrote to its console, and over the network */
        bool is_beside_other; /* another DHCP server gave the address */
        bool is_finished;     /* its system asked for an address */
};

void selftest_facts_of(const json_t *session, struct selftest_facts *ret);

/** selftest_is_quiet() - whether a boot came to its end: its system spoke, or nothing did for @quiet_ms. */
bool selftest_is_quiet(const json_t *session, int64_t now_ms, int64_t quiet_ms);

/* Judges: append a sentence to @out; whether the board passed. */
bool selftest_judge_boot(const struct selftest_facts *f, struct text *out);
bool selftest_judge_large_file(const struct selftest_facts *f, struct text *out);
bool selftest_judge_hand_over(const struct selftest_facts *f, struct text *out);
bool selftest_judge_dropped_options(const struct selftest_facts *f, struct text *out);
bool selftest_judge_proxy(const struct selftest_facts *f, struct text *out);
bool selftest_judge_netconsole(const struct selftest_facts *f, struct text *out);
