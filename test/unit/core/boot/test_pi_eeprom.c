/* An EEPROM's update that cannot be made: what is said of an image that is damaged. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "boot_site.h"
#include "core/boot/pi_eeprom.h"
#include "core/machine/eeprom_order.h"
#include "format/eeprom.h"

enum { ARENA_SIZE = 1 << 18 };

#define PI4 "dc:a6:32:a7:ed:89"
#define IMAGE "eeprom-2711"

static uint8_t firmware[EEPROM_SIZE_2711];

static int read_firmware(struct blob *b, uint64_t offset, void *buf, size_t len) {
        (void)b;
        memcpy(buf, firmware + offset, len);
        return 0;
}

static void free_nothing(struct blob *b) {
        (void)b;
}

static struct blob *open_firmware(void *ctx, const struct blob_id *id, int *error) {
        (void)id;
        (void)error;
        return blob_take(ctx);
}

static void advance(struct boot_site *s, struct site *next) {
        assert_non_null(next);
        site_drop(s->site);
        s->site = next;
}

/* The machine's EEPROM is to have the firmware of an image. */
static void offer(struct boot_site *s, const char *name, bool drop_options) {
        CLEANUP(image_drop_at) struct image *image = image_new();
        CLEANUP(machine_drop_at)
        struct machine *m = machine_copy(site_machine_by_name(s->site, name));
        struct eeprom_order o = { .step = EEPROM_OFFERED,
                                  .now = { .config = "[all]\n", .config_len = 6, .image = IMAGE "@1" } };

        assert_true(image && m && text_copy(image->name, sizeof(image->name), IMAGE) == 0);
        image->version = 1;
        image->files = calloc(1, sizeof(*image->files));
        assert_non_null(image->files);
        image->files[image->n_files++] = (struct image_file){ .path = strdup(PI_EEPROM_UPDATE),
                                                              .role = IMAGE_FILE_EEPROM,
                                                              .size = sizeof(firmware) };
        assert_int_equal(image_index(image), 0);
        advance(s, site_put_image(s->site, image, NULL));
        free(m->eeprom);
        m->eeprom = eeprom_order_print(&o);
        m->drop_options = drop_options;
        assert_non_null(m->eeprom);
        advance(s, site_put_machine(s->site, m, NULL));
}

static void says_that_the_image_is_damaged(void **state) {
        static const struct {
                const char *remark;
                uint8_t begin[8], rest;
        } rows[] = {
                { "no section at all", { 0 }, 0 },
                { "erased", { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, 0xff },
                { "a section that is longer than the image", { 0x55, 0xaa, 0xf0, 0x0f, 0x7f }, 0 },
        };
        struct boot_site *s = boot_site_new();
        struct blob blob = { .size = sizeof(firmware), .read = read_firmware, .free = free_nothing };
        const struct blob_source blobs = { .open = open_firmware, .ctx = &blob };
        const struct boot_ask ask = boot_site_ask(CLIENT_PI4, PI4, 77);
        (void)state;

        ref_init(&blob.ref);
        offer(s, "pi4-demo", false);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
                const struct boot_plan *p = boot_plan(s->site, &ask, arena);
                struct boot_file *file = NULL;

                memset(firmware, rows[i].rest, sizeof(firmware));
                memcpy(firmware, rows[i].begin, sizeof(rows[i].begin));
                const char *why = boot_plan_why(p, boot_plan_file(p, PI_EEPROM_UPDATE, &blobs, &file, NULL));
                if (strcmp(why, "it cannot be made: the image of the EEPROM is damaged; import it again") !=
                    0)
                        fail_msg("%s: \"%s\"", rows[i].remark, why);
        }
        boot_site_free(s);
}

static int file_of(struct boot_site *s, enum boot_client_id client, const char *mac, const char *path,
                   struct blob *blob) {
        const struct blob_source blobs = { .open = open_firmware, .ctx = blob };
        const struct boot_ask ask = boot_site_ask(client, mac, 77);
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
        const struct boot_plan *p = boot_plan(s->site, &ask, arena);
        CLEANUP(boot_file_drop_at) struct boot_file *file = NULL;

        assert_string_equal(boot_method_name(p->method), "pi-local");
        return boot_plan_file(p, path, &blobs, &file, NULL);
}

/* On its way to its disk every other file is missing, which is what sends it there. */
static void who_is_handed_over_finds_its_update_alone(void **state) {
        static const struct {
                enum boot_client_id client;
                const char *name, *mac, *path;
                bool drop_options;
                int found;
        } rows[] = {
                { CLIENT_PI4, "pi4-written", "dc:a6:32:00:01:01", "pieeprom.sig", false, BOOT_FILE_FOUND },
                { CLIENT_PI4, "pi4-written", "dc:a6:32:00:01:01", "dc-a6-32-00-01-01/pieeprom.sig", false,
                  BOOT_FILE_FOUND },
                { CLIENT_PI4, "pi4-written", "dc:a6:32:00:01:01", "classroom/pieeprom.sig", false,
                  BOOT_FILE_FOUND },
                { CLIENT_PI4, "pi4-written", "dc:a6:32:00:01:01", "e5ef6e9d/pieeprom.sig", false,
                  BOOT_FILE_MISSING },
                { CLIENT_PI4, "pi4-written", "dc:a6:32:00:01:01", "start4.elf", false, BOOT_FILE_MISSING },
                { CLIENT_PI4, "pi4-written", "dc:a6:32:00:01:01", "config.txt", false, BOOT_FILE_MISSING },
                { CLIENT_PI4, "pi4-written", "dc:a6:32:00:01:01", "boot.img", false, BOOT_FILE_MISSING },
                { CLIENT_PI4, "pi4-written", "dc:a6:32:00:01:01", "pieeprom.sig", true, BOOT_FILE_MISSING },
                { CLIENT_PI5, "pi4-written", "dc:a6:32:00:01:01", "pieeprom.sig", false, BOOT_FILE_MISSING },
        };
        struct blob blob = { .size = sizeof(firmware), .read = read_firmware, .free = free_nothing };
        (void)state;

        ref_init(&blob.ref);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct boot_site *s = boot_site_new();

                assert_int_equal(file_of(s, rows[i].client, rows[i].mac, "pieeprom.sig", &blob),
                                 BOOT_FILE_MISSING);
                offer(s, rows[i].name, rows[i].drop_options);
                if (file_of(s, rows[i].client, rows[i].mac, rows[i].path, &blob) != rows[i].found)
                        fail_msg("row %zu: %s", i, rows[i].path);
                boot_site_free(s);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(says_that_the_image_is_damaged),
                cmocka_unit_test(who_is_handed_over_finds_its_update_alone),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
