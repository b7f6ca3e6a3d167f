/* RSA-2048: keys in every form that people have them in, signatures, and what is refused. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "io/crypto.h"
#include "io/rsa.h"

enum { PRIVATE, PRIVATE_8, PUBLIC, PUBLIC_1, LOCKED, SMALL, CURVE, N_PEMS, SPKI_HEAD = 24 };

static gnutls_datum_t pems[N_PEMS];

static gnutls_x509_privkey_t make(gnutls_pk_algorithm_t algorithm, unsigned bits, gnutls_datum_t *ret) {
        gnutls_x509_privkey_t key;

        assert_int_equal(gnutls_x509_privkey_init(&key), 0);
        assert_int_equal(gnutls_x509_privkey_generate(key, algorithm, bits, 0), 0);
        assert_int_equal(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, ret), 0);
        return key;
}

static void make_public(gnutls_x509_privkey_t key) {
        gnutls_privkey_t private;
        gnutls_pubkey_t public;
        gnutls_datum_t der;

        assert_int_equal(gnutls_privkey_init(&private), 0);
        assert_int_equal(gnutls_pubkey_init(&public), 0);
        assert_int_equal(gnutls_privkey_import_x509(private, key, 0), 0);
        assert_int_equal(gnutls_pubkey_import_privkey(public, private, 0, 0), 0);
        assert_int_equal(gnutls_pubkey_export2(public, GNUTLS_X509_FMT_PEM, &pems[PUBLIC]), 0);
        assert_int_equal(gnutls_pubkey_export2(public, GNUTLS_X509_FMT_DER, &der), 0);
        const gnutls_datum_t inner = { der.data + SPKI_HEAD, der.size - SPKI_HEAD };
        assert_int_equal(gnutls_pem_base64_encode2("RSA PUBLIC KEY", &inner, &pems[PUBLIC_1]), 0);
        gnutls_free(der.data);
        gnutls_pubkey_deinit(public);
        gnutls_privkey_deinit(private);
}

static int set_up(void **state) {
        (void)state;
        gnutls_x509_privkey_t key = make(GNUTLS_PK_RSA, 2048, &pems[PRIVATE]);

        assert_int_equal(gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN,
                                                           &pems[PRIVATE_8]),
                         0);
        assert_int_equal(gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, "secret",
                                                           GNUTLS_PKCS_PBES2_AES_256, &pems[LOCKED]),
                         0);
        make_public(key);
        gnutls_x509_privkey_deinit(key);
        gnutls_x509_privkey_deinit(make(GNUTLS_PK_RSA, 1024, &pems[SMALL]));
        gnutls_x509_privkey_deinit(
                make(GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), &pems[CURVE]));
        return 0;
}

static int tear_down(void **state) {
        (void)state;
        for (size_t i = 0; i < N_PEMS; i++)
                gnutls_free(pems[i].data);
        return 0;
}

static void every_form_is_the_same_key(void **state) {
        (void)state;
        static const int forms[] = { PRIVATE, PRIVATE_8, PUBLIC_1 };
        uint8_t expected[RSA_PUBLIC_SIZE], got[RSA_PUBLIC_SIZE];
        struct error err;

        assert_int_equal(rsa_public_read(pems[PUBLIC].data, pems[PUBLIC].size, expected, &err), 0);
        /* 65537, its lowest octet first. */
        assert_memory_equal(expected + RSA_SIZE, "\1\0\1\0\0\0\0\0", 8);
        assert_true(expected[RSA_SIZE - 1] & 0x80); /* 2048 bits: the highest is set, and stands last */
        for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
                assert_int_equal(rsa_public_read(pems[forms[i]].data, pems[forms[i]].size, got, &err), 0);
                assert_memory_equal(got, expected, sizeof(got));
        }
}

static void a_signature_is_of_one_text_by_one_key(void **state) {
        (void)state;
        CLEANUP(rsa_key_free_at) struct rsa_key *key = NULL;
        uint8_t public[RSA_PUBLIC_SIZE], digest[SHA256_SIZE], signature[RSA_SIZE];
        struct error err;

        assert_int_equal(rsa_key_read(pems[PRIVATE_8].data, pems[PRIVATE_8].size, &key, &err), 0);
        assert_int_equal(rsa_public_read(pems[PUBLIC].data, pems[PUBLIC].size, public, &err), 0);
        sha256_of("boot.img", 8, digest);
        assert_int_equal(rsa_key_sign(key, digest, signature, &err), 0);
        assert_true(rsa_public_verify(public, digest, signature));
        digest[0] ^= 1;
        assert_false(rsa_public_verify(public, digest, signature));
        digest[0] ^= 1;
        signature[100] ^= 1;
        assert_false(rsa_public_verify(public, digest, signature));
        signature[100] ^= 1;
        public[7] ^= 1;
        assert_false(rsa_public_verify(public, digest, signature));
}

static void what_the_firmware_does_not_know_is_refused(void **state) {
        (void)state;
        static const struct {
                int pem;
                const char *private_word, *public_word; /* of the sentence; NULL: it is taken */
        } rows[] = {
                { SMALL, "1024 bits", "1024 bits" },
                { CURVE, "no RSA key", "no RSA key" },
                { PUBLIC, "no private key", NULL },
                { LOCKED, "passphrase", "no public key" },
        };
        struct error err;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const gnutls_datum_t *pem = &pems[rows[i].pem];
                CLEANUP(rsa_key_free_at) struct rsa_key *key = NULL;
                uint8_t public[RSA_PUBLIC_SIZE];

                assert_int_equal(rsa_key_read(pem->data, pem->size, &key, &err), -EINVAL);
                assert_non_null(strstr(err.text, rows[i].private_word));
                if (!rows[i].public_word)
                        continue;
                assert_int_equal(rsa_public_read(pem->data, pem->size, public, &err), -EINVAL);
                assert_non_null(strstr(err.text, rows[i].public_word));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_form_is_the_same_key),
                cmocka_unit_test(a_signature_is_of_one_text_by_one_key),
                cmocka_unit_test(what_the_firmware_does_not_know_is_refused),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
