/*
 * DHCP as Raspberry Pi firmware speaks it (raspberry-pi.md sections 1.1 to 1.3): exact options in their
 * order, and what it takes from an answer. Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

enum { DHCP_MESSAGE_SIZE = 590, DHCP_UUID_SIZE = 17, DHCP_PARAMS_MAX = 16 };

enum dhcp_type { DHCP_DISCOVER = 1, DHCP_OFFER = 2, DHCP_REQUEST = 3, DHCP_ACK = 5, DHCP_NAK = 6 };

/* How a family says it. */
struct dhcp_manner {
        const char *system; /* the class of a system, which wants an address and no boot; NULL: firmware */
        uint8_t params[DHCP_PARAMS_MAX];
        size_t n_params;
        bool class_before_params; /* Pi 4, 5: 53,55,60,93,94,97; ROM: 53,55,93,94,97,60 */
        bool request_has_class;   /* the EEPROM's REQUEST lacks option 60 */
        uint32_t constant_xid;    /* 0: random */
        size_t message_size;      /* octets, padded */
        unsigned tries;           /* DISCOVERs before it gives up */
        unsigned try_ms;          /* between them */
        unsigned too_early_ms; /* an OFFER sooner than this locks the ROM up (firmware issue 934); 0: none is
                                  too early */
};

struct dhcp_asker {
        struct mac mac;
        uint32_t xid;
        uint8_t uuid[DHCP_UUID_SIZE]; /* option 97 */
        uint16_t secs;
};

/** dhcp_write() - a DISCOVER, or a REQUEST for @addr from @server; returns its length (at most
 * DHCP_MESSAGE_SIZE). */
size_t dhcp_write(const struct dhcp_manner *m, const struct dhcp_asker *who, enum dhcp_type type,
                  uint32_t addr, uint32_t server, uint8_t *buf);

/* What a server said, as far as firmware looks at it. */
struct dhcp_reply {
        enum dhcp_type type;
        uint32_t xid;
        struct mac mac; /* chaddr */
        uint32_t addr, next_server, server, mask, router;
        uint32_t tftp_server; /* option 66 when it is a dotted address; 0 */
        bool has_tftp_server; /* option 66 is there at all */
        bool names_menu; /* option 43 has a boot menu entry "Raspberry Pi Boot", trailing characters ignored
                          */
        bool is_pxe;     /* option 60 begins with PXEClient */
};

/** dhcp_parse() - read a server's message; false when it is none. */
bool dhcp_parse(const void *octets, size_t len, struct dhcp_reply *ret);
