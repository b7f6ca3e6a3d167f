/* The trail on disk; see store.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "core/trail/record.h"
#include "core/trail/store.h"
#include "io/clock.h"
#include "io/fd.h"
#include "io/queue.h"
#include "io/thread.h"

#define OCTETS_MAX_DEFAULT (UINT64_C(64) << 20)
#define AGE_MAX_S_DEFAULT (INT64_C(30) * 24 * 3600)

enum {
        BATCHES_MAX = 16,    /* handed over and not yet written */
        SEGMENTS = 8,        /* so many make the limit, so that pruning takes an eighth */
        SEGMENTS_MAX = 4096, /* looked at in the directory */
        NAME_SIZE = 32
};

struct batch {
        char *octets; /* owned */
        size_t len;
};

struct trail_store {
        int dir_fd, stop_fd;
        struct trail_store_limits limits;
        struct queue *queue;
        pthread_t thread;
        bool has_thread;

        uint64_t revision, sequence; /* control thread: what was handed over */
        uint64_t damaged;

        _Atomic uint64_t octets, lost;
        atomic_int failure;

        /* The writer's own. */
        int fd;          /* the open segment; -1: none yet */
        uint64_t number; /* of the newest segment */
        uint64_t end;    /* octets in the open segment */
};

/* ---- segments ---- */

static void segment_name(uint64_t number, char buf[static NAME_SIZE]) {
        (void)snprintf(buf, NAME_SIZE, "trail-%016llx", (unsigned long long)number);
}

static bool segment_number(const char *name, uint64_t *ret) {
        uint8_t octets[8];
        if (!text_starts_with(name, "trail-") || text_parse_hex(name + 6, octets, sizeof(octets)) < 0)
                return false;
        *ret = 0;
        for (size_t i = 0; i < sizeof(octets); i++)
                *ret = *ret << 8 | octets[i];
        return true;
}

static int by_number(const void *a, const void *b) {
        uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
        return x < y ? -1 : x > y;
}

