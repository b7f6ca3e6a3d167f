/* Orders; see order.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/nearest.h"
#include "base/text.h"
#include "core/export/volume.h"
#include "core/life/claim.h"
#include "core/life/job.h"
#include "core/life/order.h"
#include "core/life/script.h"
#include "core/life/trial.h"
#include "core/machine/machine.h"
#include "format/assertion.h"

static const char *const verb_names[ORDER_VERBS] = {
        [ORDER_APPROVE] = "approve",
        [ORDER_COMMISSION] = "commission",
        [ORDER_CONVERT] = "convert",
        [ORDER_TEST] = "test",
        [ORDER_OVERRIDE_FAILED_TESTING] = "override-failed-testing",
        [ORDER_RESERVE] = "reserve",
        [ORDER_ACQUIRE] = "acquire",
        [ORDER_DEPLOY] = "deploy",
        [ORDER_RELEASE] = "release",
        [ORDER_ERASE] = "erase",
        [ORDER_RESCUE] = "rescue",
        [ORDER_EXIT_RESCUE] = "exit-rescue",
        [ORDER_ABORT] = "abort",
        [ORDER_MARK_BROKEN] = "mark-broken",
        [ORDER_MARK_FIXED] = "mark-fixed",
        [ORDER_MARK_MISSING] = "mark-missing",
        [ORDER_RETIRE] = "retire",
        [ORDER_RESTORE] = "restore",
        [ORDER_REPLACE] = "replace",
        [ORDER_BLINK] = "blink",
        [ORDER_LOCK] = "lock",
        [ORDER_UNLOCK] = "unlock",
        [ORDER_CLAIM_CODE] = "claim-code",
        [ORDER_CLAIM] = "claim",
};

const char *order_verb_name(enum order_verb v) {
        return v < ORDER_VERBS ? verb_names[v] : "";
}

int order_verb_parse(const char *name, enum order_verb *ret) {
        for (size_t i = 0; i < ORDER_VERBS; i++) {
                if (strcmp(verb_names[i], name) == 0) {
                        *ret = (enum order_verb)i;
                        return 0;
                }
        }
        return -EINVAL;
}

static bool has_control(const char *text, const char *but) {
        for (const char *c = text; *c; c++) {
                if (((unsigned char)*c < 0x20 || *c == 0x7f) && !strchr(but, *c))
                        return true;
        }
        return false;
}

static int check_line(const json_t *value, struct error *reterr) {
        const char *line = json_string_value(value);

        if (!line || !line[0] || strlen(line) > ORDER_LINE_MAX || has_control(line, ""))
                return error_set(reterr, -EINVAL, "one line of %d octets at most is wanted", ORDER_LINE_MAX);
        return 0;
}

static int check_text(const json_t *value, struct error *reterr) {
        const char *text = json_string_value(value);

        if (!text || strlen(text) > ORDER_TEXT_MAX || has_control(text, "\n\r\t"))
                return error_set(reterr, -EINVAL, "a text of %d octets at most is wanted", ORDER_TEXT_MAX);
        return 0;
}

/* Whom it lets in, and for which model, is not known here: snapd has the last word. */
static int check_assertion(const json_t *value, struct error *reterr) {
        struct assertions found;
        int r = check_text(value, reterr);

        if (r < 0)
                return r;
        r = assertions_parse(json_string_value(value), json_string_length(value), &found, reterr);
        if (r < 0) {
                (void)error_prefix(reterr, "these are no assertions that snapd could read");
                return -EINVAL;
        }
        return found.n_system_users > 0
                       ? 0
                       : error_set(
                                 reterr, -EINVAL,
                                 "there is no assertion of the type system-user, which says who may log in");
}

static int check_bool(const json_t *value, struct error *reterr) {
        return json_is_boolean(value) ? 0 : error_set(reterr, -EINVAL, "true or false is wanted");
}

static int check_root(const json_t *value, struct error *reterr) {
        const char *name = json_string_value(value);
        enum root_kind root;

        if (name && root_parse(name, &root) == 0)
                return 0;
        return error_set(reterr, -EINVAL, "\"%.32s\" is no root; there are initrd, disk, ram, nfs, nbd",
                         name ? name : "");
}

