/* What a task of the kind "deploy" asks for; docs/agent.md has the words. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/bootfile.h"
#include "base/cleanup.h"
#include "base/error.h"

enum { ORDER_KEYS_MAX = 64, ORDER_SEED_FILES = 4 };

struct order_blob {
        const char *path; /* behind the server's base */
        uint64_t size;
        uint8_t sha256[SHA256_SIZE]; /* zero: not given */
};

/* All texts are borrowed from the task. */
struct deploy_order {
        const char *hint;
        bool overwrite_boot_medium, keep_firmware, network_first, new_disk_id, unchanged;
        struct order_blob map, frames;
        const char *seed[ORDER_SEED_FILES]; /* by order_seed_names; "" none */
        const char *hostname, *cmdline_extra, *config_txt_extra, *phone_home, *wanted;
        const char *assertion, *assertion_disk; /* for Ubuntu Core, and the hint for its medium */
        const char *keys[ORDER_KEYS_MAX];
        size_t n_keys;
        bool reboots;
};

extern const char
        *const order_seed_names[ORDER_SEED_FILES]; /* meta-data, user-data, vendor-data, network-config */

/** order_blob_parse() - {"path", "size", "sha256"}; false when it names no blob of at most @max octets. */
bool order_blob_parse(const json_t *o, uint64_t max, struct order_blob *ret);

/** deploy_order_parse() - 0, or -EBADMSG with a sentence. */
MUST_CHECK int deploy_order_parse(const json_t *task, struct deploy_order *ret, struct error *reterr);

/** order_has_seed() - whether there is anything for cloud-init. */
bool order_has_seed(const struct deploy_order *o);
