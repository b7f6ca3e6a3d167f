/* Running an operator's script; see run.h. Names of the environment are MAAS'. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/disk.h"
#include "app/bramble-agent/inventory/inventory.h"
#include "app/bramble-agent/io/child.h"
#include "app/bramble-agent/io/nic.h"
#include "app/bramble-agent/io/workplace.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/json.h"
#include "app/bramble-agent/places.h"
#include "app/bramble-agent/script/hardware.h"
#include "app/bramble-agent/script/run.h"
#include "base/base64.h"
#include "format/script_header.h"
#include "format/yaml_json.h"

enum {
        ENVIRONMENT_MAX = 20,
        VARIABLE_SIZE = 300,
        ARGUMENTS_MAX = 16,
        DEFAULT_TIMEOUT_S = 300,
        RESULT_MAX = 64 * 1024,
        TIMEOUT_MAX_S = 7 * 86400
};

struct run {
        struct job *job;
        struct script_outcome *outcome;
        struct workplace place;
        json_t *header;
        const json_t *given; /* parameters of the task */
        unsigned timeout_s;
        struct script_interpreter wanted;
        char interpreter[WORKPLACE_PATH_SIZE];
        char variables[ENVIRONMENT_MAX][VARIABLE_SIZE];
        const char *env[ENVIRONMENT_MAX + 1];
        size_t n_env;
};

void script_outcome_clear(struct script_outcome *o) {
        output_free(&o->output);
        json_decref(o->results);
        *o = (struct script_outcome){ 0 };
}

static void set(struct run *r, const char *format, ...) PRINTF(2, 3);

static void set(struct run *r, const char *format, ...) {
        va_list args;

        if (r->n_env == ENVIRONMENT_MAX)
                return;
        va_start(args, format);
        (void)vsnprintf(r->variables[r->n_env], VARIABLE_SIZE, format, args);
        va_end(args);
        r->env[r->n_env] = r->variables[r->n_env];
        r->env[++r->n_env] = NULL;
}

static void set_environment(struct run *r) {
        const struct server_at *s = &job_world(r->job)->server;
        const char *dir = r->place.dir;

        set(r, "PATH=" PLACE_TOOLS ":/usr/sbin:/usr/bin:/sbin:/bin");
        set(r, "HOME=%s", dir);
        set(r, "LANG=C.UTF-8");
        set(r, "RESULT_PATH=%s/result.yaml", dir);
        set(r, "OUTPUT_COMBINED_PATH=%s/combined", dir);
        set(r, "OUTPUT_STDOUT_PATH=%s/stdout", dir);
        set(r, "OUTPUT_STDERR_PATH=%s/stderr", dir);
        set(r, "DOWNLOAD_PATH=%s", dir);
        set(r, "BMC_CONFIG_PATH=%s/bmc.yaml", dir);
        set(r, "MAAS_STORAGE_CONFIG_FILE=%s/storage.json", dir);
        set(r, "MAAS_MACHINE_EXTRA_FILE=%s/extra.json", dir);
        set(r, "MAAS_RESOURCES_FILE=%s/resources.json", dir);
        set(r, strchr(s->address, ':') ? "MAAS_BASE_URL=%s://[%s]:%u" : "MAAS_BASE_URL=%s://%s:%u",
            s->is_https ? "https" : "http", s->address, s->port);
        set(r, "RUNTIME=%u", r->timeout_s);
        set(r, "HAS_STARTED=False");
}

static int end(struct run *r, enum verdict verdict, const char *format, const char *what) {
        char line[300];

        (void)snprintf(line, sizeof(line), format, what);
        output_printf(&r->outcome->output, "%s\n", line);
        r->outcome->verdict = verdict;
        return 0;
}

/* It has nothing to do on this machine. */
static int skip(struct run *r, const char *format, const char *what) {
        return end(r, VERDICT_SKIPPED, format, what);
}

/* It was wanted, and is not run: nobody may take that for having passed. */
static int fail(struct run *r, const char *format, const char *what) {
        return end(r, VERDICT_FAILED, format, what);
}

static void take(void *ctx, enum child_stream stream, const void *data, size_t len) {
        struct run *r = ctx;

        output_add(&r->outcome->output, data, len);
        workplace_add(&r->place, "combined", data, len);
        workplace_add(&r->place, stream == CHILD_STDOUT ? "stdout" : "stderr", data, len);
}

