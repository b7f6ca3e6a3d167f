/* UKIs laid out around anybody's stub: the result is a program again, whose sections lie in the file, or an
 * error. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "format/uki.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        static struct uki_layout l;
        struct uki_parts parts = {
                .stub_size = len + 4096, /* what was read is only its begin */
                .osrel_size = 40,
                .cmdline_len = 7,
                .kernel_size = 1000003,
                .initrd_sizes = { 4097, 5 },
                .n_initrds = 2,
        };
        struct pe_headers h;
        uint64_t size = 0;

        if (uki_layout_make(data, len, &parts, &l) < 0)
                return 0;
        assert(l.n_pieces <= UKI_PIECES_MAX && l.header_len <= sizeof(l.header));
        for (size_t i = 0; i < l.n_pieces; i++) {
                if (l.pieces[i].source == UKI_STUB)
                        assert(l.pieces[i].offset + l.pieces[i].len <= parts.stub_size);
                size += l.pieces[i].len;
        }
        assert(size == l.size);
        assert(pe_headers_parse(l.header, l.header_len, &h) == 0);
        const struct pe_section *kernel = pe_section_find(&h, ".linux");
        assert(kernel && kernel->virtual_size == parts.kernel_size);
        assert((uint64_t)kernel->raw_offset + kernel->raw_size <= l.size);
        assert((uint64_t)kernel->virtual_address + kernel->virtual_size <= h.size_of_image);
        return 0;
}
