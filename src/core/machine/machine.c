/* Machines as values; see machine.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
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

struct machine *machine_new(void) {
        struct machine *m = calloc(1, sizeof(*m));
        if (m)
                ref_init(&m->ref);
        return m;
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
        free(m->cmdline_extra);
        free(m);
}

static bool is_label_char(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* A DNS label as RFC 1123 section 2.1 has it; lower case only, so that two names never differ by case alone.
 */
static int check_name(const char *name, struct error *reterr) {
        size_t len = strnlen(name, MACHINE_NAME_MAX + 1);

        if (len == 0)
                return error_set(reterr, -EINVAL, "a machine needs a name");
        if (len > MACHINE_NAME_MAX)
                return error_set(reterr, -EINVAL, "machine name is longer than %d characters",
                                 MACHINE_NAME_MAX);
        for (size_t i = 0; i < len; i++) {
                if (!is_label_char(name[i]))
                        return error_set(reterr, -EINVAL,
                                         "machine name \"%s\": only a-z, 0-9 and \"-\" may stand in it, as "
                                         "in a host name",
                                         name);
        }
        if (name[0] == '-' || name[len - 1] == '-')
                return error_set(reterr, -EINVAL, "machine name \"%s\" begins or ends with \"-\"", name);
        return 0;
}

static int check_macs(const struct machine *m, struct error *reterr) {
        char buf[MAC_TEXT_SIZE];

        if (m->n_macs > MACHINE_MACS_MAX)
                return error_set(reterr, -EINVAL, "machine %s: more than %d MAC addresses", m->name,
                                 MACHINE_MACS_MAX);
        for (size_t i = 0; i < m->n_macs; i++) {
                const struct mac *mac = &m->macs[i];
                if (mac_is_zero(mac) || mac->octets[0] & 1)
                        return error_set(reterr, -EINVAL,
                                         "machine %s: %s is no address of a single network card", m->name,
                                         mac_text(mac, buf));
                for (size_t j = 0; j < i; j++) {
                        if (mac_equal(mac, &m->macs[j]))
                                return error_set(reterr, -EINVAL, "machine %s: MAC %s is given twice",
                                                 m->name, mac_text(mac, buf));
                }
        }
        return 0;
}

/* One line, as firmware and boot loaders take it: a line break would begin a statement of its own in their
 * files. */
static int check_cmdline(const struct machine *m, struct error *reterr) {
        if (!m->cmdline_extra)
                return 0;
        if (strlen(m->cmdline_extra) > MACHINE_CMDLINE_MAX)
                return error_set(reterr, -EINVAL, "machine %s: extra command line is longer than %d octets",
                                 m->name, MACHINE_CMDLINE_MAX);
        for (const char *c = m->cmdline_extra; *c; c++) {
                if ((unsigned char)*c < 0x20 || *c == 0x7f)
                        return error_set(
                                reterr, -EINVAL,
                                "machine %s: the extra command line is one line without control characters",
                                m->name);
        }
        return 0;
}

int machine_check(const struct machine *m, struct error *reterr) {
        int r = check_name(m->name, reterr);
        if (r < 0)
                return r;
        if (m->n_macs == 0 && !m->has_serial && !m->has_uuid && m->client_id_len == 0)
                return error_set(
                        reterr, -EINVAL,
                        "machine %s: nothing tells it from others; give it a MAC, serial, UUID or client-id",
                        m->name);
        if (m->client_id_len > MACHINE_CLIENT_ID_MAX)
                return error_set(reterr, -EINVAL, "machine %s: client-id is longer than %d octets", m->name,
                                 MACHINE_CLIENT_ID_MAX);
        r = check_macs(m, reterr);
        return r < 0 ? r : check_cmdline(m, reterr);
}
