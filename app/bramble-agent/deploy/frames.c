/* Frames onto a disk; see frames.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include <zstd.h>

#include "app/bramble-agent/deploy/frames.h"
#include "app/bramble-agent/io/block.h"
#include "app/bramble-agent/io/crew.h"
#include "app/bramble-agent/io/http.h"
#include "app/bramble-agent/io/log.h"
#include "app/bramble-agent/io/sha256.h"
#include "app/bramble-agent/job.h"

enum {
        WORKERS_MAX = 4,
        WAITING_MAX = 4, /* packed frames between the network and the workers */
        RUN_MAX =
                64 << 20, /* octets of one request: what is lost with a connection is at most a frame of it */
        LOOK_FIRST = 16,  /* frames that tell whether it pays to look at all */
        BAD_MAX = 2,      /* times that a frame may come damaged */
        AGAIN_MS = 1000,
        AGAIN_MAX_MS = 30000,
        STALL_S = 60
};

enum frame_state { FRAME_MISSING, FRAME_ON_ITS_WAY, FRAME_THERE };

struct frames {
        struct job *job;
        struct block *disk;
        const struct blockmap *map;
        const struct frames_window *window;
        const char *path;
        atomic_uchar *states; /* enum frame_state, of each frame */
        atomic_uchar *bad;    /* how often it came damaged */
        uint64_t total;       /* octets that belong on the disk */
        atomic_ullong there;  /* of these */
        atomic_ullong looked; /* likewise at, for what is there already */
        atomic_ullong written;
        unsigned n_workers;
        struct {
                ZSTD_DCtx *unpacker;
                void *octets; /* BLOCKMAP_FRAME_MAX */
        } workers[WORKERS_MAX];
};

struct item {
        uint32_t index;
        uint32_t len; /* of the packed octets, so far */
        uint8_t packed[];
};

struct frames_place frames_place(const struct blockmap_frame *f, const struct frames_window *w) {
        uint64_t begin = f->offset > w->begin ? f->offset : w->begin;
        uint64_t end = f->offset + f->len < w->end ? f->offset + f->len : w->end;
        struct frames_place place = { 0 };

        if (begin >= end)
                return place;
        place.at = begin + w->shift;
        place.from = (uint32_t)(begin - f->offset);
        place.len = (uint32_t)(end - begin);
        return place;
}

struct frames *frames_new(struct job *job, struct block *disk, const struct blockmap *map,
                          const struct frames_window *window, const char *path) {
        CLEANUP(frames_free_at) struct frames *f = calloc(1, sizeof(*f));

        if (!f)
                return NULL;
        f->job = job;
        f->disk = disk;
        f->map = map;
        f->window = window;
        f->path = path;
        f->states = calloc(map->n_frames + 1, sizeof(*f->states));
        f->bad = calloc(map->n_frames + 1, sizeof(*f->bad));
        f->n_workers = crew_size(WORKERS_MAX);
        if (!f->states || !f->bad)
                return NULL;
        for (unsigned i = 0; i < f->n_workers; i++) {
                f->workers[i].unpacker = ZSTD_createDCtx();
                f->workers[i].octets = block_buffer(BLOCKMAP_FRAME_MAX);
                if (!f->workers[i].unpacker || !f->workers[i].octets)
                        return NULL;
        }
        for (uint32_t i = 0; i < map->n_frames; i++) {
                struct blockmap_frame frame = blockmap_frame(map, i);
                struct frames_place place = frames_place(&frame, window);
                f->total += place.len;
                if (place.len == 0)
                        atomic_store(&f->states[i], FRAME_THERE);
        }
        return TAKE(f);
}

void frames_free(struct frames *f) {
        if (!f)
                return;
        for (unsigned i = 0; i < f->n_workers; i++) {
                (void)ZSTD_freeDCtx(f->workers[i].unpacker);
                free(f->workers[i].octets);
        }
        free(f->states);
        free(f->bad);
        free(f);
}

uint64_t frames_written(const struct frames *f) {
        return atomic_load(&f->written);
}

/* How much of it is there now. */
static uint64_t have(struct frames *f, uint32_t index, uint32_t len) {
        atomic_store(&f->states[index], FRAME_THERE);
        return atomic_fetch_add(&f->there, len) + len;
}

