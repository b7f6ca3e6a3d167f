/* Keys in a folder: made, brought, sealed, found again after a restart, and what they sign. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
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

#include "base/text.h"
#include "format/boot_sig.h"
#include "io/clock.h"
#include "io/crypto.h"
#include "io/rsa.h"
#include "io/rsa_new.h"
#include "io/tree.h"
#include "rack/keyring.h"
#include "rack/signatures.h"

struct folder {
        char path[64];
};

static int setup(void **state) {
        struct folder *f = calloc(1, sizeof(*f));
        assert_non_null(f);
        (void)snprintf(f->path, sizeof(f->path), "/tmp/test-keyring-XXXXXX");
        assert_non_null(mkdtemp(f->path));
        *state = f;
        return 0;
}

static int teardown(void **state) {
        struct folder *f = *state;
        assert_int_equal(tree_remove(AT_FDCWD, f->path), 0);
        free(f);
        return 0;
}

static struct keyring *open_at(const struct folder *f) {
        struct keyring *k = NULL;
        struct error error = {};
        assert_int_equal(keyring_open(f->path, f->path, &k, &error), 0);
        return k;
}

/* What lies in a file below the folder, NUL-terminated. */
static char *read_file(const struct folder *f, const char *name) {
        char path[256], *text = calloc(1, 16384);
        (void)snprintf(path, sizeof(path), "%s/%s", f->path, name);
        FILE *file = fopen(path, "re");
        assert_true(file && text);
        assert_true(fread(text, 1, 16383, file) > 0);
        assert_int_equal(fclose(file), 0);
        return text;
}

static struct signing_key add(struct keyring *k, const char *name, const char *pem) {
        const struct signing_key_keeper keeper = keyring_keeper(k);
        struct signing_key key;
        struct error error = {};
        assert_int_equal(keeper.add(keeper.ctx, name, pem, NULL, NULL, &key, &error), 0);
        return key;
}

/* What becomes of it when whoever asks comes again, as clients do; @now_ms: by whose clock failures are old.
 */
static int get_at(struct signatures *s, const char *name, struct boot_file *file, uint64_t now_ms,
                  struct boot_file **ret) {
        int r = -EAGAIN;

        for (unsigned i = 0; i < 3000 && (r = signatures_get(s, name, file, now_ms, ret)) == -EAGAIN; i++)
                (void)usleep(10000);
        return r;
}

static int get(struct signatures *s, const char *name, struct boot_file *file, struct boot_file **ret) {
        return get_at(s, name, file, clock_now_ms(), ret);
}

static void check_signature(struct keyring *k, const char *name, const struct signing_key *by) {
        CLEANUP(signatures_free_at) struct signatures *s = signatures_new(k);
        CLEANUP(boot_file_drop_at) struct boot_file *file = boot_file_of_octets("a volume", 8);
        CLEANUP(boot_file_drop_at) struct boot_file *sig = NULL;
        CLEANUP(boot_file_drop_at) struct boot_file *again = NULL;
        struct boot_sig parsed;
        uint8_t digest[SHA256_SIZE];
        char text[BOOT_SIG_SIZE_MAX];

        assert_int_equal(get(s, name, file, &sig), 0);
        assert_int_equal(boot_file_read(sig, 0, text, sizeof(text)), sig->size);
        assert_int_equal(boot_sig_parse(text, sig->size, &parsed), 0);
        sha256_of("a volume", 8, digest);
        assert_memory_equal(parsed.digest, digest, sizeof(digest));
        assert_true(parsed.has_ts && parsed.has_rsa);
        assert_true(rsa_public_verify(by->public_key, digest, parsed.rsa));
        /* Made once: a second board gets the same. */
        assert_int_equal(signatures_get(s, name, file, clock_now_ms(), &again), 0);
        assert_ptr_equal(sig, again);
}

