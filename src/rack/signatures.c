/* Remembered signatures; see signatures.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/signatures.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "format/boot_sig.h"
#include "io/clock.h"
#include "io/crypto.h"
#include "io/log.h"
#include "io/queue.h"
#include "io/thread.h"

enum {
        KEPT = 64,         /* classes of boards are few */
        JOBS_MAX = 16,     /* beyond it clients come again, as they do for one that is in work */
        FAILED_MS = 30000, /* anybody may ask for boot.sig, and a signer must not run for each of them */
        BLOCK = 256 * 1024 /* octets read at once */
};

struct signature {
        char etag[sizeof(((struct boot_file *)NULL)->etag)];
        uint8_t key[SHA256_SIZE];
        struct boot_file *text; /* NULL: it could not be made */
        int error;              /* why not; 0 without text: the place is free */
        uint64_t until_ms;      /* when a failure is forgotten */
};

struct job {
        struct signing_key key;
        struct boot_file *file; /* a reference */
};

struct signatures {
        pthread_mutex_t lock; /* never for long */
        pthread_cond_t news;  /* a job was added or done, or all ends */
        struct keyring *keys;
        struct signature kept[KEPT];
        size_t next; /* the place that is given away next */
        struct job jobs[JOBS_MAX];
        size_t n_jobs; /* the first is in work */
        bool is_ending, has_thread;
        pthread_t thread;
        struct queue *done; /* an octet for each job */
};

/* ---- what is kept; under the lock ---- */

/* The place of a signature or of its failure; NULL: there is neither. */
static struct signature *find(struct signatures *s, const struct signing_key *key,
                              const struct boot_file *file) {
        for (size_t i = 0; i < KEPT; i++) {
                struct signature *at = &s->kept[i];
                if ((at->text || at->error) && strcmp(at->etag, file->etag) == 0 &&
                    memcmp(at->key, key->hash, SHA256_SIZE) == 0)
                        return at;
        }
        return NULL;
}

/* Takes over @text, which is NULL with an @error. */
static void keep(struct signatures *s, const struct job *j, struct boot_file *text, int error) {
        struct signature *at = find(s, &j->key, j->file);

        if (!at)
                at = &s->kept[s->next++ % KEPT];
        boot_file_drop(at->text);
        *at = (struct signature){ .text = text, .error = error, .until_ms = clock_now_ms() + FAILED_MS };
        memcpy(at->etag, j->file->etag, sizeof(at->etag));
        memcpy(at->key, j->key.hash, SHA256_SIZE);
}

static bool is_asked(const struct signatures *s, const struct signing_key *key,
                     const struct boot_file *file) {
        for (size_t i = 0; i < s->n_jobs; i++)
                if (strcmp(s->jobs[i].file->etag, file->etag) == 0 &&
                    memcmp(s->jobs[i].key.hash, key->hash, SHA256_SIZE) == 0)
                        return true;
        return false;
}

static void ask(struct signatures *s, const struct signing_key *key, struct boot_file *file) {
        if (s->n_jobs == JOBS_MAX || is_asked(s, key, file))
                return;
        s->jobs[s->n_jobs++] = (struct job){ .key = *key, .file = boot_file_take(file) };
        (void)pthread_cond_broadcast(&s->news);
}

/* ---- the thread that signs ---- */

static int digest_of(const struct boot_file *file, uint8_t ret[static SHA256_SIZE]) {
        CLEANUP(sha256_free_at) struct sha256 *hash = sha256_new();
        CLEANUP(free_at) uint8_t *block = malloc(BLOCK);
        int64_t n = 1;

        if (!hash || !block)
                return -ENOMEM;
        for (uint64_t at = 0; at < file->size; at += (uint64_t)n) {
                n = boot_file_read(file, at, block, BLOCK);
                if (n <= 0)
                        return n < 0 ? (int)n : -EIO;
                sha256_update(hash, block, (size_t)n);
        }
        sha256_finish(TAKE(hash), ret);
        return 0;
}

static int make(struct signatures *s, const struct signing_key *key, const struct boot_file *file,
                struct boot_file **ret) {
        struct boot_sig sig = { .has_ts = true, .ts = (uint64_t)clock_unix_s(), .has_rsa = true };
        CLEANUP(text_free) struct text text = {};
        struct error error = {};

        int r = digest_of(file, sig.digest);
        if (r < 0)
                return r;
        r = keyring_sign(s->keys, key, file, sig.digest, sig.rsa, &error);
        if (r < 0) {
                log_error("keys: a boot cannot be signed", "key", key->name, "why", error.text);
                /* What a signer's error means is no business of who asks for files. */
                return r == -ENOMEM ? r : -EKEYREJECTED;
        }
        boot_sig_write(&sig, &text);
        *ret = text.failed ? NULL : boot_file_of_octets(text.octets, text.len);
        return *ret ? 0 : -ENOMEM;
}

