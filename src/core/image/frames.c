/* Packing disks into frames; see frames.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/image/frames.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "format/blockmap.h"
#include "io/blob.h"
#include "io/crypto.h"

enum {
        SLOTS_MAX = 8, /* frames in memory at once, 8 MiB each */
        LEVEL = 3      /* of zstd: faster than disks are, and small enough for a network */
};

/* One frame on its way. */
struct slot {
        uint8_t *raw, *packed;
        ZSTD_CCtx *zstd;
        struct blockmap_frame frame;
        int result;
};

struct packer {
        struct store *store;
        struct blob *disk;
        const struct volumes *volumes;
        struct import_progress *progress;
        struct error *reterr;

        struct slot slots[SLOTS_MAX];
        size_t n_slots, filling; /* the slot that takes octets now; those before it are full */

        struct store_writer *frames;
        struct blockmap_frame *map;
        size_t n_map, room;
        uint64_t packed_size, done;
};

static int out_of_memory(struct error *reterr) {
        return error_set(reterr, -ENOMEM, "out of memory");
}

static void *pack_one(void *ctx) {
        struct slot *s = ctx;
        struct sha256 *hash = sha256_new();

        s->result = hash ? 0 : -ENOMEM;
        if (!hash)
                return NULL;
        sha256_update(hash, s->raw, s->frame.len);
        sha256_finish(hash, s->frame.sha256);
        size_t n = ZSTD_compressCCtx(s->zstd, s->packed, BLOCKMAP_PACKED_MAX, s->raw, s->frame.len, LEVEL);
        if (ZSTD_isError(n))
                s->result = -ENOMEM; /* nothing else can fail: there is room for the worst case */
        else
                s->frame.packed_len = (uint32_t)n;
        return NULL;
}

/* The last one on this thread, and all of them where there are no more threads. */
static void pack_all(struct packer *p, size_t n) {
        pthread_t threads[SLOTS_MAX];
        bool has_thread[SLOTS_MAX] = { false };

        for (size_t i = 0; i + 1 < n; i++)
                has_thread[i] = pthread_create(&threads[i], NULL, pack_one, &p->slots[i]) == 0;
        for (size_t i = 0; i < n; i++)
                if (!has_thread[i])
                        (void)pack_one(&p->slots[i]);
        for (size_t i = 0; i < n; i++)
                if (has_thread[i])
                        (void)pthread_join(threads[i], NULL);
}

static int note(struct packer *p, const struct blockmap_frame *f) {
        if (p->n_map == BLOCKMAP_FRAMES_MAX)
                return error_set(p->reterr, -E2BIG,
                                 "what the disk image holds is scattered over more than %d "
                                 "frames",
                                 BLOCKMAP_FRAMES_MAX);
        if (p->n_map == p->room) {
                size_t room = p->room ? 2 * p->room : 256;
                struct blockmap_frame *grown = reallocarray(p->map, room, sizeof(*grown));
                if (!grown)
                        return out_of_memory(p->reterr);
                p->map = grown;
                p->room = room;
        }
        p->map[p->n_map++] = *f;
        return 0;
}

/* The full slots, packed at once and written in their order. */
static int flush(struct packer *p, size_t n) {
        int r = 0;

        if (p->progress->is_cancelled)
                return error_set(p->reterr, -ECANCELED, "the import was given up");
        pack_all(p, n);
        for (size_t i = 0; i < n && r == 0; i++) {
                struct slot *s = &p->slots[i];
                if (s->result < 0)
                        return out_of_memory(p->reterr);
                s->frame.packed_offset = p->packed_size;
                p->packed_size += s->frame.packed_len;
                p->done += s->frame.len;
                r = store_write(p->frames, s->packed, s->frame.packed_len, p->reterr);
                if (r == 0)
                        r = note(p, &s->frame);
        }
        p->filling = 0;
        p->progress->done = p->done;
        return r;
}

static int next_slot(struct packer *p) {
        if (++p->filling < p->n_slots)
                return 0;
        return flush(p, p->n_slots);
}

/* An image may end inside its last sector, which the map counts whole. */
static int read_disk(struct blob *b, uint64_t offset, void *buf, size_t len) {
        uint64_t left = offset < b->size ? b->size - offset : 0;

        if (len <= left)
                return b->read(b, offset, buf, len);
        memset((uint8_t *)buf + left, 0, len - (size_t)left);
        return left ? b->read(b, offset, buf, (size_t)left) : 0;
}

/* Octets of a run into the frame that is being filled, or into a new one; how many fitted. */
static int64_t add(struct packer *p, struct volume_run run) {
        struct slot *s = &p->slots[p->filling];
        uint64_t end = s->frame.offset + s->frame.len;

        if (s->frame.len == 0) {
                s->frame = (struct blockmap_frame){ .offset = run.offset };
                end = run.offset;
        }
        uint64_t gap = run.offset - end, room = BLOCKMAP_FRAME_MAX - s->frame.len;
        if (gap >= FRAME_GAP_MAX || gap + p->volumes->sector_size > room)
                return 0;
        uint64_t len = run.len < room - gap ? run.len : room - gap;
        memset(s->raw + s->frame.len, 0, gap);
        int r = read_disk(p->disk, run.offset, s->raw + s->frame.len + gap, len);
        if (r < 0)
                return error_set(p->reterr, r, "the unpacked disk cannot be read: %s", strerror(-r));
        s->frame.len += (uint32_t)(gap + len);
        return (int64_t)len;
}

