/*
 * The plan: who asks, what they are for, and which method serves them; see plan.h.
 *
 * Each step adds what it found to the plan, and a sentence to its reasons.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/boot/agent.h"
#include "core/boot/method.h"

enum { REASONS_MAX = 24, SENTENCE_MAX = 400 };

void boot_plan_say_fixed(struct boot_plan *p, const char *sentence) {
        if (p->n_reasons < REASONS_MAX && sentence)
                p->reasons[p->n_reasons++] = sentence;
}

void boot_plan_say(struct boot_plan *p, const char *format, ...) {
        char sentence[SENTENCE_MAX];
        va_list args;

        va_start(args, format);
        (void)vsnprintf(sentence, sizeof(sentence), format, args);
        va_end(args);
        boot_plan_say_fixed(p, arena_strdup(p->arena, sentence));
}

bool boot_plan_is_proxy(const struct boot_plan *p) {
        return p->subnet && p->subnet->dhcp == SUBNET_DHCP_PROXY;
}

const char *boot_plan_name(const struct boot_plan *p) {
        return p->machine ? p->machine->name : "unknown";
}

const char *boot_plan_url(const struct boot_plan *p, const char *path) {
        char server[IP_TEXT_SIZE];
        return arena_printf(p->arena, "http://%s:%u/b/%s/%s", ip_text(&p->ask.server, server),
                            p->ask.http_port, p->ask.token[0] ? p->ask.token : BOOT_TOKEN_NONE, path);
}

void boot_plan_offer_file(struct boot_plan *p, const char *bootfile) {
        p->offer.is_bootable = true;
        p->offer.next_server = p->ask.server;
        p->offer.bootfile = bootfile;
        p->offer.echo_uuid = true;
        /*
         * EDK2 takes an offer with option 60 and an address for one of a boot server that it must ask again
         * on 4011; without it the file name counts. A proxy must say it, to be heard at all.
         */
        p->offer.vendor_class = boot_plan_is_proxy(p) ? "PXEClient" : "";
}

void boot_ask_from_evidence(const struct boot_evidence *e, struct boot_ask *ret) {
        struct pi_identity pi;

        *ret = (struct boot_ask){
                .mac = e->mac,
                .client = boot_client_classify(e)->id,
                .said_arch = boot_evidence_arch(e),
        };
        if (boot_client_is_pi(ret->client)) {
                if (!pi_identity_parse(e, &pi))
                        return;
                ret->has_serial = pi.has_serial;
                ret->serial = pi.serial;
                ret->revision = pi.revision;
        } else if (e->uuid && e->uuid_len == 17 && e->uuid[0] == 0) {
                ret->has_uuid = true;
                memcpy(ret->uuid, e->uuid + 1, sizeof(ret->uuid));
        }
}

/* The keys that a machine is looked for by, strongest first. */
static const struct machine *find_machine(struct boot_plan *p) {
        const struct boot_ask *ask = &p->ask;
        const struct machine *m = NULL;
        char mac[MAC_TEXT_SIZE], ip[IP_TEXT_SIZE];

        if (!mac_is_zero(&ask->mac) && (m = site_machine_by_mac(p->site, &ask->mac)))
                boot_plan_say(p, "machine %s is registered with MAC %s", m->name, mac_text(&ask->mac, mac));
        else if (ask->has_serial && (m = site_machine_by_serial(p->site, ask->serial)))
                boot_plan_say(p, "machine %s is registered with serial %08x", m->name, ask->serial);
        else if (ask->has_uuid && (m = site_machine_by_uuid(p->site, ask->uuid)))
                boot_plan_say(p, "machine %s is registered with this UUID", m->name);
        else if (ask->client_id_len &&
                 (m = site_machine_by_client_id(p->site, ask->client_id, ask->client_id_len)))
                boot_plan_say(p, "machine %s is registered with this client identifier", m->name);
        else if (mac_is_zero(&ask->mac) && ip_is_set(&ask->client_ip) &&
                 (m = site_machine_by_ip(p->site, &ask->client_ip)))
                boot_plan_say(p, "machine %s has address %s reserved", m->name, ip_text(&ask->client_ip, ip));
        return m;
}