static bool may_go_on(void *ctx) {
        struct run *r = ctx;
        return job_may_go_on(r->job);
}

/* A script says more of how it went than its exit status can. */
static void read_result(struct run *r, enum verdict *v) {
        size_t len;
        CLEANUP(free_at) char *text = workplace_get(&r->place, "result.yaml", RESULT_MAX, &len);
        CLEANUP(json_decref_at) json_t *result = text ? yaml_to_json(text, len, NULL) : NULL;

        if (text && !json_is_object(result) && len > 0)
                output_printf(&r->outcome->output,
                              "\n[the result file is no YAML that can be read: it is left out]\n");
        int said = verdict_of(json_text_of(result, "result"));
        if (said >= 0 && said != VERDICT_TIMED_OUT)
                *v = (enum verdict)said;
        json_t *results = json_object_get(result, "results");
        if (json_is_object(results)) {
                if (!r->outcome->results)
                        r->outcome->results = json_object();
                (void)json_object_update(r->outcome->results, results);
        }
}

/* One run with its arguments; several of them make one outcome. */
static int run_once(struct run *r, const char *const *arguments, size_t n, struct error *reterr) {
        char script[WORKPLACE_PATH_SIZE + 16];
        const char *argv[ARGUMENTS_MAX + 4] = { 0 };
        size_t at = 0;
        struct child_result result;

        (void)snprintf(script, sizeof(script), "%s/script", r->place.dir);
        argv[at++] = r->interpreter;
        if (*r->wanted.option)
                argv[at++] = r->wanted.option;
        argv[at++] = script;
        for (size_t i = 0; i < n; i++)
                argv[at++] = arguments[i];
        int error = workplace_put(&r->place, "result.yaml", "", 0, 0600, reterr);
        if (error < 0)
                return error;
        const struct child_options options = { .argv = argv,
                                               .env = r->env,
                                               .dir = r->place.dir,
                                               .timeout_s = r->timeout_s,
                                               .take = take,
                                               .may_go_on = may_go_on,
                                               .ctx = r };
        error = child_run(&options, &result);
        if (error < 0)
                return fail(r, "it cannot be started: %s", strerror(-error));
        if (result.end == CHILD_STOPPED)
                return -ECANCELED;
        enum verdict v = result.end == CHILD_EXITED && result.status == 0 ? VERDICT_PASSED : VERDICT_FAILED;
        r->outcome->exit_status = result.end == CHILD_EXITED ? result.status : 128 + result.status;
        if (result.end == CHILD_TIMED_OUT) {
                v = VERDICT_TIMED_OUT;
                output_printf(&r->outcome->output, "\n[ended after %u s: its time was up]\n", r->timeout_s);
        } else
                read_result(r, &v);
        r->outcome->seconds += result.seconds;
        r->outcome->verdict = verdict_worse(r->outcome->verdict, v);
        return 0;
}

/* ---- parameters ---- */

/* What a value of a type stands for: one row of fields for each disk or card that is meant. */
static void list_disks(struct run *r, const char *meant, json_t *rows) {
        struct disk disks[DISKS_MAX];
        unsigned n = disk_list(&job_world(r->job)->tree, disks);

        for (unsigned i = 0; i < n; i++) {
                char path[TREE_PATH_MAX];
                if (*meant && strcmp(meant, "all") != 0 && !disk_is_meant(&disks[i], meant))
                        continue;
                json_t *o = json_object();
                (void)tree_name(path, "/dev/%s", disks[i].name);
                (void)json_object_set_new(o, "input", json_string(path));
                (void)json_object_set_new(o, "path", json_string(path));
                (void)json_object_set_new(o, "name", json_string(disks[i].name));
                (void)json_object_set_new(o, "model",
                                          json_clean_text(disks[i].model, strlen(disks[i].model)));
                (void)json_object_set_new(o, "serial",
                                          json_clean_text(disks[i].serial, strlen(disks[i].serial)));
                (void)json_array_append_new(rows, o);
        }
}

