/* Signs of which files a board asks for; see rules.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/trail/doctor/rules.h"

enum { CONFIG_OCTETS_MAX = 4095 }; /* over TFTP no firmware reads more (firmware issue 1575) */

/* What firmware begins with: without it there is nothing to boot. */
static const char *const first_files[] = { "start4.elf", "start.elf", "config.txt", "bootcode.bin" };

static bool is_first_file(const struct trail_event *e) {
        for (size_t i = 0; i < ARRAY_LEN(first_files); i++)
                if (event_is_named(e, first_files[i]))
                        return true;
        return false;
}

/* The first miss of such a file, below a prefix or without one. */
static const struct trail_event *first_miss(const struct boot_view *v, bool has_prefix) {
        for (size_t i = 0; v->boot && i < v->boot->n_events; i++) {
                const struct trail_event *e = &v->boot->events[i];
                if (e->outcome == TRAIL_MISS && is_first_file(e) && event_has_prefix(e) == has_prefix)
                        return e;
        }
        return NULL;
}

/* Why this server offers it no boot; NULL: it does, or a system came up all the same, from its disk. A
 * stranger gets none by choice. */
static const struct trail_event *refusal_of(const struct boot_view *v) {
        const struct trail_event *last = NULL;

        if (v->system || (v->boot && v->boot->is_finished))
                return NULL;
        for (size_t i = 0; v->boot && i < v->boot->n_events; i++)
                if (v->boot->events[i].kind == TRAIL_NOTE && v->boot->events[i].outcome == TRAIL_IGNORED)
                        last = &v->boot->events[i];
        return v->facts->machine && v->n_discovers && !v->n_offers ? last : NULL;
}

static bool is_about_device_tree(const struct trail_event *refusal) {
        return strstr(refusal->what, "device tree") != NULL;
}

static bool say_refusal(const struct boot_view *v, const struct trail_event *refusal,
                        struct doctor_finding *f) {
        doctor_cite(f, v->boot, v->discover);
        doctor_cite(f, v->boot, refusal);
        return doctor_say(f, "This server gives it nothing to boot: %s%s%s.", refusal->what,
                          refusal->detail[0] ? ": " : "", refusal->detail);
}

bool no_tree(const struct boot_view *v, struct doctor_finding *f) {
        const struct trail_event *refusal = refusal_of(v);
        if (refusal && !is_about_device_tree(refusal))
                return say_refusal(v, refusal, f);

        const struct trail_event *below = first_miss(v, true), *root = first_miss(v, false);

        if (!v->is_pi || v->n_served || !root || v->is_for_disk ||
            !(v->n_discovers > 1 || boot_view_has_stopped(v)))
                return false;
        doctor_cite(f, v->boot, below);
        doctor_cite(f, v->boot, root);
        return doctor_say(f, "Nothing that its firmware begins with is there for it: no %s%s%s.",
                          event_name(root), root->detail[0] ? ": " : "", root->detail);
}

bool prefix_fell_back(const struct boot_view *v, struct doctor_finding *f) {
        const struct trail_event *below = first_miss(v, true), *found = NULL;

        if (!v->is_pi || !below)
                return false;
        for (const struct trail_event *e = below + 1; e < v->boot->events + v->boot->n_events && !found; e++)
                if (is_first_file(e) && !event_has_prefix(e) &&
                    (e->outcome == TRAIL_OK || e->outcome == TRAIL_PROBE))
                        found = e;
        if (!found)
                return false;
        doctor_cite(f, v->boot, below);
        doctor_cite(f, v->boot, found);
        return doctor_say(f, "It found nothing at %s, and went on without a folder of its own.", below->what);
}

/* ---- config.txt ---- */

static bool is_too_long(const struct trail_event *config, struct doctor_finding *f) {
        return config->octets > CONFIG_OCTETS_MAX &&
               doctor_say(f,
                          "Its config.txt has %llu octets: firmware reads no more than %d over the network.",
                          (unsigned long long)config->octets, CONFIG_OCTETS_MAX);
}

/* Names that firmware tries before any other, whatever config.txt says. */
static bool is_tried_anyway(const struct trail_event *e) {
        return text_starts_with(event_name(e), "kernel8-32") || e->outcome == TRAIL_MISS;
}

/* Another kernel than config.txt names, and that one not. */
static const struct trail_event *other_kernel(const struct boot_view *v, const struct trail_event *config) {
        if (!v->facts->kernel ||
            boot_view_find(v, (struct event_want){ v->facts->kernel, -1, .after = config }))
                return NULL;
        for (const struct trail_event *e = config + 1; e < v->boot->events + v->boot->n_events; e++)
                if (event_is_kernel(v, e) && !is_tried_anyway(e))
                        return e;
        return NULL;
}

static bool has_no_initramfs(const struct boot_view *v, const struct trail_event *config) {
        return v->facts->initramfs && v->kernel > config && boot_view_is_silent(v) &&
               !boot_view_find(v, (struct event_want){ v->facts->initramfs, -1, .after = config });
}

/* What it shall load is known as of now, and the boot is of then: another image, revision or purpose since
 * has another config.txt. What came up had what it needed, and its kernel and config.txt may both be gone. */