static bool has_mac(const struct machine *m, const struct mac *mac) {
        for (size_t i = 0; i < m->n_macs; i++)
                if (mac_equal(&m->macs[i], mac))
                        return true;
        return false;
}

/* Option 97 has a name of the family and a revision, which names the chip: raspberry-pi.md section 1.1. */
static bool is_impossible(const struct boot_ask *ask) {
        static const struct {
                enum boot_client_id client;
                unsigned processor;
        } rows[] = { { CLIENT_PI4, 3 }, { CLIENT_PI5, 4 } };

        for (size_t i = 0; ask->revision && i < ARRAY_LEN(rows); i++)
                if (rows[i].client == ask->client)
                        return (ask->revision >> 12 & 0xf) != rows[i].processor;
        return false;
}

/* A reason that speaks against the one before it. */
PRINTF(2, 3) static void contradict(struct boot_plan *p, const char *format, ...) {
        char sentence[SENTENCE_MAX];
        va_list args;

        va_start(args, format);
        (void)vsnprintf(sentence, sizeof(sentence), format, args);
        va_end(args);
        p->contradiction = arena_strdup(p->arena, sentence);
        boot_plan_say(p, "but %s", sentence);
}

/* Two keys that name two machines: the stronger one counts, but somebody should know. */
static void note_contradiction(struct boot_plan *p) {
        const struct machine *m = p->machine;
        const struct machine *other =
                p->ask.has_serial ? site_machine_by_serial(p->site, p->ask.serial) : NULL;
        char mac[MAC_TEXT_SIZE];

        if (is_impossible(&p->ask))
                contradict(p, "option 97 says revision %06x, which no board has that asks as %s does",
                           p->ask.revision, p->client->title);
        else if (!m || !p->ask.has_serial)
                return;
        else if (other == m && m->n_macs > 0 && !mac_is_zero(&p->ask.mac) && !has_mac(m, &p->ask.mac))
                contradict(p,
                           "its MAC %s is none of this machine's: two boards say one serial, or one says "
                           "another's",
                           mac_text(&p->ask.mac, mac));
        else if (other && other != m)
                contradict(p, "serial %08x is registered for machine %s: one of the two entries is wrong",
                           p->ask.serial, other->name);
        else if (m->has_serial && m->serial != p->ask.serial)
                contradict(p, "it says serial %08x, and %08x is registered", p->ask.serial, m->serial);
}

/* "the Raspberry Pi 4 EEPROM" there is once, a Raspberry Pi in many kinds. */
static const char *article_of(const struct boot_client *c) {
        return !boot_client_is_pi(c->id) ? "" : c->id == CLIENT_PI_OTHER ? "a " : "the ";
}

/* Without a packet of it: whoever asks "what if" shall not read that it said something. */
static void note_supposed_client(struct boot_plan *p) {
        if (p->client->id == CLIENT_OTHER)
                boot_plan_say_fixed(p, "nothing was seen or registered that tells its firmware");
        else
                boot_plan_say(p, "supposing that it asks as %s%s does", article_of(p->client),
                              p->client->title);
}

static void note_pi(struct boot_plan *p) {
        const struct boot_ask *ask = &p->ask;
        struct pi_identity pi = {};

        if (pi_identity_of_revision(site_boards(p->site), ask->revision, &pi))
                boot_plan_say(p, "option 97 says serial %08x, revision %06x: the EEPROM of a %s %u %s rev %s",
                              ask->serial, ask->revision, pi.model,
                              pi.memory_mib < 1024 ? pi.memory_mib : pi.memory_mib / 1024,
                              pi.memory_mib < 1024 ? "MiB" : "GiB", pi.stepping);
        else if (ask->has_serial)
                boot_plan_say(p, "it asks as %s%s does, serial %08x", article_of(p->client), p->client->title,
                              ask->serial);
        else
                boot_plan_say(p, "it asks as %s%s does", article_of(p->client), p->client->title);
}

