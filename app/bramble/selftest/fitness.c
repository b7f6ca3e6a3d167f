/* What can be tried with a machine; see fitness.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/selftest/fitness.h"

#include <string.h>

#include "app/bramble/print.h"

static bool is(const json_t *machine, const char *member, const char *value) {
        return strcmp(json_text_at(machine, member), value) == 0;
}

static bool has(const json_t *machine, const char *member) {
        return json_text_at(machine, member)[0] != 0;
}

/* Its firmware is sent on to what is on its disk; the agent, in these states, comes all the same. */
static bool is_sent_to_its_disk(const json_t *machine) {
        return has(machine, "image") && is(machine, "root", "disk") && !is(machine, "state", "Rescue mode") &&
               !is(machine, "state", "Failed deployment");
}

bool fitness_is_served(const json_t *machine, struct text *out) {
        const char *name = json_text_at(machine, "name"), *state = json_text_at(machine, "state");

        if (has(machine, "deadline"))
                text_printf(out, "%s is %s: wait until that is over (bramble machine show %s)", name, state,
                            name);
        else if (is(machine, "state", "Retired"))
                text_printf(out, "%s is Retired, and given nothing: bramble machine restore %s", name, name);
        else if (is(machine, "state", "New") && !has(machine, "inventoried") && !has(machine, "image"))
                text_printf(out,
                            "%s has no image, and is given nothing: bramble machine set %s --image IMAGE",
                            name, name);
        else if (is_sent_to_its_disk(machine))
                text_printf(
                        out,
                        "%s is %s on its disk: it is sent there, and fetches no file that could be judged; "
                        "give it back first: bramble machine release %s",
                        name, state, name);
        else
                return true;
        return false;
}

bool fitness_can_lose_image(const json_t *machine, struct text *out) {
        const char *name = json_text_at(machine, "name"), *state = json_text_at(machine, "state"),
                   *mac = json_string_value(json_array_get(json_object_get(machine, "macs"), 0));

        if (json_is_true(json_object_get(machine, "locked")))
                text_printf(out, "%s is locked: bramble machine unlock %s", name, name);
        else if (is(machine, "state", "New") && !has(machine, "image"))
                text_printf(out, "%s has no image to be taken: bramble machine set %s --image IMAGE", name,
                            name);
        else if (!is(machine, "state", "Deployed") || !is(machine, "root", "initrd"))
                text_printf(
                        out,
                        "%s is %s%s%s, and not a machine that was added with its image, which alone can be "
                        "taken for a boot: bramble machine delete %s; bramble machine add %s --mac %s "
                        "--image IMAGE",
                        name, state, has(machine, "root") ? " with root " : "", json_text_at(machine, "root"),
                        name, name, mac ? mac : "MAC");
        else
                return true;
        return false;
}
