/* The tree that a plan's client sees: what lies at a path, and what lies in it at all. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/boot/agent.h"
#include "core/boot/method.h"

enum { TEXT_MAX = 65536 }; /* octets: texts that firmware reads are far smaller */

static struct blob *open_nothing(void *ctx, const struct blob_id *id, int *error) {
        (void)ctx;
        (void)id;
        *error = -ENODATA;
        return NULL;
}

const struct blob_source boot_no_blobs = { .open = open_nothing };

int boot_file_from_blob(const struct blob_source *blobs, const struct image_file *file,
                        struct boot_file **ret) {
        int error = -EIO;
        CLEANUP(blob_drop_at) struct blob *blob = blobs->open(blobs->ctx, &file->blob, &error);

        if (!blob)
                return error;
        struct boot_segment segment = { .blob = blob, .len = blob->size };
        struct boot_file *f = boot_file_new(&segment, 1);
        if (!f)
                return -ENOMEM;
        *ret = f;
        return BOOT_FILE_FOUND;
}

const char *boot_file_text(const struct boot_plan *p, const struct blob_source *blobs,
                           const struct image_file *file, int *error) {
        if (file->octets)
                return (const char *)file->octets;
        *error = -EFBIG;
        if (file->size > TEXT_MAX)
                return NULL;
        CLEANUP(blob_drop_at) struct blob *blob = blobs->open(blobs->ctx, &file->blob, error);
        if (!blob)
                return NULL;
        size_t len = blob->size < file->size ? blob->size : file->size;
        char *text = arena_alloc(p->arena, len + 1);
        int r = text ? blob->read(blob, 0, text, len) : -ENOMEM;
        if (r < 0) {
                *error = r;
                return NULL;
        }
        return text;
}

/* What the method makes; and where the agent is booted, its initrd. */
static size_t generated_of(const struct boot_plan *p, struct boot_generated list[static BOOT_GENERATED_MAX]) {
        size_t n = p->method && p->method->generate ? p->method->generate(p, list) : 0;

        if (p->agent && !p->method->has_no_image_files)
                list[n++] = (struct boot_generated){
                        .path = BOOT_AGENT_INITRD,
                        .why = "the image's initrd, where it has one, and the agent behind it",
                        .make = boot_initrd_make,
                };
        return n;
}

static const struct boot_generated *find_generated(const struct boot_generated *list, size_t n,
                                                   const char *name) {
        for (size_t i = 0; i < n; i++) {
                if (strcasecmp(list[i].path, name) == 0)
                        return &list[i];
        }
        return NULL;
}

static bool is_hidden(const struct boot_plan *p, const char *path) {
        return p->method->has_no_image_files || (p->method->hides && p->method->hides(p, path));
}

static const struct image_file *find_image_file(const struct boot_plan *p, const char *name) {
        if (!p->image || p->method->has_no_image_files)
                return NULL;
        const struct image_file *f = image_find(p->image, name);
        if (!f)
                f = image_find_folded(p->image, name);
        return f && !is_hidden(p, f->path) ? f : NULL;
}

static bool is_laid_over(const struct boot_plan *p, const struct image_file *f) {
        return p->method->is_laid_over && p->method->is_laid_over(p, f);
}

int boot_plan_file(const struct boot_plan *plan, const char *path, const struct blob_source *blobs,
                   struct boot_file **ret, const char **ret_path) {
        struct boot_generated list[BOOT_GENERATED_MAX];
        char name[BOOT_PATH_SIZE];

        if (ret_path)
                *ret_path = path;
        if (!boot_path_normalise(path, name) || !plan->method)
                return BOOT_FILE_MISSING;
        const char *resolved = plan->method->resolve ? plan->method->resolve(plan, name) : name;
        if (!resolved)
                return BOOT_FILE_MISSING;
        if (ret_path) {
                *ret_path = arena_strdup(plan->arena, resolved);
                if (!*ret_path)
                        return -ENOMEM;
        }

        const struct boot_generated *made = find_generated(list, generated_of(plan, list), resolved);
        if (made && made->make)
                return made->make(plan, blobs, ret);
        const struct image_file *file = made ? made->file : find_image_file(plan, resolved);
        if (!file)
                return BOOT_FILE_MISSING;
        if (!made && is_laid_over(plan, file))
                return plan->method->lay_over(plan, file, blobs, ret);
        return boot_file_from_blob(blobs, file, ret);
}

/* What an -errno of a file means to the operator: of the image it is made of, and of the blobs that hold it.
 */
