/* Reading brambled.yaml: lines by yaml_lines, values by libcyaml, meaning by the checks below. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "app/brambled/config.h"
#include "app/brambled/config_schema.h"
#include "app/brambled/yaml_lines.h"
#include "base/nearest.h"
#include "base/text.h"

/* One reading of one file. */
struct reading {
        const char *shown;
        struct yaml_lines *lines;
        struct config_schema schema;
        struct error *reterr;
        char fault[YAML_PATH_MAX]; /* the path that libcyaml complained about; "" none */
};

static int refuse(const struct reading *r, const char *path, const char *why) {
        const unsigned line = yaml_lines_of(r->lines, path);

        if (line == 0)
                return error_set(r->reterr, -EINVAL, "%s: %s: %s", r->shown, path, why);
        return error_set(r->reterr, -EINVAL, "%s line %u: %s: %s", r->shown, line, path, why);
}

/* ---- the keys that the file may have ---- */

/* Whether @path is a key, a section, or an entry of a list. */
static bool is_known(const char *path) {
        const size_t stem = strcspn(path, "[");

        for (const struct config_key *key = config_keys; key->name; key++) {
                if (key->type == CONFIG_REFUSED)
                        continue;
                const char *dot = strchr(key->name, '.');
                if (path[stem] == '[' && key->type != CONFIG_LIST)
                        continue;
                if (strlen(key->name) == stem && strncmp(key->name, path, stem) == 0)
                        return true;
                if (dot && (size_t)(dot - key->name) == strlen(path) && text_starts_with(key->name, path))
                        return true;
        }
        return false;
}

/* What somebody meant by an unknown key: a whole name, a section, or a key that stands below a section. */
static const char *meant(const struct reading *r, const char *path) {
        struct nearest whole = nearest_to(path), part = nearest_to(config_last_part(path));
        const char *whole_of_part = NULL;

        for (size_t i = 0; i < r->schema.n_sections; i++)
                nearest_offer(&whole, r->schema.section_names[i]);
        for (const struct config_key *key = config_keys; key->name; key++) {
                const unsigned slips_before = part.slips;
                if (key->type == CONFIG_REFUSED)
                        continue;
                nearest_offer(&whole, key->name);
                nearest_offer(&part, config_last_part(key->name));
                if (part.slips < slips_before)
                        whole_of_part = key->name;
        }
        return whole.best ? whole.best : whole_of_part;
}

static int refuse_unknown(const struct reading *r, const struct yaml_line *at) {
        for (const struct config_key *key = config_keys; key->name; key++)
                if (key->type == CONFIG_REFUSED && strcmp(key->name, at->path) == 0)
                        return refuse(r, at->path, key->help);

        const char *best = meant(r, at->path);
        if (best)
                return error_set(r->reterr, -EINVAL, "%s line %u: unknown key '%s', did you mean '%s'?",
                                 r->shown, at->line, at->path, best);
        return error_set(r->reterr, -EINVAL, "%s line %u: unknown key '%s': brambled.yaml(5) lists them all",
                         r->shown, at->line, at->path);
}

static int check_keys(const struct reading *r) {
        for (size_t i = 0; i < r->lines->n; i++)
                if (!is_known(r->lines->at[i].path))
                        return refuse_unknown(r, &r->lines->at[i]);
        return 0;
}

/* ---- what libcyaml says, in our words ---- */

/* libcyaml names the place only in its log: "in mapping field 'NAME' (…", innermost first. */
static void note_fault(cyaml_log_t level, void *ctx, const char *format, va_list args) {
        struct reading *r = ctx;
        char line[256], name[YAML_PATH_MAX], outer[YAML_PATH_MAX];

        (void)level;
        (void)vsnprintf(line, sizeof(line), format, args);
        if (sscanf(line, " in mapping field '%127[^']'", name) != 1)
                return;
        (void)text_copy(outer, sizeof(outer), r->fault);
        const int n = snprintf(r->fault, sizeof(r->fault), outer[0] ? "%s.%s" : "%s", name, outer);
        if (n < 0 || (size_t)n >= sizeof(r->fault))
                r->fault[0] = '\0';
}

static int refuse_value(const struct reading *r) {
        if (!r->fault[0])
                return error_set(r->reterr, -EINVAL,
                                 "%s: keys with values are wanted, as in brambled.yaml(5)", r->shown);
        for (const struct config_key *key = config_keys; key->name; key++) {
                char why[80];
                if (strcmp(key->name, r->fault) != 0)
                        continue;
                if (key->type == CONFIG_LIST) {
                        (void)snprintf(why, sizeof(why), "a list of at most %d names is wanted: [eth0, eth1]",
                                       CONFIG_INTERFACES_MAX);
                        return refuse(r, r->fault, why);
                }
                if (key->type == CONFIG_TEXT)
                        return refuse(r, r->fault, "one text is wanted");
                (void)snprintf(why, sizeof(why), "a number from %u to %u is wanted", key->least, key->most);
                return refuse(r, r->fault, why);
        }
        return refuse(r, r->fault, "keys below it are wanted, as in brambled.yaml(5)");
}

