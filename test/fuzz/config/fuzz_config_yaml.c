/* The configuration file: any octets give a configuration or one sentence, and what is printed reads back the
 * same. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/brambled/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must_not_differ(void *ctx, const struct config_key *key) {
        (void)ctx;
        (void)key;
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        CLEANUP(config_free_at) struct config *c = NULL, *again = NULL;
        struct error err = {};

        if (config_parse(data, len, "brambled.yaml", &c, &err) < 0) {
                if (!*err.text || strchr(err.text, '\n'))
                        abort();
                return 0;
        }
        CLEANUP(free_at) char *yaml = config_print(c);
        if (!yaml || config_parse(yaml, strlen(yaml), "printed", &again, &err) < 0)
                abort();
        config_each_change(c, again, must_not_differ, NULL);
        return 0;
}
