/* What values of keys look like; see keys.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "core/power/keys.h"
#include "core/power/params.h"
#include "core/power/regex.h"

static bool is_host_char(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '.' || c == '_';
}

/* A name or an IPv4 address. It never begins with '-': some are words of a command line. */
static bool is_name(const char *s) {
        if (s[0] == 0 || s[0] == '-' || s[0] == '.')
                return false;
        for (; *s; s++) {
                if (!is_host_char(*s))
                        return false;
        }
        return true;
}

static bool is_ipv6(const char *s) {
        struct ip_addr a;
        return ip_parse(s, &a) == 0 && a.family == IP_V6;
}

static int parse_port(const char *text, uint16_t *ret) {
        uint64_t n;

        if (text[0] == '0' || text_parse_u64(text, UINT16_MAX, &n) < 0)
                return -EINVAL;
        *ret = (uint16_t)n;
        return 0;
}

int power_address_parse(const char *text, struct power_address *ret) {
        const bool is_bracketed = text[0] == '[';
        const char *host = text + is_bracketed, *end = strchrnul(host, is_bracketed ? ']' : ':');
        struct power_address a = {};

        if (!is_bracketed && is_ipv6(text)) /* without a port, it needs no brackets */
                end = text + strlen(text);
        const size_t len = (size_t)(end - host);
        if (len > POWER_HOST_MAX || (is_bracketed && !*end))
                return -EINVAL;
        memcpy(a.host, host, len);
        if (!is_ipv6(a.host) && (is_bracketed || !is_name(a.host)))
                return -EINVAL;
        end += is_bracketed;
        if (*end && (*end != ':' || parse_port(end + 1, &a.port) < 0))
                return -EINVAL;
        *ret = a;
        return 0;
}

/* Each kind of value: whether @value is one. */

static bool is_text(const struct power_key *key, const char *value) {
        (void)key;
        return value[0] != 0;
}

static bool is_host(const struct power_key *key, const char *value) {
        struct power_address a;
        (void)key;
        return power_address_parse(value, &a) == 0;
}

static bool is_number(const struct power_key *key, const char *value) {
        uint64_t n;
        return text_parse_u64(value, key->most, &n) == 0 && n >= key->least;
}

static bool is_choice(const struct power_key *key, const char *value) {
        const size_t len = strlen(value);

        for (const char *at = key->choices; *at;) {
                const char *end = strchrnul(at, '|');
                if ((size_t)(end - at) == len && strncmp(at, value, len) == 0)
                        return true;
                at = *end ? end + 1 : end;
        }
        return false;
}

static bool is_bool(const struct power_key *key, const char *value) {
        (void)key;
        return strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
}

/* A user before the host would show a password wherever the URL is shown; it has a key of its own. */
static bool is_url(const struct power_key *key, const char *value) {
        static const char *const schemes[] = { "http://", "https://" };
        char host[POWER_HOST_MAX + 8];
        struct power_address a;

        (void)key;
        for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
                if (!text_starts_with(value, schemes[i]))
                        continue;
                const char *at = value + strlen(schemes[i]);
                const size_t len = strcspn(at, "/?#");
                if (len >= sizeof(host) || strpbrk(value, " \"<>\\^`{|}"))
                        return false;
                memcpy(host, at, len);
                host[len] = 0;
                return power_address_parse(host, &a) == 0;
        }
        return false;
}

static bool is_mac(const struct power_key *key, const char *value) {
        struct mac mac;
        (void)key;
        return mac_parse(value, &mac) == 0;
}

static bool is_regex(const struct power_key *key, const char *value) {
        (void)key;
        return power_regex_check(value) == 0;
}

static bool is_program(const struct power_key *key, const char *value) {
        (void)key;
        return is_name(value) && strlen(value) <= 64;
}

static const struct {
        const char *name;
        bool (*is_right)(const struct power_key *key, const char *value);
        const char *wanted;
} types[] = {
        [POWER_TEXT] = { "text", is_text, "a text" },
        [POWER_HOST] = { "host", is_host, "a host or address, and a port if need be, as in 10.0.0.2:8080" },
        [POWER_NUMBER] = { "number", is_number, "a number" },         /* its bounds are said */
        [POWER_CHOICE] = { "choice", is_choice, "one of its words" }, /* which are said */
        [POWER_BOOL] = { "bool", is_bool, "true or false" },
        [POWER_URL] = { "url", is_url, "a URL as in https://10.0.0.2/on, without a user in it" },
        [POWER_MAC] = { "mac", is_mac, "a MAC as in dc:a6:32:01:02:03" },
        [POWER_REGEX] = { "regex", is_regex, "a regular expression" },
        [POWER_PROGRAM] = { "program", is_program, "the name of a program, without a path" },
};
_Static_assert(ARRAY_LEN(types) == POWER_KEY_TYPES, "a row for each");

const char *power_key_type_name(enum power_key_type type) {
        return types[type].name;
}

/* One line without control characters: values stand in lines of protocols and of configuration files. */
static bool is_one_line(const char *value) {
        for (; *value; value++) {
                if ((unsigned char)*value < 0x20 || *value == 0x7f)
                        return false;
        }
        return true;
}

int power_key_check(const struct power_key *key, const char *value, struct error *reterr) {
        if (strlen(value) > POWER_VALUE_MAX)
                return error_set(reterr, -EINVAL, "%s is longer than %d octets", key->name, POWER_VALUE_MAX);
        if (!is_one_line(value))
                return error_set(reterr, -EINVAL, "%s is one line without control characters", key->name);
        if (types[key->type].is_right(key, value))
                return 0;
        if (key->type == POWER_NUMBER)
                return error_set(reterr, -EINVAL, "%s is a number from %u to %u", key->name, key->least,
                                 key->most);
        if (key->type == POWER_CHOICE)
                return error_set(reterr, -EINVAL, "%s is one of %s", key->name, key->choices);
        return error_set(reterr, -EINVAL, "%s is %s", key->name, types[key->type].wanted);
}

const struct power_key *power_key_find(const struct power_driver *driver, const char *name) {
        for (const struct power_key *key = driver->keys; key->name; key++) {
                if (strcmp(key->name, name) == 0)
                        return key;
        }
        return NULL;
}
