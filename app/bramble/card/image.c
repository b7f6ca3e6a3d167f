/* Making a card's image; see image.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/card/image.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/bramble/build/child.h"
#include "app/bramble/file.h"
#include "base/hash.h"
#include "base/writer.h"
#include "format/disk_table.h"

enum {
        SECTOR = 512,
        TYPE_FAT32_LBA = 0x0c,
        VOLUME_MIN = 64 << 20, /* FAT32 with a sector a cluster begins at 33 MiB: the boot ROM reads no other
                                  as surely */
        SLACK = 8 << 20
};
#define IMAGE "card.img"
#define PIECE "file"
#define VOLUME IMAGE "@@1048576"
#define EPOCH "315532800" /* 1980-01-01: older than FAT's dates can be */

/* A card under way, in a folder of its own beside what it becomes. */
struct making {
        const struct card_files *files;
        char *target, *folder, *image, *piece;
};

static void making_free(struct making *m) {
        if (m->image)
                (void)unlink(m->image);
        if (m->piece)
                (void)unlink(m->piece);
        if (m->folder)
                (void)rmdir(m->folder);
        free(m->image);
        free(m->piece);
        free(m->folder);
        free(m->target);
}

static uint64_t volume_size(const struct card_files *f) {
        const uint64_t wanted = f->octets + f->octets / 8 + SLACK;
        return wanted <= VOLUME_MIN ? VOLUME_MIN
                                    : (wanted + CARD_VOLUME_AT - 1) & ~(uint64_t)(CARD_VOLUME_AT - 1);
}

uint64_t card_image_size(const struct card_files *f) {
        return CARD_VOLUME_AT + volume_size(f);
}

/* A number of the content. */
static uint32_t number_of(const struct card_files *f) {
        uint64_t number = 0;

        for (size_t i = 0; i < f->n; i++) {
                number = hash_siphash((struct hash_key){ number, i }, f->items[i].name,
                                      strlen(f->items[i].name));
                number = hash_siphash((struct hash_key){ number, i }, f->items[i].data, f->items[i].len);
        }
        return (uint32_t)number;
}

static int write_octets_to(const char *path, const void *data, size_t len, struct error *reterr) {
        FILE *f = fopen(path, "we");
        const bool is_written = f && fwrite(data, 1, len, f) == len;

        if ((f && fclose(f) == EOF) || !is_written)
                return error_set(reterr, -errno, "cannot write %s: %s", path, strerror(errno));
        return 0;
}

static int begin(struct making *m, const char *path, struct error *reterr) {
        CLEANUP(free_at) char *folder = NULL;
        const int r = file_target(path, &m->target, reterr);

        if (r < 0)
                return r;
        if (asprintf(&folder, "%s.XXXXXX", m->target) < 0) {
                folder = NULL;
                return error_set(reterr, -ENOMEM, "out of memory");
        }
        if (!mkdtemp(folder))
                return error_set(reterr, -errno, "cannot write %s: %s", path, strerror(errno));
        m->folder = TAKE(folder);
        if (asprintf(&m->image, "%s/" IMAGE, m->folder) < 0)
                m->image = NULL;
        if (asprintf(&m->piece, "%s/" PIECE, m->folder) < 0)
                m->piece = NULL;
        return m->image && m->piece ? 0 : error_set(reterr, -ENOMEM, "out of memory");
}

static int write_table(const struct making *m, struct error *reterr) {
        const uint64_t first = CARD_VOLUME_AT / SECTOR, n = volume_size(m->files) / SECTOR;
        struct disk_table table = {
                .kind = DISK_TABLE_MBR,
                .sector_size = SECTOR,
                .mbr_id = number_of(m->files),
                .mbr_tail = { [66] = 0x55, [67] = 0xaa },
                .n_parts = 1,
                .parts = { { .number = 1,
                             .first = first,
                             .n = n,
                             .mbr_type = TYPE_FAT32_LBA,
                             .mbr_chs = { 0xfe, 0xff, 0xff, 0xfe, 0xff, 0xff } } },
        };
        uint8_t head[SECTOR];
        struct writer w = writer_of(head, sizeof(head));

        disk_table_write_head(&table, first + n, &w);
        const int r = write_octets_to(m->image, head, writer_len(&w), reterr);
        if (r == 0 && truncate(m->image, (off_t)card_image_size(m->files)) < 0)
                return error_set(reterr, -errno, "cannot write %s: %s", m->image, strerror(errno));
        return r;
}

