/* Parameters as a stranger to the API writes them; the first octet chooses the driver. What is taken comes
 * back the same, and shown it has no secret in it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "core/power/keys.h"
#include "core/power/params.h"
#include "core/power/power_queue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(const struct power_driver *driver, const struct power_params *p) {
        CLEANUP(power_params_free_at) struct power_params *again = NULL, *kept = NULL;
        CLEANUP(free_at) char *json = power_params_json(p, false), *shown = power_params_json(p, true);
        char controller[POWER_CONTROLLER_SIZE], peer[64];

        assert(json && shown);
        assert(power_params_parse(driver, json, NULL, &again, NULL) == 0);
        assert(power_params_parse(driver, shown, p, &kept, NULL) == 0); /* what was hidden stays */
        assert(again->n == p->n && kept->n == p->n);
        for (size_t i = 0; i < p->n; i++) {
                assert(strcmp(again->params[i].value, p->params[i].value) == 0);
                assert(strcmp(kept->params[i].value, p->params[i].value) == 0);
        }
        power_controller(p, controller, sizeof(controller));
        power_peer(p, peer, sizeof(peer));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        CLEANUP(power_params_free_at) struct power_params *p = NULL;
        struct error err = {};
        size_t n = 0;

        if (len < 1)
                return 0;
        while (power_drivers[n])
                n++;
        const struct power_driver *driver = power_drivers[data[0] % n];
        CLEANUP(free_at) char *text = strndup((const char *)data + 1, len - 1);
        if (!text)
                return 0;
        if (power_params_parse(driver, text, NULL, &p, &err) == 0)
                check(driver, p);
        else
                assert(strncmp(err.text, "power driver ", 13) == 0);
        return 0;
}
