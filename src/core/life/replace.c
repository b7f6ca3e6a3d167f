/* Another board for a machine; see replace.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/life/replace.h"
#include "core/life/run.h"

#define SEED_URL "/seed/"

enum { TOKEN_LEN = TOKEN_TEXT_SIZE - 1 };

/* By what the new board is named. */
struct key {
        const char *text;
        bool is_mac;
        struct mac mac;
        uint32_t serial;
};

static int read_key(const struct decision *d, struct key *ret) {
        *ret = (struct key){ .text = decision_wish(d, "with") };
        ret->is_mac = mac_parse(ret->text, &ret->mac) == 0;
        if (ret->is_mac || serial_parse(ret->text, &ret->serial) == 0)
                return 0;
        return error_set(d->reterr, -EINVAL, "\"%.64s\" is no MAC and no serial", ret->text);
}

/* The record that the new board has already, for instance because it enlisted itself; NULL: none. */
static const struct machine *record_of(const struct decision *d, const struct key *key) {
        return key->is_mac ? site_machine_by_mac(d->site, &key->mac)
                           : site_machine_by_serial(d->site, key->serial);
}

/* Whether nothing is lost with the record of a machine. */
static bool is_free(const struct machine *m) {
        switch (m->state) {
        case STATE_NEW:
        case STATE_FAILED_COMMISSIONING:
        case STATE_MISSING:
        case STATE_READY:
        case STATE_RETIRED:
                return !m->is_locked;
        default:
                return false;
        }
}

static int check(const struct decision *d, const struct key *key, const struct machine *other) {
        const struct image *image = d->m->image[0] ? site_image(d->site, d->m->image) : NULL;

        if (lifecycle_is_waiting(d->m->state))
                return error_set(d->reterr, -EBUSY,
                                 "machine %s is %s: its board can be replaced when that is over", d->m->name,
                                 machine_state_name(d->m->state));
        if (!other)
                return 0;
        if (other->id == d->m->id)
                return error_set(d->reterr, -EINVAL, "%s is of the board that machine %s has", key->text,
                                 d->m->name);
        if (!is_free(other))
                return error_set(
                        d->reterr, -EBUSY,
                        "%s is of machine %s, which is %s%s: only a board that is not in use can replace "
                        "another",
                        key->text, other->name, machine_state_name(other->state),
                        other->is_locked ? " and locked" : "");
        if (image && image->arch != ARCH_NONE && other->arch != ARCH_NONE &&
            !arch_is_kin(image->arch, other->arch))
                return error_set(d->reterr, -EINVAL,
                                 "%s is of an %s board, and image %s of machine %s is for %s", key->text,
                                 arch_name(other->arch), image->name, d->m->name, arch_name(image->arch));
        return 0;
}

/* What a board is known by. */
static void copy_board(struct machine *to, const struct machine *from) {
        memcpy(to->macs, from->macs, sizeof(to->macs));
        to->n_macs = from->n_macs;
        to->has_serial = from->has_serial;
        to->serial = from->serial;
        to->has_uuid = from->has_uuid;
        memcpy(to->uuid, from->uuid, sizeof(to->uuid));
        memcpy(to->client_id, from->client_id, sizeof(to->client_id));
        to->client_id_len = from->client_id_len;
        to->arch = from->arch;
        memcpy(to->board, from->board, sizeof(to->board));
        to->found_first = from->found_first;
        memcpy(to->trust, from->trust, sizeof(to->trust));
        to->inventory_s = from->inventory_s;
}

/* The board that is gone, as a machine that is booted no more. */
static int keep_old_board(struct decision *d, const struct key *key) {
        CLEANUP(machine_drop_at) struct machine *old = machine_new();
        int n = 0;

        if (!old)
                return decision_no_memory(d);
        copy_board(old, d->m);
        old->inventory_s = 0;
        do {
                int len = snprintf(old->name, sizeof(old->name), "%.50s-replaced", d->m->name);
                if (n++ > 0)
                        (void)snprintf(old->name + len, sizeof(old->name) - (size_t)len, "-%d", n);
        } while (site_machine_by_name(d->site, old->name));
        old->state = STATE_RETIRED;
        old->state_since_s = d->facts->now_s;
        if (asprintf(&old->reason, "its place as %s was taken by another board, %s", d->m->name, key->text) <
            0) {
                old->reason = NULL;
                return decision_no_memory(d);
        }
        d->old = TAKE(old);
        return 0;
}

static void take_new_board(struct decision *d, const struct key *key, const struct machine *other) {
        const struct machine named = { .macs = { key->mac },
                                       .n_macs = key->is_mac,
                                       .has_serial = !key->is_mac,
                                       .serial = key->serial,
                                       .arch = d->m->arch };

        free(TAKE(d->m->eeprom)); /* that was for the old board's */
        free(TAKE(d->m->eeprom_found));
        if (other && other->eeprom_found)
                d->m->eeprom_found = strdup(other->eeprom_found); /* else its agent tells it soon */
        d->gone = other ? other->id : 0;
        d->has_new_board = true;
        if (other) {
                copy_board(d->m, other);
                return;
        }
        char board[sizeof(d->m->board)];
        memcpy(board, d->m->board, sizeof(board));
        copy_board(d->m, &named);
        memcpy(d->m->board, board, sizeof(board)); /* most are replaced by one of their kind */
}

/* Every token of a deployment in @text by the one that begins now; whether there was one. */
static bool renew_tokens(const struct decision *d, char *text) {
        bool has_token = false;

        for (char *at = text; at && (at = strstr(at, SEED_URL));) {
                at += strlen(SEED_URL);
                if (strspn(at, "0123456789abcdef") != TOKEN_LEN)
                        continue;
                memcpy(at, d->facts->token, TOKEN_LEN);
                has_token = true;
        }
        return has_token;
}

/* What the old board was told ends here. */
static void revoke_token(struct decision *d) {
        struct machine *m = d->m;
        const bool is_in_seed = renew_tokens(d, m->seed), is_in_run = renew_tokens(d, m->run);

        (void)renew_tokens(d, m->good); /* which it may go back to */

        /* What is kept for it on the server stays its own. */
        if (m->deployment == 0)
                memcpy(&m->deployment, m->token_hash, sizeof(m->deployment));
        m->has_token = is_in_seed || is_in_run;
        memset(m->token_hash, 0, sizeof(m->token_hash));
        if (m->has_token)
                memcpy(m->token_hash, d->facts->token_hash, sizeof(m->token_hash));
}

static int keep_address(struct decision *d) {
        const char *address = decision_wish(d, "address");

        if (!address || ip_is_set(&d->m->ip))
                return 0;
        if (ip_parse(address, &d->m->ip) < 0)
                return error_set(d->reterr, -EINVAL, "\"%.64s\" is no address", address);
        return 0;
}

int replace_board(struct decision *d) {
        char uuid[RUN_UUID_SIZE];
        struct key key;

        int r = read_key(d, &key);
        if (r < 0)
                return r;
        const struct machine *other = record_of(d, &key);
        r = check(d, &key, other);
        if (r == 0)
                r = keep_address(d);
        if (r == 0)
                r = keep_old_board(d, &key);
        if (r < 0)
                return r;
        take_new_board(d, &key, other);
        revoke_token(d);
        if (d->m->boots_own && d->m->root == ROOT_DISK)
                decision_because(
                        d, "its board was replaced, and its system is on the disk of the old one: move that "
                           "disk over, or release the machine and deploy it again");
        else if (run_data_disk(d->m->run, uuid))
                decision_because(d, "its board was replaced, and its data are on a disk of the old one: move "
                                    "that disk over");
        return 0;
}
