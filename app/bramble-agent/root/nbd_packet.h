/*
 * The handshake of NBD as a client speaks it: fixed newstyle, one option, NBD_OPT_GO.
 *
 * Source: the protocol's own text, doc/proto.md of NetworkBlockDevice/nbd, "Fixed newstyle negotiation". What
 * comes after it is the kernel's. Pure: octets in, struct out, and back.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

enum {
        NBD_GREETING_SIZE = 18,
        NBD_REPLY_SIZE = 20,
        NBD_REPLY_DATA_MAX = 4096, /* octets: no reply that is asked for has more than a sentence in it */
        NBD_EXPORT_MAX = 255,      /* octets of a name */
        NBD_GO_SIZE = 4 + 16 + 4 + NBD_EXPORT_MAX + 2 + 2,
        NBD_REPLIES_MAX = 64 /* a server has said all there is to say long before */
};

/* What the server tells of the export. */
struct nbd_export {
        uint64_t size;      /* octets */
        uint16_t flags;     /* transmission flags, for the kernel */
        uint32_t block_min; /* octets; 0: it does not say */
};

/** nbd_greeting_parse() - the server's first word. 0, or -EPROTO with a sentence: it is no NBD server, or one
 * of the time before 2010. */
MUST_CHECK int nbd_greeting_parse(const uint8_t octets[static NBD_GREETING_SIZE], struct error *reterr);

/** nbd_go_write() - the answer to it: client flags, and the wish for @export (at most NBD_EXPORT_MAX octets).
 * Return: how many octets. */
size_t nbd_go_write(const char *export, uint8_t buf[static NBD_GO_SIZE]);

enum nbd_reply_kind {
        NBD_IS_READY, /* from here on the kernel speaks */
        NBD_SAYS_MORE,
        NBD_REFUSES
};

struct nbd_reply {
        enum nbd_reply_kind kind;
        uint32_t type; /* as it stands in the protocol */
        uint32_t len;  /* octets of data that follow, NBD_REPLY_DATA_MAX at most */
};

/** nbd_reply_parse() - the head of a reply; 0 or -EPROTO with a sentence. */
MUST_CHECK int nbd_reply_parse(const uint8_t octets[static NBD_REPLY_SIZE], struct nbd_reply *ret,
                               struct error *reterr);

/** nbd_info_parse() - the data of a reply that says more; what is not known is left alone. 0, or -EPROTO. */
MUST_CHECK int nbd_info_parse(const uint8_t *data, size_t len, struct nbd_export *ret);

/** nbd_refusal() - why it refuses, as half a sentence: "it has no such export". */
const char *nbd_refusal(const struct nbd_reply *reply);
