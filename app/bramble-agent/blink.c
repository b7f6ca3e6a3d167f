/* A light that blinks; see blink.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "app/bramble-agent/blink.h"
#include "app/bramble-agent/io/nic.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/json.h"

#define LEDS "sys/class/leds"

enum { SECONDS = 30, SECONDS_MAX = 3600, ON_MS = 200, TRIGGERS_MAX = 4096 };

/* The better known first: a Pi's green one, then what boards call their status, then any that is no key's. */
static int rank(const char *name) {
        static const char *const parts[] = { "ACT",  "led0",  "act", "status", "heartbeat",
                                             "user", "power", "PWR", "led" };

        for (size_t i = 0; i < ARRAY_LEN(parts); i++)
                if (strstr(name, parts[i]))
                        return (int)i;
        return strstr(name, "lock") || strstr(name, "backlight") ? 100 : 50; /* a keyboard's, a screen's */
}

static bool choose_led(const struct tree *t, char *buf, size_t size) {
        CLEANUP(tree_names_free) struct tree_names names = tree_list(t, LEDS);
        int best = 100;

        for (size_t i = 0; i < names.n; i++)
                if (rank(names.items[i]) < best && tree_exists(t, LEDS "/%s/brightness", names.items[i])) {
                        best = rank(names.items[i]);
                        (void)snprintf(buf, size, "%s", names.items[i]);
                }
        return best < 100;
}

/* "none [mmc0] timer": the one that is set. */
static void read_trigger(const struct tree *t, const char *led, char *buf, size_t size) {
        char list[TRIGGERS_MAX];
        const char *open =
                tree_text(t, list, sizeof(list), LEDS "/%s/trigger", led) ? strchr(list, '[') : NULL;
        const char *close = open ? strchr(open, ']') : NULL;

        (void)snprintf(buf, size, "%.*s", close ? (int)(close - open - 1) : 4, close ? open + 1 : "none");
}

static int blink_led(struct job *j, const char *led, uint64_t seconds) {
        const struct tree *t = &job_world(j)->tree;
        char before[64], bright[16] = "1";
        bool is_on = false;

        read_trigger(t, led, before, sizeof(before));
        (void)tree_text(t, bright, sizeof(bright), LEDS "/%s/max_brightness", led);
        (void)!tree_write(t, "none", LEDS "/%s/trigger", led);
        int r = 0;
        for (uint64_t i = 0; i < seconds * 1000 / ON_MS && r == 0 && job_sleep(j, ON_MS); i++) {
                is_on = !is_on;
                r = tree_write(t, is_on ? bright : "0", LEDS "/%s/brightness", led);
        }
        (void)!tree_write(t, before, LEDS "/%s/trigger", led);
        return r;
}

/* A PC has no light of its own that Linux knows; its network card has. */
static int blink_nic(struct job *j, uint64_t seconds) {
        int r = 0;

        for (uint64_t i = 0; i < seconds && r == 0 && job_may_go_on(j); i++)
                r = nic_blink(job_world(j)->nic, 1);
        return r;
}

int blink_run(struct job *job, struct error *reterr) {
        uint64_t seconds = json_number_of(job_order(job), "seconds", SECONDS_MAX, SECONDS);
        char led[TREE_NAME_SIZE];

        if (choose_led(&job_world(job)->tree, led, sizeof(led)) && blink_led(job, led, seconds) == 0) {
                json_put_text(job_data(job), "light", led);
                return 0;
        }
        if (*job_world(job)->nic && blink_nic(job, seconds) == 0) {
                json_put_text(job_data(job), "light", job_world(job)->nic);
                return 0;
        }
        return error_set(reterr, -ENODEV, "this machine has no light that can be made to blink");
}
