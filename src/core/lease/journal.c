/* The lease journal and its sync thread; see journal.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/lease/journal.h"
#include "core/lease/record.h"
#include "io/crypto.h"
#include "io/fd.h"
#include "io/queue.h"
#include "io/thread.h"

#define FILE_NAME "leases.journal"
#define FILE_NAME_NEW FILE_NAME ".new"
#define LOCK_NAME "leases.lock"

enum {
        CHUNK = 1 << 20,          /* octets by which a file grows */
        FILE_MAX = 1 << 30,       /* octets: more than LEASES_MAX leases ever need between two compactions */
        QUEUE_MAX = 8192,         /* records that may wait: a second of work for a slow disk */
        BATCH_MAX = 1024,         /* records written at once */
        RETRY_MS = 200,           /* between two tries to write what did not go */
        COMPACT_MIN = 16384,      /* records in a file before it is worth the work */
        COMPACT_RATIO = 4,        /* records in a file for each lease that lives */
        SNAPSHOT_STEP = 2048,     /* leases written to a new file between two looks at what waits */
        CARRY_MAX = 4 * QUEUE_MAX /* records that may come while a file is compacted */
};

/* One file as the sync thread writes it. */
struct file {
        int fd;
        uint64_t mark, number;   /* of the last record */
        uint64_t end, allocated; /* octets */
        uint64_t records;        /* in it, stale ones too */
};

/* Leases on the way to a new file: the snapshot, then the records that came meanwhile. */
struct leases {
        size_t n, room;
        struct lease items[];
};

struct message {
        struct leases *snapshot; /* NULL: a record */
        struct lease lease;
};

struct lease_journal {
        int dir_fd, lock_fd;
        int durable_fd, stop_fd; /* eventfds */
        struct queue *queue;
        pthread_t thread;
        bool has_thread;

        uint64_t ticket; /* control thread: the last one given */
        struct lease_journal_counters at_open;

        _Atomic uint64_t durable, syncs, compactions, file_records, compact_from;
        atomic_int failure;
        atomic_bool is_compacting;

        /* The sync thread's own. */
        struct file file;
        bool has_durable_name;
        struct message messages[BATCH_MAX];
        uint8_t batch[BATCH_MAX * LEASE_RECORD_MAX]; /* encoded, not yet durable */
        size_t batch_len;
        uint64_t batch_records;
        struct leases *snapshot, *carry; /* NULL: not compacting */
        size_t snapshot_at;
        struct file next;
        uint8_t step[SNAPSHOT_STEP * LEASE_RECORD_MAX];
};

/* ---- files ---- */

static int write_zeros_to(int fd, uint64_t offset, uint64_t len) {
        static const uint8_t zeros[1 << 16];
        while (len > 0) {
                size_t n = len < sizeof(zeros) ? (size_t)len : sizeof(zeros);
                int r = fd_write(fd, zeros, n, offset);
                if (r < 0)
                        return r;
                offset += n;
                len -= n;
        }
        return 0;
}

/*
 * Room for @len octets more. The chunk is written with zeros, too: a sync of octets that were only allocated
 * must also write the file system's own journal, which doubles its time.
 */
static int file_extend(struct file *f, size_t len) {
        if (f->end + len <= f->allocated)
                return 0;
        if (f->allocated + CHUNK > FILE_MAX)
                return -EFBIG;
        if (fallocate(f->fd, 0, (off_t)f->allocated, CHUNK) < 0 && errno != EOPNOTSUPP)
                return -errno;
        int r = write_zeros_to(f->fd, f->allocated, CHUNK);
        if (r < 0)
                return r;
        f->allocated += CHUNK;
        return 0;
}

/*
 * Writes and syncs. After a failed fdatasync the kernel may take the pages for clean, so that a second sync
 * alone would lie: whoever calls again writes the same octets again.
 */
static int file_append(struct file *f, const void *data, size_t len) {
        int r = file_extend(f, len);
        if (r == 0)
                r = fd_write(f->fd, data, len, f->end);
        if (r == 0 && fdatasync(f->fd) < 0)
                r = -errno;
        if (r == 0)
                f->end += len;
        return r;
}

static void file_close(struct file *f) {
        fd_close(f->fd);
        f->fd = -1;
}

/* An empty file with its head, durable but for its name. */
static int file_new(int dir_fd, const char *name, struct file *ret) {
        uint8_t head[LEASE_HEAD_SIZE];
        struct file f = { .fd = openat(dir_fd, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) };

        if (f.fd < 0)
                return -errno;
        random_octets(&f.mark, sizeof(f.mark));
        lease_head_write(head, f.mark);
        int r = file_append(&f, head, sizeof(head));
        if (r < 0) {
                file_close(&f);
                (void)unlinkat(dir_fd, name, 0);
                return r;
        }
        *ret = f;
        return 0;
}

