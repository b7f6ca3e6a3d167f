/* What an EEPROM shall have: whose line counts, which firmware, and what cannot be. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/life/eeprom_wish.h"
#include "life_world.h"

/* What stands in the octets: of version 1 nothing, as its name says the day. */
static uint64_t built(void *ctx, const struct image *i) {
        (void)ctx;
        return i->version == 3 ? 1783296000 : i->version == 2 ? 1785801600 : 0; /* 2026-07-06, 2026-08-04 */
}

static const struct eeprom_builds by_version = { .of = built };

static void advance(struct world *w, struct site *next, const struct error *error) {
        if (!next)
                fail_msg("%s", error->text);
        site_drop(w->site);
        w->site = next;
}

static void put_lines(struct world *w, enum config_lines_scope scope, const char *name, const char *text,
                      const char *firmware) {
        CLEANUP(config_lines_drop_at) struct config_lines *l = config_lines_new();
        struct error error = {};

        l->file = CONFIG_LINES_BOOTCONF;
        l->scope = scope;
        l->text = strdup(text);
        (void)snprintf(l->name, sizeof(l->name), "%s", name);
        (void)snprintf(l->firmware, sizeof(l->firmware), "%s", firmware);
        advance(w, site_put_config_lines(w->site, l, &error), &error);
}

static void put_firmware(struct world *w, const char *name, unsigned version, const char *path) {
        CLEANUP(image_drop_at) struct image *i = image_new();
        struct error error = {};

        (void)snprintf(i->name, sizeof(i->name), "%s", name);
        i->version = version;
        i->files = calloc(1, sizeof(*i->files));
        i->files[i->n_files++] =
                (struct image_file){ .path = strdup(path), .role = IMAGE_FILE_EEPROM, .size = 1 };
        assert_int_equal(image_index(i), 0);
        advance(w, site_put_image(w->site, i, &error), &error);
}

/* A Pi 4 with tags a and b, whose agent found @found (NULL: none ran). */
static struct machine *change_pi(struct world *w, const char *found) {
        struct machine *m = machine_copy(world_machine(w, "pi"));

        (void)snprintf(m->board, sizeof(m->board), "pi4b");
        free(m->tags);
        m->tags = strdup("a b");
        free(m->eeprom_found);
        m->eeprom_found =
                found ? eeprom_found_print(&(struct eeprom_found){ .build_s = 1, .config = found }) : NULL;
        return m;
}

static void put_pi(struct world *w, struct machine *m) {
        struct error error = {};
        advance(w, site_put_machine(w->site, m, &error), &error);
        machine_drop(m);
}

static void begin(struct world *w, const char *found) {
        world_open(w);
        world_add(w, "pi", 7, "");
        put_pi(w, change_pi(w, found));
        put_firmware(w, "eeprom-2711", 1, "x/pieeprom-2026-05-17.bin");
        put_firmware(w, "eeprom-2711", 3, "pieeprom.bin"); /* as `bramble eeprom import` makes it */
        put_firmware(w, "eeprom-2711", 2, "pieeprom.bin");
        put_firmware(w, "eeprom-2712", 1, "x/pieeprom-2026-05-17.bin");
}

static void the_nearest_word_counts(void **state) {
        (void)state;
        CLEANUP(eeprom_wish_end) struct eeprom_wish wish = {};
        struct error error = {};
        struct world w;

        begin(&w, "[all]\nBOOT_UART=1\nA=0\n");
        put_lines(&w, CONFIG_LINES_BOARD, "pi4b", "A=1\nB=1\nC=1\nD=1\n", "2026-05-17");
        put_lines(&w, CONFIG_LINES_BOARD, "pi5", "X=1\n", "newest");
        put_lines(&w, CONFIG_LINES_TAG, "a", "B=2\nC=2\n", "");
        put_lines(&w, CONFIG_LINES_TAG, "b", "C=3\n", "");
        put_lines(&w, CONFIG_LINES_TAG, "c", "C=9\n", "newest");
        struct machine *m = change_pi(&w, "[all]\nBOOT_UART=1\nA=0\n");
        m->eeprom_lines = strdup("D=4\n");
        put_pi(&w, m);
        assert_int_equal(eeprom_wish_of(w.site, world_machine(&w, "pi"), &by_version, &wish, &error), 0);
        assert_string_equal(wish.config, "[all]\nBOOT_UART=1\nA=1\nB=2\nC=3\nD=4\n");
        assert_string_equal(wish.config_of, "board pi4b, tag a, tag b, its own");
        assert_string_equal(wish.firmware_of, "board pi4b");
        assert_int_equal(wish.image->version, 1);
        world_close(&w);
}