static void a_key_outlives_a_restart_and_never_lies_open(void **state) {
        const struct folder *f = *state;
        CLEANUP(keyring_free_at) struct keyring *k = open_at(f);
        const struct signing_key made = add(k, "lab", NULL);
        struct stat st;
        char path[256];

        check_signature(k, "lab", &made);
        check_signature(k, "", &made);
        (void)snprintf(path, sizeof(path), "%s/seal.key", f->path);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        CLEANUP(free_at) char *text = read_file(f, "keys/lab.json");
        assert_null(strstr(text, "PRIVATE"));
        assert_non_null(strstr(text, "sealed"));

        CLEANUP(keyring_free_at) struct keyring *later = open_at(f);
        check_signature(later, "lab", &made);

        /* Sealed for its own name: a copy under another does not open. */
        (void)snprintf(path, sizeof(path), "%s/keys/other.json", f->path);
        FILE *copy = fopen(path, "we");
        assert_true(copy && fputs(text, copy) >= 0 && fclose(copy) == 0);
        CLEANUP(keyring_free_at) struct keyring *tricked = open_at(f);
        CLEANUP(signatures_free_at) struct signatures *s = signatures_new(tricked);
        CLEANUP(boot_file_drop_at) struct boot_file *file = boot_file_of_octets("a volume", 8);
        struct boot_file *sig = NULL;
        assert_int_equal(get(s, "other", file, &sig), -EKEYREJECTED);
}

static void a_key_that_was_brought_is_given_back(void **state) {
        const struct folder *f = *state;
        CLEANUP(keyring_free_at) struct keyring *k = open_at(f);
        const struct signing_key_keeper keeper = keyring_keeper(k);
        CLEANUP(free_at) char *pem = NULL, *given = NULL;
        struct signing_key key, list[SIGNING_KEYS_MAX];
        struct error error = {};

        assert_int_equal(rsa_key_make(&pem, &error), 0);
        const struct signing_key brought = add(k, "brought", pem);
        assert_int_equal(keeper.give(keeper.ctx, "brought", &given, &error), 0);
        assert_string_equal(given, pem);
        assert_int_equal(keeper.list(keeper.ctx, list), 1);
        assert_memory_equal(list[0].hash, brought.hash, SHA256_SIZE);

        assert_int_equal(keeper.add(keeper.ctx, "brought", NULL, NULL, NULL, &key, &error), -EEXIST);
        assert_int_equal(keeper.add(keeper.ctx, "twice", pem, NULL, NULL, &key, &error), -EEXIST);
        assert_non_null(strstr(error.text, "it is the key brought already"));
        assert_int_equal(keeper.add(keeper.ctx, "../up", NULL, NULL, NULL, &key, &error), -EINVAL);
        assert_int_equal(keeper.add(keeper.ctx, "none", "no key", NULL, NULL, &key, &error), -EINVAL);
        assert_int_equal(keeper.remove(keeper.ctx, "brought", &error), 0);
        assert_int_equal(keeper.remove(keeper.ctx, "brought", &error), -ENOENT);
        assert_int_equal(keyring_find(k, "", &key), -ENOKEY);
        CLEANUP(keyring_free_at) struct keyring *later = open_at(f);
        assert_int_equal(keyring_find(later, "brought", &key), -ENOKEY);
}

/* It signs for all that name none, and stays the one, whatever clocks and names say. */
static void the_oldest_stays_the_oldest(void **state) {
        const struct folder *f = *state;
        CLEANUP(keyring_free_at) struct keyring *made = open_at(f);
        char path[256];
        struct signing_key key;

        (void)add(made, "second", NULL);
        CLEANUP(free_at) char *text = read_file(f, "keys/second.json");
        char *created = strstr(text, "\"created_s\": 1");
        assert_non_null(created);
        created[strlen("\"created_s\": ")] = '2'; /* decades from now: the clock was set back since */
        (void)snprintf(path, sizeof(path), "%s/keys/second.json", f->path);
        FILE *file = fopen(path, "we");
        assert_true(file && fputs(text, file) >= 0 && fclose(file) == 0);

        CLEANUP(keyring_free_at) struct keyring *k = open_at(f);
        (void)add(k, "first", NULL);
        assert_int_equal(keyring_find(k, "", &key), 0);
        assert_string_equal(key.name, "second");
        CLEANUP(keyring_free_at) struct keyring *later = open_at(f);
        assert_int_equal(keyring_find(later, "", &key), 0);
        assert_string_equal(key.name, "second");
}

