/* Whom a question about a boot is of; see asker.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api/asker.h"

bool api_asker_read(struct api_call *c, struct api_asker *ret) {
        const char *of = api_query(c, "of");
        struct api_asker who = {};

        if (!of) {
                api_problem_field(c, 400, "of",
                                  "the parameter of is missing: the name of a machine, or a MAC");
                return false;
        }
        who.machine = site_machine_by_name(c->site, of);
        if (!who.machine && mac_parse(of, &who.mac) == 0)
                who.machine = site_machine_by_mac(c->site, &who.mac);
        else if (!who.machine) {
                api_problem(c, 404, "there is no machine %.64s, and it is no MAC either", of);
                return false;
        } else if (who.machine->n_macs)
                who.mac = who.machine->macs[0];
        *ret = who;
        return true;
}

/* What a shorter name like "uefi" leaves open: the machine's, else its image's, else any. */
static enum arch arch_of(const struct api_call *c, const struct machine *m) {
        const struct image *image = m && m->image[0] ? site_image(c->site, m->image) : NULL;

        if (m && m->arch != ARCH_NONE)
                return m->arch;
        return image ? image->arch : ARCH_NONE;
}

/* The client's row for the parameter `client`: CLIENT_OTHER without one; false with a problem answered. */
static bool read_client(struct api_call *c, const struct api_asker *who, enum boot_client_id *ret) {
        const char *name = api_query(c, "client");
        const struct boot_client *client;

        *ret = CLIENT_OTHER;
        if (!name)
                return true;
        client = boot_client_find(name, arch_of(c, who->machine));
        if (client) {
                *ret = client->id;
                return true;
        }

        char names[256] = "";
        for (const struct boot_client *const *row = boot_clients; *row; row++) {
                size_t len = strlen(names), more = strlen((*row)->name);
                if (len + more + 3 < sizeof(names)) {
                        memcpy(names + len, ", ", 2);
                        memcpy(names + len + 2, (*row)->name, more + 1);
                }
        }
        api_problem_field(c, 400, "client", "there is no client \"%.32s\"; there are %s", name, names + 2);
        return false;
}

bool api_asker_ask(struct api_call *c, const struct api_asker *who, struct boot_ask *ret) {
        enum boot_client_id client;
        struct boot_ask ask = { .is_supposed = true };

        if (!read_client(c, who, &client))
                return false;
        /* On no subnet of ours: then the plan says so. */
        if (!c->world->ask_for(c->world->ctx, who->machine, &who->mac, client, &ask))
                ask.mac = who->mac;
        if (client != CLIENT_OTHER)
                ask.client = client;
        if (ask.client == CLIENT_OTHER && who->machine) {
                const struct boot_client *expected = boot_client_expected(
                        site_boards(c->site), who->machine, site_image(c->site, who->machine->image));
                if (expected)
                        ask.client = expected->id;
        }
        *ret = ask;
        return true;
}
