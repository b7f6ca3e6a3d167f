/* Certificates: an authority that is kept, a server that it vouches for, and what a client makes of both. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <gnutls/x509.h>

#include "io/credential.h"

enum { NOW_S = 1790000000, DAY_S = 24 * 3600 };

static const uint32_t addrs[] = { 0x0a4d0001, 0x7f000001 }; /* 10.77.0.1, 127.0.0.1 */
static time_t the_time_s;

static time_t tell_time(time_t *ret) {
        if (ret)
                *ret = the_time_s;
        return the_time_s;
}

static struct credential *authority(void) {
        struct credential *c = NULL;
        struct error error;
        if (credential_make_authority(&c, &error) < 0)
                fail_msg("%s", error.text);
        return c;
}

static struct credential *server_of(const struct credential *a) {
        const struct credential_names names = { .addrs = addrs, .n_addrs = 2, .host = "boot.lan" };
        struct credential *c = NULL;
        struct error error;
        if (credential_make_server(a, &names, NOW_S - DAY_S, NOW_S + 365 * DAY_S, &c, &error) < 0)
                fail_msg("%s", error.text);
        return c;
}

/* What a client says of a server that it asked at @address: 0, or GNUTLS_CERT_ flags. */
static unsigned verdict(const struct credential *server, const struct credential *trusted,
                        const char *address) {
        char *pem = credential_pem(trusted);
        gnutls_datum_t anchor = { .data = (unsigned char *)pem, .size = (unsigned)strlen(pem) };
        gnutls_typed_vdata_st data[] = {
                { .type = GNUTLS_DT_DNS_HOSTNAME, .data = (unsigned char *)(uintptr_t)address },
                { .type = GNUTLS_DT_KEY_PURPOSE_OID,
                  .data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_SERVER },
        };
        gnutls_x509_trust_list_t list;
        gnutls_pcert_st *sent = NULL;
        gnutls_x509_crt_t chain[2];
        gnutls_privkey_t key = NULL;
        unsigned n = 0, status = 0;

        assert_int_equal(gnutls_x509_trust_list_init(&list, 0), 0);
        assert_int_equal(gnutls_x509_trust_list_add_trust_mem(list, &anchor, NULL, GNUTLS_X509_FMT_PEM, 0, 0),
                         1);
        assert_int_equal(credential_give(server, &sent, &n, &key), 0);
        assert_int_equal(n, 2);
        for (unsigned i = 0; i < n; i++)
                assert_int_equal(gnutls_pcert_export_x509(&sent[i], &chain[i]), 0);
        assert_true(gnutls_x509_trust_list_verify_crt2(list, chain, n, data, 2, 0, &status, NULL) >= 0);
        for (unsigned i = 0; i < n; i++) {
                gnutls_x509_crt_deinit(chain[i]);
                gnutls_pcert_deinit(&sent[i]);
        }
        gnutls_free(sent);
        gnutls_privkey_deinit(key);
        gnutls_x509_trust_list_deinit(list, 1);
        free(pem);
        return status;
}

static void a_client_believes_what_it_should(void **state) {
        CLEANUP(credential_drop_at) struct credential *ours = authority();
        CLEANUP(credential_drop_at) struct credential *theirs = authority();
        CLEANUP(credential_drop_at) struct credential *server = server_of(ours);
        const struct {
                const char *remark, *address;
                const struct credential *trusted;
                time_t at_s;
                unsigned says;
        } rows[] = {
                { "the server", "10.77.0.1", ours, NOW_S, 0 },
                { "by its other address", "127.0.0.1", ours, NOW_S, 0 },
                { "by its name", "boot.lan", ours, NOW_S, 0 },
                { "elsewhere", "10.77.0.2", ours, NOW_S, GNUTLS_CERT_UNEXPECTED_OWNER },
                { "by another name", "boot.wan", ours, NOW_S, GNUTLS_CERT_UNEXPECTED_OWNER },
                { "by another authority", "10.77.0.1", theirs, NOW_S, GNUTLS_CERT_SIGNER_NOT_FOUND },
                { "when it has ended", "10.77.0.1", ours, NOW_S + 366 * DAY_S, GNUTLS_CERT_EXPIRED },
                { "before it began", "10.77.0.1", ours, NOW_S - 2 * DAY_S, GNUTLS_CERT_NOT_ACTIVATED },
        };
        (void)state;

        gnutls_global_set_time_function(tell_time);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                the_time_s = rows[i].at_s;
                unsigned says = verdict(server, rows[i].trusted, rows[i].address);
                if (rows[i].says ? !(says & rows[i].says) : says != 0)
                        fail_msg("%s: %x", rows[i].remark, says);
        }
        gnutls_global_set_time_function(time);
}

