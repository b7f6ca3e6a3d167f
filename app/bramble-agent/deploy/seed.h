/* What cloud-init of a system finds in its root, or on its boot volume: the files of its NoCloud data source.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble-agent/deploy/order.h"
#include "base/cleanup.h"
#include "base/error.h"

struct volume;

/** seed_write() - the files of a seed, by order_seed_names, into @folder, which is "" or ends with a slash.
 * 0, or negative with a sentence. */
MUST_CHECK int seed_write(const struct volume *v, const char *folder,
                          const char *const texts[static ORDER_SEED_FILES], struct error *reterr);

/** seed_write_root() - likewise into a root, where cloud-init is told to look nowhere else. */
MUST_CHECK int seed_write_root(const struct volume *root, const char *const texts[static ORDER_SEED_FILES],
                               struct error *reterr);

/** seed_write_none() - cloud-init, where it is, is told to ask nobody on the network although there is no
 * seed. */
MUST_CHECK int seed_write_none(const struct volume *root, struct error *reterr);
