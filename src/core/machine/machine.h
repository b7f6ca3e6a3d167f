/*
 * A machine that somebody registered: how the network knows it and what it should boot.
 *
 * Values only; reference counted, because a snapshot of the site is shared between threads and never changes.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/error.h"
#include "base/ref.h"
#include "core/machine/lifecycle.h"

/* What a processor runs, under Debian's names. */
enum arch { ARCH_NONE, ARCH_AMD64, ARCH_ARM64, ARCH_ARMHF, ARCH_I386, ARCH_RISCV64 };

enum {
        MACHINE_NAME_MAX = 63, /* one DNS label, RFC 1123 section 2.1 */
        MACHINE_MACS_MAX = 8,
        MACHINE_CLIENT_ID_MAX = 64,
        MACHINE_IMAGE_MAX = 74,     /* octets of NAME@VERSION */
        MACHINE_CMDLINE_MAX = 2048, /* octets of cmdline_extra */
        MACHINE_WORD_MAX = 63,      /* of a tag, pool, zone, owner, power driver */
        MACHINE_TAGS_MAX = 2047,    /* octets of all tags with the spaces between */
        MACHINE_NOTE_MAX = 4096,
        MACHINE_REASON_MAX = 1023,
        MACHINE_TOKEN_HASH_SIZE = 32
};

/* Where the system lives that was deployed on a machine. */
enum root_kind {
        ROOT_INITRD, /* the initrd is the system */
        ROOT_DISK,
        ROOT_RAM,
        ROOT_NFS,
        ROOT_NBD,
        ROOT_KINDS
};

/* Where its firmware looks first for a system, once there is one on its disk. */
enum boot_first {
        BOOT_FIRST_UNKNOWN,
        BOOT_FIRST_NETWORK,
        BOOT_FIRST_DISK,      /* and on the network where no disk boots */
        BOOT_FIRST_DISK_ONLY, /* it never asks the network by itself */
        BOOT_FIRST_KINDS
};

/* In a seed, a task or a root, where the rack puts the URL that the machine reaches it by:
 * http://10.77.0.1:5248. And the address alone: 10.77.0.1 */
#define MACHINE_RACK_MARK "@RACK@"
#define MACHINE_RACK_HOST_MARK "@RACK_HOST@"

/* What the EEPROM of a Raspberry Pi needs so that its firmware's console is heard: from an address of its
 * own, to everybody; of at most 32 octets behind the '='. */
#define MACHINE_NETCONSOLE_LINE "NETCONSOLE=6665@169.254.1.1/,6666@/"

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

        enum arch arch;                    /* ARCH_NONE: as it says on the wire */
        char board[32];                    /* a name from data/boards, or "" */
        enum boot_first claimed_first;     /* as its operator says */
        enum boot_first found_first;       /* as its agent found */
        char trust[16];                    /* how far it checks what it boots, likewise; "": not known */
        struct ip_addr ip;                 /* a reservation, also known without a lease; IP_NONE: any */
        char image[MACHINE_IMAGE_MAX + 1]; /* the image that it is deployed with, NAME@VERSION; "": none */
        bool drop_options;    /* a Pi: for its disk it is offered no boot, and its patience ends */
        bool as_ramdisk;      /* a Pi: its firmware loads its tree as one volume */
        bool require_trusted; /* it is given nothing that is not signed or follows from that */
        char boot_key[MACHINE_WORD_MAX + 1]; /* that its boots are signed with; "": the usual one */
        char *cmdline_extra;                 /* appended to the kernel's command line; NULL: nothing */
        char *config_txt_extra;              /* lines laid over a Raspberry Pi's config.txt; NULL: none */
        char *eeprom_lines; /* likewise over its EEPROM's bootconf.txt: settings, KEY=VALUE; NULL: none */
        char eeprom_firmware[MACHINE_IMAGE_MAX + 1]; /* wanted in its EEPROM: NAME@VERSION of an image, its
                                                        day as "2026-05-17", "newest"; "": nothing is said */
        bool netconsole;   /* its firmware and kernel shall write their console to us, too */
        int64_t created_s; /* Unix time */

        /* Its life: core/life decides these, all others read them. */
        enum machine_state state;
        enum machine_state prior; /* what Testing, rescue and Broken return to */
        int64_t state_since_s;    /* Unix time; 0: for ever */
        int64_t deadline_s;       /* when it is given up what the state waits for, Unix time; 0: it waits for
                                     nothing */
        char *reason;             /* one sentence on why it is where it is; NULL */
        bool is_locked;           /* nothing is done to it until it is unlocked */
        bool needs_approval;      /* nobody has said yet that it belongs here, or brought its code */
        bool has_claim;           /* there is a code that it can be claimed by */
        uint8_t claim_hash[MACHINE_TOKEN_HASH_SIZE]; /* SHA-256 of it, as core/life/claim.h has it */
        int64_t claim_until_s;                       /* how long it counts, Unix time */
        int64_t inventory_s;                         /* when its agent told what it is made of; 0: never */

        /* What is deployed on it, with @image. */
        enum root_kind root;
        bool asks_back; /* the system on its disk asks at each start whether it is wanted back */
        bool boots_own; /* it is in place: network boots lead to it, not to the agent */
        char *seed;     /* NoCloud's files as JSON, {"meta-data": "…", …}; NULL: none */
        char *run;      /* the root that its agent brings up and starts the system in, JSON as the agent reads
                           it; NULL: its system starts without one (roots initrd and disk) */
        char *good; /* what ran before, while a new revision is on trial: NAME@VERSION of its image, a space,
                       and the rest as core/life has it; NULL: no trial */
        uint64_t deployment; /* tells it from others of this machine, and outlives its token; 0: of an older
                                 version */
        bool has_token;      /* of the deployment: what its phone-home is known by */
        uint8_t token_hash[MACHINE_TOKEN_HASH_SIZE]; /* SHA-256 of the token's 64 hex digits */

        /* What its agent shall work on now, JSON as the agent reads it; NULL: it parks. */
        uint64_t task_id; /* grows with each task; 0: there was none */
        char *task;
        char *job;          /* what is under way with it, core/life's own; NULL: nothing */
        char *eeprom_found; /* what its agent read of its EEPROM, as eeprom_found.h has it; NULL: nothing */
        char *eeprom;       /* what shall become of its EEPROM, as eeprom_order.h has it; NULL: nothing */

        /* The power driver; "": by hand. Its parameters are secrets and stay in the database. */
        char power[MACHINE_WORD_MAX + 1];
        char *tags; /* words with a space between, sorted, each once; NULL: none */
        char pool[MACHINE_WORD_MAX + 1], zone[MACHINE_WORD_MAX + 1]; /* "": the default one */
        char owner[MACHINE_WORD_MAX + 1];
        char *note; /* for people, several lines; NULL */
};

