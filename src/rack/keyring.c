/* Keys that boots are signed with; see keyring.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/keyring.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/text.h"
#include "io/clock.h"
#include "io/crypto.h"
#include "io/fd.h"
#include "io/rsa.h"
#include "io/rsa_new.h"
#include "io/seal.h"
#include "rack/signer.h"

static_assert((int)SIGNING_KEY_PUBLIC_SIZE == (int)RSA_PUBLIC_SIZE, "pubkey.bin is pubkey.bin");

#define SUFFIX ".json"

struct kept {
        struct signing_key key;
        uint8_t *sealed; /* its PEM; NULL: a program has it */
        size_t sealed_len;
};

struct keyring {
        pthread_mutex_t lock;
        char *dir, *signers_dir;
        struct seal_key seal;
        struct kept items[SIGNING_KEYS_MAX]; /* the oldest first */
        size_t n;
};

DEFINE_CLEANUP(json_t, json_decref)

static inline void lock_end(pthread_mutex_t **lock) {
        (void)pthread_mutex_unlock(*lock);
}

/* For the rest of the block. */
#define LOCKED(k) \
        CLEANUP(lock_end) pthread_mutex_t *held = &(k)->lock; \
        (void)pthread_mutex_lock(held)

/* ---- files ---- */

static int path_of(const struct keyring *k, const char *name, const char *suffix, struct text *ret) {
        text_printf(ret, "%s/%s%s", k->dir, name, suffix);
        return ret->failed ? -ENOMEM : 0;
}

static json_t *to_json(const struct kept *i) {
        char hex[2 * RSA_PUBLIC_SIZE + 1];
        CLEANUP(free_at) char *sealed = i->sealed ? base64_encode(i->sealed, i->sealed_len) : NULL;

        if (i->sealed && !sealed)
                return NULL;
        return json_pack("{s:s, s:I, s:s?, s:s?}", "public",
                         text_hex(i->key.public_key, RSA_PUBLIC_SIZE, hex), "created_s",
                         (json_int_t)i->key.created_s, "sealed", sealed, "signer",
                         i->key.signer[0] ? i->key.signer : NULL);
}

static bool from_json(const json_t *in, const char *name, struct kept *ret) {
        const char *public_key = json_string_value(json_object_get(in, "public"));
        const char *sealed = json_string_value(json_object_get(in, "sealed"));
        const char *signer = json_string_value(json_object_get(in, "signer"));

        *ret = (struct kept){ .key.created_s = json_integer_value(json_object_get(in, "created_s")) };
        if (text_copy(ret->key.name, sizeof(ret->key.name), name) < 0 || !public_key ||
            text_parse_hex(public_key, ret->key.public_key, RSA_PUBLIC_SIZE) < 0 || !sealed == !signer)
                return false;
        sha256_of(ret->key.public_key, RSA_PUBLIC_SIZE, ret->key.hash);
        if (signer)
                return signing_key_is_name(signer) &&
                       text_copy(ret->key.signer, sizeof(ret->key.signer), signer) == 0;
        ret->sealed = base64_decode(sealed, &ret->sealed_len);
        return ret->sealed;
}

/* Whole under another name first. */
static int write_file(const char *path, const char *fresh, const char *text) {
        CLEANUP(fd_close_at) int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        if (fd < 0)
                return -errno;
        int r = fd_write(fd, text, strlen(text), 0);
        if (r < 0)
                return r;
        return fsync(fd) < 0 || rename(fresh, path) < 0 ? -errno : 0;
}

static int save(const struct keyring *k, const struct kept *i, struct error *reterr) {
        CLEANUP(text_free) struct text path = {}, fresh = {};
        CLEANUP(json_decref_at) json_t *out = to_json(i);
        CLEANUP(free_at) char *text = out ? json_dumps(out, JSON_INDENT(1)) : NULL;

        if (!text || path_of(k, i->key.name, SUFFIX, &path) < 0 ||
            path_of(k, i->key.name, ".new", &fresh) < 0)
                return error_set(reterr, -ENOMEM, "out of memory");
        int r = write_file(path.octets, fresh.octets, text);
        return r < 0 ? error_set(reterr, r, "%s cannot be written: %s", path.octets, strerror(-r)) : 0;
}

