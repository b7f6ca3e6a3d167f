/* Machines out of inventories; see enlist.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/life/enlist.h"
#include "core/life/task.h"
#include "core/machine/eeprom_found.h"
#include "core/machine/eeprom_order.h"
#include "format/boot_trust.h"

static bool has_mac(const struct machine *m, const struct mac *mac) {
        for (size_t i = 0; i < m->n_macs; i++) {
                if (mac_equal(&m->macs[i], mac))
                        return true;
        }
        return false;
}

static void add_mac(const struct site *s, const char *text, struct machine *m) {
        struct mac mac;

        if (!text || m->n_macs == MACHINE_MACS_MAX || mac_parse(text, &mac) < 0)
                return;
        if (mac_is_zero(&mac) || mac.octets[0] & 1 || has_mac(m, &mac) || site_machine_by_mac(s, &mac))
                return;
        m->macs[m->n_macs++] = mac;
}

void enlist_add_macs(const struct site *s, const json_t *inventory, struct machine *m) {
        const json_t *cards = json_object_get(json_object_get(inventory, "network"), "cards");

        for (size_t i = 0; i < json_array_size(cards); i++) {
                const json_t *ports = json_object_get(json_array_get(cards, i), "ports");
                for (size_t at = 0; at < json_array_size(ports); at++)
                        add_mac(s, json_string_value(json_object_get(json_array_get(ports, at), "address")),
                                m);
        }
}

/* "pi4b-010203": what it is, and the end of its MAC, which is printed on most of them. */
static void name_it(const struct site *s, const struct mac *mac, struct machine *m) {
        const char *what = m->board[0] ? m->board : m->arch != ARCH_NONE ? arch_name(m->arch) : "machine";
        int n = 0;

        do {
                int len = snprintf(m->name, sizeof(m->name), "%s-%02x%02x%02x", what, mac->octets[3],
                                   mac->octets[4], mac->octets[5]);
                if (n++ > 0)
                        (void)snprintf(m->name + len, sizeof(m->name) - (size_t)len, "-%d", n);
        } while (site_machine_by_name(s, m->name));
}

void enlist_note_trust(const json_t *board, struct machine *m) {
        const char *word = json_string_value(json_object_get(board, "trust"));
        enum boot_trust trust;

        m->trust[0] = 0;
        if (word && boot_trust_parse(word, &trust) == 0)
                (void)text_copy(m->trust, sizeof(m->trust), word);
}

static uint64_t number_of(const json_t *from, const char *member) {
        const json_int_t n = json_integer_value(json_object_get(from, member));
        return n > 0 ? (uint64_t)n : 0;
}

int enlist_note_eeprom(const json_t *eeprom, struct machine *m) {
        const char *version = json_string_value(json_object_get(eeprom, "version"));
        struct eeprom_found f = { .build_s = number_of(eeprom, "build_timestamp"),
                                  .update_s = number_of(eeprom, "update_timestamp"),
                                  .config = json_string_value(json_object_get(eeprom, "config")) };

        if (!json_is_object(eeprom) || (f.config && strlen(f.config) > EEPROM_CONFIG_MAX) ||
            (version && (strchr(version, '\n') || text_copy(f.version, sizeof(f.version), version) < 0)))
                return 0;
        CLEANUP(free_at) char *text = eeprom_found_print(&f);
        if (!text)
                return -ENOMEM;
        if (m->eeprom_found && strcmp(m->eeprom_found, text) == 0)
                return 0;
        free(m->eeprom_found);
        m->eeprom_found = TAKE(text);
        return 1;
}

struct machine *enlist_machine(const struct site *s, const struct agent_report *r, const json_t *inventory) {
        struct machine *m = machine_new();
        if (!m)
                return NULL;
        m->macs[m->n_macs++] = r->mac;
        enlist_add_macs(s, inventory, m);
        m->has_serial = r->has_serial && !site_machine_by_serial(s, r->serial);
        m->serial = m->has_serial ? r->serial : 0;
        m->has_uuid = r->has_uuid && !site_machine_by_uuid(s, r->uuid);
        if (m->has_uuid)
                memcpy(m->uuid, r->uuid, sizeof(m->uuid));
        m->arch = r->arch;
        if (board_find(site_boards(s), r->board))
                (void)text_copy(m->board, sizeof(m->board), r->board);
        name_it(s, &r->mac, m);
        m->state = STATE_NEW;
        m->state_since_s = r->at_s;
        m->inventory_s = r->at_s;
        const json_t *board = json_object_get(inventory, "board");
        const char *first = json_string_value(json_object_get(board, "boot_first"));
        if (first)
                (void)!boot_first_parse(first, &m->found_first);
        enlist_note_trust(board, m);
        if (enlist_note_eeprom(json_object_get(json_object_get(board, "pi"), "eeprom"), m) < 0) {
                machine_drop(m);
                return NULL;
        }
        m->task_id = AGENT_TASK_ENLIST + 1; /* which it has done: it parks under another number */
        return m;
}
