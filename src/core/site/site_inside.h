/* What a snapshot is made of: for the two files that look into it. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <assert.h>

#include "base/pmap.h"
#include "core/machine/machine.h"
#include "core/site/site.h"

/* The subnets in the order of their networks: few, so a changed list is a new list. */
struct subnet_list {
        struct ref ref;
        size_t n;
        struct subnet *items[];
};

/* Likewise the scripts, in the order of their names. */
struct script_list {
        struct ref ref;
        size_t n;
        struct script *items[];
};

/* And the operators' lines for files of Raspberry Pis, in the order in which they are laid over. */
struct config_lines_list {
        struct ref ref;
        size_t n;
        struct config_lines *items[];
};

struct site {
        struct ref ref;
        uint64_t revision;
        struct board_set *boards;
        struct subnet_list *subnets;
        struct script_list *scripts;
        struct config_lines_list *config_lines;
        struct pmap *machines; /* by id */
        struct pmap *keys;     /* every name, MAC, serial, … to its machine: see struct site_key */
        struct pmap *images;   /* by reference: NAME@VERSION */
};

/* What a machine is found by, with a first octet that keeps the kinds apart. */
enum site_key_kind { KEY_NAME = 1, KEY_MAC, KEY_SERIAL, KEY_UUID, KEY_CLIENT_ID, KEY_IP, KEY_TOKEN };

struct site_key {
        uint8_t octets[1 + MACHINE_CLIENT_ID_MAX];
        size_t len;
};

enum { KEYS_MAX = MACHINE_MACS_MAX + 6 };

static_assert(MACHINE_NAME_MAX <= MACHINE_CLIENT_ID_MAX, "a key holds any name");
static_assert(MACHINE_IMAGE_MAX + 1 >= IMAGE_REF_SIZE, "a machine can name any image");

/** site_key() - what a machine is found by; @octets are copied. */
struct site_key site_key(enum site_key_kind kind, const void *octets, size_t len);

/** site_twin() - the next revision, the same as @s so far; NULL with a sentence. */
struct site *site_twin(const struct site *s, struct error *reterr);

/* Empty, with room for @n; NULL when out of memory. */
struct subnet_list *subnet_list_new(size_t n);
struct script_list *script_list_new(size_t n);
struct config_lines_list *config_lines_list_new(size_t n);
void subnet_list_drop(struct subnet_list *list);
void script_list_drop(struct script_list *list);
void config_lines_list_drop(struct config_lines_list *list);
