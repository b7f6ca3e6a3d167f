/*
 * Power of servers by IPMI over the network: FreeIPMI's ipmipower and ipmi-config as children. Who may log in
 * goes to their standard input as a configuration file, never into an argument list. What they write is read
 * in ipmi_answer.c.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/power/answer.h"
#include "core/power/drivers.h"
#include "core/power/keys.h"
#include "core/power/params.h"
#include "core/power/program.h"
#include "io/child.h"

/* Octets that the protocol has room for. */
enum { USER_MAX = 16, PASSWORD_MAX = 20, K_G_MAX = 20 };

static const struct power_key keys[] = {
        POWER_KEY_ADDRESS("Address of the BMC."),
        { .name = "user", .type = POWER_TEXT, .help = "User of the BMC; left out for the nameless one." },
        { .name = "password", .type = POWER_TEXT, .is_secret = true, .help = "Password of that user." },
        { .name = "driver",
          .type = POWER_CHOICE,
          .choices = "LAN_2_0|LAN",
          .fallback = "LAN_2_0",
          .help = "IPMI 2.0, or 1.5 for old BMCs." },
        { .name = "k_g",
          .type = POWER_TEXT,
          .is_secret = true,
          .help = "Key of the BMC, as text or as 0x and hex digits." },
        { .name = "cipher_suite",
          .type = POWER_CHOICE,
          .choices = "0|1|2|3|6|7|8|11|12|15|16|17",
          .help = "Cipher suite of IPMI 2.0. Default: FreeIPMI's, which is 3." },
        { .name = "privilege",
          .type = POWER_CHOICE,
          .choices = "USER|OPERATOR|ADMIN",
          .fallback = "OPERATOR",
          .help = "Rights to ask for." },
        { .name = "workarounds",
          .type = POWER_TEXT,
          .fallback = "opensesspriv",
          .help = "FreeIPMI's workaround flags for this BMC, with spaces between; none for none." },
        { .name = "off_mode",
          .type = POWER_CHOICE,
          .choices = "hard|soft",
          .fallback = "hard",
          .help = "hard takes the power away; soft asks the operating system to shut down." },
        { .name = "boot_type",
          .type = POWER_CHOICE,
          .choices = "auto|legacy|efi",
          .fallback = "auto",
          .help = "How it boots when told to boot from the network; auto leaves that alone." },
        POWER_KEYS_TRYING("30"),
        POWER_KEYS_SWITCHING,
        {},
};

static int check_length(const struct power_params *p, const char *name, size_t most, struct error *reterr) {
        const char *value = power_param(p, name);

        if (value && strlen(value) > most)
                return error_set(reterr, -EINVAL, "%s: IPMI takes %zu octets at most", name, most);
        return 0;
}

/* Words of FreeIPMI's, which stand in its configuration file as they are. */
static int check_flags(const char *flags, struct error *reterr) {
        if (flags[strspn(flags, "abcdefghijklmnopqrstuvwxyz0123456789 ")])
                return error_set(reterr, -EINVAL,
                                 "workarounds are words of ipmipower(8) with spaces between");
        return 0;
}

static int check(const struct power_params *p, struct error *reterr) {
        const char *k_g = power_param(p, "k_g");
        const bool is_hex = k_g && text_starts_with(k_g, "0x");

        int r = check_length(p, "user", USER_MAX, reterr);
        if (r == 0)
                r = check_length(p, "password", PASSWORD_MAX, reterr);
        if (r == 0)
                r = check_length(p, "k_g", is_hex ? 2 + 2 * K_G_MAX : K_G_MAX, reterr);
        return r < 0 ? r : check_flags(power_param(p, "workarounds"), reterr);
}

/* A quoted value of FreeIPMI's configuration file. */
static void put_quoted(struct text *out, const char *name, const char *value) {
        if (!value)
                return;
        text_printf(out, "%s \"", name);
        for (; *value; value++)
                text_printf(out, "%s%c", strchr("\"\\#", *value) ? "\\" : "", *value);
        text_append(out, "\"\n");
}

static void write_config(struct text *out, const struct power_params *p) {
        const char *suite = power_param(p, "cipher_suite"), *flags = power_param(p, "workarounds");

        put_quoted(out, "username", power_param(p, "user"));
        put_quoted(out, "password", power_param(p, "password"));
        put_quoted(out, "k_g", power_param(p, "k_g"));
        text_printf(out, "driver-type %s\nprivilege-level %s\n", power_param(p, "driver"),
                    power_param(p, "privilege"));
        if (suite)
                text_printf(out, "cipher-suite-id %s\n", suite);
        if (strcmp(flags, "none") != 0)
                text_printf(out, "workaround-flags %s\n", flags);
}

enum { ARGS_MAX = 16, ARG_SIZE = 300 };

struct command {
        const char *argv[ARGS_MAX];
        size_t n;
        char host[ARG_SIZE], session[48], again[48];
};

