/* Sealing by GnuTLS; see seal.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "io/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "io/crypto.h"
#include "io/fd.h"

enum { NONCE_SIZE = 12, TAG_SIZE = 16 };

static inline void cipher_end(gnutls_aead_cipher_hd_t *c) {
        if (*c)
                gnutls_aead_cipher_deinit(*c);
}

void seal_forget(void *data, size_t len) {
        gnutls_memset(data, 0, len);
}

/* 0, -ENOENT, or -errno. */
static int read_key(const char *path, struct seal_key *ret) {
        struct stat st;
        CLEANUP(fd_close_at) int fd = open(path, O_RDONLY | O_CLOEXEC);

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (st.st_size != SEAL_KEY_SIZE)
                return -EBADMSG;
        ssize_t n = pread(fd, ret->octets, SEAL_KEY_SIZE, 0);
        return n == SEAL_KEY_SIZE ? 0 : n < 0 ? -errno : -EBADMSG;
}

/* Whole under another name first: half a key would lose all that is sealed with it. */
static int make_key(const char *path, struct seal_key *ret) {
        CLEANUP(text_free) struct text fresh = {};

        text_printf(&fresh, "%s.new", path);
        if (fresh.failed)
                return -ENOMEM;
        CLEANUP(fd_close_at) int fd = open(fresh.octets, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        random_octets(ret->octets, sizeof(ret->octets));
        int r = fd_write(fd, ret->octets, sizeof(ret->octets), 0);
        if (r < 0)
                return r;
        return fsync(fd) < 0 || rename(fresh.octets, path) < 0 ? -errno : 0;
}

int seal_key_load(const char *path, const char *credential, struct seal_key *ret, struct error *reterr) {
        const char *dir = getenv("CREDENTIALS_DIRECTORY");
        CLEANUP(text_free) struct text given = {};

        text_printf(&given, "%s/%s", dir ? dir : "", credential);
        if (given.failed)
                return error_set(reterr, -ENOMEM, "out of memory");
        const char *from = dir ? given.octets : path;
        int r = read_key(from, ret);
        if (r == -ENOENT && from != path)
                r = read_key(from = path, ret);
        if (r == -ENOENT)
                r = make_key(path, ret);
        if (r == -EBADMSG)
                return error_set(reterr, r,
                                 "%s is no key of %d octets: put back the one that was there; without it "
                                 "nothing that it sealed can be read",
                                 from, SEAL_KEY_SIZE);
        return r < 0 ? error_set(reterr, r, "%s: %s", from, strerror(-r)) : 0;
}

static int cipher_of(const struct seal_key *key, gnutls_aead_cipher_hd_t *ret) {
        const gnutls_datum_t octets = { .data = (void *)(uintptr_t)key->octets, .size = SEAL_KEY_SIZE };
        return gnutls_aead_cipher_init(ret, GNUTLS_CIPHER_AES_256_GCM, &octets) < 0 ? -ENOMEM : 0;
}

int seal_octets(const struct seal_key *key, const char *about, const void *data, size_t len, uint8_t *ret) {
        CLEANUP(cipher_end) gnutls_aead_cipher_hd_t cipher = NULL;
        size_t sealed = len + TAG_SIZE;

        random_octets(ret, NONCE_SIZE);
        int r = cipher_of(key, &cipher);
        if (r < 0)
                return r;
        r = gnutls_aead_cipher_encrypt(cipher, ret, NONCE_SIZE, about, strlen(about), TAG_SIZE, data, len,
                                       ret + NONCE_SIZE, &sealed);
        return r < 0 || sealed != len + TAG_SIZE ? -EIO : 0;
}

int seal_open(const struct seal_key *key, const char *about, const void *sealed, size_t len, void *ret) {
        CLEANUP(cipher_end) gnutls_aead_cipher_hd_t cipher = NULL;
        const uint8_t *octets = sealed;

        if (len < SEAL_EXTRA)
                return -EBADMSG;
        size_t plain = len - SEAL_EXTRA;
        int r = cipher_of(key, &cipher);
        if (r < 0)
                return r;
        r = gnutls_aead_cipher_decrypt(cipher, octets, NONCE_SIZE, about, strlen(about), TAG_SIZE,
                                       octets + NONCE_SIZE, len - NONCE_SIZE, ret, &plain);
        return r < 0 ? -EBADMSG : 0;
}
