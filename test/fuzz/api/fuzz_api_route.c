/* Any method and path: parameters are parts of the path, none is empty, and none holds a slash. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "api/routes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        CLEANUP(free_at) char *method = strndup((const char *)data, len);
        struct api_target t;
        if (!method)
                return 0;
        char *path = strchrnul(method, ' ');
        if (*path)
                *path++ = 0;

        if (api_route_match(method, path, &t) == API_MATCH_FOUND) {
                for (size_t i = 0; i < API_PARAMS_MAX && t.params[i]; i++)
                        assert(t.params[i][0] && !strchr(t.params[i], '/') && strstr(path, t.params[i]));
        }
        return 0;
}
