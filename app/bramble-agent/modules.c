/* modules.alias and modules.dep; see modules.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/modules.h"
#include "base/cleanup.h"
#include "base/text.h"

enum { ALIAS_SIZE = 512 };

/* The next line of a text; false at its end. */
static bool next_line(const char **at, const char **line, size_t *len) {
        if (!**at)
                return false;
        *line = *at;
        *len = strcspn(*at, "\n");
        *at += *len + ((*at)[*len] == '\n');
        return true;
}

/* The next word of a line, moved behind it; NULL at the end. */
static const char *next_word(const char **at, const char *end, size_t *len) {
        while (*at < end && (**at == ' ' || **at == '\t'))
                (*at)++;
        const char *word = *at;
        while (*at < end && **at != ' ' && **at != '\t')
                (*at)++;
        *len = (size_t)(*at - word);
        return *len > 0 ? word : NULL;
}

static bool copy_word(char *buf, size_t size, const char *word, size_t len) {
        if (!word || len >= size)
                return false;
        memcpy(buf, word, len);
        buf[len] = '\0';
        return true;
}

/* "alias PATTERN NAME" */
static bool parse_alias(const char *line, size_t len, char pattern[static ALIAS_SIZE],
                        char name[static MODULES_NAME_SIZE]) {
        const char *end = line + len;
        size_t n;
        const char *word = next_word(&line, end, &n);

        if (!word || n != strlen("alias") || memcmp(word, "alias", n) != 0)
                return false;
        word = next_word(&line, end, &n);
        if (!copy_word(pattern, ALIAS_SIZE, word, n))
                return false;
        word = next_word(&line, end, &n);
        return copy_word(name, MODULES_NAME_SIZE, word, n);
}

/* Most of many thousand patterns are of another bus: told by the first letters, up to what is wild. */
static bool may_match(const char *pattern, const char *alias) {
        size_t fixed = strcspn(pattern, "*?[\\-_");
        return strncmp(pattern, alias, fixed) == 0;
}

static void unify(char *name) {
        for (; *name; name++)
                if (*name == '-')
                        *name = '_';
}

int modules_for_alias(const struct modules *m, const char *alias, int (*fn)(void *ctx, const char *name),
                      void *ctx) {
        char pattern[ALIAS_SIZE], name[MODULES_NAME_SIZE], unified[ALIAS_SIZE];
        const char *at = m->alias, *line;
        size_t len;

        if (text_copy(unified, sizeof(unified), alias) < 0)
                return 0;
        unify(unified);
        while (next_line(&at, &line, &len)) {
                if (!parse_alias(line, len, pattern, name) || !may_match(pattern, alias))
                        continue;
                if (fnmatch(pattern, alias, 0) != 0) {
                        unify(pattern);
                        if (strcmp(pattern, unified) != 0)
                                continue;
                }
                int r = fn(ctx, name);
                if (r != 0)
                        return r;
        }
        return strlen(unified) < MODULES_NAME_SIZE ? fn(ctx, unified) : 0;
}

/* Whether a path such as kernel/fs/ext4/ext4.ko.xz is the file of a module. */
static bool is_file_of(const char *path, size_t len, const char *name) {
        for (size_t i = len; i-- > 0;) {
                if (path[i] != '/')
                        continue;
                path += i + 1;
                len -= i + 1;
                break;
        }
        size_t i = 0;
        for (; i < len && name[i]; i++) {
                char c = path[i] == '-' ? '_' : path[i], d = name[i] == '-' ? '_' : name[i];
                if (c != d)
                        return false;
        }
        return !name[i] && len - i >= 3 && memcmp(path + i, ".ko", 3) == 0 &&
               (len - i == 3 || path[i + 3] == '.');
}

int modules_files(const struct modules *m, const char *name, int (*fn)(void *ctx, const char *path),
                  void *ctx) {
        struct {
                const char *at;
                size_t len;
        } files[MODULES_DEPENDS_MAX];
        char path[MODULES_PATH_SIZE];
        const char *at = m->dep, *line, *word;
        size_t n = 0, len, word_len;

        while (n == 0 && next_line(&at, &line, &len)) {
                const char *colon = memchr(line, ':', len), *rest = colon + 1;
                if (!colon || !is_file_of(line, (size_t)(colon - line), name))
                        continue;
                files[n].at = line;
                files[n++].len = (size_t)(colon - line);
                while (n < ARRAY_LEN(files) && (word = next_word(&rest, line + len, &word_len))) {
                        files[n].at = word;
                        files[n++].len = word_len;
                }
        }
        /* What a module needs stands behind it, and is loaded before it. */
        while (n-- > 0) {
                if (!copy_word(path, sizeof(path), files[n].at, files[n].len))
                        continue;
                int r = fn(ctx, path);
                if (r != 0)
                        return r;
        }
        return 0;
}

bool modules_is_wanted(const char *path) {
        static const char *const useless[] = { "drivers/gpu/",       "drivers/media/",
                                               "drivers/bluetooth/", "drivers/net/wireless/",
                                               "drivers/video/",     "/sound/" };

        for (size_t i = 0; i < ARRAY_LEN(useless); i++)
                if (strstr(path, useless[i]))
                        return false;
        return true;
}
