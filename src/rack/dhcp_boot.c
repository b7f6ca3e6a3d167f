/* Which boot; see dhcp_boot.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/dhcp_boot.h"

#include <string.h>

#include "net/dhcp4/packet.h"
#include "rack/address.h"
#include "rack/meeting.h"
#include "rack/state.h"

enum { OPTION_PXE_CONFIG = 209 /* RFC 5071 */ };

static void add_option(struct dhcp4_boot *boot, uint8_t number, const void *octets, size_t len) {
        if (len > 0 && len <= UINT16_MAX && boot->n_options < DHCP4_BOOT_OPTIONS_MAX)
                boot->options[boot->n_options++] =
                        (struct dhcp4_option){ .number = number, .len = (uint16_t)len, .octets = octets };
}

static void add_text(struct dhcp4_boot *boot, uint8_t number, const char *text) {
        add_option(boot, number, text, strlen(text));
}

/* The plan's offer in DHCP's words; the texts live in the plan's arena until the next message. */
static void fill_boot(struct rack *r, const struct boot_plan *plan, const struct dhcp4_packet *p,
                      struct dhcp4_boot *ret) {
        const struct boot_offer *o = &plan->offer;
        const struct dhcp4_option *uuid = dhcp4_option_find(p, DHCP4_OPTION_UUID);
        char dotted[IP_TEXT_SIZE];

        ret->is_bootable = true;
        ret->next_server = ip_to_v4(&o->next_server);
        ret->file = o->bootfile;
        if (o->vendor_class)
                add_text(ret, DHCP4_OPTION_VENDOR_CLASS, o->vendor_class);
        add_option(ret, DHCP4_OPTION_VENDOR, o->vendor_options, o->vendor_options_len);
        if (o->has_server_name) {
                const char *copy = arena_strdup(r->arena, ip_text(&o->next_server, dotted));
                if (copy)
                        add_text(ret, DHCP4_OPTION_TFTP_SERVER, copy);
        }
        if (o->echo_uuid && uuid)
                add_option(ret, DHCP4_OPTION_UUID, uuid->octets, uuid->len);
        if (o->pxe_config)
                add_text(ret, OPTION_PXE_CONFIG, o->pxe_config);
}

/* Where a boot leads that is not simply its system's. */
static const char *destiny_of(struct rack *r, const struct boot_plan *plan) {
        if (plan->agent && plan->purpose == PURPOSE_RUN) {
                const struct machine *system = plan->machine;
                const char *why = system->state == STATE_DEPLOYED ? system->reason : NULL;
                return arena_printf(r->arena, TRAIL_BY_AGENT ", image %s%s%s", system->image, why ? ": " : "",
                                    why ? why : "");
        }
        if (plan->agent)
                return arena_printf(r->arena, TRAIL_TO_AGENT ", to %s: under the kernel of image %s",
                                    boot_purpose_name(plan->purpose), plan->image->name);
        if (plan->purpose == PURPOSE_LOCAL && plan->offer.is_bootable)
                return arena_printf(r->arena, TRAIL_TO_DISK ": %s", plan->reasons[plan->n_reasons - 1]);
        return NULL;
}

/* What the plan found, for the trail. Its sentences are copied before the next message takes their room. */
static void note_plan(struct rack *r, struct meeting *m, const struct boot_plan *plan) {
        m->contradiction = plan->contradiction;
        if (m->session && m->session->purpose != plan->purpose)
                m->destiny = destiny_of(r, plan);
        if (m->session) {
                m->session->purpose = plan->purpose;
                m->session->agent.is_due = plan->agent != NULL;
        }
        if (plan->offer.is_bootable && plan->purpose != PURPOSE_LOCAL && m->session)
                refusal_expect(&m->session->refusal, m->client->id, plan->offer.bootfile);
        if (!plan->offer.is_bootable && plan->n_reasons > 0)
                m->why_no_boot = plan->reasons[plan->n_reasons - 1];
}

void rack_boot(void *ctx, const struct dhcp4_link *link, const struct dhcp4_net *net,
               const struct dhcp4_packet *p, uint32_t addr, uint64_t now_ms, struct dhcp4_boot *ret) {
        struct rack *r = ctx;
        struct meeting *m = rack_meet(r, p, now_ms);
        const struct boot_client *c = m->client;
        (void)net;

        *ret = (struct dhcp4_boot){
                .offer_delay_ms = c->offer_delay_ms,
                .wants_broadcast = c->wants_broadcast,
                .wants_arp = c->wants_broadcast,
                .commits_offer = c->commits_offer,
                .one_at_a_time = c->one_at_a_time,
        };
        if (!c->is_firmware)
                return;
        if (addr && m->session) {
                rack_settle(r, m->session, p->giaddr == 0 ? link : NULL, addr);
                m->ask.client_ip = m->session->ask.client_ip;
        }
        arena_reset(r->arena);
        const struct boot_plan *plan = boot_plan(r->nets->site, &m->ask, r->arena);
        if (!plan)
                return;
        if (plan->board && plan->board->offer_delay_ms && c->offer_delay_ms)
                ret->offer_delay_ms = plan->board->offer_delay_ms;
        note_plan(r, m, plan);
        if (plan->offer.is_bootable)
                fill_boot(r, plan, p, ret);
}
