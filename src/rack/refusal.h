/*
 * Whether firmware, or a loader, refused to start what it had fetched (Secure Boot). Pure.
 *
 * Firmware does not say so on the wire. It shows in what follows a loader that was fetched whole: the
 * firmware's next way to boot, the same way again, or nothing at all. GRUB is told by its configuration to
 * ask for BOOT_KERNEL_REFUSED when no kernel was started.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/boot/client.h"

enum refusal {
        REFUSAL_NONE,
        REFUSAL_KERNEL,  /* GRUB says so */
        REFUSAL_LOADER,  /* the firmware went on to its next way to boot */
        REFUSAL_AGAIN,   /* it asks again, in the same way, at once */
        REFUSAL_SILENCE, /* nothing followed */
};

enum { REFUSAL_LOADER_SIZE = 96 };

/* Kept with a boot session; zero to begin with. */
struct refusal_watch {
        char loader[REFUSAL_LOADER_SIZE]; /* the path of what the firmware is to start; "": not watched */
        enum boot_client_id client;       /* which was offered it */
        bool is_whole;                    /* it was fetched to its end, and nothing has followed */
        uint64_t whole_ms;                /* since then; monotonic */
};

/** refusal_expect() - the firmware @client was offered @bootfile: a path, or an URL of ours. Only UEFI
 * firmware can refuse: others are not watched. */
void refusal_expect(struct refusal_watch *w, enum boot_client_id client, const char *bootfile);

/** refusal_on_file() - a file was asked for; @is_whole: and fetched to its end. */
enum refusal refusal_on_file(struct refusal_watch *w, const char *path, bool is_whole, uint64_t now_ms);

/** refusal_on_dhcp() - a DHCP message of class @client came, before refusal_expect() for its answer. */
enum refusal refusal_on_dhcp(struct refusal_watch *w, enum boot_client_id client, uint64_t now_ms);

/** refusal_on_time() - time passes. Each refusal is returned once. */
enum refusal refusal_on_time(struct refusal_watch *w, uint64_t now_ms);

/** refusal_sentence() - for people; @loader: refusal_watch's. Returns @buf. */
const char *refusal_sentence(enum refusal what, const char *loader, char *buf, size_t size);
