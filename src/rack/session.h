/*
 * Boot sessions: which packets belong to one boot of one machine.
 *
 * A session begins with a firmware-class DISCOVER, or the first request of a client without DHCP, after the
 * last stage finished or 60 s of silence, and takes in the later classes of the same MAC. No I/O: time, ids
 * and tokens are passed in. Owned by the control thread.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "core/boot/plan.h"
#include "rack/agent_body.h"
#include "rack/duty.h"
#include "rack/macs.h"
#include "rack/refusal.h"

/* What a session's trail has been told once, and need not be told again. */
enum session_told {
        SESSION_TOLD_MAC = 1,
        SESSION_TOLD_IDENTITY = 2,
        SESSION_TOLD_PATH = 4,
        SESSION_TOLD_OFFER = 8,    /* another server's */
        SESSION_TOLD_REQUEST = 16, /* to another server */
        SESSION_TOLD_ARP = 32,
        SESSION_TOLD_XID = 64,
        SESSION_TOLD_UNASKED = 128,
        SESSION_TOLD_SERIAL = 256,
};

/* What is known of the agent that a boot brought up. */
struct session_agent {
        bool is_due;            /* firmware was told to boot it, and it has not gone since */
        bool is_up;             /* it was heard of */
        bool is_silent;         /* and then not for a while, which the trail was told */
        bool has_left;          /* it starts the machine anew, as its last word was */
        uint64_t heard_ms;      /* monotonic */
        struct agent_duty duty; /* what it knows, or was woken to ask for */
        enum arch arch;         /* what it runs on, as it said */

        /* What the trail was told of its work. */
        uint64_t told_task, told_result; /* given, ended */
        char told_phase[AGENT_WHAT_SIZE];
        unsigned told_tenths;
        uint64_t told_ms;
};

/* An update of its EEPROM, in this boot. */
enum session_eeprom {
        SESSION_EEPROM_NOTHING,
        SESSION_EEPROM_FETCHED,  /* all of it */
        SESSION_EEPROM_RESTARTED /* and the firmware began anew */
};

struct session {
        struct macs_item known;
        struct boot_ask ask; /* who asks, as of the newest packet; ask.session is the trail's id */
        enum boot_client_id first_client;
        uint32_t xid;               /* of the newest message of firmware */
        uint64_t start_ms, last_ms; /* monotonic */
        uint64_t delivered;         /* octets since the newest DISCOVER of firmware */
        bool is_finished;           /* the operating system spoke */
        bool is_by_console;         /* its firmware's console was the first that was heard of it */
        unsigned told;              /* enum session_told */
        uint64_t named_at;          /* the snapshot by which its trail got the machine's name */
        struct refusal_watch refusal;
        enum boot_purpose purpose; /* what its firmware was last told to boot for */
        struct session_agent agent;
        enum session_eeprom eeprom;
        uint64_t seed_ms; /* when its system first read the secrets of its seed; monotonic; 0: not yet */
        unsigned neighbour_ifindex; /* where a permanent neighbour entry stands for ask.client_ip; 0: nowhere
                                     */
};

struct sessions;

/** sessions_new() - an empty table of at most @max sessions; NULL when out of memory. */
struct sessions *sessions_new(struct hash_key key, size_t max);
void sessions_free(struct sessions *t);
DEFINE_CLEANUP(struct sessions, sessions_free)

struct session *sessions_find(const struct sessions *t, const struct mac *mac);

/** session_is_over() - whether a firmware-class DISCOVER of @client at @now_ms begins another boot than this
 * one. */
bool session_is_over(const struct session *s, enum boot_client_id client, uint64_t now_ms);

/** session_is_of_agent() - whether what it boots is the agent, and no system. */
bool session_is_of_agent(const struct session *s);

/** session_is_ramdisk() - whether @path is that of boot.img, below whatever prefix or folder. */
bool session_is_ramdisk(const char *path);

/** session_is_silent() - whether it said nothing for so long that what comes now is another story. */
bool session_is_silent(const struct session *s, uint64_t now_ms);

/** sessions_is_full() - whether the next new MAC needs room: take sessions_spare() away first. */
bool sessions_is_full(const struct sessions *t);

/**
 * sessions_begin() - a new boot of @mac, in place of its last one
 *
 * Return: the session with nothing but MAC, client and times set (neighbour_ifindex and ask.client_ip stay,
 * for they describe the kernel's table); NULL when out of memory or when the table is full.
 */
struct session *sessions_begin(struct sessions *t, const struct mac *mac, enum boot_client_id client,
                               uint64_t now_ms);

/** sessions_resume() - likewise, for a boot that a restart broke into: its next DISCOVER begins another. */
struct session *sessions_resume(struct sessions *t, const struct mac *mac, enum boot_client_id client,
                                uint64_t now_ms);

/** sessions_touch() - the session spoke: it is the most recent now. */
void sessions_touch(struct sessions *t, struct session *s, uint64_t now_ms);

/** sessions_keep() - its MAC is no stranger's: all strangers' sessions make room before it (macs.h). */
void sessions_keep(struct sessions *t, struct session *s);

/** sessions_spare() - the session that makes room: a stranger's if there is one, and of these the most
 * silent; NULL when there is none. */
struct session *sessions_spare(const struct sessions *t);
void sessions_remove(struct sessions *t, struct session *s);

/** sessions_each() - all of them, strangers first, the most silent before the others; @fn may remove the one
 * it is given. */
void sessions_each(struct sessions *t, void (*fn)(void *ctx, struct session *s), void *ctx);
