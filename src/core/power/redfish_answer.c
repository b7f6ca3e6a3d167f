/*
 * What a Redfish service answers (DMTF DSP0266, DSP0268). Paths in it are followed with a password at hand:
 * only those that stay on the same server are taken.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/power/answer.h"

DEFINE_CLEANUP(json_t, json_decref)

static int fail_strange(struct error *reterr) {
        return error_set(reterr, -EBADMSG, "its answer is not one of a Redfish service");
}

/* An absolute path of plain characters. What stands before it is "https://HOST": a path that began with
 * anything but a slash could lead to another host. */
static bool copy_path(char ret[static REDFISH_PATH_MAX], const json_t *value) {
        const char *s = json_string_value(value);

        if (!s || !text_starts_with(s, "/redfish/"))
                return false;
        for (const char *c = s; *c; c++) {
                if (*c <= 0x20 || *c >= 0x7f || strchr("\"#<>?\\^`{|}", *c))
                        return false;
        }
        return text_copy(ret, REDFISH_PATH_MAX, s) == 0;
}

/* ",On,ForceOff," of an array of texts; what does not fit is left out. */
static void copy_list(char *buf, size_t size, const json_t *array) {
        size_t i, n = 0;
        json_t *item;

        buf[0] = 0;
        json_array_foreach(array, i, item) {
                const char *word = json_string_value(item);
                const size_t len = word ? strlen(word) : 0;
                if (!len || n + len + 3 > size)
                        continue;
                n += (size_t)snprintf(buf + n, size - n, "%s%s,", n ? "" : ",", word);
        }
}

static enum power_state state_of(const json_t *value) {
        const char *s = json_string_value(value);

        if (s && strcmp(s, "On") == 0)
                return POWER_ON;
        return s && strcmp(s, "Off") == 0 ? POWER_OFF : POWER_UNKNOWN; /* PoweringOn, PoweringOff, Paused */
}

int redfish_system_parse(const char *text, size_t len, struct redfish_system *ret, struct error *reterr) {
        CLEANUP(json_decref_at) json_t *json = json_loadb(text, len, 0, NULL);
        const json_t *reset = json_object_get(json_object_get(json, "Actions"), "#ComputerSystem.Reset");
        struct redfish_system s = {};

        if (!json_is_string(json_object_get(json, "PowerState")))
                return fail_strange(reterr);
        s.state = state_of(json_object_get(json, "PowerState"));
        if (json_object_get(reset, "target") && !copy_path(s.reset_path, json_object_get(reset, "target")))
                return fail_strange(reterr);
        copy_list(s.resets, sizeof(s.resets), json_object_get(reset, "ResetType@Redfish.AllowableValues"));
        copy_list(s.targets, sizeof(s.targets),
                  json_object_get(json_object_get(json, "Boot"),
                                  "BootSourceOverrideTarget@Redfish.AllowableValues"));
        const char *etag = json_string_value(json_object_get(json, "@odata.etag"));
        /* It goes into a header. */
        if (etag && !strpbrk(etag, "\r\n"))
                (void)text_copy(s.etag, sizeof(s.etag), etag);
        *ret = s;
        return 0;
}

/* Whether the last part of @path is @id. */
static bool has_id(const char *path, const char *id) {
        size_t len = strlen(path);
        const size_t id_len = strlen(id);

        while (len && path[len - 1] == '/')
                len--;
        return len > id_len && path[len - id_len - 1] == '/' && strncmp(path + len - id_len, id, id_len) == 0;
}

static int fail_choice(const json_t *members, const char *id, struct error *reterr) {
        CLEANUP(text_free) struct text ids = {};
        char path[REDFISH_PATH_MAX];
        json_t *member;
        size_t i;

        json_array_foreach(members, i, member) {
                if (!copy_path(path, json_object_get(member, "@odata.id")))
                        continue;
                const char *last = strrchr(path, '/');
                text_printf(&ids, "%s%s", ids.len ? ", " : "", last[1] ? last + 1 : path);
        }
        const char *there = ids.octets ? ids.octets : "none";
        if (id)
                return error_set(reterr, -ENOENT, "it has no system %s; there are: %.200s", id, there);
        return error_set(reterr, -EINVAL, "it has several systems: set node_id to one of %.200s", there);
}

int redfish_member_parse(const char *text, size_t len, const char *id, char ret[static REDFISH_PATH_MAX],
                         struct error *reterr) {
        CLEANUP(json_decref_at) json_t *json = json_loadb(text, len, 0, NULL);
        const json_t *members = json_object_get(json, "Members");
        char path[REDFISH_PATH_MAX];
        json_t *member;
        size_t i;

        if (!json_is_array(members) || json_array_size(members) == 0)
                return fail_strange(reterr);
        if (!id && json_array_size(members) > 1)
                return fail_choice(members, NULL, reterr);
        json_array_foreach(members, i, member) {
                if (!copy_path(path, json_object_get(member, "@odata.id")))
                        return fail_strange(reterr);
                if (!id || has_id(path, id)) {
                        memcpy(ret, path, sizeof(path));
                        return 0;
                }
        }
        return fail_choice(members, id, reterr);
}

void redfish_reason(const char *text, size_t len, char *buf, size_t size) {
        CLEANUP(json_decref_at) json_t *json = json_loadb(text, len, 0, NULL);
        const json_t *error = json_object_get(json, "error");
        const json_t *info = json_array_get(json_object_get(error, "@Message.ExtendedInfo"), 0);
        const char *message = json_string_value(json_object_get(info, "Message"));

        if (!message)
                message = json_string_value(json_object_get(error, "message"));
        power_plain(message ? message : "", message ? strlen(message) : 0, buf, size);
}
