/* Making, renewing and removing volumes. What was begun and not ended leaves nothing: it is made below tmp/
 * and renamed when it is whole. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble-helper/helper.h"
#include "app/bramble-helper/reporter.h"

/** volumes_begin() - the folders; and what an earlier helper left half done is removed. */
MUST_CHECK int volumes_begin(struct error *reterr);

/** volumes_is_made() - whether volumes_make() has nothing to do: with the same content it stays, one for data
 * in any case. */
bool volumes_is_made(const struct helper_request *q);

/** volumes_is_anothers() - whether it is there whole, and of another deployment. */
bool volumes_is_anothers(const struct helper_request *q);

/** volumes_make() - HELPER_MAKE; like the next one while nobody may reach it. */
MUST_CHECK int volumes_make(const struct helper *h, const struct helper_request *q,
                            const struct reporter *reporter, struct error *reterr);

/** volumes_is_new_for() - whether volumes_reset() has nothing to do. */
bool volumes_is_new_for(const struct helper_request *q);

/** volumes_reset() - HELPER_RESET. */
MUST_CHECK int volumes_reset(const struct helper *h, const struct helper_request *q,
                             const struct reporter *reporter, struct error *reterr);

MUST_CHECK int volumes_remove(const struct volume *v, struct error *reterr);

/** volumes_list() - each that there is, to who asked. */
void volumes_list(const struct reporter *reporter);
