/* Every sign of the doctor has its section in the documents, and every LED code its row. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/trail/doctor/doctor.h"
#include "core/trail/doctor/led.h"
#include "core/trail/doctor/site.h"

enum { PAGE_MAX = 1 << 16 };

static unsigned n_failed;

static char *read_page(const char *docs, const char *name, size_t len) {
        static char text[PAGE_MAX];
        char path[4096];

        (void)snprintf(path, sizeof(path), "%s/%.*s", docs, (int)len, name);
        FILE *in = fopen(path, "re");
        size_t n = in ? fread(text, 1, sizeof(text) - 1, in) : 0;
        if (in)
                (void)fclose(in);
        text[n] = 0;
        return text;
}

static void want(const char *text, const char *part, const char *where) {
        if (strstr(text, part))
                return;
        (void)fprintf(stderr, "%s has no \"%s\"\n", where, part);
        n_failed++;
}

static void check_section(const char *docs, const char *id, const char *page) {
        const char *mark = strchrnul(page, '#');
        char heading[96];

        if (strcmp(*mark ? mark + 1 : "", id) != 0) {
                (void)fprintf(stderr, "%s: its page is %s\n", id, page);
                n_failed++;
        }
        (void)snprintf(heading, sizeof(heading), "\n## %s\n", id);
        want(read_page(docs, page, (size_t)(mark - page)), heading, page);
}

static void check_sign(const char *docs, const struct doctor_sign *s) {
        check_section(docs, s->id, s->page);
        want(read_page(docs, "doctor/README.md", 16), s->id, "doctor/README.md");
}

int main(int argc, char **argv) {
        if (argc != 2)
                return EXIT_FAILURE;
        for (size_t i = 0; i < doctor_n_signs; i++)
                check_sign(argv[1], &doctor_signs[i]);
        for (size_t i = 0; i < site_n_checks; i++)
                check_section(argv[1], site_checks[i].id, site_checks[i].page);
        for (size_t i = 0; i < doctor_n_leds; i++) {
                char row[32];
                (void)snprintf(row, sizeof(row), "\n| %u | %u ", doctor_leds[i].long_flashes,
                               doctor_leds[i].short_flashes);
                want(read_page(argv[1], "led-codes.md", 12), row, "led-codes.md");
        }
        return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