static int load_values(struct reading *r, const void *yaml, size_t len, struct config **ret) {
        const cyaml_config_t cyaml = {
                .log_fn = note_fault,
                .log_ctx = r,
                .mem_fn = cyaml_mem,
                .log_level = CYAML_LOG_ERROR,
                .flags = CYAML_CFG_NO_ALIAS,
        };
        cyaml_data_t *loaded = NULL;

        const cyaml_err_t e = cyaml_load_data(yaml, len, &cyaml, &r->schema.top, &loaded, NULL);
        if (e == CYAML_ERR_OOM)
                return -ENOMEM;
        if (e != CYAML_OK)
                return refuse_value(r);
        if (!loaded) /* nothing but comments */
                loaded = calloc(1, sizeof(struct config));
        if (!loaded)
                return -ENOMEM;
        *ret = loaded;
        return 0;
}

/* ---- defaults and checks ---- */

static int fill_fallbacks(const struct reading *r, struct config *c) {
        for (const struct config_key *key = config_keys; key->name; key++) {
                if (yaml_lines_of(r->lines, key->name))
                        continue;
                if (key->type == CONFIG_NUMBER) {
                        uint64_t n = 0;
                        if (text_parse_u64(key->fallback, key->most, &n) < 0)
                                return -EINVAL;
                        *config_number_of(c, key) = (uint32_t)n;
                }
                if (key->type == CONFIG_TEXT && !(*config_text_of(c, key) = strdup(key->fallback)))
                        return -ENOMEM;
        }
        return 0;
}

static bool has_control(const char *value) {
        while (*value && (unsigned char)*value >= ' ' && *value != 0x7f)
                value++;
        return *value;
}

static const char *wrong_role(const char *role) {
        if (strcmp(role, "all") == 0)
                return NULL;
        if (strcmp(role, "region") == 0 || strcmp(role, "rack") == 0)
                return "a region or rack of its own comes in a later step: only 'all' is there now";
        return "only 'all' is there now";
}

static const char *wrong_dir(const char *dir) {
        return dir[0] == '/' ? NULL : "an absolute path is wanted";
}

static const char *wrong_database(const char *database) {
        if (!*database)
                return NULL;
        if (text_starts_with(database, "postgres"))
                return "PostgreSQL comes in a later step: sqlite:PATH is there now";
        if (!text_starts_with(database, "sqlite:/"))
                return "sqlite: and an absolute path are wanted, as in sqlite:/var/lib/bramble/bramble.db";
        return NULL;
}

static const char *wrong_socket(const char *path) {
        static const struct sockaddr_un un;

        if (path[0] != '/')
                return "an absolute path is wanted";
        return strlen(path) < sizeof(un.sun_path) ? NULL : "a socket's path has 107 octets at most";
}

