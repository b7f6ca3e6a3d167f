/*
 * TFTP packets (RFC 1350, options RFC 2347, 2348, 2349, 7440), as a server reads and writes them.
 *
 * Pure codec: octets in, struct out, and back. No sockets, no clock, no allocation.
 * Strings point into the packet and live as long as it does.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/writer.h"

enum tftp_op { TFTP_RRQ = 1, TFTP_WRQ = 2, TFTP_DATA = 3, TFTP_ACK = 4, TFTP_ERROR = 5, TFTP_OACK = 6 };

enum tftp_error {
        TFTP_ERROR_UNDEFINED = 0,
        TFTP_ERROR_NOT_FOUND = 1,
        TFTP_ERROR_ILLEGAL = 4,
        TFTP_ERROR_OPTION = 8, /* RFC 2347; EDK2 ends with it after it learnt a size */
};

enum tftp_mode { TFTP_MODE_OCTET, TFTP_MODE_NETASCII, TFTP_MODE_OTHER };

enum {
        TFTP_BLKSIZE_DEFAULT = 512, /* octets; RFC 1350 */
        TFTP_BLKSIZE_MIN = 8,       /* octets; RFC 2348 */
        TFTP_BLKSIZE_MAX = 65464,
        TFTP_WINDOWSIZE_MAX = 64, /* blocks; RFC 7440 lets a server answer less than was asked */
        TFTP_TIMEOUT_S_MAX = 255, /* RFC 2349 */
        TFTP_DATA_HEADER_SIZE = 4,
        TFTP_OACK_SIZE_MAX = 96, /* octets: all four options with their longest values */
        TFTP_ERROR_TEXT_MAX = 400,
};

enum tftp_option {
        TFTP_OPTION_BLKSIZE = 1,
        TFTP_OPTION_WINDOWSIZE = 2,
        TFTP_OPTION_TSIZE = 4,
        TFTP_OPTION_TIMEOUT = 8,
};

/* What a client asks for and what an OACK grants: values count where their bit is set in @present. */
struct tftp_options {
        unsigned present;    /* of enum tftp_option */
        uint32_t blksize;    /* octets */
        uint32_t windowsize; /* blocks */
        uint32_t timeout_s;
        uint64_t tsize; /* octets */
};

struct tftp_packet {
        enum tftp_op op;
        union {
                struct { /* TFTP_RRQ, and TFTP_WRQ without options */
                        const char *path;
                        enum tftp_mode mode;
                        struct tftp_options options; /* those a server can grant; brought into their bounds */
                } request;
                struct {
                        uint16_t block;
                } ack;
                struct {
                        uint16_t code;
                        const char *text; /* not terminated; "" when there is none */
                        size_t text_len;
                } error;
        };
};

/**
 * tftp_packet_parse() - decode one datagram a client may send
 *
 * Unknown options and values out of bounds are skipped as if they were not there (RFC 2347 section 2); a
 * larger blksize or windowsize than can be granted is brought down to what can (RFC 2348, 7440). What follows
 * the last whole option is padding of some ROMs and ignored, and an ERROR may lack its NUL.
 *
 * Return: 0, or -EBADMSG when the datagram is not a well-formed RRQ, WRQ, ACK or ERROR. @ret is set on
 * success only.
 */
MUST_CHECK int tftp_packet_parse(const void *data, size_t len, struct tftp_packet *ret);

/** tftp_data_header_put() - the header of a DATA packet into TFTP_DATA_HEADER_SIZE octets. */
void tftp_data_header_put(uint8_t *buf, uint16_t block);

/** tftp_oack_write() - an OACK of the options present, at most TFTP_OACK_SIZE_MAX octets. */
void tftp_oack_write(struct writer *w, const struct tftp_options *granted);

/** tftp_error_write() - an ERROR; @text is cut to TFTP_ERROR_TEXT_MAX octets. */
void tftp_error_write(struct writer *w, enum tftp_error code, const char *text);
