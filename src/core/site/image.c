/* Images as the site knows them; see image.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "core/site/image.h"

static const char *const role_names[IMAGE_ROLES] = {
        [IMAGE_FILE_OTHER] = "other",
        [IMAGE_FILE_KERNEL] = "kernel",
        [IMAGE_FILE_INITRD] = "initrd",
        [IMAGE_FILE_DTB] = "dtb",
        [IMAGE_FILE_CONFIG_TXT] = "config.txt",
        [IMAGE_FILE_CMDLINE_TXT] = "cmdline.txt",
        [IMAGE_FILE_SHIM] = "shim",
        [IMAGE_FILE_GRUB] = "grub",
        [IMAGE_FILE_EFI_STUB] = "efi-stub",
        [IMAGE_FILE_IPXE_BIOS] = "ipxe-bios",
        [IMAGE_FILE_DISK_MAP] = "disk-map",
        [IMAGE_FILE_DISK_FRAMES] = "disk-frames",
        [IMAGE_FILE_ROOT_SQUASHFS] = "root-squashfs",
        [IMAGE_FILE_MODULES] = "modules",
        [IMAGE_FILE_AGENT] = "agent",
        [IMAGE_FILE_EEPROM] = "eeprom",
        [IMAGE_FILE_RECOVERY] = "eeprom-recovery",
};

static const char *const kind_names[] = { [IMAGE_PI] = "pi", [IMAGE_PARTS] = "parts", [IMAGE_BARE] = "bare" };

const char *image_kind_name(enum image_kind kind) {
        return (size_t)kind < ARRAY_LEN(kind_names) ? kind_names[kind] : "";
}

int image_kind_parse(const char *name, enum image_kind *ret) {
        for (size_t i = 0; i < ARRAY_LEN(kind_names); i++) {
                if (strcmp(kind_names[i], name) == 0) {
                        *ret = (enum image_kind)i;
                        return 0;
                }
        }
        return -EINVAL;
}

static const char *const done_names[] = { "cloud-init", "ssh" }; /* by the number of the bit */

const char *image_done_name(enum image_done done) {
        for (size_t i = 0; i < ARRAY_LEN(done_names); i++)
                if (done == 1U << i)
                        return done_names[i];
        return NULL;
}

int image_done_parse(const char *name, enum image_done *ret) {
        for (size_t i = 0; i < ARRAY_LEN(done_names); i++) {
                if (strcmp(done_names[i], name) == 0) {
                        *ret = (enum image_done)(1U << i);
                        return 0;
                }
        }
        return -EINVAL;
}

const char *image_role_name(enum image_role role) {
        return role < IMAGE_ROLES ? role_names[role] : "";
}

int image_role_parse(const char *name, enum image_role *ret) {
        for (size_t i = 0; i < IMAGE_ROLES; i++) {
                if (strcmp(role_names[i], name) == 0) {
                        *ret = (enum image_role)i;
                        return 0;
                }
        }
        return -EINVAL;
}

const char *image_ref(const struct image *i, char buf[static IMAGE_REF_SIZE]) {
        (void)snprintf(buf, IMAGE_REF_SIZE, "%s@%u", i->name, i->version);
        return buf;
}

int image_ref_parse(const char *ref, char ret_name[static IMAGE_NAME_MAX + 1], uint32_t *ret_version) {
        const char *at = strchr(ref, '@');
        size_t len = at ? (size_t)(at - ref) : strlen(ref);
        uint64_t version = 0;

        if (len == 0 || len > IMAGE_NAME_MAX ||
            (at && (text_parse_u64(at + 1, UINT32_MAX, &version) < 0 || version == 0)))
                return -EINVAL;
        memcpy(ret_name, ref, len);
        ret_name[len] = '\0';
        *ret_version = (uint32_t)version;
        return 0;
}

int image_name_check(const char *name, struct error *reterr) {
        size_t len = strlen(name);

        if (len == 0 || len > IMAGE_NAME_MAX)
                return error_set(reterr, -EINVAL, "the name of an image has 1 to %d octets", IMAGE_NAME_MAX);
        for (const char *at = name; *at; at++)
                if ((unsigned char)*at <= ' ' || *at == 0x7f || *at == '@' || *at == '/')
                        return error_set(
                                reterr, -EINVAL,
                                "the name of an image has no '@' (a version follows on that), no '/' and "
                                "no spaces");
        return 0;
}

