/* bramble boot selftest: ten minutes with a real board, step by step. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/bramble/api.h"
#include "app/bramble/args.h"
#include "app/bramble/cmd.h"
#include "app/bramble/print.h"
#include "app/bramble/selftest/fitness.h"
#include "app/bramble/selftest/judge.h"

enum { PATIENCE_S = 600, QUIET_S = 20, POLL_S = 1 };

struct selftest {
        struct cli *cli;
        const char *machine;
        char *image;         /* that it boots; NULL: none */
        char *why_not_taken; /* why it cannot be without its image for a boot; NULL: it can */
        bool drops_options;
        uint64_t patience_s, quiet_s;
        json_int_t last; /* the newest boot that was seen */
        struct selftest_facts facts;
        json_t *session; /* that the facts are of */
        json_t *results;
};

static void selftest_free(struct selftest *t) {
        free(t->image);
        free(t->why_not_taken);
        json_decref(t->session);
        json_decref(t->results);
}

/* ---- the board's image ---- */

static int set_image(struct selftest *t, const char *image, bool drop_options) {
        CLEANUP(free_at) char *path = api_path("machines", t->machine, NULL);
        CLEANUP(json_decref_at)
        json_t *change = json_pack("{s:s?, s:b}", "image", image, "drop_options", drop_options);

        return api_json(t->cli, "PATCH", path, change, NULL);
}

static int take(struct selftest *t, bool drop_options) {
        cli_note("Until this step is over %s has no image. Should it be interrupted: bramble machine set %s "
                 "--image %s%s",
                 t->machine, t->machine, t->image,
                 drop_options && !t->drops_options ? " --drop-options off" : "");
        return set_image(t, NULL, drop_options);
}

static int take_image(struct selftest *t) {
        return take(t, false);
}

static int take_image_and_options(struct selftest *t) {
        return take(t, true);
}

static int give_image(struct selftest *t) {
        return set_image(t, t->image, t->drops_options);
}

/* ---- steps ---- */

static const struct step {
        const char *name, *told; /* told: what a hand must do; NULL: nothing, the boot before is looked at */
        int (*before)(struct selftest *t);
        bool (*judge)(const struct selftest_facts *f, struct text *out);
        int (*after)(struct selftest *t);
        bool is_special; /* it wants a network, or a board, that is set up for it: only when it is named */
} steps[] = {
        { "first-boot", "Switch the board off, wait five seconds, and switch it on.", NULL,
          selftest_judge_boot, NULL, false },
        { "large-file", NULL, NULL, selftest_judge_large_file, NULL, false },
        { "reboot", "Let the board start again without switching it off: by `reboot`, or its reset.", NULL,
          selftest_judge_boot, NULL, false },
        { "proxy", "Switch the board off and on, on a network where another server gives the addresses.",
          NULL, selftest_judge_proxy, NULL, true },
        { "netconsole", "Switch the board off and on; its EEPROM, or its kernel, has a netconsole.", NULL,
          selftest_judge_netconsole, NULL, true },
        /* The last ones: a board that is back within a minute goes on with a boot that came to nothing. */
        { "hand-over",
          "Switch the board off and on: it is told that there is nothing for it, and should go on to its "
          "disk.",
          take_image, selftest_judge_hand_over, give_image, false },
        { "dropped-options",
          "Switch the board off, wait a minute, and switch it on: now it is offered nothing, and should go "
          "on "
          "to its disk in its own time.",
          take_image_and_options, selftest_judge_dropped_options, give_image, false },
};

static bool takes_image(const struct step *s) {
        return s->after == give_image;
}

static int newest(struct selftest *t, json_t **ret) {
        CLEANUP(free_at) char *path = api_path("boot", "trail", NULL);
        CLEANUP(json_decref_at) json_t *trail = NULL;

        api_query(&path, "of", t->machine);
        const int code = api_json(t->cli, "GET", path, NULL, &trail);
        if (code == CLI_OK)
                *ret = json_incref(json_array_get(json_object_get(trail, "sessions"), 0));
        return code;
}

/* The next boot, when it is over. */
static int await_boot(struct selftest *t) {
        for (uint64_t waited_s = 0; waited_s < t->patience_s; waited_s += POLL_S) {
                CLEANUP(json_decref_at) json_t *session = NULL;
                const int code = newest(t, &session);
                if (code != CLI_OK)
                        return code;
                if (json_integer_value(json_object_get(session, "id")) > t->last &&
                    selftest_is_quiet(session, (int64_t)time(NULL) * 1000, (int64_t)t->quiet_s * 1000)) {
                        t->last = json_integer_value(json_object_get(session, "id"));
                        json_decref(t->session);
                        t->session = TAKE(session);
                        selftest_facts_of(t->session, &t->facts);
                        return CLI_OK;
                }
                (void)sleep(POLL_S);
        }
        return cli_fail(CLI_REFUSED,
                        "nothing was heard of %s in %" PRIu64
                        " s: `bramble doctor %s` says what may be wrong",
                        t->machine, t->patience_s, t->machine);
}

