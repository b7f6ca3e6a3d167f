/* What surrounds a driver: attempts, the look whether it came true, the cycle, and who asks a hand. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "core/power/keys.h"
#include "core/power/params.h"

enum { CAN_ALL = 1u << POWER_TURN_ON | 1u << POWER_TURN_OFF | 1u << POWER_QUERY };

/* What the driver of these tests answers, call by call. */
struct script {
        struct line {
                enum power_action action;
                int result;
                enum power_state state;
        } lines[8];
        size_t at;
        bool is_alive, has_patience;
        unsigned n_looks;
};

static int act(const struct power_target *t, enum power_action action, struct power_outcome *ret,
               struct error *reterr) {
        struct script *s = t->ctx;
        const struct line *line = &s->lines[s->at++];

        assert_true(s->at <= ARRAY_LEN(s->lines));
        assert_int_equal(action, line->action);
        ret->state = line->state;
        if (s->at == 1) {
                strcpy(ret->learned_name, "port");
                strcpy(ret->learned_value, "1.7");
        }
        return line->result ? error_set(reterr, line->result, "as told") : 0;
}

static bool is_answering(void *ctx) {
        return ((struct script *)ctx)->is_alive;
}

static bool may_go_on(void *ctx) {
        struct script *s = ctx;
        s->n_looks++;
        return s->has_patience;
}

static const struct power_key keys[] = {
        POWER_KEY_ADDRESS("Where."),
        POWER_KEYS_TRYING("1"),
        POWER_KEYS_SWITCHING,
        {},
};

static int run(const struct power_driver *d, const char *json, struct script *s, enum power_action action,
               struct power_outcome *ret, struct error *err) {
        CLEANUP(power_params_free_at) struct power_params *p = NULL;

        assert_int_equal(power_params_parse(d, json, NULL, &p, NULL), 0);
        const struct power_target t = { .driver = d,
                                        .params = p,
                                        .machine = "pi4",
                                        .is_answering = is_answering,
                                        .may_go_on = may_go_on,
                                        .ctx = s };
        s->has_patience = !s->has_patience; /* scripts are patient unless they say true */
        return power_act(&t, action, ret, err);
}

static const struct power_driver all_round = {
        .name = "lever", .keys = keys, .can = CAN_ALL, .peer = "lever", .peer_key = "address", .act = act
};
static const struct power_driver bmc = {
        .name = "bmc", .keys = keys, .can = CAN_ALL | 1u << POWER_NETWORK_ONCE, .act = act
};
static const struct power_driver on_only = {
        .name = "spark", .keys = keys, .can = 1u << POWER_TURN_ON, .act = act
};

#define QUICK "{\"address\": \"h\", \"off_s\": 0, \"settle_s\": 60, \"tries\": 1}"

