/*
 * What can be wrong with a simulated board, so that it fails as real ones are known to (raspberry-pi.md
 * section 11).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

enum fault {
        FAULT_DEAF = 1,           /* it takes no OFFER */
        FAULT_WRONG_SERVER = 2,   /* it fetches from the last address of its network, where nobody is */
        FAULT_IGNORES_CONFIG = 4, /* what config.txt says does not reach it */
        FAULT_FIRMWARE = 8,       /* start*.elf and fixup*.dat do not fit together */
        FAULT_STALLS = 16,        /* the second half of a kernel takes longer than a file may */
        FAULT_HANGS = 32,         /* its kernel breaks off in the middle, and it says no more */
        FAULT_OTHER_SERVER = 64,  /* it takes an OFFER that another server made */
        FAULT_PC_LOADER = 128,    /* somebody told it to boot what PCs boot */
        FAULT_BLOCK_WALL = 256,   /* it cannot count beyond block 65535 */
        FAULT_LOSSY = 512,        /* blocks of its kernel get lost */
        FAULT_PANICS = 1024,      /* its kernel finds no root, and says so by netconsole */
        FAULT_NO_RESTART = 2048,  /* it comes back when it was switched off, and not by a restart */
};

/* One row of what --fault takes. */
struct fault_name {
        const char *name, *help;
        enum fault fault;
};

extern const struct fault_name fault_names[]; /* ends with a NULL name */

/** fault_by_name() - NULL: there is none. */
const struct fault_name *fault_by_name(const char *name);