static void list_nics(struct run *r, const char *meant, json_t *rows) {
        struct nic nics[NICS_MAX];
        unsigned n = nic_list(&job_world(r->job)->tree, nics);

        for (unsigned i = 0; i < n; i++) {
                char mac[MAC_TEXT_SIZE];
                (void)mac_text(&nics[i].mac, mac);
                if (*meant && strcmp(meant, "all") != 0 && strcmp(meant, nics[i].name) != 0 &&
                    strcmp(meant, mac) != 0)
                        continue;
                json_t *o = json_object();
                (void)json_object_set_new(o, "input", json_string(nics[i].name));
                (void)json_object_set_new(o, "name", json_string(nics[i].name));
                (void)json_object_set_new(o, "mac", json_string(mac));
                (void)json_array_append_new(rows, o);
        }
}

/* The parameter that makes a script run once for each of many; the others are the same in each run. */
struct plan {
        const char *names[ARGUMENTS_MAX];
        const json_t *parameters[ARGUMENTS_MAX];
        json_t *rows[ARGUMENTS_MAX]; /* fields; owned */
        size_t n;
};

static void plan_clear(struct plan *p) {
        for (size_t i = 0; i < p->n; i++)
                json_decref(p->rows[i]);
        p->n = 0;
}

static const char *value_of(const struct run *r, const char *name, const json_t *parameter,
                            char buf[static 32]) {
        const json_t *given = json_object_get(r->given, name),
                     *value = given ? given : json_object_get(parameter, "default");

        if (json_is_integer(value)) {
                (void)snprintf(buf, 32, "%lld", (long long)json_integer_value(value));
                return buf;
        }
        return json_is_string(value) ? json_string_value(value) : "";
}

static void plan_arguments(struct run *r, struct plan *p) {
        const char *name;
        json_t *parameter;

        json_object_foreach(json_object_get(r->header, "parameters"), name, parameter) {
                char buf[32];
                const char *type = json_text_of(parameter, "type"),
                           *value = value_of(r, name, parameter, buf);
                json_t *rows = json_array();
                if (p->n == ARGUMENTS_MAX)
                        break;
                if (strcmp(type, "storage") == 0)
                        list_disks(r, value, rows);
                else if (strcmp(type, "interface") == 0)
                        list_nics(r, value, rows);
                else if (strcmp(type, "runtime") == 0)
                        (void)json_array_append_new(
                                rows, json_pack("{s:o}", "input", json_sprintf("%u", r->timeout_s)));
                else if (*value)
                        (void)json_array_append_new(rows, json_pack("{s:s}", "input", value));
                p->names[p->n] = name;
                p->parameters[p->n] = parameter;
                p->rows[p->n++] = rows;
        }
}

static int run_planned(struct run *r, const struct plan *p, struct error *reterr) {
        size_t n_runs = 1;
        int result = 0;

        for (size_t i = 0; i < p->n; i++) {
                bool is_many = strcmp(json_text_of(p->parameters[i], "type"), "storage") == 0 ||
                               strcmp(json_text_of(p->parameters[i], "type"), "interface") == 0;
                if (is_many && json_array_size(p->rows[i]) == 0)
                        return skip(r, "the machine has nothing for its parameter \"%.100s\"", p->names[i]);
                if (json_array_size(p->rows[i]) > n_runs)
                        n_runs = json_array_size(p->rows[i]);
        }
        for (size_t k = 0; k < n_runs && result == 0; k++) {
                const char *arguments[ARGUMENTS_MAX];
                char *owned[ARGUMENTS_MAX];
                size_t n = 0;
                for (size_t i = 0; i < p->n; i++) {
                        size_t n_rows = json_array_size(p->rows[i]);
                        owned[n] = n_rows == 0 ? NULL
                                               : script_argument(p->names[i], p->parameters[i],
                                                                 json_array_get(p->rows[i],
                                                                                k < n_rows ? k : n_rows - 1));
                        if (owned[n]) {
                                arguments[n] = owned[n];
                                n++;
                        }
                }
                if (n_runs > 1)
                        output_printf(&r->outcome->output, "== %s\n", n > 0 ? arguments[0] : "");
                result = run_once(r, arguments, n, reterr);
                while (n > 0)
                        free(owned[--n]);
        }
        return result;
}

/* ---- all of it ---- */

