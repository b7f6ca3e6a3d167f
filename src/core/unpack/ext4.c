/* ext4 by libext2fs; see ext4.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/unpack/ext4.h"

#include <archive_entry.h>
#include <errno.h>
#include <ext2fs/ext2fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "core/unpack/progress.h"

enum { SYMLINK_MAX = 4096, FAST_SYMLINK_SIZE = 60 };

struct ext4 {
        ext2_filsys fs;
};

static int failed(const char *what, errcode_t error, struct error *reterr) {
        return error_set(reterr, error == EXT2_ET_NO_MEMORY ? -ENOMEM : -EBADMSG,
                         "the ext4 file system is damaged: %s: %s", what, error_message(error));
}

struct ext4 *ext4_open(const char *path, uint64_t offset, struct error *reterr) {
        CLEANUP(ext4_close_at) struct ext4 *e = calloc(1, sizeof(*e));
        char where[32];

        if (!e) {
                (void)error_set(reterr, -ENOMEM, "out of memory");
                return NULL;
        }
        (void)snprintf(where, sizeof(where), "offset=%llu", (unsigned long long)offset);
        errcode_t error = ext2fs_open2(path, where, EXT2_FLAG_64BITS, 0, 0, unix_io_manager, &e->fs);
        if (error) {
                (void)failed("it cannot be opened", error, reterr);
                return NULL;
        }
        if (ext2fs_has_feature_journal_needs_recovery(e->fs->super)) {
                (void)error_set(reterr, -EBADMSG,
                                "the ext4 file system was not unmounted: mount it once, or run e2fsck on it");
                return NULL;
        }
        return TAKE(e);
}

void ext4_close(struct ext4 *e) {
        if (!e)
                return;
        if (e->fs)
                ext2fs_free(e->fs); /* not ext2fs_close(): it was only read */
        free(e);
}

uint64_t ext4_size(const struct ext4 *e) {
        return ext2fs_blocks_count(e->fs->super) * e->fs->blocksize;
}

bool ext4_has(const struct ext4 *e, const char *path) {
        ext2_ino_t ino;
        return ext2fs_namei_follow(e->fs, EXT2_ROOT_INO, EXT2_ROOT_INO, path, &ino) == 0;
}

int ext4_each_used(struct ext4 *e, int (*fn)(void *ctx, uint64_t offset, uint64_t len), void *ctx,
                   struct error *reterr) {
        uint64_t block = e->fs->super->s_first_data_block, end = ext2fs_blocks_count(e->fs->super);
        uint64_t size = e->fs->blocksize;

        errcode_t error = ext2fs_read_block_bitmap(e->fs);
        if (error)
                return failed("which blocks are in use", error, reterr);
        /* With blocks of 1 KiB the first one is nobody's in the bitmap; boot loaders may lie there. */
        int r = block > 0 ? fn(ctx, 0, block * size) : 0;
        while (r == 0 && block < end) {
                blk64_t first = 0, last = 0;
                error = ext2fs_find_first_set_block_bitmap2(e->fs->block_map, block, end - 1, &first);
                if (error)
                        return error == ENOENT ? 0 : failed("which blocks are in use", error, reterr);
                error = ext2fs_find_first_zero_block_bitmap2(e->fs->block_map, first, end - 1, &last);
                if (error && error != ENOENT)
                        return failed("which blocks are in use", error, reterr);
                block = error ? end : last;
                r = fn(ctx, first * size, (block - first) * size);
        }
        return r;
}

/* A directory whose entries are still to be walked. */
struct pending {
        ext2_ino_t ino;
        char *path;
};

struct walk {
        ext2_filsys fs;
        tree_fn fn;
        void *ctx;
        struct progress *progress;
        struct error *reterr;

        struct pending *pending;
        size_t n_pending, room;
        ext2fs_inode_bitmap seen; /* directories, so that a circle ends */
        char **paths;             /* by inode: the first name of files with several */
        size_t n_entries;
        uint64_t octets;
        const char *dir; /* being walked */
        int result;
};

struct file_stream {
        struct stream stream;
        ext2_file_t file;
};

static ssize_t file_read(struct stream *s, void *buf, size_t len, struct error *reterr) {
        struct file_stream *f = (struct file_stream *)s;
        unsigned wanted = len > INT32_MAX ? INT32_MAX : (unsigned)len, n = 0;

        errcode_t error = ext2fs_file_read(f->file, buf, wanted, &n);
        return error ? failed("a file cannot be read", error, reterr) : (ssize_t)n;
}

static mode_t type_of(const struct ext2_inode *inode) {
        return inode->i_mode & S_IFMT;
}