static bool can_be_compared(const struct boot_view *v, const struct trail_event *config) {
        return !v->system && !v->agent && !v->boot->is_finished &&
               (!v->facts->config_octets || v->facts->config_octets == config->octets);
}

bool config_ignored(const struct boot_view *v, struct doctor_finding *f) {
        const struct trail_event *config =
                boot_view_find(v, (struct event_want){ "config.txt", .outcome = TRAIL_OK });

        if (!v->is_pi || !config)
                return false;
        doctor_cite(f, v->boot, config);
        if (is_too_long(config, f))
                return true;
        if (!can_be_compared(v, config))
                return false;
        const struct trail_event *other = other_kernel(v, config);
        doctor_cite(f, v->boot, other);
        if (other)
                return doctor_say(f, "It read config.txt, which names the kernel %s, and then asked for %s.",
                                  v->facts->kernel, event_name(other));
        doctor_cite(f, v->boot, v->kernel);
        return has_no_initramfs(v, config) &&
               doctor_say(f, "It read config.txt, which names the initramfs %s, and never asked for it.",
                          v->facts->initramfs);
}

/* ---- what does not fit together ---- */

bool firmware_mismatch(const struct boot_view *v, struct doctor_finding *f) {
        const struct trail_event *e = v->last_file;

        if (!v->is_pi || !e || !text_starts_with(event_name(e), "fixup") || !event_is_whole(e) ||
            v->last != e || !boot_view_has_stopped(v))
                return false;
        doctor_cite(f, v->boot, boot_view_find(v, (struct event_want){ "start4.elf", .outcome = TRAIL_OK }));
        doctor_cite(f, v->boot, boot_view_find(v, (struct event_want){ "start.elf", .outcome = TRAIL_OK }));
        doctor_cite(f, v->boot, e);
        return doctor_say(f, "It loaded its firmware and %s, and then nothing more happened.", event_name(e));
}

static bool is_device_tree(const struct trail_event *e) {
        return event_is_file(e) && text_starts_with(event_name(e), "bcm2") &&
               text_ends_with(event_name(e), ".dtb");
}

bool no_device_tree(const struct boot_view *v, struct doctor_finding *f) {
        const struct trail_event *missed = NULL, *refusal = refusal_of(v);

        if (refusal && is_about_device_tree(refusal))
                return say_refusal(v, refusal, f);
        if (!v->is_pi || v->kernel)
                return false;
        for (size_t i = 0; i < v->boot->n_events; i++) {
                const struct trail_event *e = &v->boot->events[i];
                if (is_device_tree(e))
                        missed = e->outcome == TRAIL_MISS ? e : NULL;
        }
        if (!missed || !(v->last_discover > missed || boot_view_has_stopped(v)))
                return false;
        doctor_cite(f, v->boot, missed);
        return doctor_say(f, "The device tree of this board is not in its image: %s.", event_name(missed));
}

/* ---- the loader of another kind of computer ---- */

enum { BUILT_FOR_BIOS = 1, BUILT_FOR_X86 = 2, BUILT_FOR_ARM = 4 };

static const struct {
        const char *part; /* of the name */
        unsigned built_for;
} loaders[] = {
        { ".kpxe", BUILT_FOR_BIOS },    { "pxelinux.0", BUILT_FOR_BIOS }, { "x64.efi", BUILT_FOR_X86 },
        { "amd64.efi", BUILT_FOR_X86 }, { "ia32.efi", BUILT_FOR_X86 },    { "aa64.efi", BUILT_FOR_ARM },
        { "arm64.efi", BUILT_FOR_ARM },
};

/* By the beginning of a client's name, what it cannot run. */
static const struct {
        const char *client;
        unsigned foreign;
} clients[] = {
        { "pi", BUILT_FOR_BIOS | BUILT_FOR_X86 },
        { "uboot-arm", BUILT_FOR_BIOS | BUILT_FOR_X86 },
        { "uefi-arm64", BUILT_FOR_BIOS | BUILT_FOR_X86 },
        { "uefi-http-arm64", BUILT_FOR_BIOS | BUILT_FOR_X86 },
        { "uefi-amd64", BUILT_FOR_BIOS | BUILT_FOR_ARM },
        { "uefi-http-amd64", BUILT_FOR_BIOS | BUILT_FOR_ARM },
        { "bios", BUILT_FOR_X86 | BUILT_FOR_ARM },
};

static unsigned foreign_to(const char *client) {
        for (size_t i = 0; i < ARRAY_LEN(clients); i++)
                if (text_starts_with(client, clients[i].client))
                        return clients[i].foreign;
        return 0;
}

static unsigned built_for(const char *name) {
        for (size_t i = 0; i < ARRAY_LEN(loaders); i++)
                if (strcasestr(name, loaders[i].part))
                        return loaders[i].built_for;
        return 0;
}

bool wrong_loader(const struct boot_view *v, struct doctor_finding *f) {
        for (size_t i = 0; v->boot && i < v->boot->n_events; i++) {
                const struct trail_event *e = &v->boot->events[i];
                if (!event_is_file(e) || !(built_for(event_name(e)) & foreign_to(e->client)))
                        continue;
                doctor_cite(f, v->boot, v->discover);
                doctor_cite(f, v->boot, e);
                return doctor_say(f, "It asked for %s, a loader that it cannot run: it is a %s.", e->what,
                                  e->client);
        }
        return false;
}