static void write_signer(const struct folder *f, const char *name, const char *text) {
        char path[256];
        (void)snprintf(path, sizeof(path), "%s/%s", f->path, name);
        FILE *file = fopen(path, "we");
        assert_true(file && fputs(text, file) >= 0 && fclose(file) == 0);
        assert_int_equal(chmod(path, 0700), 0);
}

static void a_program_signs_what_it_has_the_key_of(void **state) {
        const struct folder *f = *state;
        CLEANUP(keyring_free_at) struct keyring *k = open_at(f);
        const struct signing_key_keeper keeper = keyring_keeper(k);
        CLEANUP(free_at) char *pem = NULL, *script = NULL, *other = NULL, *given = NULL;
        struct signing_key key;
        struct error error = {};
        char path[256];

        assert_int_equal(rsa_key_make(&pem, &error), 0);
        (void)snprintf(path, sizeof(path), "%s/hsm.pem", f->path);
        FILE *file = fopen(path, "we");
        assert_true(file && fputs(pem, file) >= 0 && fclose(file) == 0);
        assert_true(asprintf(&script,
                             "#!/bin/sh\n[ \"$1 $2\" = '-a rsa2048-sha256' ] || exit 3\n"
                             "openssl dgst -sign %s -sha256 \"$3\" | od -An -v -tx1 | tr -d ' \\n'\n",
                             path) > 0);
        write_signer(f, "hsm", script);
        write_signer(f, "broken", "#!/bin/sh\necho the token is not there\nexit 7\n");

        assert_int_equal(keeper.add(keeper.ctx, "far", NULL, "hsm", pem, &key, &error), 0);
        assert_string_equal(key.signer, "hsm");
        check_signature(k, "far", &key);
        assert_int_equal(keeper.give(keeper.ctx, "far", &given, &error), -ENOKEY);

        /* What another key signed is not given out. */
        assert_int_equal(rsa_key_make(&other, &error), 0);
        CLEANUP(boot_file_drop_at) struct boot_file *volume = boot_file_of_octets("a volume", 8);
        uint8_t digest[SHA256_SIZE], signature[RSA_SIZE];
        sha256_of("a volume", 8, digest);
        assert_int_equal(keeper.add(keeper.ctx, "wrong", NULL, "hsm", other, &key, &error), 0);
        assert_int_equal(keyring_sign(k, &key, volume, digest, signature, &error), -EBADMSG);
        (void)snprintf(key.signer, sizeof(key.signer), "broken");
        assert_int_equal(keyring_sign(k, &key, volume, digest, signature, &error), -EIO);
        assert_non_null(strstr(error.text, "signer broken: it ended with 7: the token is not there"));
        (void)snprintf(key.signer, sizeof(key.signer), "missing");
        assert_int_equal(keyring_sign(k, &key, volume, digest, signature, &error), -ENOENT);
}

/* A key that a program of this name has. */
static void add_far(struct keyring *k, const char *name) {
        const struct signing_key_keeper keeper = keyring_keeper(k);
        CLEANUP(free_at) char *pem = NULL;
        struct signing_key key;
        struct error error = {};

        assert_int_equal(rsa_key_make(&pem, &error), 0);
        assert_int_equal(keeper.add(keeper.ctx, name, NULL, name, pem, &key, &error), 0);
}

static void write_signer_that(const struct folder *f, const char *name, const char *does) {
        CLEANUP(free_at) char *script = NULL;

        assert_true(asprintf(&script, "#!/bin/sh\ncd %s || exit 1\n%s", f->path, does) > 0);
        write_signer(f, name, script);
}

static void make_empty(const struct folder *f, const char *name) {
        char path[256];

        (void)snprintf(path, sizeof(path), "%s/%s", f->path, name);
        FILE *file = fopen(path, "we");
        assert_true(file && fclose(file) == 0);
}