static int check_done(const json_t *value, struct error *reterr) {
        const char *name = json_string_value(value);
        enum done_when done;

        if (name && done_when_parse(name, &done) == 0)
                return 0;
        return error_set(reterr, -EINVAL, "\"%.32s\" is no sign; there are phone-home, ssh, dhcp, written",
                         name ? name : "");
}

static int check_erase(const json_t *value, struct error *reterr) {
        const char *how = json_string_value(value);

        if (how && (strcmp(how, "none") == 0 || strcmp(how, "quick") == 0 || strcmp(how, "full") == 0))
                return 0;
        return error_set(reterr, -EINVAL, "\"%.32s\" is no way to erase; there are none, quick, full",
                         how ? how : "");
}

static int check_how(const json_t *value, struct error *reterr) {
        const char *how = json_string_value(value);

        if (how && (strcmp(how, "quick") == 0 || strcmp(how, "full") == 0))
                return 0;
        return error_set(reterr, -EINVAL, "\"%.32s\" is no way to erase; there are quick, full",
                         how ? how : "");
}

static int check_minutes(const json_t *value, struct error *reterr) {
        json_int_t minutes = json_is_integer(value) ? json_integer_value(value) : 0;

        if (minutes >= 1 && minutes <= TRIAL_MINUTES_MAX)
                return 0;
        return error_set(reterr, -EINVAL, "a number of minutes from 1 to %d is wanted", TRIAL_MINUTES_MAX);
}

static int check_seconds(const json_t *value, struct error *reterr) {
        json_int_t seconds = json_is_integer(value) ? json_integer_value(value) : 0;

        if (seconds >= 1 && seconds <= ORDER_BLINK_MAX)
                return 0;
        return error_set(reterr, -EINVAL, "a number of seconds from 1 to %d is wanted", ORDER_BLINK_MAX);
}

