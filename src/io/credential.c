/* Certificates with their keys; see credential.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "io/credential.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ref.h"
#include "base/text.h"
#include "io/crypto.h"
#include "io/fd.h"

enum { CHAIN_MAX = 2, SERIAL_SIZE = 16, KEY_ID_SIZE = 64, FILE_OCTETS_MAX = 64 * 1024 };

struct credential {
        struct ref ref;
        gnutls_datum_t key;                     /* DER */
        gnutls_datum_t certificates[CHAIN_MAX]; /* DER; its own, then the one above it */
        unsigned n;
};

struct credential *credential_take(struct credential *c) {
        ref_take(&c->ref);
        return c;
}

void credential_drop(struct credential *c) {
        if (!c || !ref_drop(&c->ref))
                return;
        if (c->key.data)
                gnutls_memset(c->key.data, 0, c->key.size);
        gnutls_free(c->key.data);
        for (unsigned i = 0; i < c->n; i++)
                gnutls_free(c->certificates[i].data);
        free(c);
}

static inline void crt_end(gnutls_x509_crt_t *crt) {
        if (*crt)
                gnutls_x509_crt_deinit(*crt);
}

static inline void key_end(gnutls_x509_privkey_t *key) {
        if (*key)
                gnutls_x509_privkey_deinit(*key);
}

static inline void datum_end(gnutls_datum_t *d) {
        gnutls_free(d->data);
}

static int failed(int r, struct error *reterr) {
        return error_set(reterr, r == GNUTLS_E_MEMORY_ERROR ? -ENOMEM : -EIO,
                         "a certificate cannot be made: %s", gnutls_strerror(r));
}

/* The first failure of several calls counts; those behind it are not made. */
#define STEP(r, call) \
        do { \
                if ((r) >= 0) \
                        (r) = (call); \
        } while (0)

/* ---- making ---- */

static int new_key(gnutls_x509_privkey_t *ret) {
        int r = gnutls_x509_privkey_init(ret);
        STEP(r, gnutls_x509_privkey_generate(*ret, GNUTLS_PK_ECDSA,
                                             GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
        return r;
}

/* What every certificate of ours has: its key, its number and the name that it goes by. */
static int new_crt(gnutls_x509_privkey_t key, const char *name, gnutls_x509_crt_t *ret) {
        uint8_t serial[SERIAL_SIZE], id[KEY_ID_SIZE];
        size_t id_len = sizeof(id);
        char full[64], hex[2 * 4 + 1];

        random_octets(serial, sizeof(serial));
        serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40); /* positive, and as long as it is */
        int r = gnutls_x509_crt_init(ret);
        STEP(r, gnutls_x509_crt_set_version(*ret, 3));
        STEP(r, gnutls_x509_crt_set_serial(*ret, serial, sizeof(serial)));
        STEP(r, gnutls_x509_crt_set_key(*ret, key));
        STEP(r, gnutls_x509_crt_get_key_id(*ret, GNUTLS_KEYID_USE_SHA1, id, &id_len));
        STEP(r, gnutls_x509_crt_set_subject_key_id(*ret, id, id_len));
        if (r >= 0) {
                (void)snprintf(full, sizeof(full), "%s %s", name, text_hex(id, 4, hex));
                r = gnutls_x509_crt_set_dn_by_oid(*ret, GNUTLS_OID_X520_COMMON_NAME, 0, full,
                                                  (unsigned)strlen(full));
        }
        return r;
}

/* @above: NULL for an authority. */
static int seal(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key, const struct credential *above,
                struct credential **ret, struct error *reterr) {
        CLEANUP(credential_drop_at) struct credential *c = calloc(1, sizeof(*c));
        if (!c)
                return error_set(reterr, -ENOMEM, "out of memory");
        ref_init(&c->ref);
        int r = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &c->certificates[0]);
        c->n = r >= 0;
        STEP(r, gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_DER, &c->key));
        if (r >= 0 && above) {
                const gnutls_datum_t *d = &above->certificates[0];
                c->certificates[1].data = gnutls_malloc(d->size);
                if (!c->certificates[1].data)
                        return error_set(reterr, -ENOMEM, "out of memory");
                memcpy(c->certificates[1].data, d->data, c->certificates[1].size = d->size);
                c->n = 2;
        }
        if (r < 0)
                return failed(r, reterr);
        *ret = TAKE(c);
        return 0;
}