static void add(struct command *c, const char *arg) {
        c->argv[c->n++] = arg;
}

static void begin(struct command *c, const struct power_target *t, const char *program) {
        const unsigned left_ms = power_left_ms(t);

        /* Our own limit comes a moment after theirs, whose sentence says more. */
        const unsigned session_ms = left_ms > 400 ? left_ms - 200 : left_ms / 2 + 1;
        const unsigned again_ms = session_ms > 4000 ? 1000 : session_ms / 4 + 1;
        (void)snprintf(c->host, sizeof(c->host), "--hostname=%s", power_param(t->params, "address"));
        (void)snprintf(c->session, sizeof(c->session), "--session-timeout=%u", session_ms);
        (void)snprintf(c->again, sizeof(c->again), "--retransmission-timeout=%u", again_ms);
        add(c, program);
        add(c, "--config-file=/dev/stdin");
        add(c, c->host);
        add(c, c->session);
        add(c, c->again);
}

static void choose_words(struct command *c, const struct power_target *t, enum power_action action) {
        const bool is_soft = strcmp(power_param(t->params, "off_mode"), "soft") == 0;
        const char *type = power_param(t->params, "boot_type");

        if (action != POWER_NETWORK_ONCE) {
                begin(c, t, "ipmipower");
                add(c, action == POWER_TURN_ON ? "--on"
                       : action == POWER_QUERY ? "--stat"
                       : is_soft               ? "--soft"
                                               : "--off");
                return;
        }
        begin(c, t, "ipmi-config");
        add(c, "--category=chassis");
        add(c, "--commit");
        add(c, "--key-pair=Chassis_Boot_Flags:Boot_Flags_Persistent=No");
        if (strcmp(type, "auto") != 0)
                add(c, strcmp(type, "efi") == 0
                               ? "--key-pair=Chassis_Boot_Flags:BIOS_Boot_Type=EFI"
                               : "--key-pair=Chassis_Boot_Flags:BIOS_Boot_Type=PC-COMPATIBLE");
        add(c, "--key-pair=Chassis_Boot_Flags:Boot_Device=PXE");
}

static int hear(const struct power_target *t, enum power_action action, const struct child_result *result,
                enum power_state *ret, struct error *reterr) {
        switch (result->end) {
        case CHILD_TIMEOUT:
                return power_no_answer(t, reterr);
        case CHILD_STOPPED:
                return error_set(reterr, -ECANCELED, "was given up");
        case CHILD_KILLED:
                return error_set(reterr, -EIO, "FreeIPMI was ended by signal %d", result->signal);
        case CHILD_EXITED:
                break;
        }
        /* ipmi-config is silent when all went well. */
        if (action == POWER_NETWORK_ONCE && result->exit_status == 0)
                return 0;
        int r = ipmi_answer_parse(result->output, strlen(result->output), ret, reterr);
        if (r == -ETIMEDOUT)
                return power_no_answer(t, reterr);
        if (r == 0 && result->exit_status != 0)
                return error_set(reterr, -EIO, "FreeIPMI ended with status %d", result->exit_status);
        if (r == 0 && action == POWER_QUERY && *ret == POWER_UNKNOWN)
                return error_set(reterr, -EBADMSG, "it did not say the state");
        return r;
}

static int act(const struct power_target *t, enum power_action action, struct power_outcome *ret,
               struct error *reterr) {
        static const char *const env[] = { "PATH=/usr/sbin:/usr/bin", "LC_ALL=C.UTF-8", "HOME=/nonexistent",
                                           NULL };
        CLEANUP(text_free) struct text config = {};
        struct command command = {};
        struct child_result result;

        write_config(&config, t->params);
        if (config.failed)
                return error_set(reterr, -ENOMEM, "out of memory");
        choose_words(&command, t, action);
        const struct child_options options = { .argv = command.argv,
                                               .env = env,
                                               .input = config.octets,
                                               .input_len = config.len,
                                               .has_network = true,
                                               .readable = { "/dev/urandom" },
                                               .timeout_ms = power_left_ms(t),
                                               .may_go_on = t->may_go_on,
                                               .ctx = t->ctx };
        int r = child_run(&options, &result);
        if (r == -ENOENT)
                return error_set(reterr, r,
                                 "%s is not there, which speaks IPMI: install the package freeipmi-tools",
                                 command.argv[0]);
        if (r < 0)
                return error_set(reterr, r, "%s cannot be started: %s", command.argv[0], strerror(-r));
        return hear(t, action, &result, &ret->state, reterr);
}

const struct power_driver power_ipmi = {
        .name = "ipmi",
        .title = "BMC by IPMI",
        .keys = keys,
        .can = 1u << POWER_TURN_ON | 1u << POWER_TURN_OFF | 1u << POWER_QUERY | 1u << POWER_NETWORK_ONCE,
        .at_once = 1, /* a BMC has few sessions, and counts the broken ones for a while */
        .peer = "BMC",
        .peer_key = "address",
        .check = check,
        .act = act,
};
