/* Remembered signatures; see signatures.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/signatures.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "base/text.h"
#include "format/boot_sig.h"
#include "io/clock.h"
#include "io/crypto.h"
#include "io/log.h"

enum { KEPT = 64, BLOCK = 256 * 1024 }; /* classes of boards are few; octets read at once */

struct signature {
        char etag[sizeof(((struct boot_file *)NULL)->etag)];
        uint8_t key[SHA256_SIZE];
        struct boot_file *text; /* NULL: the place is free */
};

struct signatures {
        pthread_mutex_t lock;   /* of what is kept: never for long */
        pthread_mutex_t making; /* held while one is made, which a signer may take its time for */
        struct keyring *keys;
        struct signature kept[KEPT];
        size_t next; /* the place that is given away next */
};

struct signatures *signatures_new(struct keyring *keys) {
        struct signatures *s = calloc(1, sizeof(*s));

        if (!s)
                return NULL;
        (void)pthread_mutex_init(&s->lock, NULL);
        (void)pthread_mutex_init(&s->making, NULL);
        s->keys = keys;
        return s;
}

void signatures_free(struct signatures *s) {
        if (!s)
                return;
        for (size_t i = 0; i < KEPT; i++)
                boot_file_drop(s->kept[i].text);
        (void)pthread_mutex_destroy(&s->lock);
        (void)pthread_mutex_destroy(&s->making);
        free(s);
}

/* With a reference; NULL: there is none yet. */
static struct boot_file *find(struct signatures *s, const struct signing_key *key,
                              const struct boot_file *file) {
        struct boot_file *found = NULL;

        (void)pthread_mutex_lock(&s->lock);
        for (size_t i = 0; i < KEPT && !found; i++) {
                const struct signature *at = &s->kept[i];
                if (at->text && strcmp(at->etag, file->etag) == 0 &&
                    memcmp(at->key, key->hash, SHA256_SIZE) == 0)
                        found = boot_file_take(at->text);
        }
        (void)pthread_mutex_unlock(&s->lock);
        return found;
}

static void keep(struct signatures *s, const struct signing_key *key, const struct boot_file *file,
                 struct boot_file *text) {
        (void)pthread_mutex_lock(&s->lock);
        struct signature *at = &s->kept[s->next++ % KEPT];
        boot_file_drop(at->text);
        memcpy(at->etag, file->etag, sizeof(at->etag));
        memcpy(at->key, key->hash, SHA256_SIZE);
        at->text = boot_file_take(text);
        (void)pthread_mutex_unlock(&s->lock);
}

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
        if (r == 0) {
                r = keyring_sign(s->keys, key, file, sig.digest, sig.rsa, &error);
                if (r < 0)
                        log_error("keys: a boot cannot be signed", "key", key->name, "why", error.text);
        }
        if (r < 0)
                return r == -ENOKEY || r == -ENOENT ? -EIO : r;
        boot_sig_write(&sig, &text);
        *ret = text.failed ? NULL : boot_file_of_octets(text.octets, text.len);
        return *ret ? 0 : -ENOMEM;
}

int signatures_get(struct signatures *s, const char *name, const struct boot_file *file,
                   struct boot_file **ret) {
        struct signing_key key;

        int r = keyring_find(s->keys, name, &key);
        if (r < 0)
                return r;
        struct boot_file *known = find(s, &key, file);
        if (!known) {
                /* Who waited for somebody else to make it finds it made. */
                (void)pthread_mutex_lock(&s->making);
                known = find(s, &key, file);
                if (!known && (r = make(s, &key, file, &known)) == 0)
                        keep(s, &key, file, known);
                (void)pthread_mutex_unlock(&s->making);
        }
        if (r == 0)
                *ret = known;
        return r;
}