static int read_link(struct walk *w, ext2_ino_t ino, struct ext2_inode *inode, struct archive_entry *e) {
        char target[SYMLINK_MAX] = "";
        uint64_t size = EXT2_I_SIZE(inode);
        unsigned n = 0;

        if (size == 0 || size >= sizeof(target))
                return error_set(w->reterr, -EBADMSG, "%s is a link of %llu octets",
                                 archive_entry_pathname(e), (unsigned long long)size);
        if (ext2fs_is_fast_symlink(inode)) {
                memcpy(target, inode->i_block,
                       size < FAST_SYMLINK_SIZE ? (size_t)size : FAST_SYMLINK_SIZE - 1);
        } else {
                ext2_file_t file;
                errcode_t error = ext2fs_file_open2(w->fs, ino, inode, 0, &file);
                if (!error) {
                        error = ext2fs_file_read(file, target, (unsigned)size, &n);
                        (void)ext2fs_file_close(file);
                }
                if (error)
                        return failed(archive_entry_pathname(e), error, w->reterr);
        }
        archive_entry_set_symlink(e, target);
        return 0;
}

static int add_attribute(char *name, char *value, size_t len, void *ctx) {
        /* Access lists have a form of their own that squashfs cannot hold. */
        if (strncmp(name, "system.", 7) != 0)
                archive_entry_xattr_add_entry(ctx, name, value, len);
        return 0;
}

static int read_attributes(struct walk *w, ext2_ino_t ino, struct archive_entry *e) {
        struct ext2_xattr_handle *h;
        errcode_t error = ext2fs_xattrs_open(w->fs, ino, &h);

        if (error)
                return failed("attributes", error, w->reterr);
        error = ext2fs_xattrs_read(h);
        if (!error)
                error = ext2fs_xattrs_iterate(h, add_attribute, e);
        (void)ext2fs_xattrs_close(&h);
        return error ? failed("attributes", error, w->reterr) : 0;
}

static void set_device(const struct ext2_inode *inode, struct archive_entry *e) {
        uint32_t old = inode->i_block[0], new = inode->i_block[1];

        if (old) {
                archive_entry_set_rdevmajor(e, old >> 8 & 0xff);
                archive_entry_set_rdevminor(e, old & 0xff);
        } else {
                archive_entry_set_rdevmajor(e, (new & 0xfff00) >> 8);
                archive_entry_set_rdevminor(e, (new & 0xff) | (new >> 12 & 0xfff00));
        }
}

/* Whether a file of several names had one already, which the entry is then a hard link to; else this is it.
 */
static int link_names(struct walk *w, ext2_ino_t ino, const struct ext2_inode *inode,
                      struct archive_entry *e) {
        if (inode->i_links_count < 2 || type_of(inode) == S_IFDIR)
                return 0;
        if (!w->paths) {
                w->paths = calloc((size_t)w->fs->super->s_inodes_count + 1, sizeof(*w->paths));
                if (!w->paths)
                        return error_set(w->reterr, -ENOMEM, "out of memory");
        }
        if (w->paths[ino]) {
                archive_entry_set_size(e, 0);
                archive_entry_set_hardlink(e, w->paths[ino]);
                return 0;
        }
        w->paths[ino] = strdup(archive_entry_pathname(e));
        return w->paths[ino] ? 0 : error_set(w->reterr, -ENOMEM, "out of memory");
}

static int fill_entry(struct walk *w, ext2_ino_t ino, struct ext2_inode *inode, struct archive_entry *e) {
        archive_entry_set_mode(e, inode->i_mode);
        archive_entry_set_uid(e, inode_uid(*inode));
        archive_entry_set_gid(e, inode_gid(*inode));
        archive_entry_set_mtime(e, inode->i_mtime, 0);
        archive_entry_set_size(e, type_of(inode) == S_IFREG ? (int64_t)EXT2_I_SIZE(inode) : 0);

        int r = read_attributes(w, ino, e);
        if (r == 0 && type_of(inode) == S_IFLNK)
                r = read_link(w, ino, inode, e);
        if (type_of(inode) == S_IFCHR || type_of(inode) == S_IFBLK)
                set_device(inode, e);
        return r == 0 ? link_names(w, ino, inode, e) : r;
}

static int give(struct walk *w, ext2_ino_t ino, struct ext2_inode *inode, struct archive_entry *e) {
        struct file_stream content = { .stream = { .read = file_read } };

        if (type_of(inode) != S_IFREG || archive_entry_hardlink(e))
                return w->fn(w->ctx, e, NULL, w->reterr);
        errcode_t error = ext2fs_file_open2(w->fs, ino, inode, 0, &content.file);
        if (error)
                return failed(archive_entry_pathname(e), error, w->reterr);
        int r = w->fn(w->ctx, e, &content.stream, w->reterr);
        (void)ext2fs_file_close(content.file);
        w->octets += EXT2_I_SIZE(inode);
        progress_tell(w->progress, w->octets);
        return r;
}