static const struct {
        const char *remark;
        const struct power_driver *driver;
        const char *json;
        enum power_action action;
        struct script script;
        int result;
        enum power_state state;
        size_t n_calls;
        const char *sentence; /* a part of it */
} rows[] = {
        { "who says the state is not asked again",
          &all_round,
          QUICK,
          POWER_TURN_ON,
          { .lines = { { POWER_TURN_ON, 0, POWER_ON } } },
          POWER_DONE,
          POWER_ON,
          1,
          NULL },
        { "it is asked until it came true",
          &all_round,
          QUICK,
          POWER_TURN_ON,
          { .lines = { { POWER_TURN_ON, 0, POWER_UNKNOWN },
                       { POWER_QUERY, 0, POWER_OFF },
                       { POWER_QUERY, 0, POWER_ON } } },
          POWER_DONE,
          POWER_ON,
          3,
          NULL },
        { "or until that takes too long",
          &all_round,
          "{\"address\": \"h\", \"settle_s\": 0, \"tries\": 1}",
          POWER_TURN_OFF,
          { .lines = { { POWER_TURN_OFF, 0, POWER_ON } } },
          -ETIME,
          0,
          1,
          "power driver lever: lever h: it was told to turn off, and after 0 s its power is on" },
        { "no answer is tried again",
          &all_round,
          "{\"address\": \"h\", \"tries\": 2}",
          POWER_QUERY,
          { .lines = { { POWER_QUERY, -ETIMEDOUT, 0 }, { POWER_QUERY, 0, POWER_OFF } } },
          POWER_DONE,
          POWER_OFF,
          2,
          NULL },
        { "so often",
          &all_round,
          "{\"address\": \"h\", \"tries\": 2}",
          POWER_QUERY,
          { .lines = { { POWER_QUERY, -ECONNREFUSED, 0 }, { POWER_QUERY, -ETIMEDOUT, 0 } } },
          -ETIMEDOUT,
          0,
          2,
          "as told (tried 2 times)" },
        { "a refusal is not",
          &all_round,
          "{\"address\": \"h\", \"tries\": 3}",
          POWER_TURN_ON,
          { .lines = { { POWER_TURN_ON, -EACCES, 0 } } },
          -EACCES,
          0,
          1,
          "power driver lever: lever h: as told" },
        { "lost patience ends the waiting",
          &all_round,
          "{\"address\": \"h\", \"tries\": 3}",
          POWER_TURN_ON,
          { .lines = { { POWER_TURN_ON, -ETIMEDOUT, 0 } }, .has_patience = true },
          -ECANCELED,
          0,
          1,
          "was given up" },
        { "a cycle is off and on",
          &all_round,
          QUICK,
          POWER_CYCLE,
          { .lines = { { POWER_TURN_OFF, 0, POWER_OFF }, { POWER_TURN_ON, 0, POWER_ON } } },
          POWER_DONE,
          POWER_ON,
          2,
          NULL },
        { "which is taken back when nobody heard whether it is off",
          &all_round,
          QUICK,
          POWER_CYCLE,
          { .lines = { { POWER_TURN_OFF, -ETIMEDOUT, 0 }, { POWER_TURN_ON, -ETIMEDOUT, 0 } } },
          -ETIMEDOUT,
          0,
          2,
          "as told" },
        { "or when it was given up in that moment",
          &all_round,
          QUICK,
          POWER_CYCLE,
          { .lines = { { POWER_TURN_OFF, -ECANCELED, 0 }, { POWER_TURN_ON, 0, POWER_ON } } },
          -ECANCELED,
          0,
          2,
          "as told" },
        { "which does not begin when it is not off",
          &all_round,
          QUICK,
          POWER_CYCLE,
          { .lines = { { POWER_TURN_OFF, -EREMOTEIO, 0 } } },
          -EREMOTEIO,
          0,
          1,
          NULL },
        { "and is not left half done when patience is lost, nor waited for",
          &all_round,
          "{\"address\": \"h\", \"off_s\": 300, \"tries\": 3}",
          POWER_CYCLE,
          { .lines = { { POWER_TURN_OFF, 0, POWER_OFF }, { POWER_TURN_ON, 0, POWER_UNKNOWN } },
            .has_patience = true },
          POWER_DONE,
          POWER_UNKNOWN,
          2,
          NULL },
        { "with one attempt and no more",
          &all_round,
          "{\"address\": \"h\", \"off_s\": 300, \"tries\": 3}",
          POWER_CYCLE,
          { .lines = { { POWER_TURN_OFF, 0, POWER_OFF }, { POWER_TURN_ON, -ETIMEDOUT, 0 } },
            .has_patience = true },
          -ETIMEDOUT,
          0,
          2,
          "did not come back: as told" },
        { "nor without a word when it does not come back",
          &all_round,
          QUICK,
          POWER_CYCLE,
          { .lines = { { POWER_TURN_OFF, 0, POWER_OFF }, { POWER_TURN_ON, -EREMOTEIO, 0 } } },
          -EREMOTEIO,
          0,
          2,
          "lever h: it was turned off, and did not come back: as told" },
        { "a survivor is named",
          &all_round,
          QUICK,
          POWER_CYCLE,
          { .lines = { { POWER_TURN_OFF, 0, POWER_OFF }, { POWER_TURN_ON, 0, POWER_ON } }, .is_alive = true },
          -EREMOTE,
          0,
          2,
          "lever h: pi4 went on answering while its power was off here: it is still powered from elsewhere" },
        { "what cannot be asked is believed",
          &on_only,
          QUICK,
          POWER_TURN_ON,
          { .lines = { { POWER_TURN_ON, 0, POWER_UNKNOWN } } },
          POWER_DONE,
          POWER_UNKNOWN,
          1,
          NULL },
        { "what cannot be done is asked of a hand",
          &on_only,
          QUICK,
          POWER_TURN_OFF,
          {},
          POWER_BY_HAND,
          0,
          0,
          "turn pi4 off by hand: the power driver spark cannot" },
        { "a cycle of it, too, and it is not begun",
          &on_only,
          QUICK,
          POWER_CYCLE,
          {},
          POWER_BY_HAND,
          0,
          0,
          "turn pi4 off and on again by hand" },
        { "nobody can tell", &on_only, QUICK, POWER_QUERY, {}, POWER_DONE, POWER_UNKNOWN, 0, NULL },
        { "a boot of what runs is off and on",
          &all_round,
          QUICK,
          POWER_BOOT,
          { .lines = { { POWER_QUERY, 0, POWER_ON },
                       { POWER_TURN_OFF, 0, POWER_OFF },
                       { POWER_TURN_ON, 0, POWER_ON } } },
          POWER_DONE,
          POWER_ON,
          3,
          NULL },
        { "of what is off, on",
          &all_round,
          QUICK,
          POWER_BOOT,
          { .lines = { { POWER_QUERY, 0, POWER_OFF }, { POWER_TURN_ON, 0, POWER_ON } } },
          POWER_DONE,
          POWER_ON,
          2,
          NULL },
        { "of what only wakes, a call",
          &on_only,
          QUICK,
          POWER_BOOT,
          { .lines = { { POWER_TURN_ON, 0, POWER_UNKNOWN } } },
          POWER_DONE,
          POWER_UNKNOWN,
          1,
          NULL },
        { "by the network, where that can be said",
          &bmc,
          QUICK,
          POWER_BOOT,
          { .lines = { { POWER_NETWORK_ONCE, 0, 0 },
                       { POWER_QUERY, 0, POWER_OFF },
                       { POWER_TURN_ON, 0, POWER_ON } } },
          POWER_DONE,
          POWER_ON,
          3,
          NULL },
        { "or after all cannot",
          &bmc,
          QUICK,
          POWER_BOOT,
          { .lines = { { POWER_NETWORK_ONCE, -EOPNOTSUPP, 0 },
                       { POWER_QUERY, 0, POWER_OFF },
                       { POWER_TURN_ON, 0, POWER_ON } } },
          POWER_DONE,
          POWER_ON,
          3,
          NULL },
        { "and not at all when it fails",
          &bmc,
          QUICK,
          POWER_BOOT,
          { .lines = { { POWER_NETWORK_ONCE, -EACCES, 0 } } },
          -EACCES,
          0,
          1,
          NULL },
        { "who cannot choose the boot says so",
          &all_round,
          QUICK,
          POWER_NETWORK_ONCE,
          {},
          -EOPNOTSUPP,
          0,
          0,
          "it cannot choose what the next boot is from" },
};