/* The numbers of all segments, rising; returns how many, or -errno. */
static int segments(const struct trail_store *s, uint64_t numbers[static SEGMENTS_MAX]) {
        int n = 0, fd = openat(s->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        if (!dir)
                return -errno;
        for (struct dirent *entry; n < SEGMENTS_MAX && (entry = readdir(dir));)
                n += segment_number(entry->d_name, &numbers[n]);
        (void)closedir(dir);
        qsort(numbers, (size_t)n, sizeof(*numbers), by_number);
        return n;
}

/* Takes away what is too old or too much, oldest first; never the segment that is open. */
static void prune(const struct trail_store *s) {
        uint64_t numbers[SEGMENTS_MAX], total = 0;
        int64_t oldest_s = clock_unix_s() - s->limits.age_max_s;
        int n = segments(s, numbers);

        for (int i = n; i-- > 0;) {
                char name[NAME_SIZE];
                struct stat st;
                segment_name(numbers[i], name);
                if (fstatat(s->dir_fd, name, &st, 0) < 0)
                        continue;
                total += (uint64_t)st.st_size;
                bool is_open = s->fd >= 0 && numbers[i] == s->number;
                if (!is_open && (total > s->limits.octets_max || st.st_mtime < oldest_s))
                        (void)unlinkat(s->dir_fd, name, 0);
        }
}

static int segment_begin(struct trail_store *s) {
        char name[NAME_SIZE];
        fd_close(s->fd);
        segment_name(s->number + 1, name);
        s->fd = openat(s->dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (s->fd < 0)
                return -errno;
        s->number++;
        s->end = 0;
        return 0;
}

/* A batch is written whole or not at all: half a record would hide what comes behind it. */
static int write_batch(struct trail_store *s, const struct batch *b) {
        int r = 0;
        if (s->fd < 0 || s->end + b->len > s->limits.octets_max / SEGMENTS) {
                r = segment_begin(s);
                if (r == 0)
                        prune(s);
        }
        if (r == 0)
                r = fd_write(s->fd, b->octets, b->len, s->end);
        if (r == 0)
                s->end += b->len;
        else if (s->fd >= 0 && ftruncate(s->fd, (off_t)s->end) < 0)
                r = -errno;
        return r;
}

/* ---- the writer ---- */

static void *writer_thread(void *arg) {
        struct trail_store *s = arg;
        struct pollfd fds[] = { { .fd = s->stop_fd, .events = POLLIN },
                                { .fd = queue_fd(s->queue), .events = POLLIN } };

        for (bool is_closing = false; !is_closing;) {
                (void)poll(fds, 2, -1);
                is_closing = fds[0].revents != 0;
                for (struct batch b; queue_receive(s->queue, &b, 1);) {
                        int r = write_batch(s, &b);
                        atomic_store(&s->failure, r);
                        atomic_fetch_add(r < 0 ? &s->lost : &s->octets, r < 0 ? 1 : b.len);
                        free(b.octets);
                }
        }
        return NULL;
}

/* ---- the control thread ---- */

struct gathering {
        const struct trail_store *store;
        struct text text;
};

/* A session that changed is written with what is new of its events. */
static int gather(void *ctx, const struct trail_session *session) {
        struct gathering *g = ctx;
        uint8_t buf[TRAIL_RECORD_MAX];

        if (session->revision <= g->store->revision)
                return 0;
        text_append_octets(&g->text, buf, trail_record_write_session(buf, session));
        for (size_t i = 0; i < session->n_events; i++)
                if (session->events[i].sequence > g->store->sequence)
                        text_append_octets(&g->text, buf,
                                           trail_record_write_event(buf, session->id, &session->events[i]));
        return 0;
}

void trail_store_flush(struct trail_store *s, const struct trail *trail) {
        if (trail_revision(trail) == s->revision)
                return;

        struct gathering g = { .store = s };
        (void)trail_each(trail, gather, &g);
        struct batch b = { .len = g.text.len };
        b.octets = text_take(&g.text);
        text_free(&g.text);
        if (!b.octets)
                return;
        if (b.len > 0 && !queue_send(s->queue, &b)) {
                free(b.octets);
                return;
        }
        if (b.len == 0)
                free(b.octets);
        s->revision = trail_revision(trail);
        s->sequence = trail_sequence(trail);
}

void trail_store_counters(const struct trail_store *s, struct trail_store_counters *ret) {
        *ret = (struct trail_store_counters){ .octets = atomic_load(&s->octets),
                                              .lost = atomic_load(&s->lost),
                                              .damaged = s->damaged,
                                              .failure = atomic_load(&s->failure) };
}

/* ---- open and close ---- */

static int restore(struct trail *trail, const struct trail_record *r) {
        return r->is_event ? trail_restore_event(trail, r->session.id, &r->event)
                           : trail_restore_session(trail, &r->session);
}

/* Reads one segment; a tail that does not hold is counted and left. */
static int load_segment(struct trail_store *s, uint64_t number, struct trail *trail) {
        char name[NAME_SIZE];
        uint8_t buf[64 * TRAIL_RECORD_MAX];
        size_t len = 0;
        ssize_t n;
        int r = 0;

        segment_name(number, name);
        int fd = openat(s->dir_fd, name, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        while (r == 0 && (n = read(fd, buf + len, sizeof(buf) - len)) > 0) {
                struct trail_record record;
                size_t at = 0;
                int size;
                len += (size_t)n;
                while (r == 0 && (size = trail_record_read(buf + at, len - at, &record)) > 0) {
                        r = restore(trail, &record);
                        at += (size_t)size;
                }
                memmove(buf, buf + at, len - at);
                len -= at;
                if (len >= TRAIL_RECORD_MAX)
                        break; /* a whole record's length that is none */
        }
        (void)close(fd);
        s->damaged += len > 0;
        return r;
}

static int load(struct trail_store *s, struct trail *trail) {
        uint64_t numbers[SEGMENTS_MAX];

        prune(s);
        int n = segments(s, numbers), r = n < 0 ? n : 0;
        for (int i = 0; i < n && r == 0; i++) {
                r = load_segment(s, numbers[i], trail);
                s->number = numbers[i];
        }
        s->revision = trail_revision(trail);
        s->sequence = trail_sequence(trail);
        return r;
}

int trail_store_open(const char *dir, const struct trail_store_limits *limits, struct trail *trail,
                     struct trail_store **ret, struct error *reterr) {
        CLEANUP(trail_store_close_at) struct trail_store *s = calloc(1, sizeof(*s));
        if (!s)
                return error_set(reterr, -ENOMEM, "out of memory for the trail");
        s->limits = *limits;
        if (!s->limits.octets_max)
                s->limits.octets_max = OCTETS_MAX_DEFAULT;
        if (!s->limits.age_max_s)
                s->limits.age_max_s = AGE_MAX_S_DEFAULT;
        s->fd = s->stop_fd = s->dir_fd = -1;

        if (mkdir(dir, 0700) < 0 && errno != EEXIST)
                return error_set(reterr, -errno, "cannot make the directory %s: %s", dir, strerror(errno));
        s->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (s->dir_fd < 0)
                return error_set(reterr, -errno, "cannot open the directory %s: %s", dir, strerror(errno));
        int r = load(s, trail);
        if (r < 0)
                return error_set(reterr, r, "cannot read the trail in %s: %s", dir, strerror(-r));

        s->queue = queue_new(BATCHES_MAX, sizeof(struct batch));
        s->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        if (!s->queue || s->stop_fd < 0)
                return error_set(reterr, -errno, "cannot start the trail's store: %s", strerror(errno));
        r = thread_start(&s->thread, writer_thread, s);
        if (r < 0)
                return error_set(reterr, r, "cannot start the trail's writer: %s", strerror(-r));
        s->has_thread = true;
        *ret = TAKE(s);
        return 0;
}

void trail_store_close(struct trail_store *s) {
        if (!s)
                return;
        if (s->has_thread) {
                (void)eventfd_write(s->stop_fd, 1);
                (void)pthread_join(s->thread, NULL);
        }
        queue_free(s->queue);
        fd_close(s->fd);
        fd_close(s->stop_fd);
        fd_close(s->dir_fd);
        free(s);
}