static int check_list(const json_t *value, size_t max, int (*check)(const json_t *item, struct error *reterr),
                      struct error *reterr) {
        if (!json_is_array(value) || json_array_size(value) > max)
                return error_set(reterr, -EINVAL, "a list of %zu at most is wanted", max);
        for (size_t i = 0; i < json_array_size(value); i++) {
                int r = check(json_array_get(value, i), reterr);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int check_keys(const json_t *value, struct error *reterr) {
        return check_list(value, ORDER_KEYS_MAX, check_line, reterr);
}

static int check_scripts(const json_t *value, struct error *reterr) {
        return check_list(value, ORDER_SCRIPTS_MAX, script_check, reterr);
}

static int check_to(const json_t *value, struct error *reterr) {
        const char *to = json_string_value(value);

        if (to && strcmp(to, "eeprom") == 0)
                return 0;
        return error_set(reterr, -EINVAL, "\"%.32s\" is nothing to convert to; there is eeprom",
                         to ? to : "");
}

static int check_code(const json_t *value, struct error *reterr) {
        const char *code = json_string_value(value);
        uint8_t hash[SHA256_SIZE];

        if (code && claim_hash(code, hash) == 0)
                return 0;
        return error_set(reterr, -EINVAL, "a code of %d digits and letters is wanted, as in K7QM-2XRD-9TFA",
                         CLAIM_DIGITS);
}

static int check_days(const json_t *value, struct error *reterr) {
        const json_int_t days = json_is_integer(value) ? json_integer_value(value) : 0;

        if (days >= 1 && days <= CLAIM_DAYS_MAX)
                return 0;
        return error_set(reterr, -EINVAL, "a number of days from 1 to %d is wanted", CLAIM_DAYS_MAX);
}

static int check_owner(const json_t *value, struct error *reterr) {
        const char *owner = json_string_value(value);

        if (owner && machine_is_word(owner, strlen(owner)))
                return 0;
        return error_set(
                reterr, -EINVAL,
                "the name of whoever has it is wanted: letters, digits, \"-\", \"_\" and \".\", %d at most",
                MACHINE_WORD_MAX);
}

/* RFC 1123 section 2.1, with dots between labels. */
static int check_hostname(const json_t *value, struct error *reterr) {
        static const char chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
        const char *name = json_string_value(value);
        size_t len = name ? strlen(name) : 0;

        if (len > 0 && len <= ORDER_HOSTNAME_MAX && strspn(name, chars) == len && name[0] != '-' &&
            name[0] != '.')
                return 0;
        return error_set(reterr, -EINVAL, "\"%.64s\" is no host name", name ? name : "");
}

static int check_size(const json_t *value, struct error *reterr) {
        const json_int_t size = json_integer_value(value);

        if (json_is_integer(value) && size >= (json_int_t)VOLUME_SIZE_LEAST &&
            size <= (json_int_t)VOLUME_SIZE_MOST)
                return 0;
        return error_set(reterr, -EINVAL, "a size in octets is wanted, from 64 MiB to 1 TiB");
}

/* Where a volume is mounted: a path that leads down, and not the root itself. */
static bool is_mount_point(const char *path) {
        const size_t len = path ? strlen(path) : 0;

        if (len < 2 || len > ORDER_MOUNT_MAX || path[0] != '/' || path[len - 1] == '/' ||
            has_control(path, ""))
                return false;
        return !strstr(path, "//") && !strstr(path, "/./") && !strstr(path, "/../") &&
               !strpbrk(path, " \\,") && !text_ends_with(path, "/..") && !text_ends_with(path, "/.");
}

/* What a system starts from, and what its kernel shows it: a volume there would be in the place of that. */
static bool is_of_system(const char *path) {
        static const char *const folders[] = { "/usr",   "/etc",   "/bin",    "/sbin", "/lib",
                                               "/lib32", "/lib64", "/libx32", "/boot", "/dev",
                                               "/proc",  "/sys",   "/run",    "/efi" };

        for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
                const size_t len = strlen(folders[i]);
                if (strncmp(path, folders[i], len) == 0 && (path[len] == '/' || !path[len]))
                        return true;
        }
        return false;
}

static int check_mount(const json_t *value, struct error *reterr) {
        const char *mount = json_string_value(value);

        if (is_mount_point(mount) && is_of_system(mount))
                return error_set(
                        reterr, -EINVAL,
                        "%s belongs to the system: a volume can be mounted elsewhere, as in /srv/data",
                        mount);
        if (is_mount_point(mount))
                return 0;
        return error_set(reterr, -EINVAL, "\"%.64s\" is no path where a volume could be mounted",
                         mount ? mount : "");
}

/* Kinds of volumes, and what each may say beside its kind and where it is mounted. */
static const struct {
        const char *kind;
        struct {
                const char *name;
                int (*check)(const json_t *value, struct error *reterr);
        } members[2];
} data_kinds[] = {
        { "nfs", {} },
        { "nbd", { { "size", check_size } } },
        { "disk", { { "disk", check_line }, { "overwrite", check_bool } } },
};

/* {"kind": "nbd", "mount": "/srv/data", "size": 1073741824} */
static int check_data(const json_t *value, struct error *reterr) {
        const char *kind = json_string_value(json_object_get(value, "kind"));
        size_t at = 0, n = 2;

        while (at < ARRAY_LEN(data_kinds) && (!kind || strcmp(data_kinds[at].kind, kind) != 0))
                at++;
        if (at == ARRAY_LEN(data_kinds))
                return error_set(reterr, -EINVAL, "a volume is wanted: kind (nfs, nbd or disk), and mount");
        int r = check_mount(json_object_get(value, "mount"), reterr);
        for (size_t i = 0; i < ARRAY_LEN(data_kinds[at].members) && r == 0; i++) {
                const char *name = data_kinds[at].members[i].name;
                const json_t *given = name ? json_object_get(value, name) : NULL;
                if (given)
                        r = data_kinds[at].members[i].check(given, reterr);
                n += given != NULL;
        }
        if (r == 0 && json_object_size(value) != n)
                r = error_set(
                        reterr, -EINVAL,
                        "a volume %s says more than it can: nbd has a size, disk has disk and overwrite",
                        kind);
        return r;
}

#define VERB(name) (1U << ORDER_##name)

static const struct {
        const char *name;
        unsigned verbs, needed_by;
        int (*check)(const json_t *value, struct error *reterr);
} members[] = {
        { "code", VERB(CLAIM_CODE) | VERB(CLAIM), VERB(CLAIM_CODE) | VERB(CLAIM), check_code },
        { "days", VERB(CLAIM_CODE), 0, check_days },
        { "scripts", VERB(COMMISSION) | VERB(TEST), 0, check_scripts },
        { "parameters", VERB(COMMISSION) | VERB(TEST), 0, script_check_parameters },
        { "owner", VERB(ACQUIRE) | VERB(DEPLOY), 0, check_owner },
        { "image", VERB(DEPLOY), VERB(DEPLOY), check_line },
        { "root", VERB(DEPLOY), 0, check_root },
        { "persistent", VERB(DEPLOY), 0, check_bool },
        { "size", VERB(DEPLOY), 0, check_size },
        { "data", VERB(DEPLOY), 0, check_data },
        { "done_when", VERB(DEPLOY), 0, check_done },
        { "trial_minutes", VERB(DEPLOY), 0, check_minutes },
        { "disk", VERB(DEPLOY), 0, check_line },
        { "overwrite_boot_medium", VERB(DEPLOY), 0, check_bool },
        { "keep_firmware", VERB(DEPLOY), 0, check_bool },
        { "network_first", VERB(DEPLOY), 0, check_bool },
        { "asks_back", VERB(DEPLOY), 0, check_bool },
        { "new_disk_id", VERB(DEPLOY), 0, check_bool },
        { "hostname", VERB(DEPLOY), 0, check_hostname },
        { "user_data", VERB(DEPLOY), 0, check_text },
        { "give_secrets", VERB(DEPLOY), 0, check_bool },
        { "vendor_data", VERB(DEPLOY), 0, check_text },
        { "network_config", VERB(DEPLOY), 0, check_text },
        { "assertion", VERB(DEPLOY), 0, check_assertion },
        { "assertion_disk", VERB(DEPLOY), 0, check_line },
        { "authorized_keys", VERB(DEPLOY) | VERB(RESCUE), 0, check_keys },
        { "cmdline_extra", VERB(DEPLOY), 0, check_line },
        { "config_txt_extra", VERB(DEPLOY), 0, check_text },
        { "erase", VERB(RELEASE), 0, check_erase },
        { "keep_data", VERB(RELEASE), 0, check_bool },
        { "without_data_disk", VERB(RELEASE) | VERB(ERASE), 0, check_bool },
        { "how", VERB(ERASE), 0, check_how },
        { "to", VERB(CONVERT), VERB(CONVERT), check_to },
        { "with", VERB(REPLACE), VERB(REPLACE), check_line },
        { "address", VERB(REPLACE), 0, check_line },
        { "seconds", VERB(BLINK), 0, check_seconds },
        { "comment", VERB(MARK_BROKEN) | VERB(MARK_MISSING), 0, check_line },
};

static int unknown_member(const struct order *o, const char *name, struct error *reterr) {
        struct nearest n = nearest_to(name);

        for (size_t i = 0; i < ARRAY_LEN(members); i++) {
                if (members[i].verbs & 1U << o->verb)
                        nearest_offer(&n, members[i].name);
        }
        if (n.best)
                return error_set(reterr, -EINVAL,
                                 "there is no field \"%.64s\" here; \"%s\" is probably meant", name, n.best);
        return error_set(reterr, -EINVAL, "there is no field \"%.64s\" here", name);
}

static int check_member(const struct order *o, const char *name, const json_t *value, struct error *reterr) {
        for (size_t i = 0; i < ARRAY_LEN(members); i++) {
                if ((members[i].verbs & 1U << o->verb) && strcmp(members[i].name, name) == 0)
                        return json_is_null(value) ? 0 : members[i].check(value, reterr);
        }
        return unknown_member(o, name, reterr);
}

int order_check(const struct order *o, const char **ret_field, struct error *reterr) {
        const char *name;
        json_t *value;

        *ret_field = NULL;
        json_object_foreach(o->wish, name, value) {
                int r = check_member(o, name, value, reterr);
                if (r < 0) {
                        *ret_field = name;
                        return r;
                }
        }
        for (size_t i = 0; i < ARRAY_LEN(members); i++) {
                if (!(members[i].needed_by & 1U << o->verb) || json_object_get(o->wish, members[i].name))
                        continue;
                *ret_field = members[i].name;
                return error_set(reterr, -EINVAL, "the field \"%s\" is missing", members[i].name);
        }
        return 0;
}