static int add_run(struct packer *p, struct volume_run run) {
        while (run.len > 0) {
                int64_t n = add(p, run);
                if (n < 0)
                        return (int)n;
                run.offset += (uint64_t)n;
                run.len -= (uint64_t)n;
                if (n == 0) {
                        int r = next_slot(p);
                        if (r < 0)
                                return r;
                        p->slots[p->filling].frame.len = 0;
                }
        }
        return 0;
}

static int each_run(struct packer *p, FILE *runs, int (*fn)(struct packer *p, struct volume_run run)) {
        uint8_t octets[VOLUME_RUN_SIZE];
        struct volume_run run;
        uint64_t end = 0;
        int r = 0;

        rewind(runs);
        while (r == 0 && fread(octets, 1, sizeof(octets), runs) == sizeof(octets)) {
                if (volume_run_parse(octets, p->volumes, end, &run) < 0)
                        return error_set(p->reterr, -EBADMSG, "bramble-unpack said what makes no sense");
                end = run.offset + run.len;
                r = fn(p, run);
        }
        return r;
}

static int count_run(struct packer *p, struct volume_run run) {
        p->progress->total += run.len;
        return 0;
}

static int write_map(struct packer *p, struct store_writer **ret) {
        struct blockmap header = { .disk_size = p->volumes->disk_size,
                                   .sector_size = p->volumes->sector_size,
                                   .frames_size = p->packed_size,
                                   .n_frames = (uint32_t)p->n_map };
        size_t size = BLOCKMAP_HEADER + p->n_map * BLOCKMAP_RECORD;
        CLEANUP(free_at) uint8_t *octets = malloc(size);
        CLEANUP(store_write_abort_at) struct store_writer *map = NULL;
        struct blob_id id;
        uint64_t written;

        if (!octets)
                return out_of_memory(p->reterr);
        struct writer w = writer_of(octets, size);
        blockmap_write_header(&w, &header);
        for (size_t i = 0; i < p->n_map; i++)
                blockmap_write_frame(&w, &p->map[i]);
        int r = store_write_begin(p->store, &map, p->reterr);
        if (r == 0)
                r = store_write(map, octets, size, p->reterr);
        if (r == 0)
                r = store_write_seal(map, &id, &written, p->reterr);
        if (r == 0)
                *ret = TAKE(map);
        return r;
}

static int pack(struct packer *p, FILE *runs, struct store_writer **ret_map,
                struct store_writer **ret_frames) {
        struct blob_id id;
        uint64_t size;

        import_progress_begin(p->progress, IMPORT_PACKING, 0);
        int r = each_run(p, runs, count_run);
        if (r == 0)
                r = each_run(p, runs, add_run);
        size_t left = p->filling + (p->slots[p->filling].frame.len > 0);
        if (r == 0 && left > 0)
                r = flush(p, left);
        if (r == 0)
                r = store_write_seal(p->frames, &id, &size, p->reterr);
        if (r == 0)
                r = write_map(p, ret_map);
        if (r == 0)
                *ret_frames = TAKE(p->frames);
        return r;
}

static int make_slots(struct packer *p) {
        long cpus = sysconf(_SC_NPROCESSORS_ONLN);

        p->n_slots = cpus < 1 ? 1 : cpus > SLOTS_MAX ? SLOTS_MAX : (size_t)cpus;
        for (size_t i = 0; i < p->n_slots; i++) {
                struct slot *s = &p->slots[i];
                s->raw = malloc(BLOCKMAP_FRAME_MAX);
                s->packed = malloc(BLOCKMAP_PACKED_MAX);
                s->zstd = ZSTD_createCCtx();
                if (!s->raw || !s->packed || !s->zstd)
                        return out_of_memory(p->reterr);
        }
        return 0;
}

static void packer_free(struct packer *p) {
        for (size_t i = 0; i < SLOTS_MAX; i++) {
                free(p->slots[i].raw);
                free(p->slots[i].packed);
                (void)ZSTD_freeCCtx(p->slots[i].zstd);
        }
        free(p->map);
        store_write_abort(p->frames);
        blob_drop(p->disk);
}

int frames_write(struct store *store, const char *disk, const char *runs, const struct volumes *volumes,
                 struct import_progress *progress, struct store_writer **ret_map,
                 struct store_writer **ret_frames, struct error *reterr) {
        CLEANUP(packer_free)
        struct packer p = { .store = store, .volumes = volumes, .progress = progress, .reterr = reterr };
        static const struct blob_id unnamed;
        int error = 0;

        int r = make_slots(&p);
        if (r < 0)
                return r;
        p.disk = blob_open_file(disk, &unnamed, &error);
        FILE *f = fopen(runs, "re");
        if (!p.disk || !f)
                r = error_set(reterr, !p.disk ? error : -errno, "the unpacked disk cannot be read");
        if (r == 0)
                r = store_write_begin(store, &p.frames, reterr);
        if (r == 0)
                r = pack(&p, f, ret_map, ret_frames);
        if (f)
                (void)fclose(f);
        return r;
}
