/*
 * Who keeps the configured truth, as the API sees it: the newest snapshot, and changes to it.
 *
 * Every change is optimistic: the caller says what it saw (@was, borrowed from a snapshot that it still
 * holds) and what shall be (@now). When another change came first the answer is -EAGAIN: look again, decide
 * again.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/site/site.h"

struct site_keeper {
        void *ctx;

        struct site *(*site)(void *ctx); /* a reference to the newest snapshot */

        /*
         * @was NULL: add @now. @now NULL: remove @was. Both: replace. Id and creation time of @now are filled
         * in; from the call on it belongs to the snapshots and must not be changed, only dropped.
         *
         * 0: it is in the database and in the published snapshot. Else -errno with a sentence, and nothing
         * has changed: -EAGAIN, -EEXIST there is one already, -ENOENT it names what is not there, -EINVAL it
         * makes no sense, -EBUSY it is in use, -ESHUTDOWN the daemon is stopping, or what the database said.
         * May wait; not for the control thread.
         */
        int (*machine)(void *ctx, const struct machine *was, struct machine *now, struct error *reterr);
        int (*subnet)(void *ctx, const struct subnet *was, struct subnet *now, struct error *reterr);
        int (*image)(void *ctx, const struct image *was, struct image *now, struct error *reterr);
        int (*script)(void *ctx, const struct script *was, struct script *now, struct error *reterr);
        int (*config_lines)(void *ctx, const struct config_lines *was, struct config_lines *now,
                            struct error *reterr);
};
