/* JSON and files; see report.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-sim/report.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *phase_name(const struct board *b) {
        return b->phase == BOARD_BOOTED ? "booted" : b->phase == BOARD_FAILED ? "failed" : "unfinished";
}

static json_t *file_row(const struct board_file *f) {
        char hash[17];
        (void)snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)f->hash);
        return json_pack("{s:s, s:s, s:I, s:i, s:i, s:s}", "path", f->path, "outcome", f->outcome, "octets",
                         (json_int_t)f->octets, "ms", (int)f->took_ms, "resent", (int)f->resent, "hash",
                         hash);
}

static json_t *attempt_rows(const struct board *b) {
        json_t *rows = json_array();

        for (size_t i = 0; i < b->n_attempts; i++)
                (void)json_array_append_new(rows, json_pack("{s:s, s:s?}", "mode", b->attempts[i].mode, "why",
                                                            b->attempts[i].why));
        return rows;
}

static json_t *board_row(const struct board *b) {
        char mac[MAC_TEXT_SIZE], addr[IP_TEXT_SIZE], tftp[IP_TEXT_SIZE], serial[9];
        uint64_t end_ms = b->end_ms ? b->end_ms : b->power_on_ms;
        json_t *files = json_array(), *overlays = json_array();

        for (size_t i = 0; i < b->n_files; i++)
                (void)json_array_append_new(files, file_row(&b->files[i]));
        for (size_t i = 0; i < b->config.n_overlays; i++)
                (void)json_array_append_new(overlays, json_string(b->config.overlays[i]));
        (void)snprintf(serial, sizeof(serial), "%08x", b->serial);
        return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:f, s:I, s:I, s:s, s:s, s:s, s:s, s:s, "
                         "s:s, s:s, s:o, s:o, s:o, s:i, s:I}",
                         "name", b->name, "family", b->family->name, "mac", mac_text(&b->mac, mac), "serial",
                         serial, "outcome", phase_name(b), "why", b->why ? b->why : "", "ip",
                         ip4_text(b->addr, addr), "tftp", ip4_text(b->tftp, tftp), "seconds",
                         (double)(end_ms - b->power_on_ms) / 1000, "octets", (json_int_t)b->octets, "resent",
                         (json_int_t)b->resent, "prefix", b->prefix, "kernel", b->kernel, "initramfs",
                         b->initramfs, "device_tree", b->device_tree, "cmdline", b->cmdline, "note",
                         b->config_note, "mode", board_mode(b), "attempts", attempt_rows(b), "overlays",
                         overlays, "files", files, "eeprom_updates", (int)b->eeprom.n_updates, "boot_order",
                         (json_int_t)b->boot_order);
}

int report_write(const char *path, struct board *const *boards, size_t n, uint64_t took_ms) {
        size_t booted = 0, failed = 0;
        uint64_t octets = 0;
        json_t *rows = json_array();

        for (size_t i = 0; i < n; i++) {
                booted += boards[i]->phase == BOARD_BOOTED;
                failed += boards[i]->phase == BOARD_FAILED;
                octets += boards[i]->octets;
                (void)json_array_append_new(rows, board_row(boards[i]));
        }
        json_t *all = json_pack("{s:{s:i, s:i, s:i, s:i, s:I, s:f}, s:o}", "summary", "boards", (int)n,
                                "booted", (int)booted, "failed", (int)failed, "differences",
                                (int)report_differences(boards, n), "octets", (json_int_t)octets, "seconds",
                                (double)took_ms / 1000, "boards", rows);
        if (!all)
                return -ENOMEM;
        int r = strcmp(path, "-") == 0 ? json_dumpf(all, stdout, JSON_INDENT(2))
                                       : json_dump_file(all, path, JSON_INDENT(2));
        json_decref(all);
        return r < 0 ? -EIO : 0;
}

static bool is_own_text(const char *path) {
        return strstr(path, "config.txt") || strstr(path, "cmdline.txt");
}

static const struct board_file *same_file(const struct board *b, const struct board_file *f,
                                          const struct board *owner) {
        for (size_t i = 0; i < b->n_files; i++)
                if (strcmp(b->files[i].path + strlen(b->prefix), f->path + strlen(owner->prefix)) == 0 &&
                    strcmp(b->files[i].outcome, "fetched") == 0)
                        return &b->files[i];
        return NULL;
}

size_t report_differences(struct board *const *boards, size_t n) {
        size_t differences = 0;

        for (size_t i = 1; i < n; i++) {
                const struct board *b = boards[i], *first = boards[0];
                for (size_t k = 0; k < first->n_files; k++) {
                        const struct board_file *f = &first->files[k];
                        if (strcmp(f->outcome, "fetched") != 0 || is_own_text(f->path))
                                continue;
                        const struct board_file *same = same_file(b, f, first);
                        differences += same && (same->hash != f->hash || same->octets != f->octets);
                }
        }
        return differences;
}

/* Makes the folders that @path needs below @dir. */
static int make_folders(int dir, const char *path) {
        char folder[PATH_SIZE];

        for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
                (void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
                if (folder[0] && mkdirat(dir, folder, 0755) < 0 && errno != EEXIST)
                        return -errno;
        }
        return 0;
}

int report_keep(const char *dir, const char *path, uint64_t offset, const void *data, size_t len) {
        while (*path == '/')
                path++;
        if (strstr(path, ".."))
                return -EINVAL;
        int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (at < 0)
                return -errno;
        int r = make_folders(at, path);
        int fd = r < 0 ? -1
                       : openat(at, path, O_WRONLY | O_CREAT | O_CLOEXEC | (offset == 0 ? O_TRUNC : 0), 0644);
        if (r == 0 && fd < 0)
                r = -errno;
        if (fd >= 0 && pwrite(fd, data, len, (off_t)offset) != (ssize_t)len)
                r = -EIO;
        if (fd >= 0)
                (void)close(fd);
        (void)close(at);
        return r;
}
