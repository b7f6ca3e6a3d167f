/* Metadata of scripts; see script_header.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "format/script_header.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "format/yaml_json.h"

#define BEGIN_LINE "# --- Start MAAS 1.0 script metadata ---"
#define END_LINE "# --- End MAAS 1.0 script metadata ---"

static bool is_line(const char *line, size_t len, const char *wanted) {
        while (len > 0 && (unsigned char)line[len - 1] <= ' ')
                len--;
        return len == strlen(wanted) && memcmp(line, wanted, len) == 0;
}

/* The YAML between the marks, a line for each line of the script. */
struct metadata {
        struct text yaml;
        unsigned begin; /* line of the first mark; 0: there is none */
        bool has_ended;
};

static void find_metadata(const char *script, size_t len, struct metadata *ret) {
        unsigned number = 1;

        *ret = (struct metadata){ 0 };
        for (const char *line = script, *end = script + len; line < end && !ret->has_ended; number++) {
                const char *newline = memchr(line, '\n', (size_t)(end - line));
                size_t n = (size_t)((newline ? newline : end) - line);
                if (ret->begin && is_line(line, n, END_LINE))
                        ret->has_ended = true;
                else if (ret->begin) {
                        size_t skip = n > 1 && line[1] == ' ' ? 2 : 1;
                        if (n > 0 && line[0] == '#')
                                text_append_octets(&ret->yaml, line + skip, n - skip);
                        text_append(&ret->yaml, "\n");
                } else if (is_line(line, n, BEGIN_LINE))
                        ret->begin = number;
                line += n + 1;
        }
}

json_t *script_header(const char *script, size_t len, unsigned *ret_line) {
        struct metadata m;
        unsigned line = 0;
        json_t *header = NULL;

        find_metadata(script, len, &m);
        if (!m.begin)
                return json_object();
        if (m.has_ended && !m.yaml.failed)
                header = yaml_to_json(m.yaml.octets ? m.yaml.octets : "", m.yaml.len, &line);
        text_free(&m.yaml);
        if (json_is_object(header))
                return header;
        if (ret_line) /* a list or a word is wrong where it begins; what never ends, at its mark */
                *ret_line = m.begin + (header ? 1 : line);
        json_decref(header);
        return NULL;
}

unsigned script_header_line(const char *script, size_t len, const char *key) {
        struct metadata m;
        unsigned found = 0, number = 0;

        find_metadata(script, len, &m);
        for (const char *at = m.yaml.octets, *next; at && *at && !found; at = next) {
                size_t n = strcspn(at, "\n"), key_len = strlen(key);
                number++;
                if (n > key_len && memcmp(at, key, key_len) == 0 && at[key_len] == ':')
                        found = m.begin + number;
                next = at + n + (at[n] == '\n');
        }
        text_free(&m.yaml);
        return found;
}

/* A member that is a text, else "". */
static const char *text_of(const json_t *object, const char *key) {
        const char *text = json_string_value(json_object_get(object, key));
        return text ? text : "";
}

unsigned script_timeout_s(const json_t *header) {
        const json_t *timeout = json_object_get(header, "timeout");
        json_int_t number = json_integer_value(timeout);
        unsigned hours, minutes, seconds;
        int end = 0;

        if (json_is_integer(timeout))
                return number > 0 && number <= SCRIPT_LIFETIME_S ? (unsigned)number : 0;
        const char *text = text_of(header, "timeout");
        if (sscanf(text, "%3u:%2u:%2u%n", &hours, &minutes, &seconds, &end) != 3 || text[end] ||
            minutes > 59 || seconds > 59)
                return 0;
        unsigned total = hours * 3600 + minutes * 60 + seconds;
        return total <= SCRIPT_LIFETIME_S ? total : 0;
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
        const char *format = text_of(parameter, "argument_format");

        if (!*format) {
                bool is_path = strcmp(text_of(parameter, "type"), "storage") == 0;
                bool is_name = strcmp(text_of(parameter, "type"), "interface") == 0;
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
