/* config.txt as the firmware reads it; see config.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-sim/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

enum { LINE_SIZE = 256 };

/* One verdict for each kind of filter: the same kind replaces, different kinds all must hold. */
struct filters {
        bool model, serial, none, tryboot, other;
};

static const struct filters all_hold = { true, true, true, true, true };

static bool is_model(const char *name) {
        return strncasecmp(name, "pi", 2) == 0 || strncasecmp(name, "cm", 2) == 0 ||
               strncasecmp(name, "board-type=", 11) == 0;
}

static bool model_matches(const struct config_board *b, const char *name) {
        if (strncasecmp(name, "board-type=", 11) == 0)
                return strtoul(name + 11, NULL, 0) == (b->revision >> 4 & 0xff);
        for (size_t i = 0; i < ARRAY_LEN(b->filters) && b->filters[i]; i++)
                if (strcasecmp(b->filters[i], name) == 0)
                        return true;
        return false;
}

static void apply_filter(struct filters *f, const struct config_board *b, const char *name) {
        if (strcasecmp(name, "all") == 0)
                *f = all_hold;
        else if (strcasecmp(name, "none") == 0)
                f->none = false;
        else if (strcasecmp(name, "tryboot") == 0)
                f->tryboot = false;
        else if (is_model(name))
                f->model = model_matches(b, name);
        else if (strncasecmp(name, "0x", 2) == 0)
                f->serial = strtoul(name, NULL, 16) == b->serial;
        else
                f->other = false; /* HDMI, EDID, GPIO, expressions: nothing is connected to this board */
}

static bool hold(const struct filters *f) {
        return f->model && f->serial && f->none && f->tryboot && f->other;
}

static void set(char *to, const char *value) {
        (void)snprintf(to, CONFIG_VALUE_MAX, "%s", value);
}

static void apply_key(struct config *c, const char *key, const char *value) {
        const struct {
                const char *key;
                char *to;
        } texts[] = {
                { "kernel", c->kernel },           { "cmdline", c->cmdline },
                { "device_tree", c->device_tree }, { "os_prefix", c->os_prefix },
                { "armstub", c->armstub },         { "overlay_prefix", c->overlay_prefix },
                { "start_file", c->start_file },   { "fixup_file", c->fixup_file },
                { "ramfsfile", c->initramfs },
        };
        const struct {
                const char *key;
                bool *to;
        } flags[] = {
                { "auto_initramfs", &c->auto_initramfs },
                { "arm_64bit", &c->arm_64bit },
                { "boot_ramdisk", &c->boot_ramdisk },
                { "upstream_kernel", &c->upstream_kernel },
        };

        for (size_t i = 0; i < ARRAY_LEN(texts); i++)
                if (strcmp(key, texts[i].key) == 0)
                        set(texts[i].to, value);
        for (size_t i = 0; i < ARRAY_LEN(flags); i++)
                if (strcmp(key, flags[i].key) == 0)
                        *flags[i].to = atoi(value) != 0;
        if (strcmp(key, "dtoverlay") == 0 && value[0] && c->n_overlays < CONFIG_OVERLAYS_MAX) {
                char *overlay = c->overlays[c->n_overlays++];
                set(overlay, value);
                overlay[strcspn(overlay, ",:")] = 0;
        }
}

/* `initramfs FILE followkernel` and `include FILE` have no equals sign. */
static void apply_words(struct config *c, const char *line) {
        char word[CONFIG_VALUE_MAX];

        if (sscanf(line, "initramfs %97s", word) == 1)
                set(c->initramfs, word);
        else if (sscanf(line, "include %97s", word) == 1)
                set(c->include, word);
}

static void apply_line(struct config *c, struct filters *f, const struct config_board *b, char *line) {
        char *end = line + strcspn(line, "#\r\n");
        while (end > line && (end[-1] == ' ' || end[-1] == '\t'))
                end--;
        *end = 0;
        line += strspn(line, " \t");

        size_t len = strlen(line);
        if (line[0] == '[' && line[len - 1] == ']') {
                line[len - 1] = 0;
                apply_filter(f, b, line + 1);
                return;
        }
        if (!hold(f))
                return;
        char *equals = strchr(line, '=');
        if (!equals) {
                apply_words(c, line);
                return;
        }
        *equals = 0;
        apply_key(c, line, equals + 1);
}

void config_defaults(struct config *c, bool is_64bit) {
        *c = (struct config){ .arm_64bit = is_64bit };
        set(c->cmdline, "cmdline.txt");
        set(c->overlay_prefix, "overlays/");
}

void config_read(struct config *c, const struct config_board *board, const char *text, size_t len) {
        struct filters f = all_hold;
        const char *end = text + len;

        c->n_overlays = 0;
        while (text < end) {
                const char *newline = memchr(text, '\n', (size_t)(end - text));
                size_t n = (size_t)((newline ? newline : end) - text);
                char line[LINE_SIZE];
                size_t kept = n < sizeof(line) - 1 ? n : sizeof(line) - 1;
                memcpy(line, text, kept);
                line[kept] = 0;
                apply_line(c, &f, board, line);
                text += n + 1;
        }
}