int credential_make_authority(struct credential **ret, struct error *reterr) {
        CLEANUP(key_end) gnutls_x509_privkey_t key = NULL;
        CLEANUP(crt_end) gnutls_x509_crt_t crt = NULL;

        int r = new_key(&key);
        STEP(r, new_crt(key, "Bramble authority", &crt));
        STEP(r, gnutls_x509_crt_set_activation_time(crt, 0));
        STEP(r, gnutls_x509_crt_set_expiration_time(crt, GNUTLS_X509_NO_WELL_DEFINED_EXPIRATION));
        STEP(r, gnutls_x509_crt_set_basic_constraints(crt, 1, 0));
        STEP(r, gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN));
        STEP(r, gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0));
        return r < 0 ? failed(r, reterr) : seal(crt, key, NULL, ret, reterr);
}

static int add_name(gnutls_x509_crt_t crt, const char *name) {
        return gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, name, (unsigned)strlen(name),
                                                    GNUTLS_FSAN_APPEND);
}

/*
 * Each address also as if it were a name: what firmware has of TLS is Mbed TLS, which compares nothing but
 * names before its version 3.5.
 */
static int add_names(gnutls_x509_crt_t crt, const struct credential_names *names) {
        char text[INET_ADDRSTRLEN];
        int r = 0;

        for (size_t i = 0; i < names->n_addrs && r >= 0; i++) {
                uint32_t wire = htonl(names->addrs[i]);
                r = gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, &wire, sizeof(wire),
                                                         GNUTLS_FSAN_APPEND);
                STEP(r, add_name(crt, inet_ntop(AF_INET, &wire, text, sizeof(text))));
        }
        if (names->host)
                STEP(r, add_name(crt, names->host));
        return r;
}

/* The authority's own key and certificate, to sign with. */
static int open_authority(const struct credential *a, gnutls_x509_privkey_t *key, gnutls_x509_crt_t *crt) {
        int r = gnutls_x509_privkey_init(key);
        STEP(r, gnutls_x509_privkey_import(*key, &a->key, GNUTLS_X509_FMT_DER));
        STEP(r, gnutls_x509_crt_init(crt));
        STEP(r, gnutls_x509_crt_import(*crt, &a->certificates[0], GNUTLS_X509_FMT_DER));
        return r;
}

static int name_authority(gnutls_x509_crt_t crt, gnutls_x509_crt_t authority) {
        uint8_t id[KEY_ID_SIZE];
        size_t len = sizeof(id);
        int r = gnutls_x509_crt_get_subject_key_id(authority, id, &len, NULL);
        STEP(r, gnutls_x509_crt_set_authority_key_id(crt, id, len));
        return r;
}

int credential_make_server(const struct credential *authority, const struct credential_names *names,
                           int64_t from_s, int64_t until_s, struct credential **ret, struct error *reterr) {
        CLEANUP(key_end) gnutls_x509_privkey_t key = NULL, above_key = NULL;
        CLEANUP(crt_end) gnutls_x509_crt_t crt = NULL, above = NULL;

        int r = open_authority(authority, &above_key, &above);
        STEP(r, new_key(&key));
        STEP(r, new_crt(key, "Bramble server", &crt));
        STEP(r, gnutls_x509_crt_set_activation_time(crt, (time_t)from_s));
        STEP(r, gnutls_x509_crt_set_expiration_time(crt, (time_t)until_s));
        STEP(r, gnutls_x509_crt_set_basic_constraints(crt, 0, -1));
        STEP(r, gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE));
        STEP(r, gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0));
        STEP(r, name_authority(crt, above));
        STEP(r, add_names(crt, names));
        STEP(r, gnutls_x509_crt_sign2(crt, above, above_key, GNUTLS_DIG_SHA256, 0));
        return r < 0 ? failed(r, reterr) : seal(crt, key, authority, ret, reterr);
}

/* ---- files ---- */

/* 0 with what the file holds, or -errno. */
static int read_file(const char *path, struct text *ret) {
        CLEANUP(fd_close_at) int fd = open(path, O_RDONLY | O_CLOEXEC);
        char piece[4096];
        ssize_t n = 0;

        if (fd < 0)
                return -errno;
        while (ret->len <= FILE_OCTETS_MAX && (n = read(fd, piece, sizeof(piece))) > 0)
                text_append_octets(ret, piece, (size_t)n);
        if (n < 0)
                return -errno;
        return ret->failed ? -ENOMEM : ret->len == 0 || ret->len > FILE_OCTETS_MAX ? -EBADMSG : 0;
}

static bool belong_together(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key) {
        uint8_t of_crt[KEY_ID_SIZE], of_key[KEY_ID_SIZE];
        size_t crt_len = sizeof(of_crt), key_len = sizeof(of_key);

        return gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256, of_crt, &crt_len) >= 0 &&
               gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, of_key, &key_len) >= 0 &&
               crt_len == key_len && memcmp(of_crt, of_key, crt_len) == 0;
}