static const struct {
        int error;
        const char *why;
} failures[] = {
        { -E2BIG, "it cannot be made: it would be longer than firmware reads" },
        { -EFBIG, "it cannot be made: a file of the image is too large to be a part of it" },
        { -EBADMSG, "it cannot be made: the image's EFI stub is not one that a UKI can be made of" },
        { -ENOSPC, "it cannot be made: the image's EFI stub has no room for a kernel beside it" },
        { -EINVAL, "it cannot be made: the boot loader cannot spell the path of a file of the image" },
        { -EOVERFLOW, "it cannot be made: it would be larger than the 96 MiB that firmware loads" },
        { -EMFILE, "it cannot be made: it would be of more files than one volume can have here" },
        { -EILSEQ, "it cannot be made: FAT has no such name as a file of the image" },
        { -ENAMETOOLONG, "it cannot be made: config.txt names a file by too long a path" },
        { -ELOOP, "it cannot be made: config.txt includes too many files, or itself" },
        { -ENOENT, "a file of the image is gone from the store: import the image again" },
        { -ENOEXEC, "it cannot be made: the image of the EEPROM is damaged; import it again" },
        { -EKEYREJECTED, "it cannot be signed: brambled's log says why" },
        { -EAGAIN, "it is being signed: ask again in a moment" },
        { -ENOMEM, "out of memory" },
};

static const char *failure_text(int error) {
        for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
                if (failures[i].error == error)
                        return failures[i].why;
        }
        return "a file of the image cannot be read: see brambled's log";
}

const char *boot_plan_why(const struct boot_plan *plan, int answer) {
        if (answer < 0)
                return failure_text(answer);
        return answer == BOOT_FILE_MISSING && plan->nothing ? plan->nothing : "";
}

/* One file that cannot be made must not hide the rest of the tree. */
static int entry_of_failure(int error, struct boot_entry *ret) {
        if (error == -ENOMEM)
                return error;
        ret->size = 0;
        ret->is_generated = true;
        ret->why = failure_text(error);
        return 0;
}

/* One generated file as a line of the listing: it is made, to know its size. 1: it is not there after all. */
static int entry_of_generated(const struct boot_plan *p, const struct blob_source *blobs,
                              const struct boot_generated *made, struct boot_entry *ret) {
        CLEANUP(boot_file_drop_at) struct boot_file *file = NULL;

        *ret = (struct boot_entry){ .path = made->path,
                                    .why = made->why,
                                    .is_generated = made->make != NULL };
        if (!made->make) {
                ret->size = made->file->size;
                return 0;
        }
        int r = made->make(p, blobs, &file);
        if (r != BOOT_FILE_FOUND)
                return r == BOOT_FILE_MISSING ? 1 : entry_of_failure(r, ret);
        ret->size = file->size;
        return 0;
}

/* The same for a file of the image. */
static int entry_of_image_file(const struct boot_plan *p, const struct blob_source *blobs,
                               const struct image_file *f, struct boot_entry *ret) {
        CLEANUP(boot_file_drop_at) struct boot_file *file = NULL;

        *ret = (struct boot_entry){ .path = f->path, .size = f->size };
        if (!is_laid_over(p, f))
                return 0;
        int r = p->method->lay_over(p, f, blobs, &file);
        ret->is_generated = true;
        if (r != BOOT_FILE_FOUND)
                return r == BOOT_FILE_MISSING ? 1 : entry_of_failure(r, ret);
        ret->size = file->size;
        ret->why = "the image's own, with what this machine needs laid over";
        return 0;
}

static int compare_entries(const void *a, const void *b) {
        return strcmp(((const struct boot_entry *)a)->path, ((const struct boot_entry *)b)->path);
}

static int collect(const struct boot_plan *p, const struct blob_source *blobs, struct boot_entry *entries,
                   size_t *n) {
        struct boot_generated list[BOOT_GENERATED_MAX];
        size_t n_made = generated_of(p, list);

        for (size_t i = 0; i < n_made; i++) {
                int r = entry_of_generated(p, blobs, &list[i], &entries[*n]);
                if (r < 0)
                        return r;
                *n += r == 0;
        }
        for (size_t i = 0; p->image && i < p->image->n_files; i++) {
                const struct image_file *f = &p->image->files[i];
                if (is_hidden(p, f->path) || find_generated(list, n_made, f->path))
                        continue;
                int r = entry_of_image_file(p, blobs, f, &entries[*n]);
                if (r < 0)
                        return r;
                *n += r == 0;
        }
        return 0;
}

int boot_plan_each_file(const struct boot_plan *plan, const struct blob_source *blobs,
                        int (*fn)(void *ctx, const struct boot_entry *e), void *ctx) {
        if (!plan->method)
                return 0;
        size_t room = BOOT_GENERATED_MAX + (plan->image ? plan->image->n_files : 0), n = 0;
        CLEANUP(free_at) struct boot_entry *entries = calloc(room, sizeof(*entries));
        if (!entries)
                return -ENOMEM;
        int r = collect(plan, blobs, entries, &n);
        if (r < 0)
                return r;
        qsort(entries, n, sizeof(*entries), compare_entries);
        for (size_t i = 0; r == 0 && i < n; i++)
                r = fn(ctx, &entries[i]);
        return r;
}
