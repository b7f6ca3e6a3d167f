/*
 * Making an ext4; see mkfs.h.
 *
 * The steps are those of ext2fs_initialize()'s users: the tables, the root, lost+found, the reserved inodes,
 * the journal. Tables of inodes that nobody uses are not written: the kernel clears them in its own time
 * (lazy_itable_init).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <ext2fs/ext2fs.h>
#include <string.h>

#include "app/bramble-agent/io/mkfs.h"
#include "base/text.h"

enum {
        BLOCK = 4096,
        LOG_BLOCK = 2,            /* above 1024 */
        OCTETS_PER_INODE = 16384, /* as mke2fs has it */
        INODE_SIZE = 256,
        LOG_GROUPS_PER_FLEX = 4,
        RESERVED_PERCENT = 1,
        JOURNAL_MOST = 16384 /* blocks, 64 MiB: it is written in full, also to cards */
};

static void free_fs(ext2_filsys *fs) {
        if (*fs)
                ext2fs_free(*fs);
}

static struct ext2_super_block wanted(uint64_t size) {
        struct ext2_super_block s = {
                .s_rev_level = EXT2_DYNAMIC_REV,
                .s_log_block_size = LOG_BLOCK,
                .s_log_cluster_size = LOG_BLOCK,
                .s_inode_size = INODE_SIZE,
                .s_log_groups_per_flex = LOG_GROUPS_PER_FLEX,
                .s_checksum_type = EXT2_CRC32C_CHKSUM,
        };
        const uint64_t blocks = size / BLOCK, inodes = size / OCTETS_PER_INODE;

        ext2fs_blocks_count_set(&s, blocks);
        ext2fs_r_blocks_count_set(&s, blocks * RESERVED_PERCENT / 100);
        s.s_inodes_count = inodes < UINT32_MAX / 2 ? (uint32_t)inodes : UINT32_MAX / 2;
        s.s_feature_compat = EXT2_FEATURE_COMPAT_EXT_ATTR | EXT2_FEATURE_COMPAT_DIR_INDEX;
        s.s_feature_incompat = EXT2_FEATURE_INCOMPAT_FILETYPE | EXT3_FEATURE_INCOMPAT_EXTENTS |
                               EXT4_FEATURE_INCOMPAT_FLEX_BG | EXT4_FEATURE_INCOMPAT_64BIT;
        s.s_feature_ro_compat = EXT2_FEATURE_RO_COMPAT_SPARSE_SUPER | EXT2_FEATURE_RO_COMPAT_LARGE_FILE |
                                EXT4_FEATURE_RO_COMPAT_HUGE_FILE | EXT4_FEATURE_RO_COMPAT_DIR_NLINK |
                                EXT4_FEATURE_RO_COMPAT_EXTRA_ISIZE | EXT4_FEATURE_RO_COMPAT_METADATA_CSUM;
        return s;
}

static void name_it(ext2_filsys fs, const struct mkfs_wish *w) {
        struct ext2_super_block *s = fs->super;

        fs->now = (time_t)w->now_s;
        memcpy(s->s_uuid, w->uuid, sizeof(s->s_uuid));
        memcpy(s->s_hash_seed, w->uuid, sizeof(s->s_hash_seed));
        (void)memccpy(s->s_volume_name, w->label, 0, sizeof(s->s_volume_name));
        s->s_def_hash_version = EXT2_HASH_HALF_MD4;
        s->s_checksum_type = EXT2_CRC32C_CHKSUM;
        s->s_max_mnt_count = -1;
        s->s_mkfs_time = (uint32_t)w->now_s;
        s->s_min_extra_isize = s->s_want_extra_isize =
                sizeof(struct ext2_inode_large) - EXT2_GOOD_OLD_INODE_SIZE;
        ext2fs_init_csum_seed(fs);
}

/* Those of the first group are used at once. */
static errcode_t clear_first_inodes(ext2_filsys fs) {
        blk64_t bad;
        int n;

        errcode_t e = ext2fs_zero_blocks2(fs, ext2fs_inode_table_loc(fs, 0), (int)fs->inode_blocks_per_group,
                                          &bad, &n);
        ext2fs_bg_flags_set(fs, 0, EXT2_BG_INODE_ZEROED);
        return e;
}

static errcode_t reserve_inodes(ext2_filsys fs) {
        ext2fs_mark_inode_bitmap2(fs->inode_map, EXT2_BAD_INO);
        ext2fs_inode_alloc_stats2(fs, EXT2_BAD_INO, 1, 0);
        for (ext2_ino_t i = EXT2_ROOT_INO + 1; i < EXT2_FIRST_INODE(fs->super); i++)
                ext2fs_inode_alloc_stats2(fs, i, 1, 0);
        ext2fs_mark_ib_dirty(fs);
        return ext2fs_update_bb_inode(fs, NULL);
}

static errcode_t fill(ext2_filsys fs) {
        const int usual = ext2fs_default_journal_size(ext2fs_blocks_count(fs->super));

        errcode_t e = ext2fs_allocate_tables(fs);
        if (!e)
                e = clear_first_inodes(fs);
        if (!e)
                e = ext2fs_mkdir(fs, EXT2_ROOT_INO, EXT2_ROOT_INO, NULL);
        if (!e)
                e = ext2fs_mkdir(fs, EXT2_ROOT_INO, 0, "lost+found");
        if (!e)
                e = reserve_inodes(fs);
        if (!e)
                e = ext2fs_add_journal_inode2(fs, (blk_t)(usual < JOURNAL_MOST ? usual : JOURNAL_MOST), ~0ULL,
                                              0);
        return e;
}

int mkfs_ext4(const struct mkfs_wish *wish, struct error *reterr) {
        struct ext2_super_block s = wanted(wish->size);
        CLEANUP(free_fs) ext2_filsys fs = NULL;

        errcode_t e = ext2fs_initialize(wish->path, EXT2_FLAG_EXCLUSIVE | EXT2_FLAG_64BITS, &s,
                                        unix_io_manager, &fs);
        if (!e) {
                name_it(fs, wish);
                e = fill(fs);
        }
        if (!e)
                e = ext2fs_close_free(&fs);
        return e ? error_set(reterr, -EIO, "no file system can be made on disk %s: %s", wish->name,
                             error_message(e))
                 : 0;
}