static void one_switch_turns_both_consoles_on(void **state) {
        (void)state;
        static const struct {
                const char *found, *tag, *wanted;
        } rows[] = {
                { "A=1\n", NULL, "A=1\n" MACHINE_NETCONSOLE_LINE "\n" },
                { MACHINE_NETCONSOLE_LINE "\nA=1\n", NULL, MACHINE_NETCONSOLE_LINE "\nA=1\n" },
                { "A=1\n", "NETCONSOLE=6665@10.0.0.9/,6666@/\n", "A=1\nNETCONSOLE=6665@10.0.0.9/,6666@/\n" },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(eeprom_wish_end) struct eeprom_wish wish = {};
                struct error error = {};
                struct world w;

                begin(&w, rows[i].found);
                struct machine *m = change_pi(&w, rows[i].found);
                m->netconsole = true;
                put_pi(&w, m);
                if (rows[i].tag)
                        put_lines(&w, CONFIG_LINES_TAG, "a", rows[i].tag, "");
                assert_int_equal(eeprom_wish_of(w.site, world_machine(&w, "pi"), &by_version, &wish, &error),
                                 0);
                assert_string_equal(wish.config, rows[i].wanted);
                world_close(&w);
        }
}

static void firmware_is_named_in_three_ways(void **state) {
        (void)state;
        static const struct {
                const char *word, *image, *lack;
        } rows[] = {
                { "", "eeprom-2711@3", "" },
                { "newest", "eeprom-2711@3", "" },
                { "2026-05-17", "eeprom-2711@1", "" },
                { "2026-07-06", "eeprom-2711@3", "" },
                { "2026-08-04", "eeprom-2711@2", "" },
                { "eeprom-2711@1", "eeprom-2711@1", "" },
                { "2019-09-10", NULL, "no image eeprom-2711 is of that day" },
                { "eeprom-2711@9", NULL, "there is no such image" },
                { "eeprom-2712@1", NULL, "for the other chip" },
        };
        struct world w;

        begin(&w, "A=1\n");
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(eeprom_wish_end) struct eeprom_wish wish = {};
                char ref[IMAGE_REF_SIZE];
                struct error error = {};
                struct machine *m = change_pi(&w, "A=1\n");

                (void)snprintf(m->eeprom_firmware, sizeof(m->eeprom_firmware), "%s", rows[i].word);
                put_pi(&w, m);
                assert_int_equal(eeprom_wish_of(w.site, world_machine(&w, "pi"), &by_version, &wish, &error),
                                 0);
                if (rows[i].image)
                        assert_string_equal(image_ref(wish.image, ref), rows[i].image);
                else if (wish.image || !strstr(wish.lack.text, rows[i].lack))
                        fail_msg("%s: %s", rows[i].word, wish.lack.text);
        }
        world_close(&w);
}

static void what_nobody_has_seen_is_not_made_up(void **state) {
        (void)state;
        CLEANUP(eeprom_wish_end) struct eeprom_wish wish = {};
        struct error error = {};
        struct world w;

        begin(&w, NULL);
        put_lines(&w, CONFIG_LINES_TAG, "a", "A=1\n", "");
        assert_int_equal(eeprom_wish_of(w.site, world_machine(&w, "pi"), &by_version, &wish, &error), 0);
        assert_null(wish.config);
        assert_string_equal(wish.config_of, "tag a");
        world_close(&w);
}