static int push(struct walk *w, ext2_ino_t ino, const char *path) {
        if (ext2fs_test_inode_bitmap2(w->seen, ino))
                return error_set(w->reterr, -EBADMSG,
                                 "the ext4 file system is damaged: the folder %.200s is in two places", path);
        ext2fs_mark_inode_bitmap2(w->seen, ino);
        if (w->n_pending == w->room) {
                size_t room = w->room ? 2 * w->room : 64;
                struct pending *grown = reallocarray(w->pending, room, sizeof(*grown));
                if (!grown)
                        return error_set(w->reterr, -ENOMEM, "out of memory");
                w->pending = grown;
                w->room = room;
        }
        char *copy = strdup(path);
        if (!copy)
                return error_set(w->reterr, -ENOMEM, "out of memory");
        w->pending[w->n_pending++] = (struct pending){ ino, copy };
        return 0;
}

static int take_named(struct walk *w, ext2_ino_t ino, const char *path) {
        struct ext2_inode inode;

        if (++w->n_entries > TREE_ENTRIES_MAX)
                return error_set(w->reterr, -E2BIG, "the file system has more than %d files",
                                 TREE_ENTRIES_MAX);
        if (ino == 0 || ino > w->fs->super->s_inodes_count)
                return error_set(w->reterr, -EBADMSG, "the ext4 file system is damaged: %.200s is no inode",
                                 path);
        errcode_t error = ext2fs_read_inode(w->fs, ino, &inode);
        if (error)
                return failed(path, error, w->reterr);
        struct archive_entry *e = archive_entry_new();
        if (!e)
                return error_set(w->reterr, -ENOMEM, "out of memory");
        archive_entry_set_pathname(e, path);
        int r = fill_entry(w, ino, &inode, e);
        if (r == 0)
                r = give(w, ino, &inode, e);
        archive_entry_free(e);
        return r == 0 && type_of(&inode) == S_IFDIR ? push(w, ino, path) : r;
}

static bool is_name(const char *name, size_t len) {
        return len > 0 && !memchr(name, '/', len) && !memchr(name, 0, len);
}

static int take_entry(struct ext2_dir_entry *d, int offset, int block_size, char *buf, void *ctx) {
        struct walk *w = ctx;
        size_t len = (size_t)ext2fs_dirent_name_len(d);
        char path[TREE_PATH_OCTETS];

        (void)offset;
        (void)block_size;
        (void)buf;
        if ((len == 1 && d->name[0] == '.') || (len == 2 && memcmp(d->name, "..", 2) == 0) ||
            (!*w->dir && len == 10 && memcmp(d->name, "lost+found", len) == 0))
                return 0;
        int n = snprintf(path, sizeof(path), "%s%s%.*s", w->dir, *w->dir ? "/" : "", (int)len, d->name);
        if (!is_name(d->name, len) || n < 0 || (size_t)n >= sizeof(path))
                w->result = error_set(w->reterr, -EBADMSG,
                                      "the ext4 file system is damaged: a name in /%.200s is none", w->dir);
        else
                w->result = take_named(w, d->inode, path);
        return w->result ? DIRENT_ABORT : 0;
}

static int walk_all(struct walk *w) {
        int r = push(w, EXT2_ROOT_INO, "");

        while (r == 0 && w->n_pending > 0) {
                struct pending p = w->pending[--w->n_pending];
                w->dir = p.path;
                errcode_t error = ext2fs_dir_iterate(w->fs, p.ino, 0, NULL, take_entry, w);
                r = w->result ? w->result : error ? failed(p.path, error, w->reterr) : 0;
                free(p.path);
        }
        return r;
}

static void walk_free(struct walk *w) {
        for (size_t i = 0; i < w->n_pending; i++)
                free(w->pending[i].path);
        free(w->pending);
        for (size_t i = 0; w->paths && i <= w->fs->super->s_inodes_count; i++)
                free(w->paths[i]);
        free((void *)w->paths);
        if (w->seen)
                ext2fs_free_inode_bitmap(w->seen);
}

int ext4_each(const char *path, uint64_t offset, tree_fn fn, void *ctx, struct progress *progress,
              struct error *reterr) {
        CLEANUP(ext4_close_at) struct ext4 *e = ext4_open(path, offset, reterr);
        if (!e)
                return -EBADMSG;
        CLEANUP(walk_free)
        struct walk w = { .fs = e->fs, .fn = fn, .ctx = ctx, .progress = progress, .reterr = reterr };
        errcode_t error = ext2fs_allocate_inode_bitmap(e->fs, "seen", &w.seen);
        return error ? failed("its inodes", error, reterr) : walk_all(&w);
}
