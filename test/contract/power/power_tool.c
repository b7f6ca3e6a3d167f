/*
 * One power action as a program, for the contract of drivers: what to do comes as JSON on standard input,
 * what came of it goes out likewise.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/power/params.h"
#include "core/power/power.h"

DEFINE_CLEANUP(json_t, json_decref)

enum { MACS_MAX = 8 };

static const char *text_of(const json_t *in, const char *name) {
        const char *s = json_string_value(json_object_get(in, name));
        return s ? s : "";
}

static bool says_alive(void *ctx) {
        return json_is_true(json_object_get(ctx, "is_answering"));
}

static int print(int result, const struct power_outcome *o, const struct error *err) {
        CLEANUP(json_decref_at)
        json_t *out =
                json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s}", "result", result, "error",
                          result < 0 ? strerrorname_np(-result) : "", "state", power_state_name(o->state),
                          "note", o->note, "learned_name", o->learned_name, "learned_value", o->learned_value,
                          "sentence", result == POWER_DONE ? "" : err->text);

        return out && json_dumpf(out, stdout, JSON_COMPACT) == 0 ? 0 : 1;
}

static int act(const struct power_driver *driver, const json_t *in, struct power_outcome *ret,
               struct error *err) {
        CLEANUP(free_at) char *text = json_dumps(json_object_get(in, "parameters"), JSON_COMPACT);
        CLEANUP(power_params_free_at) struct power_params *params = NULL;
        const json_t *neighbour_in = json_object_get(in, "neighbour");
        struct power_neighbour neighbour = {};
        struct mac macs[MACS_MAX];
        enum power_action action;
        json_t *mac;
        size_t i;

        if (power_action_parse(text_of(in, "action"), &action) < 0)
                return error_set(err, -1, "there is no such action");
        int r = power_params_parse(driver, text, NULL, &params, err);
        if (r < 0)
                return r;
        (void)text_copy(neighbour.chassis, sizeof(neighbour.chassis), text_of(neighbour_in, "chassis"));
        (void)text_copy(neighbour.port, sizeof(neighbour.port), text_of(neighbour_in, "port"));
        const struct power_host host = { .programs_dir = text_of(in, "programs_dir"),
                                         .own_dir = text_of(in, "own_dir") };
        struct power_target t = { .driver = driver,
                                  .params = params,
                                  .machine = "pi4",
                                  .macs = macs,
                                  .interface = "",
                                  .neighbour = neighbour_in ? &neighbour : NULL,
                                  .host = &host,
                                  .is_answering = says_alive,
                                  .ctx = (void *)(uintptr_t)in };
        json_array_foreach(json_object_get(in, "macs"), i, mac) {
                if (t.n_macs < MACS_MAX && mac_parse(json_string_value(mac), &macs[t.n_macs]) == 0)
                        t.n_macs++;
        }
        return power_act(&t, action, ret, err);
}

int main(int argc, char **argv) {
        const struct power_driver *driver = argc == 2 ? power_driver_by_name(argv[1]) : NULL;
        CLEANUP(json_decref_at) json_t *in = json_loadf(stdin, 0, NULL);
        struct power_outcome outcome = {};
        struct error err = {};

        if (!driver || !in) {
                (void)fputs("usage: power-tool DRIVER <QUESTION\n", stderr);
                return 2;
        }
        const int r = act(driver, in, &outcome, &err);
        return print(r, &outcome, &err);
}
