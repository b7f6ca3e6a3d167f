/*
 * What brambled asks of bramble-helper, and what that answers: messages of fixed size over a socket that
 * keeps them apart. Pure codec.
 *
 * There is no path in them and no name: numbers of machines, the hash of a blob, addresses. What cannot be
 * one of the requests below is refused before anything is done.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/addr.h"
#include "core/export/volume.h"

enum {
        HELPER_VERSION = 3,
        HELPER_REQUEST_SIZE = 80, /* octets */
        HELPER_ANSWER_SIZE = 340,
        HELPER_TEXT_SIZE = 300 /* of a sentence, with its NUL */
};

enum helper_verb {
        HELPER_HELLO,    /* which kinds can be served here; says what is missing */
        HELPER_LIST,     /* an answer for each volume that there is */
        HELPER_CHECK,    /* exporters that ended by themselves are started again */
        HELPER_MAKE,     /* the volume is there and whole afterwards; one that is stays as it is */
        HELPER_RESET,    /* it is as new, for the boot @boot; done once for each boot */
        HELPER_REMOVE,   /* it is not there any more, and nobody can reach it */
        HELPER_OFFER,    /* @client can reach it at @server: an exporter runs there */
        HELPER_WITHDRAW, /* nobody can */
        HELPER_TAKE,     /* as MAKE; but what stands there for another deployment stays, and that is told */
        HELPER_VERBS
};

struct helper_request {
        uint32_t serial; /* chosen by who asks; answers have it again */
        enum helper_verb verb;
        struct volume volume;  /* all but HELLO, LIST, CHECK */
        uint8_t content[32]; /* MAKE, TAKE, RESET: SHA-256 of a squashfs in the store; zeros: nothing is in it
                              * yet
                              */
        uint64_t size;         /* likewise: octets of a disk; a tree has no bound */
        uint64_t deployment;   /* likewise: what was made for another one is not what is asked for */
        uint64_t boot;         /* RESET: not 0 */
        struct ip_addr server; /* OFFER */
        struct ip_addr client; /* OFFER */
};

enum helper_answer_kind {
        HELPER_PROGRESS, /* more will come */
        HELPER_LISTED,   /* likewise: one volume */
        HELPER_DONE      /* the last one */
};

struct helper_answer {
        uint32_t serial;
        enum helper_answer_kind kind;
        int32_t result;              /* DONE: 0 or -errno */
        uint32_t kinds;              /* DONE of HELLO: bits 1 << enum volume_kind */
        uint64_t done, total;        /* PROGRESS: of the work, in octets of nothing in particular */
        struct volume volume;        /* LISTED */
        char text[HELPER_TEXT_SIZE]; /* DONE: a sentence when it failed, or what is worth telling; "" */
};

const char *helper_verb_name(enum helper_verb verb); /* "make" */

void helper_request_write(const struct helper_request *q, uint8_t buf[static HELPER_REQUEST_SIZE]);

/** helper_request_parse() - 0, or -EBADMSG for what is not exactly one sound request. */
MUST_CHECK int helper_request_parse(const void *data, size_t len, struct helper_request *ret);

void helper_answer_write(const struct helper_answer *a, uint8_t buf[static HELPER_ANSWER_SIZE]);
MUST_CHECK int helper_answer_parse(const void *data, size_t len, struct helper_answer *ret);
