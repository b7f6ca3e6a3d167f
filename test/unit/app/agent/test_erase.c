/* What disks say of erasing themselves, the commands for it, and that none is left behind locked. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/bramble-agent/erase/ata.h"
#include "app/bramble-agent/erase/nvme.h"
#include "app/bramble-agent/erase/rest.h"

static void put_word(uint8_t *page, size_t n, unsigned value) {
        page[2 * n] = (uint8_t)value;
        page[2 * n + 1] = (uint8_t)(value >> 8);
}

static void finish_page(uint8_t *page) {
        uint8_t sum = 0;

        page[510] = 0xa5;
        for (size_t i = 0; i < 511; i++)
                sum = (uint8_t)(sum + page[i]);
        page[511] = (uint8_t)-sum;
}

static bool is_same(const struct ata_security *a, const struct ata_security *b) {
        return a->is_supported == b->is_supported && a->is_enabled == b->is_enabled &&
               a->is_locked == b->is_locked && a->is_frozen == b->is_frozen &&
               a->has_enhanced == b->has_enhanced && a->erase_s == b->erase_s &&
               a->enhanced_s == b->enhanced_s;
}

static void reads_what_a_disk_can(void **state) {
        (void)state;
        static const struct {
                const char *remark;
                unsigned features, status, time, enhanced_time;
                struct ata_security is;
        } rows[] = {
                { "it cannot", 0, 0, 0, 0, { 0 } },
                { "it says so in one place only", 1 << 1, 0, 0, 0, { 0 } },
                { "a disk that turns",
                  1 << 1,
                  0x21,
                  60,
                  61,
                  { .is_supported = true, .has_enhanced = true, .erase_s = 7200, .enhanced_s = 7320 } },
                { "one that takes days",
                  1 << 1,
                  1,
                  0x8000 | 1000,
                  0,
                  { .is_supported = true, .erase_s = 120000 } },
                { "an SSD in a PC",
                  1 << 1,
                  0x29,
                  1,
                  1,
                  { .is_supported = true,
                    .is_frozen = true,
                    .has_enhanced = true,
                    .erase_s = 120,
                    .enhanced_s = 120 } },
                { "with a password",
                  1 << 1,
                  0x07,
                  0,
                  0,
                  { .is_supported = true, .is_enabled = true, .is_locked = true } },
        };
        uint8_t page[ATA_PAGE];
        struct ata_security s;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                print_message("%s\n", rows[i].remark);
                memset(page, 0, sizeof(page));
                put_word(page, 82, rows[i].features);
                put_word(page, 128, rows[i].status);
                put_word(page, 89, rows[i].time);
                put_word(page, 90, rows[i].enhanced_time);
                finish_page(page);
                assert_int_equal(ata_identify_parse(page, sizeof(page), &s), 0);
                assert_true(is_same(&s, &rows[i].is));
        }
        page[20]++;
        assert_int_equal(ata_identify_parse(page, sizeof(page), &s), -EBADMSG); /* its sum is wrong */
        page[510] = 0;
        assert_int_equal(ata_identify_parse(page, sizeof(page), &s), 0); /* it has none */
        put_word(page, 0, 1 << 15);
        assert_int_equal(ata_identify_parse(page, sizeof(page), &s), -EBADMSG); /* no disk */
        assert_int_equal(ata_identify_parse(page, sizeof(page) - 1, &s), -EBADMSG);
}

static void writes_commands(void **state) {
        (void)state;
        static const struct {
                enum ata_verb verb;
                uint32_t takes_s;
                uint8_t cdb[ATA_CDB_SIZE];
                uint8_t first; /* of its data */
                bool has_password;
                uint32_t timeout_s;
        } rows[] = {
                { ATA_IDENTIFY, 0, { 0x85, 4 << 1, 0x0e, [6] = 1, [14] = 0xec }, 0, false, 15 },
                { ATA_SET_PASSWORD, 0, { 0x85, 5 << 1, 0x06, [6] = 1, [14] = 0xf1 }, 0, true, 15 },
                { ATA_UNLOCK, 0, { 0x85, 5 << 1, 0x06, [6] = 1, [14] = 0xf2 }, 0, true, 15 },
                { ATA_ERASE_PREPARE, 0, { 0x85, 3 << 1, 0x20, [14] = 0xf3 }, 0, false, 15 },
                { ATA_ERASE, 7200, { 0x85, 5 << 1, 0x06, [6] = 1, [14] = 0xf4 }, 0, true, 10800 },
                { ATA_ERASE_ENHANCED, 120, { 0x85, 5 << 1, 0x06, [6] = 1, [14] = 0xf4 }, 2, true, 600 },
                { ATA_ERASE, 0x7fff * 120, { 0x85, 5 << 1, 0x06, [6] = 1, [14] = 0xf4 }, 0, true, 604800 },
                { ATA_ERASE, 0, { 0x85, 5 << 1, 0x06, [6] = 1, [14] = 0xf4 }, 0, true, 43200 },
                { ATA_DISABLE_PASSWORD, 0, { 0x85, 5 << 1, 0x06, [6] = 1, [14] = 0xf6 }, 0, true, 15 },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct ata_command c;

                ata_command_make(rows[i].verb, rows[i].takes_s, &c);
                assert_memory_equal(c.cdb, rows[i].cdb, sizeof(c.cdb));
                assert_int_equal(c.page[0], rows[i].first);
                assert_int_equal(memcmp(c.page + 2, "bramble", 8) == 0, rows[i].has_password);
                assert_int_equal(c.timeout_s, rows[i].timeout_s);
        }
}