static void what_cannot_be_wanted(void **state) {
        (void)state;
        static const struct {
                int (*check)(const char *word, struct error *reterr);
                const char *word, *why; /* why: NULL: it can be wanted */
        } rows[] = {
                { eeprom_wish_check_lines, "[pi4]\nA=1\n", "\"[pi4]\" is no setting" },
                { eeprom_wish_check_lines, "A=1\nboot_order=1", "\"boot_order=1\" begins with no key" },
                { eeprom_wish_check_lines, "# of the lab\nA=1\n", NULL },
                { eeprom_wish_check_firmware, "2026-5-17", "\"2026-5-17\" is no firmware" },
                { eeprom_wish_check_firmware, "rpios@1", "is no firmware" },
                { eeprom_wish_check_firmware, "newest", NULL },
                { eeprom_wish_check_firmware, "", NULL },
        };
        struct error error;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                assert_int_equal(rows[i].check(rows[i].word, &error), rows[i].why ? -EINVAL : 0);
                if (rows[i].why)
                        assert_non_null(strstr(error.text, rows[i].why));
        }
        assert_int_equal(eeprom_wish_takes_update("FREEZE_VERSION=0\n", &error), 0);
        assert_int_equal(eeprom_wish_takes_update("[all]\nFREEZE_VERSION=1\n", &error), -EINVAL);
        assert_int_equal(eeprom_wish_takes_update("ENABLE_SELF_UPDATE=0\nENABLE_SELF_UPDATE=1\n", &error), 0);
        assert_int_equal(eeprom_wish_takes_update("ENABLE_SELF_UPDATE=0\n", &error), -EINVAL);
        assert_non_null(strstr(error.text, "ENABLE_SELF_UPDATE"));
        assert_non_null(strstr(error.text, "bramble eeprom adopt"));
        assert_int_equal(eeprom_wish_takes_update("ENABLE_SELF_UPDATE=0\nHTTP_HOST=10.0.0.1\n", &error),
                         -EINVAL);
        assert_null(strstr(error.text, "adopt")); /* which would take its key out */
        assert_non_null(strstr(error.text, "card make eeprom"));
}

static bool is_10(void *ctx, const struct ip_addr *ip) {
        char text[IP_TEXT_SIZE];
        (void)ctx;
        return text_starts_with(ip_text(ip, text), "10.");
}

static void servers_that_are_not_ours_are_found(void **state) {
        (void)state;
        static const struct {
                const char *config, *stranger;
        } rows[] = {
                { "BOOT_UART=1\n", NULL },
                { "TFTP_IP=10.0.0.1\nHTTP_HOST=10.0.0.1\n", NULL },
                { "TFTP_IP=192.0.2.1\n", "TFTP_IP=192.0.2.1" },
                { "TFTP_IP=10.0.0.1\nHTTP_HOST=192.0.2.1\n", "HTTP_HOST=192.0.2.1" },
                { "HTTP_HOST=boot.example.org\n", NULL }, /* where that leads DNS knows */
                { "#TFTP_IP=192.0.2.1\nTFTP_IP=\n", NULL },
                { "CLIENT_IP=192.0.2.7\n", NULL },
        };
        char buf[64];

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                bool is_there = eeprom_wish_stranger(rows[i].config, is_10, NULL, buf, sizeof(buf));
                assert_int_equal(is_there, rows[i].stranger != NULL);
                if (is_there)
                        assert_string_equal(buf, rows[i].stranger);
        }
}

static void what_was_found_is_a_text(void **state) {
        (void)state;
        static const struct eeprom_found rows[] = {
                { .build_s = 1779045198,
                  .update_s = 1790000000,
                  .version = "224877da",
                  .config = "[all]\nA=1\n" },
                { .version = "", .config = "" },
                { .version = "a b" }, /* its kernel does not show the configuration */
        };
        static const char *const broken[] = { "", "1", "1 2", "x 2 v\n", "1 2\nA=1" };
        struct eeprom_found back;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(free_at) char *text = eeprom_found_print(&rows[i]);
                assert_int_equal(eeprom_found_parse(text, &back), 0);
                assert_true(back.build_s == rows[i].build_s && back.update_s == rows[i].update_s);
                assert_string_equal(back.version, rows[i].version);
                assert_int_equal(!back.config, !rows[i].config);
                if (back.config)
                        assert_string_equal(back.config, rows[i].config);
        }
        for (size_t i = 0; i < ARRAY_LEN(broken); i++)
                assert_int_equal(eeprom_found_parse(broken[i], &back), -EBADMSG);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_nearest_word_counts),
                cmocka_unit_test(one_switch_turns_both_consoles_on),
                cmocka_unit_test(firmware_is_named_in_three_ways),
                cmocka_unit_test(what_nobody_has_seen_is_not_made_up),
                cmocka_unit_test(what_cannot_be_wanted),
                cmocka_unit_test(servers_that_are_not_ours_are_found),
                cmocka_unit_test(what_was_found_is_a_text),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