const char *arch_name(enum arch a); /* "arm64"; "" for ARCH_NONE */
MUST_CHECK int arch_parse(const char *name, enum arch *ret);

/** arch_is_kin() - whether both are the same processor, in one mode or another: arm64 and armhf, amd64 and
 * i386.
 */
bool arch_is_kin(enum arch a, enum arch b);

/** serial_parse() - a Raspberry Pi's serial as people write it: 8 or 16 hex digits, of which the last 8
 * count. 0 or -EINVAL. */
MUST_CHECK int serial_parse(const char *text, uint32_t *ret);

const char *boot_first_name(enum boot_first f); /* "network-first"; "" for BOOT_FIRST_UNKNOWN */
MUST_CHECK int boot_first_parse(const char *name, enum boot_first *ret);

/** machine_boot_first() - what counts: its operator's word, else its agent's. */
enum boot_first machine_boot_first(const struct machine *m);

const char *root_name(enum root_kind r); /* "disk" */
MUST_CHECK int root_parse(const char *name, enum root_kind *ret);

/** machine_new() - an empty machine with one reference; NULL when out of memory. */
struct machine *machine_new(void);

/** machine_copy() - a machine of one's own with the same values and one reference; NULL when out of memory.
 */
struct machine *machine_copy(const struct machine *m);
struct machine *machine_take(const struct machine *m);
void machine_drop(struct machine *m);
DEFINE_CLEANUP(struct machine, machine_drop)

/** machine_purpose() - what a network boot of @m is for, as its state has it. */
enum boot_purpose machine_purpose(const struct machine *m);

/** machine_is_run_by_agent() - whether a network boot brings up the agent, which then starts the machine's
 * own system. */
bool machine_is_run_by_agent(const struct machine *m);

/** machine_falls_back_to() - whether it would run image @ref (NAME@VERSION) again if its new one is no good.
 */
bool machine_falls_back_to(const struct machine *m, const char *ref);

/**
 * machine_declare() - the state of a machine that its operator describes by hand
 *
 * With an image it runs it already, diskless, whenever it boots: Deployed. Without one nothing is known: New.
 */
void machine_declare(struct machine *m);

/**
 * machine_amend() - what of a machine goes on when its operator describes it anew
 * @now:        the new description; its life is made what that of @was was, or declared where the image
 * changes
 *
 * Return: 0, or -EBUSY with a sentence: it is locked, its image is what it is deployed with, or it is to
 * require trust while its seed has secrets.
 */
MUST_CHECK int machine_amend(struct machine *now, const struct machine *was, struct error *reterr);

/** machine_is_word() - whether the @len octets can be a tag, pool, zone or owner. */
bool machine_is_word(const char *word, size_t len);

/** machine_has_tag() - whether @tag is one of its tags. */
bool machine_has_tag(const struct machine *m, const char *tag);

/** machine_check() - whether the values make a machine: a DNS label as name, at least one key, one-line
 * command line, words that are words. 0 or -EINVAL with a sentence. */
MUST_CHECK int machine_check(const struct machine *m, struct error *reterr);
