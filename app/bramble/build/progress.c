/* Telling how far a build is; see progress.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/bramble/build/progress.h"
#include "base/text.h"

enum { SHOW_EVERY_MS = 100 };
#define CLEAR "\r\033[K"

static int64_t now_ms(void) {
        struct timespec t;

        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void show(struct progress *p) {
        const int64_t now = now_ms(), s = (now - p->begun_ms) / 1000;

        if (!p->is_terminal || now - p->shown_ms < SHOW_EVERY_MS)
                return;
        p->shown_ms = now;
        (void)fprintf(stderr, CLEAR "[%u/%u] %s  %d:%02d  %s", p->step, p->n_steps, p->title, (int)(s / 60),
                      (int)(s % 60), p->detail);
        (void)fflush(stderr);
}

void progress_begin(struct progress *p, const char *title) {
        p->step++;
        p->title = title;
        p->detail[0] = '\0';
        p->begun_ms = now_ms();
        p->shown_ms = 0;
        show(p);
}

/* Of mmdebstrap's words its own remarks, which say where it is; nothing that could steer a terminal. */
void progress_line(void *ctx, const char *line) {
        struct progress *p = ctx;

        if (line && text_starts_with(line, "I: ")) {
                (void)snprintf(p->detail, sizeof(p->detail), "%s", line + strlen("I: "));
                for (char *c = p->detail; *c; c++)
                        if ((unsigned char)*c < ' ' || (unsigned char)*c >= 0x7f)
                                *c = '?';
        }
        show(p);
}

void progress_end(struct progress *p, bool is_cached) {
        const double s = (double)(now_ms() - p->begun_ms) / 1000;
        const char *before = p->is_terminal ? CLEAR : "";

        if (is_cached)
                (void)fprintf(stderr, "%s[%u/%u] %s: there already\n", before, p->step, p->n_steps, p->title);
        else
                (void)fprintf(stderr, "%s[%u/%u] %s: %.1f s\n", before, p->step, p->n_steps, p->title, s);
}

void progress_drop(struct progress *p) {
        if (p->is_terminal)
                (void)fputs(CLEAR, stderr);
}