static bool is_right(const void *octets, const struct blockmap_frame *frame) {
        uint8_t digest[SHA256_SIZE];

        sha256_of(octets, frame->len, digest);
        return memcmp(digest, frame->sha256, sizeof(digest)) == 0;
}

/* ---- what is there already ---- */

static void drop_item(void *item) {
        free(item);
}

static int check_frame(void *ctx, unsigned worker, void *arg, struct error *reterr) {
        CLEANUP(free_at) struct item *item = arg;
        struct frames *f = ctx;
        struct blockmap_frame frame = blockmap_frame(f->map, item->index);
        struct frames_place place = frames_place(&frame, f->window);
        void *octets = f->workers[worker].octets;

        if (!job_may_go_on(f->job))
                return -ECANCELED;
        if (place.len != frame.len) /* cut by the window: its hash tells nothing of the rest */
                return 0;
        int r = block_read(f->disk, place.at, octets, frame.len, reterr);
        if (r < 0)
                return r;
        if (is_right(octets, &frame))
                (void)have(f, item->index, place.len);
        job_say(f->job, "check", atomic_fetch_add(&f->looked, place.len) + place.len, f->total, NULL);
        return 0;
}

static struct item *new_item(uint32_t index, uint32_t packed_len) {
        struct item *item = malloc(sizeof(*item) + packed_len);

        if (item) {
                item->index = index;
                item->len = 0;
        }
        return item;
}

static int check_range(struct frames *f, uint32_t first, uint32_t end, struct error *reterr) {
        const struct crew_work work = { .work = check_frame, .drop = drop_item, .ctx = f };
        CLEANUP(crew_free_at) struct crew *crew = crew_start(f->n_workers, WAITING_MAX, &work);

        if (!crew)
                return error_set(reterr, -ENOMEM, "out of memory");
        for (uint32_t i = first; i < end; i++) {
                struct item *item = new_item(i, 0);
                if (!item)
                        return error_set(reterr, -ENOMEM, "out of memory");
                if (atomic_load(&f->states[i]) == FRAME_THERE)
                        free(item);
                else if (crew_give(crew, item) < 0)
                        break;
        }
        return crew_finish(TAKE(crew), reterr);
}

int64_t frames_check(struct frames *f, struct error *reterr) {
        uint32_t n = f->map->n_frames, first = n > 1, look = n - first < LOOK_FIRST ? n : first + LOOK_FIRST;

        job_say(f->job, "check", 0, f->total, NULL);
        /* The very first frame changes with every installation, and is written last. */
        int r = check_range(f, first, look, reterr);
        if (r == 0 && atomic_load(&f->there) > 0)
                r = check_range(f, look, n, reterr);
        if (r == 0 && atomic_load(&f->there) > 0 && first > 0)
                r = check_range(f, 0, first, reterr);
        return r < 0 ? r : (int64_t)atomic_load(&f->there);
}

bool frames_missing(const struct frames *f) {
        for (uint32_t i = 1; i < f->map->n_frames; i++)
                if (atomic_load(&f->states[i]) != FRAME_THERE)
                        return true;
        return false;
}

void frames_forget_first(struct frames *f) {
        struct blockmap_frame frame = blockmap_frame(f->map, 0);
        struct frames_place place = frames_place(&frame, f->window);

        if (place.len > 0 && atomic_exchange(&f->states[0], FRAME_MISSING) == FRAME_THERE)
                (void)atomic_fetch_sub(&f->there, place.len);
}

/* ---- what has to come ---- */

static bool is_zero(const uint8_t *octets, size_t len) {
        return octets[0] == 0 && memcmp(octets, octets + 1, len - 1) == 0;
}

