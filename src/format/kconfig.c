/* Configurations and lists of modules; see kconfig.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "format/kconfig.h"

#include <stdbool.h>
#include <string.h>

static const char *line_end(const char *at) {
        return at + strcspn(at, "\n");
}

static const char *next_line(const char *at) {
        const char *end = line_end(at);
        return *end ? end + 1 : end;
}

char kconfig_value(const char *config, const char *option) {
        size_t len = strlen(option);

        for (const char *at = config; *at; at = next_line(at))
                if (strncmp(at, option, len) == 0 && at[len] == '=')
                        return at[len + 1] == 'y' || at[len + 1] == 'm' ? at[len + 1] : 'n';
        return 'n';
}

/* Whether a path is that of the module: "…/NAME.ko", perhaps packed. */
static bool is_module(const char *path, size_t len, const char *name) {
        size_t at = len;

        while (at > 0 && path[at - 1] != '/')
                at--;
        for (; *name && at < len; name++, at++) {
                char a = path[at] == '-' ? '_' : path[at], b = *name == '-' ? '_' : *name;
                if (a != b)
                        return false;
        }
        return *name == '\0' && len - at >= 3 && strncmp(path + at, ".ko", 3) == 0 &&
               (at + 3 == len || path[at + 3] == '.');
}

const char *modules_find(const char *list, const char *name, size_t *ret_len) {
        for (const char *at = list; *at; at = next_line(at)) {
                size_t len = strcspn(at, ": \t\r\n");
                if (!is_module(at, len, name))
                        continue;
                *ret_len = len;
                return at;
        }
        return NULL;
}

const char *modules_next_dependency(const char **at, size_t *ret_len) {
        const char *word = *at + strspn(*at, ": \t\r");
        size_t len = strcspn(word, ": \t\r\n");

        *at = word + len;
        *ret_len = len;
        return len ? word : NULL;
}
