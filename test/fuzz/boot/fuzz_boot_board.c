/* A board's YAML file: whatever it holds, a board that comes out of it is whole. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/machine/board_yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct board_parsed p;
        struct error err = {};

        if (board_yaml_parse((const char *)data, len, "fuzz.yaml", &p, &err) < 0) {
                assert(err.text[0] && !strchr(err.text, '\n'));
                return 0;
        }
        assert(p.board.name[0] && p.board.title[0] && p.board.client[0] && p.board.methods[0]);
        assert(p.board.archs[0] != ARCH_NONE);
        assert(p.board.family == BOARD_OTHER || (p.board.n_types > 0 && p.board.dtbs[0]));
        board_parsed_clear(&p);
        return 0;
}