/* A disk as the standard has it, with what can go wrong with one. */
struct model {
        bool is_supported, is_frozen, has_enhanced, is_enabled, is_locked, is_prepared, is_erased;
        const char *password;
        unsigned fails; /* bits 1 << enum ata_verb */
        bool is_dumb;   /* takes no password back */
        unsigned n;     /* commands */
};

static int say_what_it_is(const struct model *m, struct ata_command *c) {
        put_word(c->page, 82, m->is_supported ? 2 : 0);
        put_word(c->page, 128,
                 (m->is_supported ? 1U : 0) | (m->is_enabled ? 2U : 0) | (m->is_locked ? 4U : 0) |
                         (m->is_frozen ? 8U : 0) | (m->has_enhanced ? 32U : 0));
        finish_page(c->page);
        return 0;
}

static int take(void *ctx, struct ata_command *c) {
        struct model *m = ctx;
        const bool is_right = m->password && strcmp((const char *)c->page + 2, m->password) == 0;

        m->n++;
        if (m->fails & 1U << c->verb)
                return -EIO;
        switch (c->verb) {
        case ATA_IDENTIFY:
                return say_what_it_is(m, c);
        case ATA_SET_PASSWORD:
                assert_false(m->is_frozen || m->is_locked);
                m->password = "bramble";
                m->is_enabled = true;
                return 0;
        case ATA_UNLOCK:
                m->is_locked = m->is_locked && !is_right;
                return is_right ? 0 : -EIO;
        case ATA_ERASE_PREPARE:
                m->is_prepared = true;
                return 0;
        case ATA_ERASE:
        case ATA_ERASE_ENHANCED:
                if (!m->is_prepared || !m->is_enabled || !is_right)
                        return -EIO;
                m->is_erased = true;
                m->is_enabled = m->is_locked = m->is_prepared = false;
                return 0;
        case ATA_DISABLE_PASSWORD:
                if (m->is_locked || !is_right || m->is_dumb)
                        return -EIO;
                m->is_enabled = false;
                return 0;
        default:
                return -EOPNOTSUPP;
        }
}

static void leaves_no_disk_locked(void **state) {
        (void)state;
        enum { E = 1 << ATA_ERASE, X = 1 << ATA_ERASE_ENHANCED };
        static const struct {
                const char *remark;
                struct model disk;
                int result;
                const char *how, *sentence;
                bool is_erased, is_enabled;
        } rows[] = {
                { "one that can", { .is_supported = true }, 0, "ata-erase", NULL, true, false },
                { "one that can do it well",
                  { .is_supported = true, .has_enhanced = true },
                  0,
                  "ata-enhanced-erase",
                  NULL,
                  true,
                  false },
                { "one that only says so",
                  { .is_supported = true, .has_enhanced = true, .fails = X },
                  0,
                  "ata-erase",
                  NULL,
                  true,
                  false },
                { "one that cannot", { 0 }, -EOPNOTSUPP, NULL, "no command", false, false },
                { "no ATA disk",
                  { .fails = 1 << ATA_IDENTIFY },
                  -EOPNOTSUPP,
                  NULL,
                  "no command",
                  false,
                  false },
                { "frozen",
                  { .is_supported = true, .is_frozen = true },
                  -EBUSY,
                  NULL,
                  "frozen",
                  false,
                  false },
                { "it fails, and is as before",
                  { .is_supported = true, .has_enhanced = true, .fails = E | X },
                  -EIO,
                  NULL,
                  "it failed",
                  false,
                  false },
                { "it takes no password",
                  { .is_supported = true, .fails = 1 << ATA_SET_PASSWORD },
                  -EIO,
                  NULL,
                  "it failed",
                  false,
                  false },
                { "somebody's",
                  { .is_supported = true, .is_enabled = true, .is_locked = true, .password = "secret" },
                  -EACCES,
                  NULL,
                  "not ours",
                  false,
                  true },
                { "ours, from a time when the power went",
                  { .is_supported = true, .is_enabled = true, .is_locked = true, .password = "bramble" },
                  0,
                  "ata-erase",
                  NULL,
                  true,
                  false },
                { "the same, and not locked yet",
                  { .is_supported = true, .is_enabled = true, .password = "bramble" },
                  0,
                  "ata-erase",
                  NULL,
                  true,
                  false },
                { "one that fails and holds on to it",
                  { .is_supported = true, .fails = E, .is_dumb = true },
                  -EACCES,
                  NULL,
                  "hdparm --security-disable bramble",
                  false,
                  true },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct model m = rows[i].disk;
                const struct ata_wire wire = { .give = take, .ctx = &m };
                struct error error = { 0 };
                const char *how = NULL;

                print_message("%s\n", rows[i].remark);
                assert_int_equal(ata_erase(&wire, &how, &error), rows[i].result);
                assert_int_equal(m.is_erased, rows[i].is_erased);
                assert_int_equal(m.is_enabled, rows[i].is_enabled);
                assert_true(m.n < 20);
                if (rows[i].how)
                        assert_string_equal(how, rows[i].how);
                if (rows[i].sentence)
                        assert_non_null(strstr(error.text, rows[i].sentence));
        }
}