/* A damaged frame is fetched again, once: then it is not the network that damages it. */
static int refuse(struct frames *f, const struct blockmap_frame *frame, uint32_t index, const char *what,
                  struct error *reterr) {
        unsigned n = atomic_fetch_add(&f->bad[index], 1) + 1u;

        if (n < BAD_MAX) {
                log_line("frame %u %s; asking for it again", index, what);
                atomic_store(&f->states[index], FRAME_MISSING);
                return 0;
        }
        return error_set(reterr, -EBADMSG,
                         "frame %u of the image (octets %llu to %llu of the disk) %s, twice: it is damaged "
                         "on the server; "
                         "bramble image verify finds out",
                         index, (unsigned long long)frame->offset,
                         (unsigned long long)(frame->offset + frame->len - 1), what);
}

static int put_frame(void *ctx, unsigned worker, void *arg, struct error *reterr) {
        CLEANUP(free_at) struct item *item = arg;
        struct frames *f = ctx;
        struct blockmap_frame frame = blockmap_frame(f->map, item->index);
        struct frames_place place = frames_place(&frame, f->window);
        uint8_t *octets = f->workers[worker].octets;

        if (!job_may_go_on(f->job))
                return -ECANCELED;
        size_t n =
                ZSTD_decompressDCtx(f->workers[worker].unpacker, octets, frame.len, item->packed, item->len);
        if (ZSTD_isError(n) || n != frame.len)
                return refuse(f, &frame, item->index, "cannot be unpacked", reterr);
        if (!is_right(octets, &frame))
                return refuse(f, &frame, item->index, "is not what its SHA-256 says", reterr);
        int r;
        if (place.from != 0 || place.len != frame.len)
                memmove(octets, octets + place.from, place.len); /* writes begin where a buffer does */
        if (is_zero(octets, place.len))
                r = block_zero(f->disk, place.at, place.len, reterr);
        else
                r = block_write(f->disk, place.at, octets, place.len, reterr);
        if (r < 0)
                return r;
        (void)atomic_fetch_add(&f->written, place.len);
        job_say(f->job, "write", have(f, item->index, place.len), f->total, NULL);
        return 0;
}

/* Octets of one answer, cut into frames. */
struct run {
        struct frames *f;
        struct crew *crew;
        uint32_t index; /* of the frame that comes in */
        struct item *item;
        int failed; /* a worker's error */
};

static int take_octets(void *ctx, const void *data, size_t len) {
        struct run *run = ctx;
        const uint8_t *at = data;

        while (len > 0) {
                struct blockmap_frame frame = blockmap_frame(run->f->map, run->index);
                if (!run->item)
                        run->item = new_item(run->index, frame.packed_len);
                if (!run->item)
                        return run->failed = -ENOMEM;
                size_t room = frame.packed_len - run->item->len, n = len < room ? len : room;
                memcpy(run->item->packed + run->item->len, at, n);
                run->item->len += (uint32_t)n;
                at += n;
                len -= n;
                if (run->item->len < frame.packed_len)
                        break;
                atomic_store(&run->f->states[run->index++], FRAME_ON_ITS_WAY);
                run->failed = crew_give(run->crew, TAKE(run->item));
                if (run->failed < 0)
                        return run->failed;
        }
        return 0;
}

/* Missing frames that lie one behind another, from @first on: the one behind the last. */
static uint32_t run_end(const struct frames *f, uint32_t first, uint32_t end) {
        uint64_t octets = 0;

        for (uint32_t i = first; i < end; i++) {
                octets += blockmap_frame(f->map, i).packed_len;
                if (atomic_load(&f->states[i]) != FRAME_MISSING || (octets > RUN_MAX && i > first))
                        return i;
        }
        return end;
}

static bool is_refusal(unsigned status) {
        return status >= 400 && status < 500 && status != 408 && status != 429;
}