static void conversations(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct script s = rows[i].script;
                struct power_outcome o = {};
                struct error err = {};
                const int r = run(rows[i].driver, rows[i].json, &s, rows[i].action, &o, &err);
                if (r != rows[i].result || o.state != rows[i].state || s.at != rows[i].n_calls)
                        fail_msg("%s: %d, %s after %zu calls: \"%s\"", rows[i].remark, r,
                                 power_state_name(o.state), s.at, err.text);
                if (rows[i].sentence && !strstr(err.text, rows[i].sentence))
                        fail_msg("%s: says \"%s\"", rows[i].remark, err.text);
        }
}

static void what_was_learnt_first_is_kept(void **state) {
        struct script s = { .lines = { { POWER_TURN_ON, 0, POWER_UNKNOWN }, { POWER_QUERY, 0, POWER_ON } } };
        struct power_outcome o = {};

        (void)state;
        assert_int_equal(run(&all_round, QUICK, &s, POWER_TURN_ON, &o, NULL), POWER_DONE);
        assert_string_equal(o.learned_name, "port");
        assert_string_equal(o.learned_value, "1.7");
}

static void names_of_actions(void **state) {
        enum power_action action;

        (void)state;
        for (int i = 0; i < POWER_ACTIONS; i++) {
                assert_int_equal(power_action_parse(power_action_name((enum power_action)i), &action), 0);
                assert_int_equal(action, i);
        }
        assert_int_equal(power_action_parse("explode", &action), -EINVAL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(conversations),
                cmocka_unit_test(what_was_learnt_first_is_kept),
                cmocka_unit_test(names_of_actions),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
