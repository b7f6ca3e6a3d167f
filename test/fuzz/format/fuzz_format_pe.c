/* PE headers of anybody's program: what is read lies inside, and says so. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "format/pe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct pe_headers h;

        if (pe_headers_parse(data, len, &h) < 0)
                return 0;
        assert(h.n_sections > 0 && h.n_sections <= PE_SECTIONS_MAX);
        assert(h.sections_offset + h.n_sections * PE_SECTION_HEADER_SIZE <= len);
        for (size_t i = 0; i < h.n_sections; i++)
                assert(strlen(h.sections[i].name) <= 8);
        return 0;
}