static const char *wrong_host(const char *name) {
        static const char in_names[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";

        return strlen(name) > 253 || name[strspn(name, in_names)] ? "this is no name of a host" : NULL;
}

static const char *wrong_interface(const char *name) {
        if (!*name || strlen(name) > 15 || strpbrk(name, "/ \"\\") || has_control(name) ||
            strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
                return "this is no name of a network interface";
        return NULL;
}

static int check_numbers(const struct reading *r, const struct config *c) {
        for (const struct config_key *key = config_keys; key->name; key++) {
                char why[80];
                if (key->type != CONFIG_NUMBER)
                        continue;
                const uint32_t n = *config_number_of(c, key);
                if (n >= key->least && n <= key->most)
                        continue;
                (void)snprintf(why, sizeof(why), "a number from %u to %u is wanted", key->least, key->most);
                return refuse(r, key->name, why);
        }
        return 0;
}

static int check_texts(const struct reading *r, const struct config *c) {
        const struct {
                const char *path, *wrong;
        } checks[] = {
                { "role", wrong_role(c->role) },
                { "state_dir", wrong_dir(c->state_dir) },
                { "boards_dir", wrong_dir(c->boards_dir) },
                { "power_dir", wrong_dir(c->power_dir) },
                { "signers_dir", wrong_dir(c->signers_dir) },
                { "database", wrong_database(c->database) },
                { "api.socket", wrong_socket(c->api_socket) },
                { "helper.socket", wrong_socket(c->helper_socket) },
                { "boot_http.tls_host", wrong_host(c->boot_http_tls_host) },
        };
        for (const struct config_key *key = config_keys; key->name; key++)
                if (key->type == CONFIG_TEXT && has_control(*config_text_of(c, key)))
                        return refuse(r, key->name, "a text of one line is wanted");
        for (size_t i = 0; i < ARRAY_LEN(checks); i++)
                if (checks[i].wrong)
                        return refuse(r, checks[i].path, checks[i].wrong);
        for (uint32_t i = 0; i < c->n_interfaces; i++) {
                char path[32];
                (void)snprintf(path, sizeof(path), "interfaces[%u]", i);
                if (wrong_interface(c->interfaces[i]))
                        return refuse(r, path, wrong_interface(c->interfaces[i]));
        }
        return 0;
}

/* An empty `database` means: in the state directory. */
static int settle_database(struct config *c) {
        if (*c->database)
                return 0;
        char *path = NULL;
        if (asprintf(&path, "sqlite:%s/bramble.db", c->state_dir) < 0)
                return -ENOMEM;
        free(c->database);
        c->database = path;
        return 0;
}

static int parse(struct reading *r, const void *yaml, size_t len, struct config **ret) {
        CLEANUP(config_free_at) struct config *c = NULL;
        int e;

        config_schema_make(&r->schema);
        if ((e = yaml_lines_read(yaml, len, r->shown, &r->lines, r->reterr)) < 0 || (e = check_keys(r)) < 0 ||
            (e = load_values(r, yaml, len, &c)) < 0 || (e = fill_fallbacks(r, c)) < 0 ||
            (e = check_numbers(r, c)) < 0 || (e = check_texts(r, c)) < 0 || (e = settle_database(c)) < 0)
                return e;
        *ret = TAKE(c);
        return 0;
}

int config_parse(const void *yaml, size_t len, const char *shown, struct config **ret, struct error *reterr) {
        CLEANUP(free_at) struct reading *r = calloc(1, sizeof(*r));

        if (!r)
                return error_set(reterr, -ENOMEM, "%s: out of memory", shown);
        r->shown = shown;
        r->reterr = reterr;
        if (memchr(yaml, '\0', len))
                return error_set(reterr, -EINVAL, "%s: this is no text", shown);
        const int e = parse(r, yaml, len, ret);
        free(r->lines);
        return e == -ENOMEM ? error_set(reterr, e, "%s: out of memory", shown) : e;
}

int config_load(const char *path, bool may_lack, struct config **ret, struct error *reterr) {
        CLEANUP(free_at) char *yaml = malloc(CONFIG_SIZE_MAX + 1);

        if (!yaml)
                return error_set(reterr, -ENOMEM, "%s: out of memory", path);
        FILE *f = fopen(path, "re");
        if (!f && errno == ENOENT && may_lack)
                return config_parse("", 0, path, ret, reterr);
        if (!f)
                return error_set(reterr, -errno, "cannot read %s: %s", path, strerror(errno));
        const size_t len = fread(yaml, 1, CONFIG_SIZE_MAX + 1, f);
        const int failed = ferror(f) ? errno : 0;
        (void)fclose(f);
        if (failed)
                return error_set(reterr, -failed, "cannot read %s: %s", path, strerror(failed));
        if (len > CONFIG_SIZE_MAX)
                return error_set(reterr, -EFBIG, "%s: more than %d KiB is no configuration", path,
                                 CONFIG_SIZE_MAX / 1024);
        return config_parse(yaml, len, path, ret, reterr);
}

void config_free(struct config *c) {
        if (!c)
                return;
        for (const struct config_key *key = config_keys; key->name; key++)
                if (key->type == CONFIG_TEXT)
                        free(*config_text_of(c, key));
        for (uint32_t i = 0; c->interfaces && i < c->n_interfaces; i++)
                free(c->interfaces[i]);
        free(c->interfaces);
        free(c);
}

int config_set_state_dir(struct config *c, const char *dir, struct error *reterr) {
        CLEANUP(free_at) char *new_dir = realpath(dir, NULL);

        if (!new_dir && dir[0] == '/')
                new_dir = strdup(dir);
        if (!new_dir)
                return error_set(reterr, -EINVAL,
                                 "--state-dir %s: an absolute path, or a directory that is there, is wanted",
                                 dir);
        const char *path = config_database_path(c);
        const size_t old_len = strlen(c->state_dir);
        const bool is_inside =
                strncmp(path, c->state_dir, old_len) == 0 && strcmp(path + old_len, "/bramble.db") == 0;
        free(c->state_dir);
        c->state_dir = TAKE(new_dir);
        if (is_inside)
                c->database[0] = '\0';
        return settle_database(c) < 0 ? error_set(reterr, -ENOMEM, "out of memory") : 0;
}

const char *config_database_path(const struct config *c) {
        return c->database + strlen("sqlite:");
}