static void note_client(struct boot_plan *p) {
        const struct boot_ask *ask = &p->ask;

        if (ask->is_supposed)
                note_supposed_client(p);
        else if (boot_client_is_pi(ask->client))
                note_pi(p);
        else if (ask->client == CLIENT_UNSERVED && boot_arch_title(ask->said_arch)[0])
                boot_plan_say(p, "its firmware says architecture %d, %s", ask->said_arch,
                              boot_arch_title(ask->said_arch));
        else
                boot_plan_say(p, "it asks as %s does", p->client->title);
}

static const struct board *find_board(const struct boot_plan *p) {
        const struct board_set *boards = site_boards(p->site);

        if (p->machine && p->machine->board[0])
                return board_find(boards, p->machine->board);
        if (p->ask.revision)
                return board_find_type(boards, p->ask.revision >> 4 & 0xff);
        return NULL;
}

const struct boot_client *boot_client_expected(const struct board_set *boards, const struct machine *machine,
                                               const struct image *image) {
        const struct board *board = machine && machine->board[0] ? board_find(boards, machine->board) : NULL;
        if (board)
                return boot_client_by_name(board->client);
        if (machine && machine->has_serial)
                return boot_client_by_id(CLIENT_PI_OTHER); /* only Raspberry Pis have one */
        if (image && image->kind == IMAGE_PI)
                return boot_client_by_id(CLIENT_PI_OTHER);

        enum arch arch = machine && machine->arch != ARCH_NONE ? machine->arch
                         : image                               ? image->arch
                                                               : ARCH_NONE;
        bool has_efi = image && (image_find_role(image, IMAGE_FILE_GRUB) ||
                                 image_find_role(image, IMAGE_FILE_EFI_STUB));
        switch (arch) {
        case ARCH_AMD64:
                return boot_client_by_id(has_efi ? CLIENT_UEFI_AMD64 : CLIENT_IPXE);
        case ARCH_ARM64:
                return boot_client_by_id(has_efi ? CLIENT_UEFI_ARM64 : CLIENT_UBOOT_ARM64);
        case ARCH_ARMHF:
                return boot_client_by_id(CLIENT_UBOOT_ARMHF);
        default:
                return NULL;
        }
}

/* The subnet's word about the one who asks, whom nobody registered. */
static enum subnet_unknown policy_for(const struct subnet *subnet, const struct boot_ask *ask) {
        return subnet_unknown_for(subnet, &ask->mac, ask->has_serial ? &ask->serial : NULL);
}

static enum boot_purpose stranger_purpose(enum subnet_unknown policy) {
        switch (policy) {
        case SUBNET_UNKNOWN_APPROVE:
        case SUBNET_UNKNOWN_ENLIST:
                return PURPOSE_ENLIST;
        case SUBNET_UNKNOWN_BOOT:
                return PURPOSE_RUN;
        case SUBNET_UNKNOWN_DISCOVER:
        case SUBNET_UNKNOWN_REFUSE:
                break;
        }
        return PURPOSE_REFUSE;
}

enum boot_purpose boot_purpose_of(const struct machine *m, const struct subnet *subnet,
                                  const struct boot_ask *ask) {
        if (m)
                return machine_purpose(m);
        return subnet ? stranger_purpose(policy_for(subnet, ask)) : PURPOSE_REFUSE;
}

