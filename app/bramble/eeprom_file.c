/* EEPROM images in files; see eeprom_file.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/eeprom_file.h"

#include "format/bootconf_keys.h"

enum { DAY_LEN = sizeof("2026-05-17") - 1 };

struct teller {
        void (*fn)(void *ctx, const char *sentence);
        void *ctx;
};

int eeprom_file_read(const char *path, struct file_octets *ret) {
        CLEANUP(file_octets_end) struct file_octets f = {};
        struct eeprom_file config;

        const int code = file_read(path, EEPROM_SIZE_2712, &f);
        if (code != CLI_OK)
                return code;
        if (!eeprom_size_is_known(f.len))
                return cli_fail(
                        CLI_LOCAL,
                        "%s: is no image of a Raspberry Pi's EEPROM: these have 512 KiB (2711) or 2 MiB "
                        "(2712), and it has %zu octets",
                        path, f.len);
        if (eeprom_check(f.octets, f.len) < 0)
                return cli_fail(CLI_LOCAL, "%s: is a damaged image of an EEPROM: fetch it again", path);
        if (eeprom_find(f.octets, f.len, "bootconf.txt", &config) < 0)
                return cli_fail(
                        CLI_LOCAL,
                        "%s: has no bootconf.txt, which every image of an EEPROM has: it was cut off, or "
                        "is something else: fetch it again",
                        path);
        *ret = f;
        f = (struct file_octets){};
        return CLI_OK;
}

const char *eeprom_file_release(const struct file_octets *image, char buf[static EEPROM_VERSION_SIZE]) {
        if (eeprom_version(image->octets, image->len, buf) < 0)
                return NULL;
        buf[DAY_LEN] = 0;
        return buf;
}

static void tell(void *ctx, const struct bootconf_remark *remark) {
        const struct teller *t = ctx;
        CLEANUP(text_free) struct text sentence = {};

        bootconf_remark_text(remark, &sentence);
        if (sentence.octets)
                t->fn(t->ctx, sentence.octets);
}

static void note(void *ctx, const char *sentence) {
        cli_note("%s: %s", (const char *)ctx, sentence);
}

void eeprom_config_remarks(const char *path, const void *config, size_t len) {
        struct teller t = { .fn = note, .ctx = (void *)(uintptr_t)path };

        (void)bootconf_check(config, len, 0, NULL, tell, &t);
}

void eeprom_file_remarks(const struct file_octets *image, const void *config, size_t len,
                         void (*fn)(void *ctx, const char *sentence), void *ctx) {
        struct teller t = { .fn = fn, .ctx = ctx };
        char buf[EEPROM_VERSION_SIZE];

        (void)bootconf_check(config, len, eeprom_soc(image->len), eeprom_file_release(image, buf), tell, &t);
}
