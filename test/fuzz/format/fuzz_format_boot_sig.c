/* Signature files: what was read is written, and read again the same. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "format/boot_sig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        CLEANUP(text_free) struct text out = {};
        struct boot_sig sig, again;

        if (boot_sig_parse((const char *)data, len, &sig) < 0)
                return 0;
        boot_sig_write(&sig, &out);
        assert(boot_sig_parse(out.octets, out.len, &again) == 0);
        assert(memcmp(sig.digest, again.digest, sizeof(sig.digest)) == 0 && sig.ts == again.ts &&
               sig.target_soc == again.target_soc && sig.has_rsa == again.has_rsa &&
               memcmp(sig.rsa, again.rsa, sizeof(sig.rsa)) == 0);
        return 0;
}