/* One request for frames @first to @end; returns the first that did not come. */
static int fetch_run(struct frames *f, struct crew *crew, uint32_t first, uint32_t end, uint32_t *ret,
                     unsigned *wait_ms, struct error *reterr) {
        struct blockmap_frame begin = blockmap_frame(f->map, first), last = blockmap_frame(f->map, end - 1);
        struct run run = { .f = f, .crew = crew, .index = first };
        const struct http_ask ask = { .method = "GET",
                                      .path = f->path,
                                      .idle_s = STALL_S,
                                      .range_first = begin.packed_offset,
                                      .range_len = last.packed_offset + last.packed_len - begin.packed_offset,
                                      .take = take_octets,
                                      .take_ctx = &run };
        CLEANUP(http_reply_clear) struct http_reply reply;

        job_ask(f->job, &ask, &reply);
        free(run.item);
        *ret = run.index;
        if (run.failed < 0 || !job_may_go_on(f->job))
                return run.failed < 0 ? run.failed : -ECANCELED;
        if (run.index == end)
                return 0;
        if (is_refusal(reply.status))
                return error_set(reterr, -EPROTO, "the server refuses the image's frames with status %u",
                                 reply.status);
        if (reply.status == 200)
                return error_set(reterr, -EPROTO,
                                 "the server gives no parts of a blob, which resuming needs");
        if (run.index > first)
                *wait_ms = AGAIN_MS;
        const char *why = reply.status ? "it is in trouble" : reply.why;
        log_line("the image's frames stopped coming: %s; trying again in %u s", why, *wait_ms / 1000);
        job_say(f->job, "write", atomic_load(&f->there), f->total, "waiting for the server: %s", why);
        (void)job_sleep(f->job, *wait_ms);
        *wait_ms = *wait_ms < AGAIN_MAX_MS / 2 ? 2 * *wait_ms : AGAIN_MAX_MS;
        return 0;
}

/* All that is missing between two frames, once. */
static int fetch_range(struct frames *f, uint32_t first, uint32_t end, struct error *reterr) {
        const struct crew_work work = { .work = put_frame, .drop = drop_item, .ctx = f };
        CLEANUP(crew_free_at) struct crew *crew = crew_start(f->n_workers, WAITING_MAX, &work);
        unsigned wait_ms = AGAIN_MS;

        if (!crew)
                return error_set(reterr, -ENOMEM, "out of memory");
        for (uint32_t i = first; i < end;) {
                if (atomic_load(&f->states[i]) != FRAME_MISSING) {
                        i++;
                        continue;
                }
                int r = fetch_run(f, crew, i, run_end(f, i, end), &i, &wait_ms, reterr);
                if (r < 0) {
                        struct error workers = { 0 };
                        /* What a worker said is the cause of what happened here. */
                        int w = crew_finish(TAKE(crew), &workers);
                        if (w < 0 && reterr)
                                *reterr = workers;
                        return w < 0 ? w : r;
                }
        }
        return crew_finish(TAKE(crew), reterr);
}

int frames_write(struct frames *f, struct error *reterr) {
        uint32_t n = f->map->n_frames, first = n > 1;

        job_say(f->job, "write", atomic_load(&f->there), f->total, NULL);
        for (unsigned pass = 0; pass <= BAD_MAX && frames_missing(f); pass++) {
                int r = fetch_range(f, first, n, reterr);
                if (r < 0)
                        return r;
        }
        const bool lacks_first = n > 0 && atomic_load(&f->states[0]) != FRAME_THERE;
        /* It says that the disk is whole: the others must have arrived, and not in its cache alone. */
        int r = lacks_first ? block_sync(f->disk, reterr) : 0;
        for (unsigned pass = 0;
             r == 0 && pass <= BAD_MAX && lacks_first && atomic_load(&f->states[0]) != FRAME_THERE; pass++)
                r = fetch_range(f, 0, 1, reterr);
        return r;
}

int frames_fetch_first(struct job *job, const struct blockmap *map, const char *path, void *ret,
                       struct error *reterr) {
        struct blockmap_frame frame = blockmap_frame(map, 0);
        const struct http_ask ask = {
                .method = "GET", .path = path, .idle_s = STALL_S, .range_len = frame.packed_len
        };
        CLEANUP(http_reply_clear) struct http_reply reply;

        job_ask(job, &ask, &reply);
        if (reply.status != 206)
                return error_set(reterr, -EPROTO, "the image's first frame did not come: %s",
                                 reply.status ? "the server refuses it" : reply.why);
        size_t n = ZSTD_decompress(ret, BLOCKMAP_FRAME_MAX, reply.body, reply.len);
        if (ZSTD_isError(n) || n != frame.len || !is_right(ret, &frame))
                return error_set(reterr, -EBADMSG, "the image's first frame is damaged");
        return (int)frame.len;
}
