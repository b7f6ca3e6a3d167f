/* Refusals to start: what follows a loader that was fetched whole, as seen from the wire (lab.md, Secure Boot
 * on OVMF). */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "rack/refusal.h"

enum verb { END, OFFERED, WHOLE, PART, DHCP, TIME };

struct step {
        enum verb verb;
        uint64_t at_ms;
        const char *path; /* OFFERED: the boot file */
        enum boot_client_id client;
        enum refusal gives;
        const char *remark;
};

#define PXE CLIENT_UEFI_AMD64
#define HTTP CLIENT_UEFI_HTTP_AMD64

static const struct step stories[][8] = {
        {
                { OFFERED, 0, "shimx64.efi.signed", PXE, 0, "" },
                { PART, 10, "shimx64.efi.signed", 0, 0, "EDK2 asks for its size" },
                { WHOLE, 500, "shimx64.efi.signed", 0, 0, "" },
                { WHOLE, 900, "grubx64.efi", 0, 0, "shim runs" },
                { PART, 5000, "/bramble/kernel-refused", 0, REFUSAL_KERNEL, "GRUB says so itself" },
                { TIME, 90000, NULL, 0, 0, "and nothing is said twice" },
        },
        {
                { OFFERED, 0, "pc.efi", PXE, 0, "" },
                { WHOLE, 500, "/pc.efi", 0, 0, "a UKI" },
                { DHCP, 900, NULL, HTTP, REFUSAL_LOADER, "OVMF goes on to HTTP boot at once" },
                { OFFERED, 900, "http://10.77.0.1:5248/b/0123456789abcdef0123456789abcdef/pc.efi", HTTP, 0,
                  "" },
                { PART, 1000, "pc.efi", 0, 0, "HEAD" },
                { WHOLE, 2000, "pc.efi", 0, 0, "GET" },
                { TIME, 61999, NULL, 0, 0, "a slow system may yet ask" },
                { TIME, 62000, NULL, 0, REFUSAL_SILENCE, "nothing more on IPv4" },
        },
        {
                { OFFERED, 0, "http://10.77.0.1:5248/b/-/pc.efi", HTTP, 0, "" },
                { WHOLE, 500, "pc.efi", 0, 0, "" },
                { DHCP, 9000, NULL, CLIENT_OTHER, 0, "its system runs" },
                { TIME, 99000, NULL, 0, 0, "" },
        },
        {
                { OFFERED, 0, "pc.efi", PXE, 0, "" },
                { WHOLE, 500, "pc.efi", 0, 0, "" },
                { DHCP, 900, NULL, PXE, REFUSAL_AGAIN, "its only way to boot" },
                { WHOLE, 2000, "pc.efi", 0, 0, "" },
                { DHCP, 22000, NULL, PXE, 0, "a system that ran and rebooted" },
                { TIME, 99000, NULL, 0, 0, "" },
        },
        {
                { OFFERED, 0, "snponly.efi", PXE, 0, "" },
                { WHOLE, 500, "snponly.efi", 0, 0, "" },
                { DHCP, 900, NULL, CLIENT_IPXE, 0, "iPXE is a later stage" },
        },
        {
                { OFFERED, 0, "undionly.kpxe", CLIENT_BIOS, 0, "" },
                { WHOLE, 500, "undionly.kpxe", 0, 0, "" },
                { TIME, 99000, NULL, 0, 0, "a BIOS refuses nothing" },
                { PART, 99000, "bramble/kernel-refused", 0, REFUSAL_KERNEL, "but GRUB may" },
        },
        {
                { OFFERED, 0, "pc.efi", PXE, 0, "" },
                { PART, 500, "pc.efi", 0, 0, "broke off" },
                { DHCP, 900, NULL, HTTP, 0, "no wonder" },
        },
};

static enum refusal play(struct refusal_watch *w, const struct step *s) {
        switch (s->verb) {
        case OFFERED:
                refusal_expect(w, s->client, s->path);
                return REFUSAL_NONE;
        case WHOLE:
        case PART:
                return refusal_on_file(w, s->path, s->verb == WHOLE, s->at_ms);
        case DHCP:
                return refusal_on_dhcp(w, s->client, s->at_ms);
        default:
                return refusal_on_time(w, s->at_ms);
        }
}

static void what_follows_a_loader(void **state) {
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(stories); i++) {
                struct refusal_watch w = {};
                for (size_t k = 0; k < ARRAY_LEN(stories[i]) && stories[i][k].verb != END; k++) {
                        enum refusal got = play(&w, &stories[i][k]);
                        if (got != stories[i][k].gives)
                                fail_msg("story %zu, step %zu (%s): %d", i, k, stories[i][k].remark, got);
                }
        }
}

static void sentences_name_the_cause(void **state) {
        char sentence[256];
        (void)state;

        for (enum refusal what = REFUSAL_KERNEL; what <= REFUSAL_SILENCE; what++) {
                refusal_sentence(what, "pc.efi", sentence, sizeof(sentence));
                assert_non_null(strstr(sentence, "refused"));
                assert_non_null(strstr(sentence, "Secure Boot"));
                assert_true(what == REFUSAL_KERNEL || strstr(sentence, "pc.efi"));
        }
}

static void a_name_that_is_too_long_is_not_watched(void **state) {
        struct refusal_watch w = {};
        char name[REFUSAL_LOADER_SIZE + 1];
        (void)state;

        memset(name, 'x', sizeof(name) - 1);
        name[sizeof(name) - 1] = 0;
        refusal_expect(&w, PXE, name);
        assert_int_equal(refusal_on_file(&w, name, true, 0), REFUSAL_NONE);
        assert_int_equal(refusal_on_dhcp(&w, HTTP, 1), REFUSAL_NONE);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_follows_a_loader),
                cmocka_unit_test(sentences_name_the_cause),
                cmocka_unit_test(a_name_that_is_too_long_is_not_watched),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