/* Firmware's TLS may know no addresses: it compares the text of HTTP_HOST with names alone. */
static void its_addresses_are_names_too(void **state) {
        static const char *const wanted[] = { "10.77.0.1", "127.0.0.1", "boot.lan" };
        CLEANUP(credential_drop_at) struct credential *ours = authority();
        CLEANUP(credential_drop_at) struct credential *server = server_of(ours);
        CLEANUP(free_at) char *pem = credential_pem(server);
        const gnutls_datum_t d = { .data = (unsigned char *)pem, .size = (unsigned)strlen(pem) };
        gnutls_x509_crt_t crt;
        size_t n_found = 0;
        (void)state;

        assert_int_equal(gnutls_x509_crt_init(&crt), 0);
        assert_int_equal(gnutls_x509_crt_import(crt, &d, GNUTLS_X509_FMT_PEM), 0);
        for (unsigned i = 0; n_found < ARRAY_LEN(wanted); i++) {
                char name[64];
                size_t len = sizeof(name);
                const int type = gnutls_x509_crt_get_subject_alt_name(crt, i, name, &len, NULL);
                if (type < 0)
                        fail_msg("no name %s", wanted[n_found]);
                n_found += type == GNUTLS_SAN_DNSNAME && strcmp(name, wanted[n_found]) == 0;
        }
        gnutls_x509_crt_deinit(crt);
}

static void an_authority_outlives_its_program(void **state) {
        CLEANUP(credential_drop_at) struct credential *c = authority();
        CLEANUP(credential_drop_at) struct credential *again = NULL;
        char dir[] = "/tmp/bramble-credential-XXXXXX", path[64];
        uint8_t hash[SHA256_SIZE], hash_again[SHA256_SIZE];
        struct error error;
        struct stat st;
        (void)state;

        assert_non_null(mkdtemp(dir));
        (void)snprintf(path, sizeof(path), "%s/ca.pem", dir);
        assert_int_equal(credential_load(path, &again, &error), -ENOENT);
        assert_int_equal(credential_save(c, path, &error), 0);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        assert_int_equal(credential_load(path, &again, &error), 0);
        credential_hash(c, hash);
        credential_hash(again, hash_again);
        assert_memory_equal(hash, hash_again, sizeof(hash));

        CLEANUP(credential_drop_at) struct credential *server = server_of(again);
        the_time_s = NOW_S;
        gnutls_global_set_time_function(tell_time);
        assert_int_equal(verdict(server, c, "10.77.0.1"), 0);
        gnutls_global_set_time_function(time);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(dir), 0);
}

/* One that is broken is told, and never silently replaced: machines know the old one by its hash. */
static void a_file_that_is_none(void **state) {
        CLEANUP(credential_drop_at) struct credential *c = authority();
        CLEANUP(credential_drop_at) struct credential *other = authority();
        char dir[] = "/tmp/bramble-credential-XXXXXX", path[64], whole[4096];
        struct credential *got = NULL;
        struct error error;
        (void)state;

        assert_non_null(mkdtemp(dir));
        (void)snprintf(path, sizeof(path), "%s/ca.pem", dir);
        assert_int_equal(credential_save(c, path, &error), 0);
        FILE *f = fopen(path, "re");
        assert_non_null(f);
        size_t len = fread(whole, 1, sizeof(whole) - 1, f);
        (void)fclose(f);
        whole[len] = 0;
        char *certificate = strstr(whole, "-----BEGIN CERTIFICATE");
        assert_non_null(certificate);
        CLEANUP(free_at) char *foreign = credential_pem(other);
        const struct {
                const char *remark, *first, *second;
                size_t first_len;
        } rows[] = {
                { "empty", "", "", 0 },
                { "cut short", whole, "", len - 100 },
                { "a key without certificate", whole, "", (size_t)(certificate - whole) },
                { "a certificate without key", certificate, "", strlen(certificate) },
                { "another one's certificate", whole, foreign, (size_t)(certificate - whole) },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                f = fopen(path, "we");
                assert_non_null(f);
                assert_int_equal(fwrite(rows[i].first, 1, rows[i].first_len, f), rows[i].first_len);
                (void)fputs(rows[i].second, f);
                assert_int_equal(fclose(f), 0);
                if (credential_load(path, &got, &error) != -EBADMSG || !strstr(error.text, path))
                        fail_msg("%s", rows[i].remark);
        }
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(dir), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_client_believes_what_it_should),
                cmocka_unit_test(its_addresses_are_names_too),
                cmocka_unit_test(an_authority_outlives_its_program),
                cmocka_unit_test(a_file_that_is_none),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