struct image *image_new(void) {
        struct image *i = calloc(1, sizeof(*i));
        if (!i)
                return NULL;
        ref_init(&i->ref);
        i->version = 1;
        return i;
}

struct image *image_take(const struct image *i) {
        struct image *taken = (struct image *)i;
        ref_take(&taken->ref);
        return taken;
}

void image_drop(struct image *i) {
        if (!i || !ref_drop(&i->ref))
                return;
        for (size_t n = 0; n < i->n_files; n++) {
                free(i->files[n].path);
                free(i->files[n].octets);
        }
        for (char **board = i->boards; board && *board; board++)
                free(*board);
        for (size_t n = 0; n < ROOT_KINDS; n++)
                free(i->why_not[n]);
        free(i->os);
        free(i->ties);
        free((void *)i->boards);
        free(i->files);
        free(i->folded);
        free(i->cmdline);
        free(i);
}

static int compare_files(const void *a, const void *b) {
        return strcmp(((const struct image_file *)a)->path, ((const struct image_file *)b)->path);
}

static int compare_folded(const void *a, const void *b) {
        const struct image_file *left = *(const struct image_file *const *)a;
        const struct image_file *right = *(const struct image_file *const *)b;
        int r = strcasecmp(left->path, right->path);
        /* Names that differ by case alone keep the order of their octets, so that the answer never changes.
         */
        return r ? r : strcmp(left->path, right->path);
}

static void note_roles(struct image *i) {
        memset((void *)i->first, 0, sizeof(i->first));
        i->size = 0;
        for (size_t n = 0; n < i->n_files; n++) {
                const struct image_file *f = &i->files[n];
                if (!i->first[f->role])
                        i->first[f->role] = f;
                i->size += f->size;
        }
}

int image_index(struct image *i) {
        if (i->n_files == 0) {
                note_roles(i);
                return 0;
        }
        qsort(i->files, i->n_files, sizeof(*i->files), compare_files);
        for (size_t n = 1; n < i->n_files; n++) {
                if (strcmp(i->files[n - 1].path, i->files[n].path) == 0)
                        return -EEXIST;
        }

        const struct image_file **folded = calloc(i->n_files, sizeof(const struct image_file *));
        if (!folded)
                return -ENOMEM;
        for (size_t n = 0; n < i->n_files; n++)
                folded[n] = &i->files[n];
        qsort(folded, i->n_files, sizeof(*folded), compare_folded);
        free(i->folded);
        i->folded = folded;
        note_roles(i);
        return 0;
}

const struct image_file *image_find(const struct image *i, const char *path) {
        size_t low = 0, high = i->n_files;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int r = strcmp(path, i->files[middle].path);
                if (r == 0)
                        return &i->files[middle];
                if (r < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        return NULL;
}

/* The first folded position whose path is not below @prefix, seen over its first @len octets. */
static size_t folded_lower_bound(const struct image *i, const char *prefix, size_t len) {
        size_t low = 0, high = i->n_files;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (strncasecmp(i->folded[middle]->path, prefix, len) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

const struct image_file *image_find_folded(const struct image *i, const char *path) {
        if (i->n_files == 0)
                return NULL;
        size_t at = folded_lower_bound(i, path, strlen(path) + 1);
        if (at < i->n_files && strcasecmp(i->folded[at]->path, path) == 0)
                return i->folded[at];
        return NULL;
}

bool image_has_folder(const struct image *i, const char *folder, size_t len) {
        char prefix[IMAGE_PATH_MAX + 2];

        if (len == 0 || len > IMAGE_PATH_MAX || i->n_files == 0)
                return false;
        memcpy(prefix, folder, len);
        prefix[len] = '/';
        size_t at = folded_lower_bound(i, prefix, len + 1);
        return at < i->n_files && strncasecmp(i->folded[at]->path, prefix, len + 1) == 0;
}

bool image_is_ubuntu_core(const struct image *i) {
        return i->os && text_starts_with(i->os, IMAGE_OS_UBUNTU_CORE);
}

const struct image_file *image_find_role(const struct image *i, enum image_role role) {
        return role < IMAGE_ROLES ? i->first[role] : NULL;
}