/* ---- the sync thread ---- */

static void tell_durable(struct lease_journal *j, uint64_t n) {
        atomic_fetch_add(&j->durable, n);
        (void)eventfd_write(j->durable_fd, 1);
}

/* What is written to a new file counts only when the directory that names it is on disk. */
static int sync_name(struct lease_journal *j) {
        if (j->has_durable_name)
                return 0;
        if (fsync(j->dir_fd) < 0)
                return -errno;
        j->has_durable_name = true;
        return 0;
}

/* Makes the batch durable; on failure it stays for the next try. */
static int commit(struct lease_journal *j) {
        if (j->batch_len == 0)
                return 0;
        int r = sync_name(j);
        if (r == 0)
                r = file_append(&j->file, j->batch, j->batch_len);
        atomic_store(&j->failure, r);
        if (r < 0)
                return r;
        atomic_fetch_add(&j->syncs, 1);
        atomic_store(&j->file_records, j->file.records);
        tell_durable(j, j->batch_records);
        j->batch_len = 0;
        j->batch_records = 0;
        return 0;
}

static void compaction_end(struct lease_journal *j) {
        free(j->snapshot);
        free(j->carry);
        j->snapshot = j->carry = NULL;
        atomic_store(&j->is_compacting, false);
}

static void compaction_abandon(struct lease_journal *j) {
        if (!j->snapshot)
                return;
        file_close(&j->next);
        (void)unlinkat(j->dir_fd, FILE_NAME_NEW, 0);
        /* Not again before the file has grown by half: a disk that is full now will be full in a moment. */
        atomic_store(&j->compact_from, j->file.records + j->file.records / 2);
        compaction_end(j);
}

static struct leases *leases_new(size_t room) {
        size_t octets;
        if (__builtin_mul_overflow(room, sizeof(struct lease), &octets))
                return NULL;
        struct leases *l = malloc(sizeof(*l) + octets);
        if (l)
                *l = (struct leases){ .room = room };
        return l;
}

static void compaction_begin(struct lease_journal *j, struct leases *snapshot) {
        j->snapshot = snapshot;
        j->snapshot_at = 0;
        j->next.fd = -1;
        j->carry = leases_new(CARRY_MAX);
        if (!j->carry || file_new(j->dir_fd, FILE_NAME_NEW, &j->next) < 0)
                compaction_abandon(j);
}

/* Writes up to SNAPSHOT_STEP of @l from @at; returns how many, or -errno. */
static int compaction_write(struct lease_journal *j, const struct leases *l, size_t at) {
        size_t n = l->n - at < SNAPSHOT_STEP ? l->n - at : SNAPSHOT_STEP;
        size_t len = 0;

        for (size_t i = 0; i < n; i++)
                len += lease_record_write(j->step + len, j->next.mark, ++j->next.number, &l->items[at + i]);
        int r = file_append(&j->next, j->step, len);
        if (r < 0)
                return r;
        j->next.records += n;
        return (int)n;
}

/* All that is durable in the old file is in the new one as well: from here on there is only the new one. */
static int compaction_finish(struct lease_journal *j) {
        for (size_t at = 0; at < j->carry->n;) {
                int n = compaction_write(j, j->carry, at);
                if (n < 0)
                        return n;
                at += (size_t)n;
        }
        if (renameat(j->dir_fd, FILE_NAME_NEW, j->dir_fd, FILE_NAME) < 0)
                return -errno;
        file_close(&j->file);
        j->file = j->next;
        j->has_durable_name = false;
        atomic_store(&j->file_records, j->file.records);
        atomic_store(&j->compact_from, 0);
        atomic_fetch_add(&j->compactions, 1);
        compaction_end(j);
        return 0;
}

static void compaction_step(struct lease_journal *j) {
        int n = 0;
        if (j->snapshot_at < j->snapshot->n) {
                n = compaction_write(j, j->snapshot, j->snapshot_at);
                j->snapshot_at += n > 0 ? (size_t)n : 0;
        } else {
                n = compaction_finish(j);
        }
        if (n < 0)
                compaction_abandon(j);
}

static void take_record(struct lease_journal *j, const struct lease *l) {
        j->batch_len += lease_record_write(j->batch + j->batch_len, j->file.mark, ++j->file.number, l);
        j->batch_records++;
        j->file.records++;
        if (!j->carry)
                return;
        if (j->carry->n < j->carry->room)
                j->carry->items[j->carry->n++] = *l;
        else
                compaction_abandon(j);
}

/* Encodes what waits, and says how much it was. A snapshot stands for all records before it, and for none
 * behind. */