static void do_first(struct signatures *s) {
        const struct job job = s->jobs[0];
        struct boot_file *text = NULL;

        (void)pthread_mutex_unlock(&s->lock);
        int r = make(s, &job.key, job.file, &text);
        (void)pthread_mutex_lock(&s->lock);
        keep(s, &job, text, r);
        s->n_jobs--;
        memmove(&s->jobs[0], &s->jobs[1], s->n_jobs * sizeof(s->jobs[0]));
        boot_file_drop(job.file);
        (void)pthread_cond_broadcast(&s->news);
        (void)queue_send(s->done, &(char){ 1 }); /* full: it is readable already */
}

static void *work(void *arg) {
        struct signatures *s = arg;

        (void)pthread_mutex_lock(&s->lock);
        while (!s->is_ending) {
                if (s->n_jobs > 0)
                        do_first(s);
                else
                        (void)pthread_cond_wait(&s->news, &s->lock);
        }
        (void)pthread_mutex_unlock(&s->lock);
        return NULL;
}

struct signatures *signatures_new(struct keyring *keys) {
        CLEANUP(signatures_free_at) struct signatures *s = calloc(1, sizeof(*s));
        pthread_condattr_t monotonic;

        if (!s)
                return NULL;
        s->keys = keys;
        (void)pthread_mutex_init(&s->lock, NULL);
        (void)pthread_condattr_init(&monotonic);
        (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        (void)pthread_cond_init(&s->news, &monotonic);
        (void)pthread_condattr_destroy(&monotonic);
        s->done = queue_new(1, 1);
        if (!s->done || thread_start(&s->thread, work, s) < 0)
                return NULL;
        s->has_thread = true;
        return TAKE(s);
}

void signatures_free(struct signatures *s) {
        if (!s)
                return;
        (void)pthread_mutex_lock(&s->lock);
        s->is_ending = true;
        (void)pthread_cond_broadcast(&s->news);
        (void)pthread_mutex_unlock(&s->lock);
        if (s->has_thread)
                (void)pthread_join(s->thread, NULL);
        for (size_t i = 0; i < s->n_jobs; i++)
                boot_file_drop(s->jobs[i].file);
        for (size_t i = 0; i < KEPT; i++)
                boot_file_drop(s->kept[i].text);
        queue_free(s->done);
        (void)pthread_cond_destroy(&s->news);
        (void)pthread_mutex_destroy(&s->lock);
        free(s);
}

/* ---- who asks ---- */

/* Under the lock. */
static int look(struct signatures *s, const struct signing_key *key, struct boot_file *file, uint64_t now_ms,
                struct boot_file **ret) {
        const struct signature *known = find(s, key, file);

        if (known && known->text) {
                *ret = boot_file_take(known->text);
                return 0;
        }
        if (known && now_ms < known->until_ms)
                return known->error;
        ask(s, key, file);
        return -EAGAIN;
}

int signatures_get(struct signatures *s, const char *name, struct boot_file *file, uint64_t now_ms,
                   struct boot_file **ret) {
        struct signing_key key;

        int r = keyring_find(s->keys, name, &key);
        if (r < 0)
                return r;
        (void)pthread_mutex_lock(&s->lock);
        r = look(s, &key, file, now_ms, ret);
        (void)pthread_mutex_unlock(&s->lock);
        return r;
}

int signatures_wait(struct signatures *s, const char *name, struct boot_file *file, unsigned wait_ms,
                    struct boot_file **ret) {
        const uint64_t until_ms = clock_now_ms() + wait_ms;
        const struct timespec until = { .tv_sec = (time_t)(until_ms / 1000),
                                        .tv_nsec = (long)(until_ms % 1000) * 1000000 };
        struct signing_key key;

        int r = keyring_find(s->keys, name, &key);
        if (r < 0)
                return r;
        (void)pthread_mutex_lock(&s->lock);
        while ((r = look(s, &key, file, clock_now_ms(), ret)) == -EAGAIN)
                if (pthread_cond_timedwait(&s->news, &s->lock, &until) != 0)
                        break;
        (void)pthread_mutex_unlock(&s->lock);
        return r;
}

int signatures_fd(const struct signatures *s) {
        return queue_fd(s->done);
}

void signatures_clear(struct signatures *s) {
        char octets[1];
        (void)queue_receive(s->done, octets, sizeof(octets));
}