/* What nobody registered gets: the subnet's policy. */
static void note_unknown(struct boot_plan *p) {
        char net[IP_NET_TEXT_SIZE];

        boot_plan_say_fixed(p, "nobody registered it");
        if (!p->subnet) {
                boot_plan_say_fixed(p, "it asks on no subnet that is defined here");
                return;
        }
        ip_net_text(&p->subnet->net, net);
        enum subnet_unknown policy = policy_for(p->subnet, &p->ask);
        switch (policy) {
        case SUBNET_UNKNOWN_DISCOVER:
                boot_plan_say(p, "subnet %s lists unknown machines and does not boot them (unknown=discover)",
                              net);
                break;
        case SUBNET_UNKNOWN_REFUSE:
                boot_plan_say(p, "subnet %s refuses unknown machines (unknown=refuse)", net);
                break;
        case SUBNET_UNKNOWN_APPROVE:
        case SUBNET_UNKNOWN_ENLIST:
                if (policy != p->subnet->unknown)
                        boot_plan_say(p, "subnet %s enlists this one, which is on its list (--allow)", net);
                else
                        boot_plan_say(p, "subnet %s enlists unknown machines (unknown=%s)", net,
                                      subnet_unknown_name(policy));
                break;
        case SUBNET_UNKNOWN_BOOT:
                p->image = site_image(p->site, p->subnet->unknown_image);
                boot_plan_say(p, "subnet %s boots image %s on every unknown machine", net,
                              p->subnet->unknown_image);
                break;
        }
}

/* Whom it belongs to, and what the machine's state makes of its boot. */
static void note_machine(struct boot_plan *p) {
        const struct machine *m = p->machine;

        p->image = m->image[0] ? site_image(p->site, m->image) : NULL;
        switch (p->purpose) {
        case PURPOSE_RUN:
                boot_plan_say(p, "it is %s, and runs image %s over the network, every time",
                              machine_state_name(m->state), m->image);
                if (m->good)
                        boot_plan_say(p, "that image is on trial: without its sign %.*s is back",
                                      (int)strcspn(m->good, " "), m->good);
                else if (m->state == STATE_DEPLOYED && m->reason)
                        boot_plan_say(p, "%s", m->reason);
                break;
        case PURPOSE_LOCAL:
                if (m->root == ROOT_DISK && m->boots_own)
                        boot_plan_say(p, "it is %s, with image %s on its disk, which it boots",
                                      machine_state_name(m->state), m->image);
                else
                        boot_plan_say(p, "it is %s, and no image is given to it: it boots its own disk",
                                      machine_state_name(m->state));
                break;
        case PURPOSE_REFUSE:
                boot_plan_say(p, "it is %s%s%s%s: it is booted no more", machine_state_name(m->state),
                              m->reason ? " (" : "", m->reason ? m->reason : "", m->reason ? ")" : "");
                break;
        default:
                boot_plan_say(p, "it is %s%s", machine_state_name(m->state),
                              p->purpose == PURPOSE_PARK ? ", and waits" : "");
        }
}

static void decide_purpose(struct boot_plan *p) {
        p->purpose = boot_purpose_of(p->machine, p->subnet, &p->ask);
        if (p->machine)
                note_machine(p);
        else
                note_unknown(p);
        if (p->purpose == PURPOSE_RUN && !p->image) {
                p->purpose = PURPOSE_REFUSE;
                boot_plan_say_fixed(p, "that image is not there");
        }
}

static bool is_arm(enum arch a) {
        return a == ARCH_ARM64 || a == ARCH_ARMHF;
}

/*
 * What a firmware can start: its own kind. A Pi's starts kernels of both kinds of ARM, whatever its image
 * calls itself, and what BIOS starts is 32-bit code in any case.
 */
static bool can_start(const struct boot_client *client, enum arch runs, enum arch image) {
        if (boot_client_is_pi(client->id))
                return is_arm(image);
        if (client->id == CLIENT_BIOS || client->id == CLIENT_IPXE)
                return runs == image || (runs == ARCH_AMD64 && image == ARCH_I386);
        return runs == image;
}

/* iPXE runs on all of them, and says on which; 0 is BIOS, or nothing said. */
enum arch boot_plan_client_arch(const struct boot_plan *p) {
        if (p->client->id != CLIENT_IPXE)
                return p->client->arch;
        switch (p->ask.said_arch) {
        case 7:
        case 9:
                return ARCH_AMD64;
        case 11:
                return ARCH_ARM64;
        default:
                return ARCH_NONE;
        }
}

/* What the machine runs, as its operator or its board says. */
static enum arch registered_arch(const struct boot_plan *p) {
        enum arch registered = p->machine ? p->machine->arch : ARCH_NONE;
        return registered == ARCH_NONE && p->board ? p->board->archs[0] : registered;
}

