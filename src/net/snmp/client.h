/*
 * SNMP as a client, over net-snmp: get, set a number, walk. Version 2c and 3 with USM.
 *
 * For a process of one thread that does little else: net-snmp keeps its users and their keys in one list for
 * the whole process, and the first key that a user had stays. Knows no MIBs: objects are numbers here.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

enum {
        SNMP_OID_MAX = 128,
        SNMP_OCTETS_MAX = 256
}; /* sub-identifiers, RFC 3416; octets of a value, more is cut */

struct snmp_oid {
        uint32_t ids[SNMP_OID_MAX];
        size_t n;
};

/* An object named where it is used: SNMP_OID(1, 3, 6, 1). */
#define SNMP_OID(...) \
        (struct snmp_oid) { \
                .ids = { __VA_ARGS__ }, .n = sizeof((uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t) \
        }

/** snmp_oid_append() - one sub-identifier more; beyond SNMP_OID_MAX it is a bug of the caller. */
void snmp_oid_append(struct snmp_oid *oid, uint32_t id);

enum snmp_kind {
        SNMP_NOTHING, /* there is no such object */
        SNMP_NUMBER,
        SNMP_OCTETS,
        SNMP_ELSE /* of a type that is of no use here */
};

struct snmp_value {
        struct snmp_oid oid;
        enum snmp_kind kind;
        int64_t number;
        uint8_t octets[SNMP_OCTETS_MAX];
        size_t len;
};

struct snmp_target {
        const char *host; /* a name or an address */
        uint16_t port;
        bool is_v3;
        const char *community;                     /* version 2c */
        const char *user;                          /* version 3, as all below */
        const char *auth_protocol, *auth_password; /* "sha", "sha256", ... */
        const char *priv_protocol, *priv_password; /* "aes", ...; a NULL password: in clear */
        unsigned timeout_ms;                       /* for all that is asked together */
};

struct snmp_client;

/**
 * snmp_client_open() - version 3 asks the agent who it is
 *
 * Every function here that fails has a sentence. -ETIMEDOUT: no answer, which is also what an agent gives to
 * a wrong community; -EACCES: wrong user or passphrase, or no right; -EREMOTEIO: refused; -EHOSTUNREACH;
 * -EINVAL; -EBADMSG.
 */
MUST_CHECK int snmp_client_open(const struct snmp_target *target, struct snmp_client **ret,
                                struct error *reterr);
void snmp_client_free(struct snmp_client *c);
DEFINE_CLEANUP(struct snmp_client, snmp_client_free)

/** snmp_client_get() - one object; one that is not there is SNMP_NOTHING, and no failure. */
MUST_CHECK int snmp_client_get(struct snmp_client *c, const struct snmp_oid *oid, struct snmp_value *ret,
                               struct error *reterr);

MUST_CHECK int snmp_client_set(struct snmp_client *c, const struct snmp_oid *oid, int32_t number,
                               struct error *reterr);

/** snmp_client_walk() - every object below @root in its order, at most @max, until @fn returns false. */
MUST_CHECK int snmp_client_walk(struct snmp_client *c, const struct snmp_oid *root, size_t max,
                                bool (*fn)(void *ctx, const struct snmp_value *v), void *ctx,
                                struct error *reterr);
