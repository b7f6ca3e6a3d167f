/* Whatever a BMC, a plug or a web server answers: it is a state, or a sentence that can be shown. The first
 * octet says whose answer it is. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "core/power/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_path(const char *path) {
        assert(memchr(path, 0, REDFISH_PATH_MAX));
        assert(!*path || strncmp(path, "/redfish/", 9) == 0);
        assert(!strpbrk(path, " \r\n@") || path[0] == '/');
        assert(!strpbrk(path, " \r\n"));
}

static int parse(char whose, const char *text, size_t len, enum power_state *state, struct error *err) {
        struct redfish_system system = {};
        char path[REDFISH_PATH_MAX] = "", reason[64];
        int r;

        switch (whose) {
        case 'i':
                return ipmi_answer_parse(text, len, state, err);
        case 't':
                return tasmota_answer_parse(text, len, 1, state, err);
        case '1':
                return shelly_answer_parse(text, len, 1, state, err);
        case '2':
                return shelly_answer_parse(text, len, 2, state, err);
        case 'g':
                r = shelly_generation_parse(text, len, err);
                assert(r < 0 || r == 1 || r == 2);
                return r < 0 ? r : 0;
        case 'w':
                return webhook_answer_parse(text, len, "status.*\\:.*running", "(?i)\\boff\\b|(x+x+)+y",
                                            state, err);
        case 'm':
                r = redfish_member_parse(text, len, len % 2 ? "1" : NULL, path, err);
                check_path(path);
                return r;
        case 'e':
                redfish_reason(text, len, reason, sizeof(reason));
                assert(memchr(reason, 0, sizeof(reason)));
                return 0;
        default:
                r = redfish_system_parse(text, len, &system, err);
                *state = system.state;
                check_path(system.reset_path);
                assert(!strpbrk(system.etag, "\r\n"));
                return r;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        enum power_state state = POWER_UNKNOWN;
        struct error err = {};

        if (len < 1)
                return 0;
        const int r = parse((char)data[0], (const char *)data + 1, len - 1, &state, &err);
        assert(r <= 0 && state <= POWER_OFF);
        assert((r < 0) == (err.text[0] != 0));
        return 0;
}