static size_t receive(struct lease_journal *j) {
        size_t n = queue_receive(j->queue, j->messages, BATCH_MAX);
        for (size_t i = 0; i < n; i++) {
                if (j->messages[i].snapshot)
                        compaction_begin(j, j->messages[i].snapshot);
                else
                        take_record(j, &j->messages[i].lease);
        }
        return n;
}

/* Waits for records, the end, or the time of the next try; true when the journal is being closed. */
static bool wait_for_work(struct lease_journal *j) {
        struct pollfd fds[] = { { .fd = j->stop_fd, .events = POLLIN },
                                { .fd = queue_fd(j->queue), .events = POLLIN } };
        bool is_stuck = j->batch_len > 0;

        /* While a batch does not go, nothing more is taken: what waits stays in the queue, which has a bound.
         */
        int timeout_ms = is_stuck ? RETRY_MS : j->snapshot ? 0 : -1;
        (void)poll(fds, is_stuck ? 1 : 2, timeout_ms);
        return fds[0].revents != 0;
}

static void *sync_thread(void *arg) {
        struct lease_journal *j = arg;

        for (bool is_closing = false; !is_closing;) {
                is_closing = wait_for_work(j);
                int r = commit(j); /* what did not go before */
                while (r == 0 && receive(j) > 0) {
                        r = commit(j);
                        if (!is_closing)
                                break;
                }
                if (r < 0)
                        compaction_abandon(j);
                if (j->snapshot && !is_closing)
                        compaction_step(j);
        }
        compaction_abandon(j);
        return NULL;
}

/* ---- the control thread ---- */

uint64_t lease_journal_append(struct lease_journal *j, const struct lease *l) {
        struct message m = { .lease = *l };
        if (atomic_load(&j->failure) || !queue_send(j->queue, &m))
                return 0;
        return ++j->ticket;
}

int lease_journal_fd(const struct lease_journal *j) {
        return j->durable_fd;
}

uint64_t lease_journal_durable(struct lease_journal *j) {
        eventfd_t count;
        (void)eventfd_read(j->durable_fd, &count); /* first: what comes behind it wakes us again */
        return atomic_load(&j->durable);
}

int lease_journal_failure(const struct lease_journal *j) {
        return atomic_load(&j->failure);
}

void lease_journal_counters(const struct lease_journal *j, struct lease_journal_counters *ret) {
        *ret = j->at_open;
        ret->records = atomic_load(&j->durable);
        ret->syncs = atomic_load(&j->syncs);
        ret->compactions = atomic_load(&j->compactions);
}

/* Keeps what a restart must know: what runs, what is in quarantine, and whose an address was. */
static int snapshot_take(void *ctx, const struct lease *l) {
        struct leases *to = ctx;
        bool is_offer = l->state == LEASE_OFFERED;

        if (to->n == to->room || (is_offer && l->granted_s == 0) ||
            (l->state == LEASE_FREE && l->client.key_len == 0))
                return 0;
        to->items[to->n] = *l;
        if (is_offer)
                to->items[to->n].state = LEASE_FREE;
        to->n++;
        return 0;
}

bool lease_journal_compact(struct lease_journal *j, const struct lease_table *table) {
        if (atomic_load(&j->is_compacting))
                return false;
        struct message m = { .snapshot = leases_new(lease_count(table)) };
        if (!m.snapshot)
                return false;
        (void)lease_each(table, snapshot_take, m.snapshot);
        atomic_store(&j->is_compacting, true);
        if (!queue_send(j->queue, &m)) {
                free(m.snapshot);
                atomic_store(&j->is_compacting, false);
                return false;
        }
        return true;
}

void lease_journal_compact_if_due(struct lease_journal *j, const struct lease_table *table) {
        uint64_t records = atomic_load(&j->file_records);
        if (records < COMPACT_MIN || records / COMPACT_RATIO < lease_count(table) ||
            records < atomic_load(&j->compact_from))
                return;
        (void)lease_journal_compact(j, table); /* asked again in a moment */
}

/* ---- open and close ---- */

static int restore(void *ctx, const struct lease *l) {
        return lease_restore(ctx, l);
}

static int read_whole(int fd, uint8_t **ret, size_t *ret_len) {
        struct stat st;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (st.st_size > FILE_MAX)
                return -EFBIG;

        size_t len = (size_t)st.st_size, at = 0;
        CLEANUP(free_at) uint8_t *data = malloc(len + 1);
        if (!data)
                return -ENOMEM;
        while (at < len) {
                ssize_t n = pread(fd, data + at, len - at, (off_t)at);
                if (n <= 0)
                        return n < 0 ? -errno : -EIO;
                at += (size_t)n;
        }
        *ret = TAKE(data);
        *ret_len = len;
        return 0;
}

/* Reads the file that is there, and cuts a torn tail, so that it never looks like a record behind new ones.
 */
