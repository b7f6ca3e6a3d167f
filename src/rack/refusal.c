/* Whether something refused to start; see refusal.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/refusal.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/boot/plan.h"

enum {
        SILENCE_MS = 60000, /* a system that was started has asked for its address long before */

        /* The same way again within this time is no system that ran and rebooted. */
        AGAIN_MS = 20000,
};

static bool is_uefi(enum boot_client_id client) {
        switch (client) {
        case CLIENT_UEFI_ARM64:
        case CLIENT_UEFI_AMD64:
        case CLIENT_UEFI_HTTP_ARM64:
        case CLIENT_UEFI_HTTP_AMD64:
                return true;
        default:
                return false;
        }
}

/* "http://SERVER:PORT/b/TOKEN/PATH" to PATH; a path to itself, without its first slashes. */
static const char *path_of(const char *bootfile) {
        const char *scheme = strstr(bootfile, "://");

        if (scheme) {
                const char *slash = strchr(scheme + 3, '/');
                bootfile = slash ? slash : "";
                if (text_starts_with(bootfile, "/b/")) {
                        slash = strchr(bootfile + 3, '/');
                        bootfile = slash ? slash : "";
                }
        }
        return bootfile + strspn(bootfile, "/");
}

void refusal_expect(struct refusal_watch *w, enum boot_client_id client, const char *bootfile) {
        w->client = client;
        if (!is_uefi(client) || text_copy(w->loader, sizeof(w->loader), path_of(bootfile)) < 0)
                w->loader[0] = 0;
}

enum refusal refusal_on_file(struct refusal_watch *w, const char *path, bool is_whole, uint64_t now_ms) {
        path += strspn(path, "/");
        if (text_ends_with(path, BOOT_KERNEL_REFUSED)) {
                w->is_whole = false;
                return REFUSAL_KERNEL;
        }
        if (!w->loader[0] || strcmp(path, w->loader) != 0) {
                w->is_whole = false; /* something runs: it asks for more */
        } else if (is_whole) {
                w->is_whole = true;
                w->whole_ms = now_ms;
        }
        return REFUSAL_NONE;
}

enum refusal refusal_on_dhcp(struct refusal_watch *w, enum boot_client_id client, uint64_t now_ms) {
        bool was_whole = w->is_whole;

        w->is_whole = false;
        if (!was_whole || !is_uefi(client))
                return REFUSAL_NONE;
        if (client != w->client)
                return REFUSAL_LOADER;
        return now_ms - w->whole_ms < AGAIN_MS ? REFUSAL_AGAIN : REFUSAL_NONE;
}

enum refusal refusal_on_time(struct refusal_watch *w, uint64_t now_ms) {
        if (!w->is_whole || now_ms - w->whole_ms < SILENCE_MS)
                return REFUSAL_NONE;
        w->is_whole = false;
        return REFUSAL_SILENCE;
}

const char *refusal_sentence(enum refusal what, const char *loader, char *buf, size_t size) {
        static const char *const formats[] = {
                [REFUSAL_NONE] = "",
                [REFUSAL_KERNEL] =
                        "GRUB refused the kernel: with Secure Boot on it must be signed, and this one is not",
                [REFUSAL_LOADER] =
                        "the firmware refused %s and goes on to its next way to boot: with Secure Boot on "
                        "it starts only what is signed by a key that it knows",
                [REFUSAL_AGAIN] =
                        "the firmware asks again right after it had the whole of %s: with Secure Boot on it "
                        "refused what is not signed, else what it started ended at once",
                [REFUSAL_SILENCE] =
                        "nothing followed %s, which was fetched whole: with Secure Boot on the firmware "
                        "refused it as unsigned, else its system asks for no address",
        };
        (void)snprintf(buf, size, formats[what], loader);
        return buf;
}