bool boot_plan_starts_kernel(const struct boot_plan *p) {
        return p->purpose == PURPOSE_RUN || boot_purpose_is_agent(p->purpose);
}

bool boot_plan_can_start(const struct boot_plan *p) {
        enum arch asks = boot_plan_client_arch(p);
        enum arch runs = asks != ARCH_NONE ? asks : registered_arch(p);

        return runs == ARCH_NONE || p->image->arch == ARCH_NONE || can_start(p->client, runs, p->image->arch);
}

/* Whatever a client claims, it gets nothing of an architecture that its machine or its board cannot run. */
static void check_claim(struct boot_plan *p) {
        enum arch asks = boot_plan_client_arch(p), registered = registered_arch(p);

        if (!boot_plan_starts_kernel(p) || !p->machine || registered == ARCH_NONE || asks == ARCH_NONE ||
            arch_is_kin(registered, asks))
                return;
        boot_plan_say(p, "machine %s is an %s machine and asks for an %s loader: it gets none",
                      p->machine->name, arch_name(registered), arch_name(asks));
        p->purpose = PURPOSE_REFUSE;
}

/* What requires trust gets what its firmware checks, and only a Raspberry Pi's checks anything of ours. Its
 * disk it may boot: what is on that is not ours to give. */
static void check_trust(struct boot_plan *p) {
        if (!p->machine || !p->machine->require_trusted || boot_client_is_pi(p->client->id) ||
            !boot_plan_starts_kernel(p))
                return;
        boot_plan_say(
                p,
                "machine %s requires trust, and only firmware of a Raspberry Pi checks what it is given: "
                "%s is offered no boot",
                p->machine->name, p->client->title);
        p->purpose = PURPOSE_REFUSE;
}

/* Nor one that its firmware cannot start. */
static void check_image(struct boot_plan *p) {
        enum arch asks = boot_plan_client_arch(p);

        if (p->purpose != PURPOSE_RUN || boot_plan_can_start(p))
                return;
        boot_plan_say(p, "image %s has no kernel for %s: it is for %s", p->image->name,
                      arch_name(asks != ARCH_NONE ? asks : registered_arch(p)), arch_name(p->image->arch));
        p->purpose = PURPOSE_REFUSE;
}

/* What an image must hold so that a client can boot it: said where it does not. */
static const struct {
        enum boot_client_id client;
        const char *needs, *needs_behind_proxy; /* NULL: the same */
} needs[] = {
        { CLIENT_UEFI_ARM64, "a GRUB or an EFI stub",
          "an EFI stub: beside another DHCP server only a UKI can go on" },
        { CLIENT_UEFI_AMD64, "a GRUB or an EFI stub",
          "an EFI stub: beside another DHCP server only a UKI can go on" },
        { CLIENT_UBOOT_EFI, "a GRUB or an EFI stub",
          "an EFI stub: beside another DHCP server only a UKI can go on" },
        { CLIENT_UEFI_HTTP_ARM64, "an EFI stub, of which a UKI is made", NULL },
        { CLIENT_UEFI_HTTP_AMD64, "an EFI stub, of which a UKI is made", NULL },
        { CLIENT_BIOS, "iPXE (undionly.kpxe) or pxelinux.0", NULL },
        { CLIENT_IPXE, "a kernel", NULL },
        { CLIENT_UBOOT_ARM64, "a kernel", NULL },
        { CLIENT_UBOOT_ARMHF, "a kernel", NULL },
};

const char *boot_plan_needs(const struct boot_plan *p) {
        for (size_t i = 0; i < ARRAY_LEN(needs); i++) {
                if (needs[i].client == p->client->id)
                        return boot_plan_is_proxy(p) && needs[i].needs_behind_proxy
                                       ? needs[i].needs_behind_proxy
                                       : needs[i].needs;
        }
        return NULL;
}

