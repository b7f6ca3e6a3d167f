/*
 * A machine that somebody registered: how the network knows it and what it should boot.
 *
 * Values only; reference counted, because a snapshot of the site is shared between threads and never changes.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/error.h"
#include "base/ref.h"

/* What a processor runs, under Debian's names. */
enum arch { ARCH_NONE, ARCH_AMD64, ARCH_ARM64, ARCH_ARMHF, ARCH_I386, ARCH_RISCV64 };

enum {
        MACHINE_NAME_MAX = 63, /* one DNS label, RFC 1123 section 2.1 */
        MACHINE_MACS_MAX = 8,
        MACHINE_CLIENT_ID_MAX = 64,
        MACHINE_CMDLINE_MAX = 2048 /* octets of cmdline_extra */
};

struct machine {
        struct ref ref;
        uint64_t id; /* the database's; never reused */
        char name[MACHINE_NAME_MAX + 1];

        /* The keys that it is found by; a machine has at least one. */
        struct mac macs[MACHINE_MACS_MAX];
        uint8_t n_macs;
        bool has_serial, has_uuid;
        uint32_t serial; /* Raspberry Pi: the low 32 bits, which are what firmware shows on the wire */
        uint8_t uuid[16];
        uint8_t client_id[MACHINE_CLIENT_ID_MAX];
        uint8_t client_id_len; /* 0: none */

        enum arch arch;      /* ARCH_NONE: as it says on the wire */
        char board[32];      /* a name from data/boards, or "" */
        struct ip_addr ip;   /* a reservation, also known without a lease; IP_NONE: any */
        char image[64];      /* name of the image it boots, diskless, every time */
        char *cmdline_extra; /* appended to the kernel's command line; NULL: nothing */
        int64_t created_s;   /* Unix time */
};

const char *arch_name(enum arch a); /* "arm64"; "" for ARCH_NONE */
MUST_CHECK int arch_parse(const char *name, enum arch *ret);

/** arch_is_kin() - whether both are the same processor, in one mode or another: arm64 and armhf, amd64 and
 * i386.
 */
bool arch_is_kin(enum arch a, enum arch b);

/** machine_new() - an empty machine with one reference; NULL when out of memory. */
struct machine *machine_new(void);
struct machine *machine_take(const struct machine *m);
void machine_drop(struct machine *m);
DEFINE_CLEANUP(struct machine, machine_drop)

/** machine_check() - whether the values make a machine: a DNS label as name, at least one key, one-line
 * command line. 0 or -EINVAL with a sentence. */
MUST_CHECK int machine_check(const struct machine *m, struct error *reterr);
