/* From the database to the first snapshot; see load.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "core/db/config_lines.h"
#include "core/db/image.h"
#include "core/db/machine.h"
#include "core/db/script.h"
#include "core/db/subnet.h"
#include "io/log.h"
#include "region/load.h"

/* The next snapshot takes the place of the one so far; what it refused is left out. */
static int step(struct site **site, struct site *next, const char *what, const struct error *error) {
        if (!next && error->code == -ENOMEM)
                return -ENOMEM;
        if (!next) {
                log_error("region: left out, as it makes no sense any more", "what", what, "why",
                          error->text);
                return 0;
        }
        site_drop(*site);
        *site = next;
        return 0;
}

static int load_image(void *ctx, struct image *i, struct error *reterr) {
        struct site **site = ctx;
        struct error error = {};
        (void)reterr;
        return step(site, site_put_image(*site, i, &error), i->name, &error);
}

static int load_subnet(void *ctx, struct subnet *s, struct error *reterr) {
        struct site **site = ctx;
        struct error error = {};
        char net[IP_NET_TEXT_SIZE];
        (void)reterr;
        return step(site, site_put_subnet(*site, s, &error), ip_net_text(&s->net, net), &error);
}

static int load_script(void *ctx, struct script *s, struct error *reterr) {
        struct site **site = ctx;
        struct error error = {};
        (void)reterr;
        return step(site, site_put_script(*site, s, &error), s->name, &error);
}

static int load_config_lines(void *ctx, struct config_lines *l, struct error *reterr) {
        struct site **site = ctx;
        struct error error = {};
        (void)reterr;
        return step(site, site_put_config_lines(*site, l, &error), l->name, &error);
}

static int load_machine(void *ctx, struct machine *m, struct error *reterr) {
        struct site **site = ctx;
        struct error error = {};
        (void)reterr;
        return step(site, site_put_machine(*site, m, &error), m->name, &error);
}

int region_load(struct db *db, const struct board_set *boards, struct site **ret, struct error *reterr) {
        CLEANUP(site_drop_at) struct site *site = site_empty();
        if (site && boards) {
                struct site *next = site_with_boards(site, boards, reterr);
                site_drop(site);
                site = next;
        }
        if (!site)
                return error_set(reterr, -ENOMEM, "region: out of memory");

        /* In the order in which they name each other. */
        int r = db_image_each(db, load_image, &site, reterr);
        if (r == 0)
                r = db_subnet_each(db, load_subnet, &site, reterr);
        if (r == 0)
                r = db_machine_each(db, load_machine, &site, reterr);
        if (r == 0)
                r = db_own_script_each(db, load_script, &site, reterr);
        if (r == 0)
                r = db_config_lines_each(db, load_config_lines, &site, reterr);
        if (r == -ENOMEM)
                return error_set(reterr, r, "region: out of memory");
        if (r < 0)
                return r;
        *ret = TAKE(site);
        return 0;
}
