/* Metadata of scripts; see header.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/json.h"
#include "app/bramble-agent/script/header.h"
#include "app/bramble-agent/script/yaml.h"
#include "base/text.h"

#define BEGIN_LINE "# --- Start MAAS 1.0 script metadata ---"
#define END_LINE "# --- End MAAS 1.0 script metadata ---"

enum { LIFETIME_S = 7 * 86400 }; /* no script is waited for longer */

static bool is_line(const char *line, size_t len, const char *wanted) {
        while (len > 0 && (unsigned char)line[len - 1] <= ' ')
                len--;
        return len == strlen(wanted) && memcmp(line, wanted, len) == 0;
}

json_t *script_header(const char *script, size_t len) {
        CLEANUP(text_free) struct text yaml = { 0 };
        bool is_inside = false, has_ended = false;

        for (const char *line = script, *end = script + len; line < end && !has_ended;) {
                const char *newline = memchr(line, '\n', (size_t)(end - line));
                size_t n = (size_t)((newline ? newline : end) - line);
                if (is_inside && is_line(line, n, END_LINE))
                        has_ended = true;
                else if (is_inside && n > 0 && line[0] == '#') {
                        size_t skip = n > 1 && line[1] == ' ' ? 2 : 1;
                        text_append_octets(&yaml, line + skip, n - skip);
                        text_append(&yaml, "\n");
                } else if (is_line(line, n, BEGIN_LINE))
                        is_inside = true;
                line += n + 1;
        }
        if (!is_inside)
                return json_object();
        json_t *header =
                has_ended && !yaml.failed ? yaml_to_json(yaml.octets ? yaml.octets : "", yaml.len) : NULL;
        if (json_is_object(header))
                return header;
        json_decref(header);
        return NULL;
}

unsigned script_timeout_s(const json_t *header) {
        unsigned hours, minutes, seconds;
        int end = 0;

        if (json_is_integer(json_object_get(header, "timeout")))
                return (unsigned)json_number_of(header, "timeout", LIFETIME_S, 0);
        const char *text = json_text_of(header, "timeout");
        if (sscanf(text, "%3u:%2u:%2u%n", &hours, &minutes, &seconds, &end) != 3 || text[end] ||
            minutes > 59 || seconds > 59)
                return 0;
        unsigned total = hours * 3600 + minutes * 60 + seconds;
        return total <= LIFETIME_S ? total : 0;
}

/* The next word before @end, moved behind it; false when there is none that fits. */
static bool next_word(const char **at, const char *end, char *buf, size_t size) {
        while (*at < end && (**at == ' ' || **at == '\t'))
                (*at)++;
        const char *word = *at;
        while (*at < end && (unsigned char)**at > ' ')
                (*at)++;
        size_t n = (size_t)(*at - word);
        if (n == 0 || n >= size)
                return false;
        memcpy(buf, word, n);
        buf[n] = '\0';
        return true;
}

/* "#!/usr/bin/env -S python3 -u" names its program later. */
static bool is_env(const char *word) {
        const char *slash = strrchr(word, '/');
        return strcmp(slash ? slash + 1 : word, "env") == 0 || strcmp(word, "-S") == 0;
}

void script_interpreter(const char *script, size_t len, struct script_interpreter *ret) {
        const char *at = script + 2, *end = memchr(script, '\n', len);
        bool has_word;

        *ret = (struct script_interpreter){ 0 };
        if (len < 2 || memcmp(script, "#!", 2) != 0)
                return;
        if (!end)
                end = script + len;
        do
                has_word = next_word(&at, end, ret->program, sizeof(ret->program));
        while (has_word && is_env(ret->program));
        if (!has_word || !next_word(&at, end, ret->option, sizeof(ret->option)))
                ret->option[0] = '\0';
        if (!has_word)
                ret->program[0] = '\0';
}

/* The field that a '{' begins; NULL when it is none of ours. */
static const char *field_at(const char *at, const json_t *fields, size_t *len) {
        const char *key, *close = strchr(at, '}');
        json_t *value;

        json_object_foreach((json_t *)(uintptr_t)fields, key, value) {
                size_t n = strlen(key);
                if (close && (size_t)(close - at - 1) == n && memcmp(at + 1, key, n) == 0) {
                        *len = n + 2;
                        return json_string_value(value);
                }
        }
        return NULL;
}

char *script_argument(const char *name, const json_t *parameter, const json_t *fields) {
        struct text out = { 0 };
        char usual[160];
        const char *format = json_text_of(parameter, "argument_format");

        if (!*format) {
                bool is_path = strcmp(json_text_of(parameter, "type"), "storage") == 0;
                bool is_name = strcmp(json_text_of(parameter, "type"), "interface") == 0;
                (void)snprintf(usual, sizeof(usual), "--%.100s=%s", name,
                               is_path   ? "{path}"
                               : is_name ? "{name}"
                                         : "{input}");
                format = usual;
        }
        text_append(&out, "");
        while (*format) {
                size_t len;
                const char *value = *format == '{' ? field_at(format, fields, &len) : NULL;
                if (value) {
                        text_append(&out, value);
                        format += len;
                } else
                        text_append_octets(&out, format++, 1);
        }
        return text_take(&out);
}
