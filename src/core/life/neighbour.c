/* A machine's neighbour; see neighbour.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/life/neighbour.h"

#include <string.h>

#include "base/text.h"
#include "core/life/job.h"

static const char *text_of(const json_t *object, const char *member) {
        const char *text = json_string_value(json_object_get(object, member));
        return text ? text : "";
}

/* What the agent calls the card that has a MAC; NULL: it has none. */
static const char *card_of(const json_t *inventory, const struct mac *mac) {
        const json_t *cards = json_object_get(json_object_get(inventory, "network"), "cards"), *card, *port;
        size_t i, k;

        json_array_foreach(cards, i, card) {
                json_array_foreach(json_object_get(card, "ports"), k, port) {
                        struct mac found;
                        if (mac_parse(text_of(port, "address"), &found) == 0 && mac_equal(&found, mac))
                                return text_of(port, "id");
                }
        }
        return NULL;
}

/* The one neighbour that a card heard; NULL: none, or several. */
static const json_t *heard_by(const json_t *inventory, const char *card) {
        const json_t *neighbours = json_object_get(json_object_get(inventory, "board"), "neighbours"), *n;
        const json_t *found = NULL;
        size_t i;

        json_array_foreach(neighbours, i, n) {
                if (strcmp(text_of(n, "interface"), card) != 0)
                        continue;
                if (found)
                        return NULL;
                found = n;
        }
        return found;
}

static bool copy(const json_t *n, struct power_neighbour *ret) {
        struct power_neighbour out = {};

        if (text_copy(out.chassis, sizeof(out.chassis), text_of(n, "chassis")) < 0 ||
            text_copy(out.port, sizeof(out.port), text_of(n, "port")) < 0)
                return false; /* cut it would be another one's name */
        (void)text_copy(out.port_description, sizeof(out.port_description), text_of(n, "port_description"));
        if (!out.chassis[0])
                return false;
        *ret = out;
        return true;
}

bool neighbour_of_inventory(const char *text, const struct mac *macs, size_t n, struct power_neighbour *ret) {
        CLEANUP(json_decref_at) json_t *inventory = text ? json_loads(text, 0, NULL) : NULL;

        for (size_t i = 0; i < n; i++) {
                const char *card = card_of(inventory, &macs[i]);
                const json_t *heard = card && *card ? heard_by(inventory, card) : NULL;
                if (heard && copy(heard, ret))
                        return true;
        }
        return false;
}