static void nobody_waits_for_a_slow_signer(void **state) {
        const struct folder *f = *state;
        CLEANUP(keyring_free_at) struct keyring *k = open_at(f);
        CLEANUP(signatures_free_at) struct signatures *s = signatures_new(k);
        CLEANUP(boot_file_drop_at) struct boot_file *file = boot_file_of_octets("a volume", 8);
        CLEANUP(boot_file_drop_at) struct boot_file *other = boot_file_of_octets("another", 7);
        CLEANUP(boot_file_drop_at) struct boot_file *sig = NULL;

        write_signer_that(f, "slow", "until [ -e go ]; do sleep 0.05; done\nexit 1\n");
        add(k, "here", NULL);
        add_far(k, "slow");
        const uint64_t start_ms = clock_now_ms();
        assert_int_equal(signatures_get(s, "slow", file, start_ms, &sig), -EAGAIN);
        assert_int_equal(signatures_wait(s, "slow", file, 100, &sig), -EAGAIN);
        /* It needs the thread for itself, and others are told so at once: however many ask for however much.
         */
        for (unsigned i = 0; i < 100; i++) {
                CLEANUP(boot_file_drop_at) struct boot_file *next = boot_file_of_octets(&i, sizeof(i));
                assert_int_equal(signatures_get(s, "here", next, start_ms, &sig), -EAGAIN);
        }
        assert_in_range(clock_now_ms() - start_ms, 100, 20000);

        make_empty(f, "go");
        assert_int_equal(get(s, "slow", file, &sig), -EKEYREJECTED);
        assert_int_equal(get(s, "here", other, &sig), 0);
}

static void a_signer_that_fails_is_not_run_for_each_who_asks(void **state) {
        const struct folder *f = *state;
        CLEANUP(keyring_free_at) struct keyring *k = open_at(f);
        CLEANUP(signatures_free_at) struct signatures *s = signatures_new(k);
        CLEANUP(boot_file_drop_at) struct boot_file *file = boot_file_of_octets("a volume", 8);
        struct boot_file *sig = NULL;

        write_signer_that(f, "junk", "echo run >>runs\necho no signature\n");
        add_far(k, "junk");
        for (unsigned i = 0; i < 5; i++)
                assert_int_equal(get(s, "junk", file, &sig), -EKEYREJECTED);
        CLEANUP(free_at) char *runs = read_file(f, "runs");
        assert_string_equal(runs, "run\n");

        /* Half a minute later it may have been mended. */
        assert_int_equal(signatures_get(s, "junk", file, clock_now_ms() + 31000, &sig), -EAGAIN);
        assert_int_equal(signatures_wait(s, "junk", file, 20000, &sig), -EKEYREJECTED);
}

static void copies_for_signers_do_not_outlive_a_crash(void **state) {
        static const struct {
                const char *name;
                bool stays;
        } rows[] = {
                { "keys/sign-aB3xY9", false },
                { "keys/sign-a.json.old", true }, /* an operator's own */
                { "keys/sign-aB3xY9z", true },
        };
        const struct folder *f = *state;
        CLEANUP(keyring_free_at) struct keyring *k = open_at(f);
        struct signing_key key;

        add(k, "sign-x", NULL); /* its file has a copy's length */
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                make_empty(f, rows[i].name);
        CLEANUP(keyring_free_at) struct keyring *later = open_at(f);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                char path[256];
                (void)snprintf(path, sizeof(path), "%s/%s", f->path, rows[i].name);
                assert_int_equal(access(path, F_OK) == 0, rows[i].stays);
        }
        assert_int_equal(keyring_find(later, "sign-x", &key), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(a_key_outlives_a_restart_and_never_lies_open, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(a_key_that_was_brought_is_given_back, setup, teardown),
                cmocka_unit_test_setup_teardown(the_oldest_stays_the_oldest, setup, teardown),
                cmocka_unit_test_setup_teardown(a_program_signs_what_it_has_the_key_of, setup, teardown),
                cmocka_unit_test_setup_teardown(nobody_waits_for_a_slow_signer, setup, teardown),
                cmocka_unit_test_setup_teardown(a_signer_that_fails_is_not_run_for_each_who_asks, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(copies_for_signers_do_not_outlive_a_crash, setup, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
