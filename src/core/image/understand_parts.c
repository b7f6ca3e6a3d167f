/* Images given part by part; see understand.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "core/image/look.h"
#include "core/image/understand.h"

/*
 * Files that arrive without a role, by name and content. Of several that would do, the one with the highest
 * rank is taken, the first by name among equals.
 */
static const struct guess {
        const char *prefix, *suffix; /* of the name without its folder; a trailing ".signed" is passed over */
        enum kernel_kind kind;
        enum image_role role;
        int rank;
} guesses[] = {
        { "shim", ".efi", KERNEL_EFI_PROGRAM, IMAGE_FILE_SHIM, 2 },
        { "grubnet", ".efi", KERNEL_EFI_GRUB, IMAGE_FILE_GRUB, 3 },
        { "grub", ".efi", KERNEL_EFI_GRUB, IMAGE_FILE_GRUB, 2 },
        { "", ".efi", KERNEL_EFI_GRUB, IMAGE_FILE_GRUB, 1 },
        { "", "", KERNEL_EFI_STUB, IMAGE_FILE_EFI_STUB, 1 },
        { "undionly", "", KERNEL_BIOS_PXE, IMAGE_FILE_IPXE_BIOS, 3 },
        { "ipxe", "", KERNEL_BIOS_PXE, IMAGE_FILE_IPXE_BIOS, 2 },
        { "", ".kpxe", KERNEL_BIOS_PXE, IMAGE_FILE_IPXE_BIOS, 1 },
};

/* The best file for each role so far. */
struct candidate {
        struct image_file *file;
        int rank;
};

static bool has_suffix(const char *name, const char *suffix) {
        static const char is_signed[] = ".signed";
        size_t len = strlen(name), suffix_len = strlen(suffix);

        if (text_ends_with(name, is_signed))
                len -= sizeof(is_signed) - 1;
        return len >= suffix_len && memcmp(name + len - suffix_len, suffix, suffix_len) == 0;
}

/* What a name alone says: only such files are looked into. */
static bool may_be(const char *name, const struct guess *g) {
        return text_starts_with(name, g->prefix) && has_suffix(name, g->suffix);
}

static bool is_worth_a_look(const char *name) {
        static const char *const suffixes[] = { ".efi", ".stub", "pxe" };

        for (size_t i = 0; i < ARRAY_LEN(suffixes); i++)
                if (has_suffix(name, suffixes[i]))
                        return true;
        return false;
}

static int guess_role(struct image_file *f, const struct blob_source *blobs, enum arch arch,
                      struct candidate best[static IMAGE_ROLES], struct error *reterr) {
        const char *slash = strrchr(f->path, '/'), *name = slash ? slash + 1 : f->path;
        struct image_look look;

        if (!is_worth_a_look(name))
                return 0;
        int r = image_look(blobs, &f->blob, &look);
        if (r < 0)
                return error_set(reterr, r, "%s: %s", f->path, strerror(-r));
        for (size_t i = 0; i < ARRAY_LEN(guesses); i++) {
                const struct guess *g = &guesses[i];
                bool fits = look.arch == arch || (g->role == IMAGE_FILE_IPXE_BIOS && arch == ARCH_AMD64);
                if (look.kind == g->kind && fits && may_be(name, g) && g->rank > best[g->role].rank)
                        best[g->role] = (struct candidate){ f, g->rank };
        }
        return 0;
}

static bool fits(enum arch kernel, enum arch wanted) {
        return wanted == ARCH_NONE || kernel == ARCH_NONE || kernel == wanted;
}

static int check_kernel(struct image *i, const struct image_file *f, const struct blob_source *blobs,
                        enum arch wanted, struct error *reterr) {
        struct image_look look;

        int r = image_look(blobs, &f->blob, &look);
        if (r < 0)
                return error_set(reterr, r, "%s: %s", f->path, strerror(-r));
        if (!kernel_is_linux(look.kind))
                return image_look_refuse(&look, f->path, "Linux kernel", reterr);
        if (!fits(look.arch, wanted))
                return error_set(reterr, -EINVAL, "%s is a kernel for %s, not for %s", f->path,
                                 arch_name(look.arch), arch_name(wanted));
        i->arch = wanted != ARCH_NONE ? wanted : look.arch;
        if (i->arch == ARCH_NONE)
                return error_set(reterr, -EINVAL,
                                 "%s is %s, which does not say for what processor: give --arch", f->path,
                                 kernel_kind_name(look.kind));
        return 0;
}

/* Files whose role the operator named must be what they are said to be. */
static int check_named(const struct image_file *f, const struct blob_source *blobs, struct error *reterr) {
        struct image_look look;

        if (f->role != IMAGE_FILE_INITRD && f->role != IMAGE_FILE_DTB)
                return 0;
        int r = image_look(blobs, &f->blob, &look);
        if (r < 0)
                return error_set(reterr, r, "%s: %s", f->path, strerror(-r));
        if (f->role == IMAGE_FILE_DTB)
                return look.kind == KERNEL_DTB ? 0 : image_look_refuse(&look, f->path, "device tree", reterr);
        /* A gzip in which a kernel was found is a kernel, given twice or in the wrong place. */
        bool is_kernel = look.is_gzip && look.kind != KERNEL_GZIP;
        return kernel_is_initrd(look.kind) && !is_kernel
                       ? 0
                       : image_look_refuse(&look, f->path, "initramfs", reterr);
}

static bool is_dtb_name(const char *path) {
        return text_ends_with(path, ".dtb");
}

int understand_parts(struct image *i, const struct blob_source *blobs, enum arch wanted,
                     struct error *reterr) {
        struct candidate best[IMAGE_ROLES] = { 0 };
        const struct image_file *kernel = NULL;

        for (size_t n = 0; n < i->n_files; n++) {
                if (i->files[n].role != IMAGE_FILE_KERNEL)
                        continue;
                if (kernel)
                        return error_set(reterr, -EINVAL, "there are two kernels: %s and %s", kernel->path,
                                         i->files[n].path);
                kernel = &i->files[n];
        }
        if (!kernel)
                return understand_eeprom(i, blobs, reterr);
        int r = check_kernel(i, kernel, blobs, wanted, reterr);

        for (size_t n = 0; r == 0 && n < i->n_files; n++) {
                struct image_file *f = &i->files[n];
                r = f->role == IMAGE_FILE_OTHER ? guess_role(f, blobs, i->arch, best, reterr)
                                                : check_named(f, blobs, reterr);
                if (f->role == IMAGE_FILE_OTHER && is_dtb_name(f->path))
                        f->role = IMAGE_FILE_DTB;
        }
        for (size_t role = 0; r == 0 && role < IMAGE_ROLES; role++)
                if (best[role].file && !image_find_role(i, (enum image_role)role))
                        best[role].file->role = (enum image_role)role;
        return r;
}
