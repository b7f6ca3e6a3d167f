/* Tokens: made of the key, the boot and the use; known again after a restart, and by nobody else. */
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

#include "base/text.h"
#include "rack/token.h"

static struct boot_ask boot(uint64_t session, uint8_t last) {
        return (struct boot_ask){ .session = session, .mac = { { 0xdc, 0xa6, 0x32, 1, 2, last } } };
}

static void every_boot_and_every_use_has_its_own(void **state) {
        const struct token_key key = { { 1, 2, 3 } }, other_key = { { 1, 2, 4 } };
        struct boot_ask asks[] = { boot(7, 1), boot(8, 1), boot(7, 2), boot(7, 1) };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(asks); i++)
                tokens_make(i == 3 ? &other_key : &key, &asks[i]);
        for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
                const char *mine[] = { asks[i].token, asks[i].agent_token, asks[i].seed_token };
                for (size_t m = 0; m < ARRAY_LEN(mine); m++) {
                        assert_int_equal(strlen(mine[m]), BOOT_TOKEN_SIZE - 1);
                        assert_int_equal(strspn(mine[m], "0123456789abcdef"), BOOT_TOKEN_SIZE - 1);
                        for (size_t j = 0; j < ARRAY_LEN(asks); j++) {
                                const char *others[] = { asks[j].token, asks[j].agent_token,
                                                         asks[j].seed_token };
                                for (size_t o = 0; o < ARRAY_LEN(others); o++)
                                        assert_true((i == j && m == o) || strcmp(mine[m], others[o]) != 0);
                        }
                }
        }
        struct boot_ask again = boot(7, 1);
        tokens_make(&key, &again);
        assert_string_equal(again.agent_token, asks[0].agent_token);
        again.session = 0;
        tokens_make(&key, &again);
        assert_true(!again.token[0] && !again.agent_token[0] && !again.seed_token[0]);
}

/* RFC 4231 does not speak of our message, so one vector of Python's hmac holds it. */
static void is_the_beginning_of_an_hmac(void **state) {
        const struct token_key key = { { 0 } };
        struct boot_ask ask = boot(7, 1);
        (void)state;

        tokens_make(&key, &ask);
        assert_string_equal(ask.agent_token, "b8b47bf1b86ab200c15f59287b61ca5b");
}

static void who_knows_a_token_says_all_of_it(void **state) {
        static const struct {
                const char *token, *said;
                bool is;
        } rows[] = {
                { "0123", "0123", true },   { "0123", "0124", false }, { "0123", "012", false },
                { "0123", "01234", false }, { "0123", "", false },     { "", "", false },
                { "", "0123", false },
        };
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                assert_int_equal(token_is(rows[i].token, rows[i].said), rows[i].is);
}

static void the_key_outlives_a_restart(void **state) {
        char dir[] = "/tmp/bramble-test-token-XXXXXX", path[64];
        struct token_key first = {}, second = {};
        struct error error;
        struct stat st;
        (void)state;

        assert_non_null(mkdtemp(dir));
        (void)snprintf(path, sizeof(path), "%s/token.key", dir);
        assert_int_equal(token_key_load(dir, &first, &error), 0);
        assert_int_equal(token_key_load(dir, &second, &error), 0);
        assert_memory_equal(&first, &second, sizeof(first));
        assert_memory_not_equal(&first, (&(struct token_key){}), sizeof(first));
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);

        assert_int_equal(truncate(path, 31), 0);
        assert_int_equal(token_key_load(dir, &second, &error), -EBADMSG);
        assert_non_null(strstr(error.text, "remove it"));
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(dir), 0); /* nothing else was left */
        assert_true(token_key_load(dir, &second, &error) < 0);
        assert_non_null(strstr(error.text, dir));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_boot_and_every_use_has_its_own),
                cmocka_unit_test(is_the_beginning_of_an_hmac),
                cmocka_unit_test(who_knows_a_token_says_all_of_it),
                cmocka_unit_test(the_key_outlives_a_restart),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
