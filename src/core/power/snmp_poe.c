/*
 * Power over Ethernet: the port of a switch, by SNMP (POWER-ETHERNET-MIB, RFC 3621).
 *
 * The talking is done by bramble-power-snmp, a program of ours: net-snmp keeps its users and keys in one list
 * for the whole process and takes no notice of threads, and what a switch sends is best read by somebody who
 * has nothing.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "core/power/drivers.h"
#include "core/power/keys.h"
#include "core/power/params.h"
#include "core/power/poe.h"
#include "core/power/program.h"

enum { PASSPHRASE_MIN = 8 }; /* octets, RFC 3414 section 11.2 */

static const struct power_key keys[] = {
        POWER_KEY_ADDRESS("Address of the switch."),
        { .name = "port",
          .type = POWER_TEXT,
          .help = "Port as POWER-ETHERNET-MIB counts it, 7 or 1.7 (group and port). Default: found by the "
                  "machine's "
                  "LLDP neighbour or its MAC." },
        { .name = "version",
          .type = POWER_CHOICE,
          .choices = "2c|3",
          .fallback = "2c",
          .help = "Version of SNMP. 2c sends its community in clear." },
        { .name = "community",
          .type = POWER_TEXT,
          .is_secret = true,
          .help = "Community that may write; version 2c." },
        { .name = "user", .type = POWER_TEXT, .help = "User; version 3." },
        { .name = "auth_protocol",
          .type = POWER_CHOICE,
          .choices = "sha|sha224|sha256|sha384|sha512|md5",
          .fallback = "sha",
          .help = "How the user proves who it is." },
        { .name = "auth_password",
          .type = POWER_TEXT,
          .is_secret = true,
          .help = "Passphrase for that, 8 characters at least; version 3." },
        { .name = "priv_protocol",
          .type = POWER_CHOICE,
          .choices = "aes|aes192|aes256|des",
          .fallback = "aes",
          .help = "How what is said is encrypted, if priv_password is given." },
        { .name = "priv_password",
          .type = POWER_TEXT,
          .is_secret = true,
          .help = "Passphrase for that, 8 characters at least." },
        POWER_KEYS_TRYING("5"),
        POWER_KEYS_SWITCHING,
        {},
};

static int check_passphrase(const struct power_params *p, const char *name, struct error *reterr) {
        const char *value = power_param(p, name);

        if (value && strlen(value) < PASSPHRASE_MIN)
                return error_set(reterr, -EINVAL, "%s has %d characters at least", name, PASSPHRASE_MIN);
        return 0;
}

static int check(const struct power_params *p, struct error *reterr) {
        const bool is_v3 = strcmp(power_param(p, "version"), "3") == 0;
        const char *port = power_param(p, "port");
        struct poe_port parsed;

        if (port && poe_port_parse(port, &parsed) < 0)
                return error_set(reterr, -EINVAL, "port is a number, or group and port as in 1.7");
        if (!is_v3 && !power_param(p, "community"))
                return error_set(reterr, -EINVAL, "community is missing, which version 2c needs");
        if (is_v3 && (!power_param(p, "user") || !power_param(p, "auth_password")))
                return error_set(reterr, -EINVAL,
                                 "user and auth_password are missing, which version 3 needs");
        int r = check_passphrase(p, "auth_password", reterr);
        return r < 0 ? r : check_passphrase(p, "priv_password", reterr);
}

static int act(const struct power_target *t, enum power_action action, struct power_outcome *ret,
               struct error *reterr) {
        return power_program_run(t, action, t->host->own_dir, "bramble-power-snmp", true, ret, reterr);
}

const struct power_driver power_snmp_poe = {
        .name = "snmp_poe",
        .title = "Port of a PoE switch",
        .keys = keys,
        .can = 1u << POWER_TURN_ON | 1u << POWER_TURN_OFF | 1u << POWER_QUERY,
        .at_once = 4,      /* the processor of a switch is a small one */
        .stagger_ms = 250, /* and its power supply must not see 48 boards start together */
        .peer = "switch",
        .peer_key = "address",
        .outlet_key = "port",
        .check = check,
        .act = act,
};