int credential_load(const char *path, struct credential **ret, struct error *reterr) {
        CLEANUP(text_free) struct text pem = {};
        CLEANUP(key_end) gnutls_x509_privkey_t key = NULL;
        CLEANUP(crt_end) gnutls_x509_crt_t crt = NULL;

        int error = read_file(path, &pem);
        if (error == -ENOENT)
                return error;
        if (error < 0 && error != -EBADMSG)
                return error_set(reterr, error, "%s cannot be read: %s", path, strerror(-error));
        const gnutls_datum_t all = { .data = (unsigned char *)pem.octets, .size = (unsigned)pem.len };
        int r = error < 0 ? GNUTLS_E_PARSING_ERROR : gnutls_x509_privkey_init(&key);
        STEP(r, gnutls_x509_privkey_import(key, &all, GNUTLS_X509_FMT_PEM));
        STEP(r, gnutls_x509_crt_init(&crt));
        STEP(r, gnutls_x509_crt_import(crt, &all, GNUTLS_X509_FMT_PEM));
        if (pem.octets)
                gnutls_memset(pem.octets, 0, pem.len);
        if (r < 0 || !belong_together(crt, key))
                return error_set(reterr, -EBADMSG,
                                 "%s is no certificate with its key: put back the one that was there, or "
                                 "remove it, and a new one is made that nobody knows yet",
                                 path);
        return seal(crt, key, NULL, ret, reterr);
}

static int key_pem(const struct credential *c, gnutls_datum_t *ret) {
        CLEANUP(key_end) gnutls_x509_privkey_t key = NULL;
        int r = gnutls_x509_privkey_init(&key);
        STEP(r, gnutls_x509_privkey_import(key, &c->key, GNUTLS_X509_FMT_DER));
        STEP(r, gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, ret));
        return r;
}

/* Written whole under another name first: whoever knows the old one must not lose it to half a new one. */
static int write_file(const char *path, const char *fresh, const gnutls_datum_t *key,
                      const gnutls_datum_t *certificate) {
        CLEANUP(fd_close_at) int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        if (fd < 0)
                return -errno;
        int r = fd_write(fd, key->data, key->size, 0);
        if (r == 0)
                r = fd_write(fd, certificate->data, certificate->size, key->size);
        if (r < 0)
                return r;
        return fsync(fd) < 0 || rename(fresh, path) < 0 ? -errno : 0;
}

int credential_save(const struct credential *c, const char *path, struct error *reterr) {
        CLEANUP(datum_end) gnutls_datum_t key = {}, certificate = {};
        CLEANUP(text_free) struct text fresh = {};

        text_printf(&fresh, "%s.new", path);
        int r = key_pem(c, &key);
        STEP(r, gnutls_pem_base64_encode2("CERTIFICATE", &c->certificates[0], &certificate));
        if (r < 0 || fresh.failed)
                return error_set(reterr, -ENOMEM, "out of memory");
        int error = write_file(path, fresh.octets, &key, &certificate);
        gnutls_memset(key.data, 0, key.size);
        return error < 0 ? error_set(reterr, error, "%s cannot be written: %s", path, strerror(-error)) : 0;
}

/* ---- showing ---- */

void credential_hash(const struct credential *c, uint8_t ret[static SHA256_SIZE]) {
        sha256_of(c->certificates[0].data, c->certificates[0].size, ret);
}

char *credential_pem(const struct credential *c) {
        CLEANUP(datum_end) gnutls_datum_t pem = {};

        if (gnutls_pem_base64_encode2("CERTIFICATE", &c->certificates[0], &pem) < 0)
                return NULL;
        return strndup((const char *)pem.data, pem.size);
}

int credential_give(const struct credential *c, gnutls_pcert_st **certificates, unsigned *n,
                    gnutls_privkey_t *key) {
        gnutls_pcert_st *list = gnutls_calloc(c->n, sizeof(*list));
        gnutls_privkey_t own = NULL;
        unsigned done = 0;
        int r = list ? gnutls_privkey_init(&own) : GNUTLS_E_MEMORY_ERROR;

        STEP(r, gnutls_privkey_import_x509_raw(own, &c->key, GNUTLS_X509_FMT_DER, NULL, 0));
        for (; done < c->n && r >= 0; done += r >= 0)
                r = gnutls_pcert_import_x509_raw(&list[done], &c->certificates[done], GNUTLS_X509_FMT_DER, 0);
        if (r >= 0) {
                *certificates = list;
                *n = c->n;
                *key = own;
                return 0;
        }
        while (done > 0)
                gnutls_pcert_deinit(&list[--done]);
        gnutls_free(list);
        if (own)
                gnutls_privkey_deinit(own);
        return -ENOMEM;
}