static void note_no_method(struct boot_plan *p) {
        const char *what = boot_plan_needs(p);

        if (what)
                boot_plan_say(p, "%s cannot boot image %s: it has no file that would be %s", p->client->title,
                              p->image->name, what);
        else
                boot_plan_say(p, "%s: there is nothing here that it can boot image %s with", p->client->title,
                              p->image->name);
}

const struct boot_method *boot_plan_find_method(const struct boot_plan *p) {
        size_t i = 0;
        while (boot_methods[i] && !boot_methods[i]->match(p))
                i++;
        return boot_methods[i];
}

static void choose_method(struct boot_plan *p) {
        p->method = boot_plan_find_method(p);
        if (p->method) {
                p->method->plan(p);
                return;
        }
        if (p->purpose == PURPOSE_RUN)
                note_no_method(p);
        else if (p->purpose == PURPOSE_LOCAL)
                boot_plan_say_fixed(
                        p,
                        "no boot options are sent, so that its firmware goes on to the next thing at once");
}

/* Who asks as no firmware does still has a tree: an installer's second fetch, a board with a fixed address.
 */
static void choose_client(struct boot_plan *p) {
        const struct boot_client *expected = NULL;

        if (p->client->id == CLIENT_OTHER || p->client->id == CLIENT_GRUB)
                expected = boot_client_expected(site_boards(p->site), p->machine, p->image);
        if (!expected)
                return;
        boot_plan_say(p, "files are served to it as to %s", expected->title);
        p->client = expected;
}

/* Only firmware is told what to boot: GRUB and operating systems want an address, and follow every siaddr.
 * Where DHCP is off nobody is told anything. */
static void withhold_offer(struct boot_plan *p) {
        const struct boot_client *asks = boot_client_by_id(p->ask.client);
        bool is_off = p->subnet && p->subnet->dhcp == SUBNET_DHCP_OFF;
        char net[IP_NET_TEXT_SIZE];

        if (is_off)
                boot_plan_say(
                        p,
                        "DHCP is off on subnet %s: another server must say what to boot, only files are "
                        "served there",
                        ip_net_text(&p->subnet->net, net));
        else if (!asks->is_firmware && p->offer.is_bootable)
                boot_plan_say(p, "%s gets an address and no boot options", asks->title);
        if (is_off || !asks->is_firmware)
                p->offer = (struct boot_offer){ .bootfile = "", .vendor_class = "", .pxe_config = "" };
}

const struct boot_plan *boot_plan(const struct site *site, const struct boot_ask *ask, struct arena *arena) {
        struct boot_plan *p = arena_alloc(arena, sizeof(*p));
        if (!p)
                return NULL;
        p->reasons = arena_alloc(arena, (REASONS_MAX + 1) * sizeof(p->reasons[0]));
        if (!p->reasons)
                return NULL;
        p->site = site;
        p->ask = *ask;
        p->arena = arena;
        p->client = boot_client_by_id(ask->client);
        p->offer = (struct boot_offer){ .bootfile = "", .vendor_class = "", .pxe_config = "" };
        if (!p->client)
                p->client = boot_client_by_id(CLIENT_OTHER);

        note_client(p);
        if (ip_is_set(&ask->subnet))
                p->subnet = site_subnet_of(site, &ask->subnet);
        p->machine = find_machine(p);
        note_contradiction(p);
        p->board = find_board(p);
        decide_purpose(p);
        choose_client(p);
        check_claim(p);
        check_trust(p);
        if (p->client->id == CLIENT_UNSERVED) {
                boot_plan_say_fixed(p, "nothing here boots that architecture: it gets no boot file");
                p->purpose = PURPOSE_REFUSE;
        } else {
                if (boot_purpose_is_agent(p->purpose))
                        boot_agent_choose(p);
                check_image(p);
                if (p->purpose == PURPOSE_RUN && p->machine && p->machine->run)
                        boot_agent_start_system(p);
                choose_method(p);
        }
        if (!p->method && p->n_reasons > 0)
                p->nothing = p->reasons[p->n_reasons - 1];
        withhold_offer(p);
        return p;
}