/* Scripts for bash run in what shell the environment has; others fail, with the reason. */
static bool choose_interpreter(struct run *r, const char *body, size_t len) {
        static const char *const shells[] = { "", "sh", "bash", "dash", "ash" };
        struct script_interpreter *wanted = &r->wanted;

        script_interpreter(body, len, wanted);
        if (*wanted->program &&
            workplace_find_program(wanted->program, r->interpreter, sizeof(r->interpreter)))
                return true;
        const char *slash = strrchr(wanted->program, '/'), *name = slash ? slash + 1 : wanted->program;
        for (size_t i = 0; i < ARRAY_LEN(shells); i++)
                if (strcmp(name, shells[i]) == 0 &&
                    workplace_find_program("sh", r->interpreter, sizeof(r->interpreter)))
                        return true;
        (void)fail(r, "it needs %.60s, which the agent's environment does not have",
                   *name ? name : "a shell");
        return false;
}

/* What the script prints is copied as it comes; a script that reads its own output finds the files from its
 * first line on. */
static int put_outputs(struct run *r, struct error *reterr) {
        static const char *const names[] = { "combined", "stdout", "stderr" };
        int error = 0;

        for (size_t i = 0; i < ARRAY_LEN(names) && error == 0; i++)
                error = workplace_put(&r->place, names[i], "", 0, 0600, reterr);
        return error;
}

static int put_resources(struct run *r, struct error *reterr) {
        CLEANUP(json_decref_at) json_t *resources = json_object();

        inventory_read(&job_world(r->job)->tree, resources);
        CLEANUP(free_at) char *text = json_dumps(resources, JSON_INDENT(1));
        return text ? workplace_put(&r->place, "resources.json", text, strlen(text), 0600, reterr) : -ENOMEM;
}

/* What a script found out about a baseboard controller is told with its results. */
static void read_bmc(struct run *r) {
        size_t len;
        CLEANUP(free_at) char *text = workplace_get(&r->place, "bmc.yaml", RESULT_MAX, &len);
        json_t *bmc = text ? yaml_to_json(text, len, NULL) : NULL;

        if (!bmc)
                return;
        if (!r->outcome->results)
                r->outcome->results = json_object();
        json_put(r->outcome->results, "bmc", bmc);
}

static int run_body(struct run *r, const char *body, size_t len, struct error *reterr) {
        struct plan plan = { 0 };

        int error = workplace_make(&r->place, reterr);
        if (error == 0)
                error = workplace_put(&r->place, "script", body, len, 0700, reterr);
        if (error == 0)
                error = put_outputs(r, reterr);
        if (error == 0)
                error = put_resources(r, reterr);
        if (error < 0)
                return error;
        set_environment(r);
        if (!choose_interpreter(r, body, len))
                return 0;
        plan_arguments(r, &plan);
        error = run_planned(r, &plan, reterr);
        plan_clear(&plan);
        read_bmc(r);
        return error;
}

int script_run(struct job *job, const json_t *script, struct script_outcome *ret, struct error *reterr) {
        CLEANUP(free_at) struct run *r = calloc(1, sizeof(*r));
        size_t len;
        CLEANUP(free_at) char *body = base64_decode(json_text_of(script, "body_base64"), &len);

        if (!r)
                return error_set(reterr, -ENOMEM, "out of memory");
        r->job = job;
        r->outcome = ret;
        r->given = json_object_get(script, "parameters");
        ret->verdict = VERDICT_SKIPPED;
        if (!body || len == 0)
                return fail(r, "%s", "the script has no body");
        r->header = script_header(body, len, NULL);
        if (!r->header) {
                ret->verdict = VERDICT_FAILED;
                output_printf(&ret->output, "the metadata in its head is no YAML that can be read\n");
                return 0;
        }
        r->timeout_s = (unsigned)json_number_of(script, "timeout_s", TIMEOUT_MAX_S, 0);
        if (r->timeout_s == 0)
                r->timeout_s = script_timeout_s(r->header);
        if (r->timeout_s == 0)
                r->timeout_s = DEFAULT_TIMEOUT_S;
        char why[HARDWARE_WHY_SIZE];
        int error = hardware_is_there(&job_world(job)->tree, json_object_get(r->header, "for_hardware"), why)
                            ? run_body(r, body, len, reterr)
                            : skip(r, "%s", why);
        workplace_remove(&r->place);
        json_decref(r->header);
        return error;
}
