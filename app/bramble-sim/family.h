/*
 * The families of Raspberry Pi firmware that are simulated, one row each (raspberry-pi.md, the table at its
 * top).
 *
 * A family says how it speaks DHCP and TFTP and in which order it asks for files; board.c lives through it.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/bramble-sim/dhcp.h"
#include "app/bramble-sim/frame.h"

struct board;

enum want {
        WANT_PROBE, /* end the transfer as soon as it is known that the file is there */
        WANT_WHOLE
};

/* What became of a request. */
enum got {
        GOT_IT,
        GOT_NOT_FOUND, /* the server said so */
        GOT_NOTHING    /* nobody answered, or the transfer broke */
};

/* One request in a family's order. */
struct stage {
        const char *name; /* for the report */
        enum want want;
        bool (*path)(const struct board *b,
                     char *path); /* writes PATH_SIZE octets; false: this board skips the stage */
        void (*done)(struct board *b, enum got got); /* may jump with board_go(), fail with board_fail();
                                                        NULL: whatever came is fine */
};

enum { PATH_SIZE = 400 }; /* prefix, os_prefix, overlay_prefix and name together */

struct family {
        const char *name, *title;
        const char *filters[4]; /* the config.txt sections that match it */
        uint32_t revision;      /* of the board that --revision does not change */
        uint32_t fourcc;        /* of option 97, as in the packet; 0: the serial four times */
        uint8_t uuid_octet;     /* not 0: option 97 is this octet sixteen times, on every board */
        bool is_64bit;          /* without arm_64bit in config.txt */
        bool needs_config_txt;
        const char *device_tree;                           /* that the firmware asks for */
        const char *upstream_device_tree;                  /* with upstream_kernel=1; NULL: it has one name */
        const char *const *kernels_64, *const *kernels_32; /* candidates in order, NULL-terminated */

        struct dhcp_manner dhcp;
        struct frame_style style;
        bool ends_dhcp_at_offer;

        unsigned rrq_blksize; /* 0: no options at all, 1: tsize only */
        unsigned last_block;  /* that it can count; 0: it goes on */
        uint16_t first_port;  /* of TFTP; the next file takes the next one unless keeps_port */
        bool keeps_port;
        unsigned packet_ms; /* silence after which a packet goes out again */
        unsigned file_ms;   /* for one file */
        const struct stage *stages;
        size_t n_stages;
        const struct family *recovery;   /* what a recovery.bin on its card does; NULL: its ROM knows none */
        const struct family *signed_one; /* the same when it loads only what is signed; NULL: it cannot */
        const struct family
                *then; /* the firmware that this one loads and that starts over with DHCP; NULL: the kernel */
};

extern const struct family family_system; /* what was started, as far as it speaks DHCP */

extern const struct family *const families[]; /* NULL-terminated: what the command line names */

const struct family *family_by_name(const char *name);
