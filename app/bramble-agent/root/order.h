/*
 * What the server says of the root of a machine's own system: where it is, how it is reached, what starts in
 * it.
 *
 * docs/agent-protocol.md has the text. Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "app/bramble-agent/boot_words.h"
#include "app/bramble-agent/deploy/order.h"
#include "app/bramble-agent/root/data_disk.h"
#include "base/bootfile.h"
#include "base/cleanup.h"
#include "base/error.h"

enum { ROOT_DATA_MAX = 4, ROOT_KEYS_MAX = 64, ROOT_PATH_MAX = 255 };

enum root_source_kind { ROOT_FROM_RAM, ROOT_FROM_NFS, ROOT_FROM_NBD, ROOT_FROM_DISK, ROOT_SOURCES };

/* Where a file system comes from; texts are borrowed from the order. Which of them are set the kind says. */
struct root_source {
        enum root_source_kind kind;

        /* ram: a squashfs */
        const char *blob; /* behind the server's base: "blob/SHA256" */
        uint64_t size;
        uint8_t sha256[SHA256_SIZE];

        /* nfs, nbd */
        const char *server; /* an address */
        uint16_t port;
        const char *path;    /* nfs: "/m-7/root" */
        const char *options; /* nfs: of mount(2), "vers=4.2,hard" */
        const char *export;  /* nbd: its name */
        const char *fs;      /* nbd: "ext4" */

        /* disk: a volume of data on a disk of the machine */
        const char *hint; /* which disk; "": by rule */
        uint8_t uuid[DATA_UUID_SIZE];
        bool may_make, may_overwrite;
};

struct root_data {
        struct root_source from;
        const char *mount; /* where in the root: "/srv/data" */
};

struct root_order {
        struct root_source root;
        const char *init; /* "/sbin/init" */

        /* For a system that no cloud-init reads a seed for. */
        bool has_first_boot;
        const char *hostname, *phone_home; /* "": none */
        const char *keys[ROOT_KEYS_MAX];
        unsigned n_keys;

        /* For cloud-init, where the command line names no seed: by order_seed_names, "" none. */
        bool has_seed;
        const char *seed[ORDER_SEED_FILES];

        struct root_data data[ROOT_DATA_MAX];
        unsigned n_data;

        json_t *body; /* what the texts are borrowed from */
};

/** root_order_parse() - 0, or -EBADMSG with a sentence. @ret is set on success only. */
MUST_CHECK int root_order_parse(const char *text, size_t len, struct root_order *ret, struct error *reterr);
void root_order_clear(struct root_order *o); /* also for CLEANUP() on the stack */

const char *root_source_name(enum root_source_kind k); /* "nfs" */
