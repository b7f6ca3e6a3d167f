/*
 * One transfer with what belongs to it: whose it is, the file, the timer, what will be reported. No I/O.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <assert.h>

#include "net/tftp/netascii.h"
#include "net/tftp/peers.h"
#include "net/tftp/server.h"
#include "net/tftp/transfer.h"
#include "net/tftp/wheel.h"

enum { TFTP_PATH_MAX = 255 }; /* octets */

struct tftp_session {
        struct tftp_transfer transfer;
        struct tftp_timer timer; /* its link serves the list of ended sessions later */
        struct tftp_peer peer;
        struct tftp_client *client;
        struct boot_file *file;
        uint64_t tag; /* the backend's */
        uint64_t start_us;
        uint64_t request;         /* hash of the datagram, to know it when it comes again */
        struct netascii_place at; /* netascii: where the first block that is not acknowledged begins */
        uint8_t socket;           /* of the worker's data sockets */
        bool is_netascii;
        bool is_ended;
        bool takes_segments;   /* the way to the client takes UDP_SEGMENT; true until the kernel refused */
        bool sent_stray_error; /* before its first answer, to port 69: Pis end probes there (firmware issue
                                  1025) */
        char path[];           /* as asked */
};

/* A thousand transfers hold a third of a megabyte; what they send lies in the worker's cache and is shared.
 */
static_assert(sizeof(struct tftp_session) <= 336, "a transfer is small: thousands run at once");

/** tftp_session_new() - a session that owns @file from now on, on success; NULL: out of memory. */
struct tftp_session *tftp_session_new(const struct tftp_peer *peer, const char *path, struct boot_file *file);
void tftp_session_free(struct tftp_session *s);

/** tftp_session_report() - what is to be told about it when it ends now. */
void tftp_session_report(const struct tftp_session *s, enum tftp_outcome outcome, uint64_t now_us,
                         struct tftp_report *ret);

/** tftp_session_outcome() - what the end of its transfer means. */
enum tftp_outcome tftp_session_outcome(const struct tftp_session *s);

/** tftp_path_is_plain() - 1 to TFTP_PATH_MAX printing ASCII octets. */
bool tftp_path_is_plain(const char *path);
