/* Whatever qemu-storage-daemon says, also when a client has taken it over. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "core/export/qmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct error error = {};

        int r = qmp_read((const char *)data, len, &error);
        assert(r == -EBADMSG || (r >= QMP_DONE && r <= QMP_OTHER));
        assert((r == QMP_REFUSED) == (error.text[0] != 0) && memchr(error.text, 0, sizeof(error.text)));
        return 0;
}
