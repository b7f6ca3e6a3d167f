/* Machines as values; see machine.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "core/machine/machine.h"

static const struct {
        enum arch arch;
        const char *name;
} arches[] = {
        { ARCH_AMD64, "amd64" }, { ARCH_ARM64, "arm64" },     { ARCH_ARMHF, "armhf" },
        { ARCH_I386, "i386" },   { ARCH_RISCV64, "riscv64" },
};

const char *arch_name(enum arch a) {
        for (size_t i = 0; i < ARRAY_LEN(arches); i++) {
                if (arches[i].arch == a)
                        return arches[i].name;
        }
        return "";
}

int arch_parse(const char *name, enum arch *ret) {
        for (size_t i = 0; i < ARRAY_LEN(arches); i++) {
                if (strcmp(arches[i].name, name) == 0) {
                        *ret = arches[i].arch;
                        return 0;
                }
        }
        return -EINVAL;
}

bool arch_is_kin(enum arch a, enum arch b) {
        const bool a_is_arm = a == ARCH_ARM64 || a == ARCH_ARMHF,
                   b_is_arm = b == ARCH_ARM64 || b == ARCH_ARMHF;
        const bool a_is_x86 = a == ARCH_AMD64 || a == ARCH_I386, b_is_x86 = b == ARCH_AMD64 || b == ARCH_I386;

        return a == b || (a_is_arm && b_is_arm) || (a_is_x86 && b_is_x86);
}

int serial_parse(const char *text, uint32_t *ret) {
        size_t len = strlen(text);
        uint8_t octets[8];

        if ((len != 8 && len != 16) || text_parse_hex(text, octets, len / 2) < 0)
                return -EINVAL;
        const uint8_t *low = octets + len / 2 - 4;
        *ret = (uint32_t)low[0] << 24 | (uint32_t)low[1] << 16 | (uint32_t)low[2] << 8 | low[3];
        return 0;
}

static const char *const first_names[BOOT_FIRST_KINDS] = {
        [BOOT_FIRST_UNKNOWN] = "",
        [BOOT_FIRST_NETWORK] = "network-first",
        [BOOT_FIRST_DISK] = "disk-first",
        [BOOT_FIRST_DISK_ONLY] = "disk-only",
};

const char *boot_first_name(enum boot_first f) {
        return f < BOOT_FIRST_KINDS ? first_names[f] : "";
}

int boot_first_parse(const char *name, enum boot_first *ret) {
        for (size_t i = BOOT_FIRST_UNKNOWN + 1; i < BOOT_FIRST_KINDS; i++) {
                if (strcmp(first_names[i], name) == 0) {
                        *ret = (enum boot_first)i;
                        return 0;
                }
        }
        return -EINVAL;
}

enum boot_first machine_boot_first(const struct machine *m) {
        return m->claimed_first != BOOT_FIRST_UNKNOWN ? m->claimed_first : m->found_first;
}

static const char *const root_names[ROOT_KINDS] = {
        [ROOT_INITRD] = "initrd", [ROOT_DISK] = "disk", [ROOT_RAM] = "ram",
        [ROOT_NFS] = "nfs",       [ROOT_NBD] = "nbd",
};

const char *root_name(enum root_kind r) {
        return r < ROOT_KINDS ? root_names[r] : "";
}

int root_parse(const char *name, enum root_kind *ret) {
        for (size_t i = 0; i < ROOT_KINDS; i++) {
                if (strcmp(root_names[i], name) == 0) {
                        *ret = (enum root_kind)i;
                        return 0;
                }
        }
        return -EINVAL;
}

struct machine *machine_new(void) {
        struct machine *m = calloc(1, sizeof(*m));
        if (m)
                ref_init(&m->ref);
        return m;
}

/* The texts that a machine owns. */
static const size_t owned[] = {
        offsetof(struct machine, cmdline_extra), offsetof(struct machine, config_txt_extra),
        offsetof(struct machine, reason),        offsetof(struct machine, seed),
        offsetof(struct machine, run),           offsetof(struct machine, good),
        offsetof(struct machine, task),          offsetof(struct machine, job),
        offsetof(struct machine, tags),          offsetof(struct machine, note),
        offsetof(struct machine, eeprom),        offsetof(struct machine, eeprom_lines),
        offsetof(struct machine, eeprom_found),
};

static char **owned_text(struct machine *m, size_t i) {
        return (char **)(void *)((char *)m + owned[i]);
}

struct machine *machine_copy(const struct machine *m) {
        CLEANUP(machine_drop_at) struct machine *copy = malloc(sizeof(*copy));
        bool is_whole = true;

        if (!copy)
                return NULL;
        memcpy(copy, m, sizeof(*copy));
        ref_init(&copy->ref);
        for (size_t i = 0; i < ARRAY_LEN(owned); i++) {
                char **text = owned_text(copy, i), *shared = *text;
                *text = shared ? strdup(shared) : NULL;
                is_whole = is_whole && (*text || !shared);
        }
        return is_whole ? TAKE(copy) : NULL;
}

struct machine *machine_take(const struct machine *m) {
        /* The count is the one field that readers of an unchanging machine change. */
        struct machine *taken = (struct machine *)m;
        ref_take(&taken->ref);
        return taken;
}

void machine_drop(struct machine *m) {
        if (!m || !ref_drop(&m->ref))
                return;
        for (size_t i = 0; i < ARRAY_LEN(owned); i++)
                free(*owned_text(m, i));
        free(m);
}

bool machine_has_tag(const struct machine *m, const char *tag) {
        size_t len = strlen(tag);

        for (const char *at = m->tags; at && len; at = strchr(at, ' ')) {
                at += *at == ' ';
                if (strncmp(at, tag, len) == 0 && (at[len] == ' ' || at[len] == 0))
                        return true;
        }
        return false;
}
