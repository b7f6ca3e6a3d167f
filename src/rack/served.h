/* What a serving thread tells the control thread about one file that it served or refused: a message of fixed
 * size. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "core/boot/client.h"
#include "core/trail/trail.h"
#include "rack/sighting.h"

struct served {
        enum trail_kind kind;
        enum trail_outcome outcome;
        struct mac mac; /* zero: nobody knows whose address it is */
        struct ip_addr ip;
        enum sighting_source source; /* of the MAC: how the address is connected with it */
        enum boot_client_id client;
        uint64_t session;          /* 0: none yet */
        uint64_t start_ms, end_ms; /* monotonic */
        uint64_t octets, size;
        uint32_t resent;
        uint16_t blksize; /* of TFTP; 0: no transfer was begun */
        bool is_whole;    /* the file from its first octet to its last arrived */
        char path[128];   /* cut if longer */
        char detail[TRAIL_DETAIL_SIZE];
};
