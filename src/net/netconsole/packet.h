/*
 * Netconsole: a console's text in UDP datagrams, as the EEPROM of a Raspberry Pi and the Linux kernel send it
 * (raspberry-pi.md section 7; Linux, Documentation/networking/netconsole.rst).
 *
 * Pure codec. Whole frames, because what sends them may have no address of its own yet, and is known by its
 * MAC. Nothing is allocated.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/cleanup.h"

enum { NETCONSOLE_PORT = 6666, NETCONSOLE_FRAME_MAX = 1514 };

struct netconsole_datagram {
        struct mac mac; /* of the sender */
        uint32_t src;   /* its address as it says: of firmware often one that it made up */
        uint16_t src_port, dst_port;
        const char *text; /* not terminated; as long as the frame */
        size_t len;
};

/** netconsole_frame_parse() - the datagram in an Ethernet frame. Return: 0, or -EBADMSG: none whole is in it.
 */
MUST_CHECK int netconsole_frame_parse(const void *frame, size_t len, struct netconsole_datagram *ret);

/* What one datagram says. */
struct netconsole_record {
        bool is_extended;         /* it has Linux's header "PRIORITY,SEQUENCE,USEC,FLAGS[,...];" */
        unsigned priority;        /* and these from it: 0 (emergency) to 7 (debug) */
        uint64_t sequence;        /* of the record, rising */
        uint32_t offset, of_size; /* a part of a longer record; of_size 0: the whole */
        const char *text;         /* without header, and without what follows the first line end */
        size_t len;
};

/** netconsole_record_read() - with Linux's extended header or plain, where all of it is text. */
void netconsole_record_read(const char *text, size_t len, struct netconsole_record *ret);

/** netconsole_is_firmware() - whether a datagram is of a board's firmware: Linux sends from the address that
 * it has, firmware from one of its own that no server gave (169.254.0.0/16) or from none. */
bool netconsole_is_firmware(const struct netconsole_datagram *d);