/* In the order of their age; of two of one second, of their names. */
static void put(struct keyring *k, const struct kept *i) {
        size_t at = k->n;

        for (; at > 0; at--) {
                const struct signing_key *before = &k->items[at - 1].key;
                if (before->created_s < i->key.created_s ||
                    (before->created_s == i->key.created_s && strcmp(before->name, i->key.name) < 0))
                        break;
        }
        memmove(&k->items[at + 1], &k->items[at], (k->n - at) * sizeof(k->items[0]));
        k->items[at] = *i;
        k->n++;
}

static int load(struct keyring *k, const char *file, struct error *reterr) {
        CLEANUP(text_free) struct text path = {};
        CLEANUP(json_decref_at) json_t *in = NULL;
        char name[SIGNING_KEY_NAME_MAX + sizeof(SUFFIX)];
        struct kept i;

        if (text_copy(name, sizeof(name), file) < 0)
                return 0;
        name[strlen(name) - strlen(SUFFIX)] = 0;
        if (!signing_key_is_name(name) || path_of(k, name, SUFFIX, &path) < 0)
                return 0;
        in = json_load_file(path.octets, 0, NULL);
        if (k->n == SIGNING_KEYS_MAX || !from_json(in, name, &i))
                return error_set(
                        reterr, -EBADMSG,
                        "%s is no signing key: put back what was there, or remove it; boards that want "
                        "its signature do not boot without",
                        path.octets);
        put(k, &i);
        return 0;
}

static int load_all(struct keyring *k, struct error *reterr) {
        DIR *dir = opendir(k->dir);
        int r = 0;

        if (!dir)
                return error_set(reterr, -errno, "%s: %s", k->dir, strerror(errno));
        for (struct dirent *entry; r == 0 && (entry = readdir(dir));)
                if (text_ends_with(entry->d_name, SUFFIX))
                        r = load(k, entry->d_name, reterr);
                else if (signer_is_copy(entry->d_name)) /* as large as a boot, and nobody's after a crash */
                        (void)unlinkat(dirfd(dir), entry->d_name, 0);
        (void)closedir(dir);
        return r;
}

int keyring_open(const char *state_dir, const char *signers_dir, struct keyring **ret, struct error *reterr) {
        CLEANUP(keyring_free_at) struct keyring *k = calloc(1, sizeof(*k));
        CLEANUP(text_free) struct text seal = {};

        if (!k)
                return error_set(reterr, -ENOMEM, "out of memory");
        (void)pthread_mutex_init(&k->lock, NULL);
        text_printf(&seal, "%s/seal.key", state_dir);
        k->signers_dir = signers_dir ? strdup(signers_dir) : NULL;
        if (seal.failed || asprintf(&k->dir, "%s/keys", state_dir) < 0 || (signers_dir && !k->signers_dir))
                return error_set(reterr, -ENOMEM, "out of memory");
        if (mkdir(k->dir, 0700) < 0 && errno != EEXIST)
                return error_set(reterr, -errno, "cannot make the directory %s: %s", k->dir, strerror(errno));
        int r = seal_key_load(seal.octets, "bramble.seal", &k->seal, reterr);
        if (r == 0)
                r = load_all(k, reterr);
        if (r < 0)
                return r;
        *ret = TAKE(k);
        return 0;
}

void keyring_free(struct keyring *k) {
        if (!k)
                return;
        for (size_t i = 0; i < k->n; i++)
                free(k->items[i].sealed);
        seal_forget(&k->seal, sizeof(k->seal));
        (void)pthread_mutex_destroy(&k->lock);
        free(k->dir);
        free(k->signers_dir);
        free(k);
}

/* ---- which ---- */

static size_t place_of(const struct keyring *k, const char *name) {
        size_t i = 0;
        while (i < k->n && name[0] && strcmp(k->items[i].key.name, name) != 0)
                i++;
        return i;
}