static int replay(struct lease_journal *j, struct lease_table *table) {
        CLEANUP(free_at) uint8_t *data = NULL;
        size_t len = 0;
        struct lease_replay replay;

        int r = read_whole(j->file.fd, &data, &len);
        if (r == 0)
                r = lease_replay(data, len, restore, table, &replay);
        if (r == 0 && replay.torn_end > replay.end) {
                j->at_open.torn = 1;
                r = write_zeros_to(j->file.fd, replay.end, replay.torn_end - replay.end);
                if (r == 0 && fdatasync(j->file.fd) < 0)
                        r = -errno;
        }
        if (r < 0)
                return r;
        j->at_open.replayed = replay.records;
        j->at_open.damaged = replay.missing;
        j->file.mark = replay.mark;
        j->file.number = replay.last;
        j->file.records = replay.records;
        j->file.end = replay.end;
        j->file.allocated = len > replay.end ? len : replay.end;
        return 0;
}

static int open_file(struct lease_journal *j, const char *dir, struct lease_table *table,
                     struct error *reterr) {
        (void)unlinkat(j->dir_fd, FILE_NAME_NEW, 0); /* a compaction that never came to its end */
        j->file.fd = openat(j->dir_fd, FILE_NAME, O_RDWR | O_CLOEXEC);
        int r = j->file.fd < 0 ? -errno : replay(j, table);
        if (r == -ENOENT) {
                r = file_new(j->dir_fd, FILE_NAME_NEW, &j->file);
                if (r == 0 && renameat(j->dir_fd, FILE_NAME_NEW, j->dir_fd, FILE_NAME) < 0)
                        r = -errno;
        }
        if (r == -EBADMSG)
                return error_set(reterr, r,
                                 "%s/" FILE_NAME
                                 " is no lease journal, or its head is damaged: restore it, or move it "
                                 "away to begin without leases",
                                 dir);
        if (r < 0)
                return error_set(reterr, r, "cannot use the lease journal %s/" FILE_NAME ": %s", dir,
                                 strerror(-r));
        r = sync_name(j); /* of a file just made, or renamed right before a crash */
        if (r < 0)
                return error_set(reterr, r, "cannot sync the directory %s: %s", dir, strerror(-r));
        atomic_store(&j->file_records, j->file.records);
        return 0;
}

static int open_dir(struct lease_journal *j, const char *dir, struct error *reterr) {
        j->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (j->dir_fd < 0)
                return error_set(reterr, -errno, "cannot open the directory %s: %s", dir, strerror(errno));
        j->lock_fd = openat(j->dir_fd, LOCK_NAME, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (j->lock_fd < 0)
                return error_set(reterr, -errno, "cannot open %s/" LOCK_NAME ": %s", dir, strerror(errno));
        if (flock(j->lock_fd, LOCK_EX | LOCK_NB) < 0)
                return error_set(reterr, -errno, "the lease journal in %s is used by another brambled", dir);
        return 0;
}

int lease_journal_open(const char *dir, struct lease_table *table, struct lease_journal **ret,
                       struct error *reterr) {
        CLEANUP(lease_journal_close_at) struct lease_journal *j = calloc(1, sizeof(*j));
        if (!j)
                return error_set(reterr, -ENOMEM, "out of memory for the lease journal");
        j->dir_fd = j->lock_fd = j->durable_fd = j->stop_fd = j->file.fd = j->next.fd = -1;

        int r = open_dir(j, dir, reterr);
        if (r == 0)
                r = open_file(j, dir, table, reterr);
        if (r < 0)
                return r;

        j->queue = queue_new(QUEUE_MAX, sizeof(struct message));
        j->durable_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        j->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        if (!j->queue || j->durable_fd < 0 || j->stop_fd < 0)
                return error_set(reterr, -errno, "cannot start the lease journal: %s", strerror(errno));
        r = thread_start(&j->thread, sync_thread, j);
        if (r < 0)
                return error_set(reterr, r, "cannot start the lease journal's thread: %s", strerror(-r));
        j->has_thread = true;
        *ret = TAKE(j);
        return 0;
}

void lease_journal_close(struct lease_journal *j) {
        if (!j)
                return;
        if (j->has_thread) {
                (void)eventfd_write(j->stop_fd, 1);
                (void)pthread_join(j->thread, NULL);
        }
        /* A snapshot that was sent but not begun. */
        for (struct message m; j->queue && queue_receive(j->queue, &m, 1);)
                free(m.snapshot);
        queue_free(j->queue);
        file_close(&j->file);
        fd_close(j->stop_fd);
        fd_close(j->durable_fd);
        fd_close(j->lock_fd);
        fd_close(j->dir_fd);
        free(j);
}
