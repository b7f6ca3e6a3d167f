/* One event, one line; see log.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "io/log.h"

enum { LINE_MAX_OCTETS = 1024 };

/* The one setting of this file: written once at start, before there are threads. */
static const char *debug_parts;

void log_set_debug(const char *parts) {
        debug_parts = parts;
}

/* Whether --debug names the part that @what begins with ("dhcp: …"). */
static bool debug_wanted(const char *what) {
        if (!debug_parts)
                return false;
        size_t part_len = strcspn(what, ":");
        for (const char *at = debug_parts; *at;) {
                size_t len = strcspn(at, ",");
                if ((len == part_len && strncmp(at, what, len) == 0) ||
                    (len == 3 && strncmp(at, "all", 3) == 0))
                        return true;
                at += len + (at[len] == ',');
        }
        return false;
}

static void put(char line[static LINE_MAX_OCTETS], size_t *len, const char *s) {
        /* Newlines in values would forge lines of their own; the last octet stays for ours. */
        for (; *s && *len < LINE_MAX_OCTETS - 2; s++)
                line[(*len)++] = (unsigned char)*s < ' ' || *s == 0x7f ? '?' : *s;
}

/* A value in quotes; its own are marked, or it could go on with keys of its own. */
static void put_quoted(char line[static LINE_MAX_OCTETS], size_t *len, const char *value) {
        put(line, len, "\"");
        for (; *value; value++) {
                if (*value == '"' || *value == '\\')
                        put(line, len, "\\");
                put(line, len, (const char[]){ *value, 0 });
        }
        put(line, len, "\"");
}

static void put_pairs(char line[static LINE_MAX_OCTETS], size_t *len, va_list args) {
        for (const char *key; (key = va_arg(args, const char *));) {
                const char *value = va_arg(args, const char *);
                if (!value)
                        value = "";
                put(line, len, " ");
                put(line, len, key);
                put(line, len, "=");
                if (!*value || strpbrk(value, " \t=\"\\"))
                        put_quoted(line, len, value);
                else
                        put(line, len, value);
        }
}

/* True when stderr leads to the journal, which adds time and priority itself (sd_journal_stream_fd(3)'s
 * protocol). */
static bool stderr_is_journal(void) {
        const char *stream = getenv("JOURNAL_STREAM");
        unsigned long device, inode;
        struct stat status;

        return stream && sscanf(stream, "%lu:%lu", &device, &inode) == 2 &&
               fstat(STDERR_FILENO, &status) == 0 && status.st_dev == device && status.st_ino == inode;
}

void log_event(enum log_level level, const char *what, ...) {
        static const struct {
                const char *name;
                int priority;
        } levels[] = {
                [LOG_LEVEL_ERROR] = { "error", LOG_ERR },
                [LOG_LEVEL_WARN] = { "warning", LOG_WARNING },
                [LOG_LEVEL_INFO] = { "info", LOG_INFO },
                [LOG_LEVEL_DEBUG] = { "debug", LOG_DEBUG },
        };
        if (level == LOG_LEVEL_DEBUG && !debug_wanted(what))
                return;

        char line[LINE_MAX_OCTETS];
        size_t len = 0;
        va_list args;

        if (stderr_is_journal()) {
                (void)snprintf(line, sizeof(line), "<%d>", levels[level].priority);
                len = strlen(line);
        } else {
                time_t now = time(NULL);
                struct tm local;
                (void)localtime_r(&now, &local);
                len = strftime(line, sizeof(line), "%H:%M:%S ", &local);
                put(line, &len, levels[level].name);
                put(line, &len, " ");
        }
        put(line, &len, what);
        va_start(args, what);
        put_pairs(line, &len, args);
        va_end(args);
        line[len++] = '\n';
        (void)!write(STDERR_FILENO, line, len); /* nobody is left to tell when stderr is gone */
}
