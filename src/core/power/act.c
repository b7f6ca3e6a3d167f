/*
 * An action with all that belongs to it: attempts, a look whether it came true, and the cycle that off and on
 * make.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "core/power/params.h"
#include "core/power/power.h"
#include "io/clock.h"

enum {
        ATTEMPT_S = 30,      /* of a driver without the key timeout_s */
        BREATH_MS = 1000,    /* before the second attempt; before the third it is twice as long */
        SLICE_MS = 100,      /* between two looks at may_go_on() */
        LOOK_FIRST_MS = 100, /* between an action and the first question whether it came true … */
        LOOK_MOST_MS = 2000, /* … and at most between two questions */
        SOFT_SETTLE_S = 180, /* an operating system that is asked to shut down takes its time */
        PEER_SIZE = 320
};

static bool can(const struct power_target *t, enum power_action action) {
        return t->driver->can & 1u << action;
}

static bool may_go_on(const struct power_target *t) {
        return !t->may_go_on || t->may_go_on(t->ctx);
}

/* What has to be done is done, but no more than that: nobody waits for it any longer. */
static bool is_hurried(const struct power_target *t) {
        return t->is_committed && !may_go_on(t);
}

static int pause_until(const struct power_target *t, uint64_t until_ms, struct error *reterr) {
        for (uint64_t now_ms; (now_ms = clock_now_ms()) < until_ms;) {
                const uint64_t left_ms = until_ms - now_ms;
                if (!may_go_on(t))
                        return t->is_committed ? 0 : error_set(reterr, -ECANCELED, "was given up");
                (void)poll(NULL, 0, (int)(left_ms < SLICE_MS ? left_ms : SLICE_MS));
        }
        return 0;
}

/* What may be otherwise in a moment: nobody there, no answer, no time. All else is a refusal. */
static bool is_passing(int code) {
        static const int passing[] = { ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ECONNREFUSED, ECONNRESET,
                                       EAGAIN,    EBUSY,        EPROTO,      ECONNABORTED, EPIPE };

        for (size_t i = 0; i < ARRAY_LEN(passing); i++) {
                if (code == -passing[i])
                        return true;
        }
        return false;
}

/* What was learnt at one call is not lost by the next. */
static void take(struct power_outcome *all, const struct power_outcome *one) {
        const struct power_outcome was = *all;

        *all = *one;
        if (!*one->learned_name) {
                memcpy(all->learned_name, was.learned_name, sizeof(was.learned_name));
                memcpy(all->learned_value, was.learned_value, sizeof(was.learned_value));
        }
}

static unsigned number(const struct power_target *t, const char *name, unsigned fallback) {
        return power_param(t->params, name) ? power_param_number(t->params, name) : fallback;
}

static int attempt(const struct power_target *t, enum power_action action, struct power_outcome *ret,
                   struct error *reterr) {
        struct power_target now = *t;
        struct power_outcome one = {};

        if (t->is_committed)
                now.may_go_on = NULL;
        now.until_ms = clock_now_ms() + (uint64_t)number(t, "timeout_s", ATTEMPT_S) * 1000;
        int r = t->driver->act(&now, action, &one, reterr);
        if (r == POWER_DONE)
                take(ret, &one);
        return r;
}

static int attempts(const struct power_target *t, enum power_action action, struct power_outcome *ret,
                    struct error *reterr) {
        const unsigned tries = number(t, "tries", 1);

        for (unsigned i = 1;; i++) {
                int r = attempt(t, action, ret, reterr);
                if (r >= 0 || !is_passing(r))
                        return r;
                if (i == tries || is_hurried(t)) {
                        if (i > 1)
                                (void)error_append(reterr, " (tried %u times)", i);
                        return r;
                }
                int c = pause_until(t, clock_now_ms() + (uint64_t)i * BREATH_MS, reterr);
                if (c < 0)
                        return c;
        }
}

static unsigned settle_s(const struct power_target *t, enum power_action action) {
        const char *mode = power_param(t->params, "off_mode");
        const bool is_soft = action == POWER_TURN_OFF && mode && strcmp(mode, "soft") == 0;

        if (is_soft && !power_param_is_given(t->params, "settle_s"))
                return SOFT_SETTLE_S;
        return number(t, "settle_s", 0);
}

/* Asks until the state is as wanted: a BMC says yes long before the power is there, and at times without it.
 */
static int see(const struct power_target *t, enum power_action action, enum power_state wanted,
               struct power_outcome *ret, struct error *reterr) {
        const unsigned patience_s = settle_s(t, action);
        const uint64_t end_ms = clock_now_ms() + (uint64_t)patience_s * 1000;

        for (uint64_t look_ms = LOOK_FIRST_MS; ret->state != wanted && !is_hurried(t);) {
                const uint64_t now_ms = clock_now_ms();
                if (now_ms >= end_ms)
                        return error_set(reterr, -ETIME,
                                         "it was told to turn %s, and after %u s its power is %s%s%s",
                                         power_action_name(action), patience_s, power_state_name(ret->state),
                                         *ret->note ? ": " : "", ret->note);
                int r = pause_until(t, now_ms + look_ms < end_ms ? now_ms + look_ms : end_ms, reterr);
                if (r < 0)
                        return r;
                r = attempts(t, POWER_QUERY, ret, reterr);
                if (r != POWER_DONE)
                        return r;
                look_ms = look_ms * 2 < LOOK_MOST_MS ? look_ms * 2 : LOOK_MOST_MS;
        }
        return POWER_DONE;
}