enum result { FAILED, PASSED, SKIPPED };

static void note_result(struct selftest *t, const struct step *s, enum result result, const char *sentence) {
        static const char *const words[] = {
                [FAILED] = "failed", [PASSED] = "passed", [SKIPPED] = "skipped"
        };

        if (!t->cli->json)
                (void)printf("%-10s  %-7s  %s\n", s->name, words[result], sentence);
        (void)fflush(stdout);
        (void)json_array_append_new(
                t->results, json_pack("{s:s, s:o, s:s}", "step", s->name, "passed",
                                      result == SKIPPED ? json_null() : json_boolean(result == PASSED),
                                      "detail", sentence));
}

static int run_step(struct selftest *t, const struct step *s, bool *ret_has_passed) {
        CLEANUP(text_free) struct text sentence = {};

        if (takes_image(s) && t->why_not_taken) {
                note_result(t, s, SKIPPED, t->why_not_taken);
                return CLI_OK;
        }
        int code = s->before ? s->before(t) : CLI_OK;

        if (code == CLI_OK && s->told) {
                cli_note("%s", s->told);
                code = await_boot(t);
        }
        if (s->after) {
                const int given = s->after(t);
                code = code == CLI_OK ? given : code;
        }
        if (code != CLI_OK)
                return code;
        *ret_has_passed = s->judge(&t->facts, &sentence);
        note_result(t, s, *ret_has_passed ? PASSED : FAILED, sentence.octets ? sentence.octets : "");
        return CLI_OK;
}

static bool is_wanted(const char *const *wanted, const struct step *s) {
        for (size_t i = 0; wanted[i]; i++)
                if (strcmp(wanted[i], s->name) == 0)
                        return true;
        return !wanted[0] && !s->is_special;
}

/* Before the first step, for it is a hand that switches the board. Steps that were named are wanted; of
 * the usual ones some are left out. */
static int look_at_machine(struct selftest *t, const json_t *machine, const char *const *wanted) {
        CLEANUP(text_free) struct text why = {};

        if (!fitness_is_served(machine, &why))
                return cli_fail(CLI_REFUSED, "boot selftest: %s", why.octets ? why.octets : "");
        if (fitness_can_lose_image(machine, &why))
                return CLI_OK;
        for (size_t i = 0; wanted[0] && i < ARRAY_LEN(steps); i++)
                if (takes_image(&steps[i]) && is_wanted(wanted, &steps[i]))
                        return cli_fail(CLI_REFUSED, "boot selftest: %s: %s", steps[i].name,
                                        why.octets ? why.octets : "");
        t->why_not_taken = text_take(&why);
        return t->why_not_taken ? CLI_OK : cli_fail(CLI_LOCAL, "out of memory");
}

static int begin(struct selftest *t, const struct args *args, const char *const *wanted) {
        CLEANUP(free_at) char *path = api_path("machines", t->machine, NULL);
        CLEANUP(json_decref_at) json_t *machine = NULL, *session = NULL;
        const char *patience = args_value(args, "patience"), *quiet = args_value(args, "quiet");
        int code = api_json(t->cli, "GET", path, NULL, &machine);

        if (code == CLI_OK)
                code = look_at_machine(t, machine, wanted);
        if (code == CLI_OK)
                code = newest(t, &session);
        if (code != CLI_OK)
                return code;
        if ((patience && text_parse_u64(patience, 86400, &t->patience_s) < 0) ||
            (quiet && text_parse_u64(quiet, 3600, &t->quiet_s) < 0))
                return cli_fail(CLI_USAGE, "boot selftest: --patience and --quiet are seconds");
        const char *image = json_string_value(json_object_get(machine, "image"));
        t->image = image ? strdup(image) : NULL;
        t->drops_options = json_is_true(json_object_get(machine, "drop_options"));
        t->last = json_integer_value(json_object_get(session, "id"));
        t->session = TAKE(session);
        selftest_facts_of(t->session, &t->facts); /* what a step without a boot of its own looks at */
        t->results = json_array();
        return CLI_OK;
}

int cmd_boot_selftest(struct cli *cli, const struct args *args) {
        CLEANUP(selftest_free)
        struct selftest t = {
                .cli = cli, .machine = args->words[0], .patience_s = PATIENCE_S, .quiet_s = QUIET_S
        };
        const char *wanted[ARGS_OPTIONS_MAX + 1];
        bool have_all_passed = true;

        (void)args_values(args, "step", wanted);
        int code = begin(&t, args, wanted);
        for (size_t i = 0; code == CLI_OK && i < ARRAY_LEN(steps); i++) {
                bool has_passed = true;
                if (is_wanted(wanted, &steps[i]))
                        code = run_step(&t, &steps[i], &has_passed);
                have_all_passed &= has_passed;
        }
        if (code != CLI_OK)
                return code;
        if (cli->json && print_json(t.results) != CLI_OK)
                return CLI_LOCAL;
        cli_done(cli, "next: `bramble report %s --out boot.json` writes the last boot down for the project",
                 t.machine);
        return have_all_passed ? CLI_OK : CLI_REFUSED;
}
