/* Whatever stands in the EEPROM of a simulated board: its files, from where they may lie. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "app/bramble-sim/settings.h"
#include "format/eeprom.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { FILES = 0x10000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        const size_t room = EEPROM_SIZE_2711 - FILES;
        uint8_t *image = calloc(1, EEPROM_SIZE_2711);
        struct error error = {};
        struct board board = {};
        struct settings s = {};

        assert(image);
        memcpy(image, "\x55\xaa\xf0\x0f\x00\x00\xff\xf8", 8);
        memcpy(image + FILES, data, len < room ? len : room);
        if (settings_read(image, EEPROM_SIZE_2711, family_by_name("pi4"), 0xa1b2c3d4, &s, &error) == 0) {
                settings_apply(&s, &board);
                const size_t path_len = strlen(board.http_path);
                assert(path_len < sizeof(board.http_path));
                assert(path_len == 0 || board.http_path[path_len - 1] == '/');
                assert(board.http_port != 0 && board.cacert_len <= sizeof(s.cacert));
                assert(!board.checks_signatures || s.has_pubkey);
        } else {
                assert(error.text[0]);
        }
        free(image);
        return 0;
}