static int ask_a_hand(const struct power_target *t, const char *what, struct error *reterr) {
        if (!t->driver->can)
                return error_set(reterr, POWER_BY_HAND, "turn %s %s by hand: its power is %s", t->machine,
                                 what, t->driver->name);
        return error_set(reterr, POWER_BY_HAND, "turn %s %s by hand: the power driver %s cannot", t->machine,
                         what, t->driver->name);
}

static int turn(const struct power_target *t, enum power_action action, struct power_outcome *ret,
                struct error *reterr) {
        if (!can(t, action))
                return ask_a_hand(t, power_action_name(action), reterr);
        int r = attempts(t, action, ret, reterr);
        if (r != POWER_DONE || !can(t, POWER_QUERY))
                return r;
        return see(t, action, action == POWER_TURN_ON ? POWER_ON : POWER_OFF, ret, reterr);
}

static int say_survived(const struct power_target *t, struct error *reterr) {
        return error_set(reterr, -EREMOTE,
                         "%s went on answering while its power was off here: it is still powered from "
                         "elsewhere, such as "
                         "a second supply or USB",
                         t->machine);
}

static int cycle(const struct power_target *t, struct power_outcome *ret, struct error *reterr) {
        if (!can(t, POWER_TURN_ON) || !can(t, POWER_TURN_OFF))
                return ask_a_hand(t, "off and on again", reterr);
        /* Once it was told to turn off nothing stops it: a machine must not stay off because somebody lost
         * patience. */
        struct power_target on = *t;
        on.is_committed = true;
        int r = turn(t, POWER_TURN_OFF, ret, reterr);
        if (r == -ECANCELED || is_passing(r)) {
                /* It may be off, though nobody heard that it is. */
                struct power_outcome ignored = {};
                (void)attempt(&on, POWER_TURN_ON, &ignored, NULL);
        }
        if (r != POWER_DONE)
                return r;
        (void)pause_until(&on, clock_now_ms() + (uint64_t)number(t, "off_s", 0) * 1000, NULL);
        const bool is_alive = t->is_answering && t->is_answering(t->ctx);
        r = turn(&on, POWER_TURN_ON, ret, reterr);
        if (r < 0) {
                (void)error_prefix(reterr, "it was turned off, and did not come back");
                return r;
        }
        return is_alive ? say_survived(t, reterr) : r;
}

static int choose_network(const struct power_target *t, struct power_outcome *ret, struct error *reterr) {
        int r = attempts(t, POWER_NETWORK_ONCE, ret, reterr);

        /* Where it cannot be chosen after all, the machine's own order decides, as it does with other
         * drivers. */
        return r == -EOPNOTSUPP ? POWER_DONE : r;
}

static int boot(const struct power_target *t, struct power_outcome *ret, struct error *reterr) {
        int r = can(t, POWER_NETWORK_ONCE) ? choose_network(t, ret, reterr) : POWER_DONE;
        if (r == POWER_DONE && can(t, POWER_QUERY))
                r = attempts(t, POWER_QUERY, ret, reterr);
        if (r != POWER_DONE)
                return r;
        /* What can only turn on is told to: who runs already is not the worse for it. */
        const bool is_off = can(t, POWER_QUERY) && ret->state == POWER_OFF;
        if (is_off || (can(t, POWER_TURN_ON) && !can(t, POWER_TURN_OFF)))
                return turn(t, POWER_TURN_ON, ret, reterr);
        return cycle(t, ret, reterr);
}

static int act(const struct power_target *t, enum power_action action, struct power_outcome *ret,
               struct error *reterr) {
        switch (action) {
        case POWER_TURN_ON:
        case POWER_TURN_OFF:
                return turn(t, action, ret, reterr);
        case POWER_CYCLE:
                return cycle(t, ret, reterr);
        case POWER_BOOT:
                return boot(t, ret, reterr);
        case POWER_QUERY: /* where nothing tells, the state is unknown */
                return can(t, action) ? attempts(t, action, ret, reterr) : POWER_DONE;
        default:
                if (can(t, action))
                        return attempts(t, action, ret, reterr);
                return error_set(reterr, -EOPNOTSUPP, "it cannot choose what the next boot is from");
        }
}

/* Names whose failure it is: "power driver snmp_poe: switch 10.0.0.2 port 7: …". */
static int name_it(const struct power_target *t, int r, struct error *reterr) {
        char peer[PEER_SIZE];

        if (r >= 0)
                return r;
        power_peer(t->params, peer, sizeof(peer));
        if (*peer)
                (void)error_prefix(reterr, "%s", peer);
        (void)error_prefix(reterr, "power driver %s", t->driver->name);
        return r;
}

int power_act(const struct power_target *t, enum power_action action, struct power_outcome *ret,
              struct error *reterr) {
        struct power_outcome outcome = {};
        struct error error = {};

        const int r = name_it(t, act(t, action, &outcome, &error), &error);
        if (r == POWER_DONE)
                *ret = outcome;
        else if (reterr)
                *reterr = error;
        return r;
}

int power_survived(const struct power_target *t, struct error *reterr) {
        return name_it(t, say_survived(t, reterr), reterr);
}