int keyring_find(struct keyring *k, const char *name, struct signing_key *ret) {
        LOCKED(k);
        size_t i = place_of(k, name);

        if (i == k->n)
                return -ENOKEY;
        *ret = k->items[i].key;
        return 0;
}

static size_t list(void *ctx, struct signing_key ret[static SIGNING_KEYS_MAX]) {
        struct keyring *k = ctx;
        LOCKED(k);

        for (size_t i = 0; i < k->n; i++)
                ret[i] = k->items[i].key;
        return k->n;
}

/* ---- changes ---- */

static int no_key(const char *name, struct error *reterr) {
        return error_set(reterr, -ENOENT, "there is no key %s", name);
}

/* Its private part, sealed. */
static int seal_in(const struct keyring *k, struct kept *i, const char *pem, struct error *reterr) {
        CLEANUP(rsa_key_free_at) struct rsa_key *parsed = NULL;

        int r = rsa_key_read(pem, strlen(pem), &parsed, reterr);
        if (r == 0)
                r = rsa_public_read(pem, strlen(pem), i->key.public_key, reterr);
        if (r < 0)
                return r;
        i->sealed_len = strlen(pem) + SEAL_EXTRA;
        i->sealed = malloc(i->sealed_len);
        if (!i->sealed || seal_octets(&k->seal, i->key.name, pem, strlen(pem), i->sealed) < 0)
                return error_set(reterr, -ENOMEM, "out of memory");
        return 0;
}

static int fill(const struct keyring *k, struct kept *i, const char *private_pem, const char *signer,
                const char *public_pem, struct error *reterr) {
        char *made = NULL;

        if (signer) {
                if (!signing_key_is_name(signer) || !public_pem)
                        return error_set(reterr, -EINVAL,
                                         "a signer is a program in the folder of signers, and the public key "
                                         "belongs to it");
                (void)text_copy(i->key.signer, sizeof(i->key.signer), signer);
                return rsa_public_read(public_pem, strlen(public_pem), i->key.public_key, reterr);
        }
        if (private_pem)
                return seal_in(k, i, private_pem, reterr);
        int r = rsa_key_make(&made, reterr);
        if (r == 0)
                r = seal_in(k, i, made, reterr);
        if (made)
                seal_forget(made, strlen(made));
        free(made);
        return r;
}

/* The oldest signs for all that name none: also by a clock that was set back a new one must not become it. */
static int put_new(struct keyring *k, struct kept *i, struct error *reterr) {
        LOCKED(k);

        if (place_of(k, i->key.name) < k->n)
                return error_set(reterr, -EEXIST, "there is a key %s already", i->key.name);
        for (size_t at = 0; at < k->n; at++)
                if (memcmp(k->items[at].key.hash, i->key.hash, SHA256_SIZE) == 0)
                        return error_set(reterr, -EEXIST, "it is the key %s already", k->items[at].key.name);
        if (k->n == SIGNING_KEYS_MAX)
                return error_set(reterr, -ENOSPC, "there are %d keys already: delete one", SIGNING_KEYS_MAX);
        if (k->n > 0 && i->key.created_s <= k->items[k->n - 1].key.created_s)
                i->key.created_s = k->items[k->n - 1].key.created_s + 1;
        int r = save(k, i, reterr);
        if (r == 0)
                put(k, i);
        return r;
}

static int add(void *ctx, const char *name, const char *private_pem, const char *signer,
               const char *public_pem, struct signing_key *ret, struct error *reterr) {
        struct keyring *k = ctx;
        struct kept i = { .key.created_s = clock_unix_s() };

        if (!signing_key_is_name(name))
                return error_set(reterr, -EINVAL,
                                 "a key has a name of letters, digits, \"-\", \"_\" and \".\"");
        (void)text_copy(i.key.name, sizeof(i.key.name), name);
        int r = fill(k, &i, private_pem, signer, public_pem, reterr);
        if (r == 0) {
                sha256_of(i.key.public_key, RSA_PUBLIC_SIZE, i.key.hash);
                r = put_new(k, &i, reterr);
        }
        if (r < 0)
                free(i.sealed);
        else
                *ret = i.key;
        return r;
}

