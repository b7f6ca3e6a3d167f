/*
 * DHCPv4 messages (RFC 2131, RFC 2132; long options RFC 3396, overload RFC 2132 section 9.3).
 *
 * Pure codec: octets in, struct out, and back. No sockets, no clock, no allocation. Reading makes one list of
 * options out of the three places they may stand in; pieces of one option are joined. What is borrowed lives
 * as long as the message and the struct it was parsed to.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

enum { DHCP4_PORT_SERVER = 67, DHCP4_PORT_CLIENT = 68, DHCP4_PORT_PXE = 4011 };

enum dhcp4_type {
        DHCP4_NONE = 0, /* BOOTP, or silence where an answer is meant */
        DHCP4_DISCOVER = 1,
        DHCP4_OFFER = 2,
        DHCP4_REQUEST = 3,
        DHCP4_DECLINE = 4,
        DHCP4_ACK = 5,
        DHCP4_NAK = 6,
        DHCP4_RELEASE = 7,
        DHCP4_INFORM = 8
};

/* The options that the protocol itself speaks of; all others are numbers. */
enum dhcp4_option_number {
        DHCP4_OPTION_PAD = 0,
        DHCP4_OPTION_MASK = 1,
        DHCP4_OPTION_ROUTER = 3,
        DHCP4_OPTION_HOSTNAME = 12,
        DHCP4_OPTION_BROADCAST = 28,
        DHCP4_OPTION_VENDOR = 43,
        DHCP4_OPTION_ADDRESS = 50,
        DHCP4_OPTION_LEASE_S = 51,
        DHCP4_OPTION_OVERLOAD = 52,
        DHCP4_OPTION_TYPE = 53,
        DHCP4_OPTION_SERVER = 54,
        DHCP4_OPTION_PARAMETERS = 55,
        DHCP4_OPTION_MESSAGE = 56,
        DHCP4_OPTION_MAX_SIZE = 57,
        DHCP4_OPTION_RENEW_S = 58,
        DHCP4_OPTION_REBIND_S = 59,
        DHCP4_OPTION_VENDOR_CLASS = 60,
        DHCP4_OPTION_CLIENT_ID = 61,
        DHCP4_OPTION_TFTP_SERVER = 66,
        DHCP4_OPTION_BOOT_FILE = 67,
        DHCP4_OPTION_USER_CLASS = 77,
        DHCP4_OPTION_RELAY = 82,
        DHCP4_OPTION_ARCH = 93,
        DHCP4_OPTION_UNDI = 94,
        DHCP4_OPTION_UUID = 97,
        DHCP4_OPTION_SUBNET_SELECTION = 118,
        DHCP4_OPTION_END = 255
};

enum {
        DHCP4_HEADER_SIZE = 240,     /* octets, with the magic cookie */
        DHCP4_MESSAGE_MIN = 300,     /* BOOTP relays drop shorter ones (RFC 1542 section 2.1) */
        DHCP4_MESSAGE_MAX = 1472,    /* what one Ethernet frame carries; a longer request is none of ours */
        DHCP4_MESSAGE_DEFAULT = 548, /* what every client takes: 576 octets with IP and UDP headers */
        DHCP4_FLAG_BROADCAST = 0x8000
};

/* One option: its pieces joined, borrowed. */
struct dhcp4_option {
        uint8_t number;
        uint16_t len; /* above 255: split when written, RFC 3396 */
        const uint8_t *octets;
};

/* Addresses are in host byte order. */
struct dhcp4_packet {
        uint8_t op, htype, hlen, hops;
        uint32_t xid;
        uint16_t secs, flags;
        uint32_t ciaddr, yiaddr, siaddr, giaddr;
        struct mac mac;            /* chaddr, where dhcp4_packet_has_mac() */
        uint8_t type;              /* enum dhcp4_type */
        char sname[65], file[129]; /* "" when they hold options */

        uint8_t index[256];               /* by number: 1 + place in options; 0: absent */
        struct dhcp4_option options[254]; /* in the order of their first pieces */
        size_t n_options;
        uint8_t joined[DHCP4_MESSAGE_MAX]; /* what stood in pieces */
        size_t n_joined;
};

/**
 * dhcp4_packet_parse() - decode one message
 * @ret:        filled; it holds a message only when 0 is returned
 *
 * Options whose length is wrong for what they are count as absent, but for those that the exchange hangs on
 * (message type, server, requested address): then the message says something else than it means.
 *
 * Return: 0, or -EBADMSG.
 */
MUST_CHECK int dhcp4_packet_parse(const void *data, size_t len, struct dhcp4_packet *ret);

/** dhcp4_packet_has_mac() - whether the sender has an Ethernet address of its own: keys and frames need one.
 */
bool dhcp4_packet_has_mac(const struct dhcp4_packet *p);

/** dhcp4_option_find() - NULL when the message has none. */
const struct dhcp4_option *dhcp4_option_find(const struct dhcp4_packet *p, uint8_t number);

/* Values of options of one fixed size; false (and @ret as it was) when absent or of another size. */
bool dhcp4_option_u8(const struct dhcp4_packet *p, uint8_t number, uint8_t *ret);
bool dhcp4_option_u16(const struct dhcp4_packet *p, uint8_t number, uint16_t *ret);
bool dhcp4_option_u32(const struct dhcp4_packet *p, uint8_t number, uint32_t *ret);

/** dhcp4_option_text() - as a C string, cut to @size and at the first NUL; "" when absent. Returns @buf. */
const char *dhcp4_option_text(const struct dhcp4_packet *p, uint8_t number, char *buf, size_t size);

/** dhcp4_relay_suboption() - a part of option 82 (RFC 3046 section 2.0); NULL when there is none. */
const uint8_t *dhcp4_relay_suboption(const struct dhcp4_packet *p, uint8_t number, uint8_t *ret_len);

/** dhcp4_packet_subnet_hint() - the subnet asked for: link selection (82.5, RFC 3527), else subnet selection
 * (118, RFC 3011), else giaddr, else 0. */
uint32_t dhcp4_packet_subnet_hint(const struct dhcp4_packet *p);

/** dhcp4_packet_size_max() - the longest message that the client takes (option 57), within sane limits. */
size_t dhcp4_packet_size_max(const struct dhcp4_packet *p);

/** dhcp4_type_name() - "DISCOVER", …; "BOOTP" for DHCP4_NONE, "?" beyond the table. */
const char *dhcp4_type_name(uint8_t type);

/* What a message to write consists of. @options leave in this order, and what does not fit stays out, last
 * first. */
struct dhcp4_message {
        uint8_t op, hops;
        uint32_t xid;
        uint16_t secs, flags;
        uint32_t ciaddr, yiaddr, siaddr, giaddr;
        struct mac mac;
        const char *file; /* at most 127 octets; becomes option 67 where it is longer or its field is needed.
                             NULL: none */
        const struct dhcp4_option *options;
        size_t n_options;
        const struct dhcp4_option
                *relay;  /* option 82: always the last one (RFC 3046 section 2.1); NULL: none */
        size_t size_max; /* octets of the whole message, DHCP4_MESSAGE_DEFAULT at least */
};

/**
 * dhcp4_message_write() - encode a message
 * @buf:        room for DHCP4_MESSAGE_MAX octets
 *
 * Where the options do not fit, sname and then file carry some of them.
 * Return: its length, DHCP4_MESSAGE_MIN at least; 0 when not even the relay's own option fits.
 */
size_t dhcp4_message_write(const struct dhcp4_message *m, uint8_t *buf);
