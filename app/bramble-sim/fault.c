/* What can be wrong with a board; see fault.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-sim/fault.h"

#include <stddef.h>
#include <string.h>

const struct fault_name fault_names[] = {
        { "deaf", "takes no OFFER", FAULT_DEAF },
        { "wrong-server", "fetches from an address where nobody is", FAULT_WRONG_SERVER },
        { "ignores-config", "does not follow config.txt", FAULT_IGNORES_CONFIG },
        { "firmware", "stops after fixup*.dat, as with files of two releases", FAULT_FIRMWARE },
        { "stalls", "gives a kernel up whose second half does not come in time", FAULT_STALLS },
        { "hangs", "breaks its kernel off, and says no more", FAULT_HANGS },
        { "other-server", "takes the OFFER of a server that is not there", FAULT_OTHER_SERVER },
        { "pc-loader", "asks for undionly.kpxe", FAULT_PC_LOADER },
        { "block-wall", "cannot count the blocks of its kernel beyond 65535", FAULT_BLOCK_WALL },
        { "lossy", "loses every twentieth block of its kernel once", FAULT_LOSSY },
        { "panics", "has a kernel that finds no root, and says so by netconsole", FAULT_PANICS },
        { "no-restart", "does not come back from a restart", FAULT_NO_RESTART },
        { NULL, NULL, 0 },
};

const struct fault_name *fault_by_name(const char *name) {
        for (const struct fault_name *f = fault_names; f->name; f++)
                if (strcmp(f->name, name) == 0)
                        return f;
        return NULL;
}