static int remove_key(void *ctx, const char *name, struct error *reterr) {
        struct keyring *k = ctx;
        CLEANUP(text_free) struct text path = {};
        LOCKED(k);
        size_t i = place_of(k, name);

        if (!name[0] || i == k->n)
                return no_key(name, reterr);
        if (path_of(k, name, SUFFIX, &path) < 0)
                return error_set(reterr, -ENOMEM, "out of memory");
        if (unlink(path.octets) < 0 && errno != ENOENT)
                return error_set(reterr, -errno, "%s: %s", path.octets, strerror(errno));
        free(k->items[i].sealed);
        memmove(&k->items[i], &k->items[i + 1], (k->n - i - 1) * sizeof(k->items[0]));
        k->n--;
        return 0;
}

/* A copy of what is sealed: opening and signing need no lock. */
static int copy_sealed(struct keyring *k, const char *name, uint8_t **ret, size_t *ret_len,
                       struct error *reterr) {
        LOCKED(k);
        size_t i = place_of(k, name);

        if (!name[0] || i == k->n)
                return no_key(name, reterr);
        if (!k->items[i].sealed)
                return error_set(reterr, -ENOKEY, "key %s is not kept here: the signer %s has it", name,
                                 k->items[i].key.signer);
        *ret_len = k->items[i].sealed_len;
        *ret = malloc(*ret_len);
        if (!*ret)
                return error_set(reterr, -ENOMEM, "out of memory");
        memcpy(*ret, k->items[i].sealed, *ret_len);
        return 0;
}

static int give(void *ctx, const char *name, char **ret_pem, struct error *reterr) {
        struct keyring *k = ctx;
        CLEANUP(free_at) uint8_t *sealed = NULL;
        size_t len = 0;

        int r = copy_sealed(k, name, &sealed, &len, reterr);
        if (r < 0)
                return r;
        CLEANUP(free_at) char *pem = calloc(1, len);
        if (!pem)
                return error_set(reterr, -ENOMEM, "out of memory");
        if (seal_open(&k->seal, name, sealed, len, pem) < 0)
                return error_set(reterr, -EBADMSG,
                                 "key %s does not open: it was sealed with another seal.key", name);
        *ret_pem = TAKE(pem);
        return 0;
}

struct signing_key_keeper keyring_keeper(struct keyring *k) {
        return (struct signing_key_keeper){
                .ctx = k, .list = list, .add = add, .remove = remove_key, .give = give
        };
}

/* ---- signing ---- */

static int sign_here(struct keyring *k, const char *name, const uint8_t digest[static SHA256_SIZE],
                     uint8_t ret[static RSA_SIZE], struct error *reterr) {
        CLEANUP(rsa_key_free_at) struct rsa_key *key = NULL;
        char *pem = NULL;

        int r = give(k, name, &pem, reterr);
        if (r < 0)
                return r;
        r = rsa_key_read(pem, strlen(pem), &key, reterr);
        seal_forget(pem, strlen(pem));
        free(pem);
        return r < 0 ? r : rsa_key_sign(key, digest, ret, reterr);
}

int keyring_sign(struct keyring *k, const struct signing_key *key, const struct boot_file *file,
                 const uint8_t digest[static SHA256_SIZE], uint8_t ret[static 256], struct error *reterr) {
        if (!key->signer[0])
                return sign_here(k, key->name, digest, ret, reterr);
        if (!k->signers_dir)
                return error_set(reterr, -ENOENT, "there is no folder of signers");
        int r = signer_run(k->signers_dir, key->signer, k->dir, file, ret, reterr);
        if (r == 0 && !rsa_public_verify(key->public_key, digest, ret))
                return error_set(reterr, -EBADMSG, "signer %s: what it signed is not signed with key %s",
                                 key->signer, key->name);
        return r;
}