static void formats_what_it_may(void **state) {
        (void)state;
        static const struct {
                unsigned oacs, fna, namespaces;
                struct nvme_abilities is;
        } controllers[] = {
                { 0, 0, 1, { false, false } },         { 1 << 1, 0, 1, { true, false } },
                { 1 << 1, 1, 1, { true, false } },     { 1 << 1, 1, 2, { true, true } },
                { 1 << 1, 1 << 1, 2, { true, true } }, { 1 << 1, 1 << 2, 2, { true, false } },
        };
        static const struct {
                uint8_t flbas, dps;
                uint32_t word;
        } namespaces[] = {
                { 0, 0, 0x200 },
                { 1, 0, 0x201 },
                { 0x13, 0x9, 0x213 | 9 << 5 },
                { 0x41, 0, 0x201 | 2 << 12 },
                { 0x80, 0xf0, 0x200 },
        };
        static uint8_t page[NVME_PAGE];
        uint32_t word;

        for (size_t i = 0; i < ARRAY_LEN(controllers); i++) {
                struct nvme_abilities is;
                page[256] = (uint8_t)controllers[i].oacs;
                page[516] = (uint8_t)controllers[i].namespaces;
                page[524] = (uint8_t)controllers[i].fna;
                assert_int_equal(nvme_controller_parse(page, sizeof(page), &is), 0);
                assert_int_equal(is.can_format, controllers[i].is.can_format);
                assert_int_equal(is.hits_others, controllers[i].is.hits_others);
                assert_int_equal(nvme_controller_parse(page, sizeof(page) - 1, &is), -EBADMSG);
        }
        for (size_t i = 0; i < ARRAY_LEN(namespaces); i++) {
                page[26] = namespaces[i].flbas;
                page[29] = namespaces[i].dps;
                assert_int_equal(nvme_format_word(page, sizeof(page), &word), 0);
                assert_int_equal(word, namespaces[i].word);
                assert_int_equal(nvme_format_word(page, 4, &word), -EBADMSG);
        }
}

static void finds_what_is_left(void **state) {
        (void)state;
        enum { MIB = 1 << 20 };
        static const struct {
                uint64_t size, at; /* of one octet; at the end: none */
                int result;
        } rows[] = {
                { 4 * MIB, 4 * MIB, 0 },
                { 4 * MIB, 0, -EUCLEAN },
                { 4 * MIB, 2 * MIB + 5, -EUCLEAN },
                { 4 * MIB, 4 * MIB - 1, -EUCLEAN },
                { 4 * MIB + 512, 4 * MIB + 511, -EUCLEAN },
                { 512, 512, 0 },
                { 900ULL * MIB, 900ULL * MIB, 0 },
                { 900ULL * MIB, 0, -EUCLEAN },
                { 900ULL * MIB, 900ULL * MIB - 1, -EUCLEAN },
                { 900ULL * MIB, 369868809, -EUCLEAN },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                char path[] = "/tmp/bramble-rest-XXXXXX";
                CLEANUP(block_close_at) struct block *b = NULL;
                struct error error = { 0 };
                const int fd = mkstemp(path);

                assert_true(fd >= 0);
                assert_int_equal(ftruncate(fd, (off_t)rows[i].size), 0);
                if (rows[i].at < rows[i].size)
                        assert_int_equal(pwrite(fd, "x", 1, (off_t)rows[i].at), 1);
                assert_int_equal(fsync(fd), 0);
                assert_int_equal(block_open(path, "vda", false, &b, &error), 0);
                (void)unlink(path);
                (void)close(fd);
                if (rest_look_for(b, &error) != rows[i].result)
                        fail_msg("row %zu: %s", i, error.text);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_what_a_disk_can), cmocka_unit_test(writes_commands),
                cmocka_unit_test(leaves_no_disk_locked), cmocka_unit_test(formats_what_it_may),
                cmocka_unit_test(finds_what_is_left),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
