/* What an image can carry; see roots.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/image/roots.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "format/kconfig.h"

/* What a kernel has or not, built in or as a module. */
static const struct feature {
        const char *module, *option;
} features[] = {
        { "squashfs", "CONFIG_SQUASHFS" }, { "overlay", "CONFIG_OVERLAY_FS" },
        { "loop", "CONFIG_BLK_DEV_LOOP" }, { "nbd", "CONFIG_BLK_DEV_NBD" },
        { "ext4", "CONFIG_EXT4_FS" },      { "nfs", "CONFIG_NFS_FS" },
};

enum { NEEDS_MAX = 3 };

static const struct needs {
        enum root_kind root;
        const char *modules[NEEDS_MAX];
} needs[] = {
        { ROOT_RAM, { "squashfs", "overlay", "loop" } },
        { ROOT_NFS, { "nfs" } },
        { ROOT_NBD, { "nbd", "ext4" } },
};

/* The roots need the first of these; with the others the agent reads disks, and tells more of a crash. */
static const char *const kept[] = {
        "squashfs", "overlay",   "loop",       "nbd",       "ext4",      "nfs",
        "nfsv3",    "nfsv4",     "vfat",       "nls_cp437", "nls_ascii", "nls_iso8859-1",
        "nls_utf8", "dm-verity", "netconsole", "efivarfs",
};

const char *roots_module(size_t i) {
        return i < ARRAY_LEN(kept) ? kept[i] : NULL;
}

enum has { HAS, HAS_NOT, HAS_UNKNOWN };

/* The lists of modules say most: what a configuration calls a module may have been left out of the image. */
static enum has look_for(const struct kernel_facts *k, const struct feature *f) {
        size_t len;

        if ((k->builtin && modules_find(k->builtin, f->module, &len)) ||
            (k->dep && modules_find(k->dep, f->module, &len)))
                return HAS;
        char value = k->config ? kconfig_value(k->config, f->option) : 'n';
        if (value == 'y')
                return HAS;
        if (k->config && (value == 'n' || k->dep))
                return HAS_NOT;
        return k->builtin && k->dep ? HAS_NOT : HAS_UNKNOWN;
}

static const struct feature *feature_of(const char *module) {
        for (size_t i = 0; i < ARRAY_LEN(features); i++)
                if (strcmp(features[i].module, module) == 0)
                        return &features[i];
        return NULL;
}

static char *kernel_lacks(const struct kernel_facts *k, const struct feature *f, enum has has) {
        const char *space = *k->release ? " " : "";
        char *why = NULL;
        int n;

        if (has == HAS_UNKNOWN)
                n = asprintf(&why,
                             "nothing tells whether its kernel%s%s has %s: neither its configuration nor its "
                             "modules are in the image",
                             space, k->release, f->module);
        else
                n = asprintf(&why, "its kernel%s%s has no %s (%s)", space, k->release, f->module, f->option);
        return n < 0 ? NULL : why;
}

/* The sentence on the first thing that the first kernel lacks; NULL with *ret_error 0: none lacks any. */
static char *first_lack(const struct needs *need, const struct roots_facts *f, int *ret_error) {
        *ret_error = 0;
        for (size_t k = 0; k < f->n_kernels; k++)
                for (size_t i = 0; i < NEEDS_MAX && need->modules[i]; i++) {
                        const struct feature *feature = feature_of(need->modules[i]);
                        enum has has = look_for(&f->kernels[k], feature);
                        if (has == HAS)
                                continue;
                        char *why = kernel_lacks(&f->kernels[k], feature, has);
                        *ret_error = why ? 0 : -ENOMEM;
                        return why;
                }
        return NULL;
}

static const char *lacks_boot(const struct image *i, const struct roots_facts *f) {
        if (i->kind == IMAGE_BARE || f->n_kernels == 0)
                return "it has no kernel that a machine could be given over the network";
        if (f->is_root_left_out)
                return "its root file system was left out when it was imported (--no-root)";
        if (!f->has_squashfs)
                return "it has no root file system that Bramble reads: only a tarball, a squashfs, or a disk "
                       "image with an ext4 brings one";
        return NULL;
}

/* Takes @why over; NULL: it can. */
static void set(struct image *i, enum root_kind root, char *why) {
        free(i->why_not[root]);
        i->why_not[root] = why;
        if (why)
                i->roots &= ~(1U << root);
        else
                i->roots |= 1U << root;
}

static int set_fixed(struct image *i, enum root_kind root, const char *why) {
        char *copy = why ? strdup(why) : NULL;

        if (why && !copy)
                return -ENOMEM;
        set(i, root, copy);
        return 0;
}

static int decide_one(struct image *i, const struct needs *need, const struct roots_facts *f) {
        const char *fixed = lacks_boot(i, f);
        int error = 0;

        if (fixed)
                return set_fixed(i, need->root, fixed);
        char *why = first_lack(need, f, &error);
        if (error == 0)
                set(i, need->root, why);
        return error;
}

int roots_decide(struct image *i, const struct roots_facts *f, struct error *reterr) {
        int r = set_fixed(i, ROOT_INITRD,
                          i->kind == IMAGE_BARE
                                  ? "it has no kernel that a machine could be given over the network"
                                  : NULL);
        if (r == 0)
                r = set_fixed(i, ROOT_DISK, f->has_disk ? NULL : "it is no disk image");
        for (size_t n = 0; n < ARRAY_LEN(needs) && r == 0; n++)
                r = decide_one(i, &needs[n], f);
        return r < 0 ? error_set(reterr, r, "out of memory") : 0;
}

const char *roots_compression(const struct kernel_facts *kernels, size_t n) {
        static const struct {
                const char *name, *option;
        } rows[] = { { "zstd", "CONFIG_SQUASHFS_ZSTD" },
                     { "gzip", "CONFIG_SQUASHFS_ZLIB" },
                     { "lz4", "CONFIG_SQUASHFS_LZ4" },
                     { "xz", "CONFIG_SQUASHFS_XZ" } };

        for (size_t i = 0; i < ARRAY_LEN(rows) && n > 0; i++) {
                size_t k = 0;
                while (k < n && kernels[k].config && kconfig_value(kernels[k].config, rows[i].option) == 'y')
                        k++;
                if (k == n)
                        return rows[i].name;
        }
        return "gzip";
}
