/* Strict reading of JSON objects; see fields.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/fields.h"
#include "base/nearest.h"
#include "base/text.h"

static const struct api_field *find(const struct api_field *fields, size_t n, const char *name) {
        for (size_t i = 0; i < n; i++) {
                if (strcmp(fields[i].name, name) == 0)
                        return &fields[i];
        }
        return NULL;
}

static int unknown_field(const char *name, const struct api_field *fields, size_t n, struct error *reterr) {
        struct nearest near = nearest_to(name);

        for (size_t i = 0; i < n; i++)
                nearest_offer(&near, fields[i].name);
        if (near.best)
                return error_set(reterr, -EINVAL, "there is no field \"%.64s\"; \"%s\" is probably meant",
                                 name, near.best);
        return error_set(reterr, -EINVAL, "there is no field \"%.64s\"", name);
}

int api_fields_read(const json_t *in, const struct api_field *fields, size_t n, void *thing,
                    const char **ret_field, struct error *reterr) {
        const char *name;
        json_t *value;

        *ret_field = NULL;
        json_object_foreach((json_t *)in, name, value) {
                const struct api_field *field = find(fields, n, name);
                *ret_field = name;
                if (!field)
                        return unknown_field(name, fields, n, reterr);
                if (json_is_null(value))
                        continue;
                int r = field->read(thing, value, reterr);
                if (r < 0) {
                        (void)error_prefix(reterr, "%s", field->name);
                        return r;
                }
        }
        for (size_t i = 0; i < n; i++) {
                const json_t *there = json_object_get(in, fields[i].name);
                *ret_field = fields[i].name;
                if (fields[i].is_required && (!there || json_is_null(there)))
                        return error_set(reterr, -EINVAL, "the field \"%s\" is missing", fields[i].name);
        }
        *ret_field = NULL;
        return 0;
}

int api_read_text(const json_t *value, char *buf, size_t size, struct error *reterr) {
        if (!json_is_string(value))
                return error_set(reterr, -EINVAL, "a text is wanted");
        if (text_copy(buf, size, json_string_value(value)) < 0)
                return error_set(reterr, -EINVAL, "the text is longer than %zu octets", size - 1);
        return 0;
}

int api_read_number(const json_t *value, int64_t min, int64_t max, int64_t *ret, struct error *reterr) {
        json_int_t n = json_integer_value(value);

        if (!json_is_integer(value) || n < min || n > max)
                return error_set(reterr, -EINVAL, "a whole number from %jd to %jd is wanted", (intmax_t)min,
                                 (intmax_t)max);
        *ret = n;
        return 0;
}

int api_read_ip(const json_t *value, struct ip_addr *ret, struct error *reterr) {
        struct ip_addr ip;
        const char *text = json_string_value(value);

        if (!text || ip_parse(text, &ip) < 0 || ip.family != IP_V4)
                return error_set(reterr, -EINVAL, "\"%.64s\" is no IPv4 address such as 10.77.0.5",
                                 text ? text : "");
        *ret = ip;
        return 0;
}

int api_read_net(const json_t *value, struct ip_net *ret, struct error *reterr) {
        struct ip_net net;
        const char *text = json_string_value(value);

        if (!text || ip_net_parse(text, &net) < 0 || net.addr.family != IP_V4)
                return error_set(reterr, -EINVAL,
                                 "\"%.64s\" is no network such as 10.77.0.0/24, whose host bits are zero",
                                 text ? text : "");
        *ret = net;
        return 0;
}

int api_read_list(const json_t *value, size_t max, void *thing, size_t *ret_n,
                  int (*read)(void *thing, size_t at, const json_t *item, struct error *reterr),
                  struct error *reterr) {
        if (!json_is_array(value))
                return error_set(reterr, -EINVAL, "a list is wanted");
        size_t n = json_array_size(value);
        if (n > max)
                return error_set(reterr, -EINVAL, "the list is longer than %zu", max);
        for (size_t i = 0; i < n; i++) {
                int r = read(thing, i, json_array_get(value, i), reterr);
                if (r < 0)
                        return r;
                *ret_n = i + 1;
        }
        return 0;
}

/* What strangers sent may be no UTF-8: then every octet above ASCII becomes a question mark. */
json_t *api_text_or_empty(const char *s) {
        json_t *out = json_string(s ? s : "");
        if (out)
                return out;
        CLEANUP(free_at) char *ascii = strdup(s);
        for (char *at = ascii; at && *at; at++) {
                if (*at & 0x80)
                        *at = '?';
        }
        return ascii ? json_string(ascii) : NULL;
}

json_t *api_text_or_null(const char *s) {
        return s && s[0] ? api_text_or_empty(s) : json_null();
}

json_t *api_ip(const struct ip_addr *ip) {
        char text[IP_TEXT_SIZE];
        return ip_is_set(ip) ? json_string(ip_text(ip, text)) : json_null();
}

json_t *api_mac(const struct mac *mac) {
        char text[MAC_TEXT_SIZE];
        return mac_is_zero(mac) ? json_null() : json_string(mac_text(mac, text));
}

json_t *api_net(const struct ip_net *net) {
        char text[IP_NET_TEXT_SIZE];
        return json_string(ip_net_text(net, text));
}

json_t *api_hex(const void *octets, size_t len) {
        CLEANUP(free_at) char *text = malloc(2 * len + 1);
        if (!text)
                return NULL;
        return len ? json_string(text_hex(octets, len, text)) : json_null();
}

/* Days since 1970 to a date of the Gregorian calendar: years that begin in March have their odd day at the
 * end. */
static void date_of(int64_t days, int *year, int *month, int *day) {
        days += 719468;                                            /* to 1 March of year 0 */
        int64_t era = (days >= 0 ? days : days - 146096) / 146097; /* of 400 years */
        int64_t day_of_era = days - era * 146097;
        int64_t year_of_era =
                (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
        int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        int64_t from_march = (5 * day_of_year + 2) / 153;

        *day = (int)(day_of_year - (153 * from_march + 2) / 5 + 1);
        *month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
        *year = (int)(year_of_era + era * 400 + (*month <= 2));
}

static json_t *time_json(int64_t unix_s, const char *fraction) {
        int64_t days = unix_s / 86400, second = unix_s % 86400;
        int year, month, day;

        if (second < 0) {
                second += 86400;
                days--;
        }
        date_of(days, &year, &month, &day);
        return json_sprintf("%04d-%02d-%02dT%02d:%02d:%02d%sZ", year, month, day, (int)(second / 3600),
                            (int)(second / 60 % 60), (int)(second % 60), fraction);
}

json_t *api_time(int64_t unix_s) {
        return time_json(unix_s, "");
}

json_t *api_time_ms(int64_t unix_ms) {
        char fraction[8];
        int64_t ms = (unix_ms % 1000 + 1000) % 1000;
        (void)snprintf(fraction, sizeof(fraction), ".%03d", (int)ms);
        return time_json((unix_ms - ms) / 1000, fraction);
}