static int mtools(const struct making *m, struct argv *argv, struct error *reterr) {
        const struct child c = { .argv = argv, .dir = m->folder, .epoch = EPOCH };
        const int r = child_run(&c, reterr);
        return r == -ENOENT ? error_set(reterr, r,
                                        "a card is filled by mtools, and they are not here: `apt-get install "
                                        "mtools`")
                            : r;
}

static int format_volume(const struct making *m, const char *label, struct error *reterr) {
        CLEANUP(argv_free) struct argv argv = {};

        argv_add_all(&argv, (const char *const[]){ "mformat", "-i", VOLUME, "-F", "-c", "1", "-h", "255",
                                                   "-s", "63", "-H", "2048", "-v", label, "-N", NULL });
        argv_printf(&argv, "%08" PRIx32, number_of(m->files));
        argv_add(&argv, "-T");
        argv_printf(&argv, "%" PRIu64, volume_size(m->files) / SECTOR);
        argv_add(&argv, "::");
        return mtools(m, &argv, reterr);
}

/* Whether a name before @at lies in the folder whose name ends at @slash. */
static bool has_folder(const struct card_files *f, size_t at, const char *name, const char *slash) {
        for (size_t i = 0; i < at; i++)
                if (strncmp(f->items[i].name, name, (size_t)(slash - name + 1)) == 0)
                        return true;
        return false;
}

static int make_folders(const struct making *m, size_t at, struct error *reterr) {
        const char *name = m->files->items[at].name;

        for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
                CLEANUP(argv_free) struct argv argv = {};
                if (has_folder(m->files, at, name, slash))
                        continue;
                argv_add_all(&argv, (const char *const[]){ "mmd", "-i", VOLUME, NULL });
                argv_printf(&argv, "::/%.*s", (int)(slash - name), name);
                const int r = mtools(m, &argv, reterr);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int copy_file(const struct making *m, size_t at, struct error *reterr) {
        const struct card_file *f = &m->files->items[at];
        CLEANUP(argv_free) struct argv argv = {};
        int r = make_folders(m, at, reterr);

        if (r == 0)
                r = write_octets_to(m->piece, f->data, f->len, reterr);
        if (r < 0)
                return r;
        argv_add_all(&argv, (const char *const[]){ "mcopy", "-i", VOLUME, PIECE, NULL });
        argv_printf(&argv, "::/%s", f->name);
        return mtools(m, &argv, reterr);
}

static int settle(const struct making *m, const char *path, struct error *reterr) {
        const int fd = open(m->image, O_RDWR | O_CLOEXEC);
        int r = fd < 0 || fsync(fd) < 0 || rename(m->image, m->target) < 0 ? -errno : 0;

        if (fd >= 0)
                (void)close(fd);
        return r < 0 ? error_set(reterr, r, "cannot write %s: %s", path, strerror(-r)) : 0;
}

int card_image_make(const struct card_files *f, const char *label, const char *path, struct error *reterr) {
        CLEANUP(making_free) struct making m = { .files = f };
        int r;

        if ((r = begin(&m, path, reterr)) < 0 || (r = write_table(&m, reterr)) < 0 ||
            (r = format_volume(&m, label, reterr)) < 0)
                return r;
        for (size_t i = 0; i < f->n; i++)
                if ((r = copy_file(&m, i, reterr)) < 0)
                        return r;
        return settle(&m, path, reterr);
}

/* ---- for rpiboot ---- */

static bool is_empty(const char *path) {
        DIR *d = opendir(path);
        bool found = false;

        for (const struct dirent *e; d && !found && (e = readdir(d));)
                found = strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
        if (d)
                (void)closedir(d);
        return !found;
}

int card_folder_make(const struct card_files *f, const char *path, struct error *reterr) {
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
                return error_set(reterr, -errno, "cannot make %s: %s", path, strerror(errno));
        if (!is_empty(path))
                return error_set(
                        reterr, -EEXIST,
                        "%s is not empty: rpiboot sends all that lies in a folder, so name a new one", path);
        for (size_t i = 0; i < f->n; i++) {
                CLEANUP(free_at) char *file = NULL;
                if (asprintf(&file, "%s/%s", path, f->items[i].name) < 0) {
                        file = NULL;
                        return error_set(reterr, -ENOMEM, "out of memory");
                }
                const int r = write_octets_to(file, f->items[i].data, f->items[i].len, reterr);
                if (r < 0)
                        return r;
        }
        return 0;
}
