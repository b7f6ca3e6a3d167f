/*
 * A PoE switch by SNMP. Objects of POWER-ETHERNET-MIB (RFC 3621), BRIDGE-MIB (RFC 4188), Q-BRIDGE-MIB (RFC
 * 4363), IF-MIB (RFC 2863) and LLDP-MIB (IEEE 802.1AB).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble-power-snmp/switch.h"
#include "core/power/keys.h"
#include "core/power/params.h"
#include "core/power/poe.h"
#include "net/snmp/client.h"

/* More than any switch has; what lies beyond is not looked at. */
enum {
        SNMP_PORT = 161,
        PORTS_MAX = 1024,
        ADDRESSES_MAX = 16384,
        VLANS_MAX = 4096,
        ADMIN_ON = 1,
        ADMIN_OFF = 2
};

#define PSE_ADMIN_ENABLE SNMP_OID(1, 3, 6, 1, 2, 1, 105, 1, 1, 1, 3)
#define PSE_DETECTION SNMP_OID(1, 3, 6, 1, 2, 1, 105, 1, 1, 1, 6)
#define BRIDGE_ADDRESS SNMP_OID(1, 3, 6, 1, 2, 1, 17, 1, 1, 0)
#define BASE_PORT_IFINDEX SNMP_OID(1, 3, 6, 1, 2, 1, 17, 1, 4, 1, 2)
#define FDB_PORT SNMP_OID(1, 3, 6, 1, 2, 1, 17, 4, 3, 1, 2)
#define QFDB_COUNT SNMP_OID(1, 3, 6, 1, 2, 1, 17, 7, 1, 2, 1, 1, 2)
#define QFDB_PORT SNMP_OID(1, 3, 6, 1, 2, 1, 17, 7, 1, 2, 2, 1, 2)
#define IF_DESCR SNMP_OID(1, 3, 6, 1, 2, 1, 2, 2, 1, 2)
#define IF_NAME SNMP_OID(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1)
#define LLDP_CHASSIS_ID SNMP_OID(1, 0, 8802, 1, 1, 2, 1, 3, 2, 0)

struct finding {
        struct snmp_client *client;
        struct poe_port ports[PORTS_MAX];
        struct poe_evidence evidence;
        const char *name; /* looked for among names of interfaces */
        size_t vlans[VLANS_MAX], n_vlans;
};

static uint32_t last_id(const struct snmp_oid *oid) {
        return oid->ids[oid->n - 1];
}

/* ---- One port ---- */

static struct snmp_oid object_of(struct snmp_oid column, const struct poe_port *port) {
        snmp_oid_append(&column, port->group);
        snmp_oid_append(&column, port->port);
        return column;
}

static int read_state(struct snmp_client *client, const struct poe_port *port, struct power_outcome *ret,
                      struct error *reterr) {
        const struct snmp_oid admin = object_of(PSE_ADMIN_ENABLE, port),
                              detection = object_of(PSE_DETECTION, port);
        struct snmp_value enabled, detected;

        int r = snmp_client_get(client, &admin, &enabled, reterr);
        if (r == 0)
                r = snmp_client_get(client, &detection, &detected, reterr);
        if (r < 0)
                return r;
        if (enabled.kind == SNMP_NOTHING)
                return error_set(reterr, -ENOENT, "it has no such port that gives power");
        if (enabled.kind != SNMP_NUMBER || (enabled.number != ADMIN_ON && enabled.number != ADMIN_OFF))
                return error_set(reterr, -EBADMSG, "its answer about the port makes no sense");
        poe_state(enabled.number == ADMIN_ON, detected.kind == SNMP_NUMBER ? detected.number : POE_NOT_TOLD,
                  ret);
        return 0;
}

static int act_on(struct snmp_client *client, const struct poe_port *port, enum power_action action,
                  struct power_outcome *ret, struct error *reterr) {
        const struct snmp_oid admin = object_of(PSE_ADMIN_ENABLE, port);

        /* Read first: to a write, agents answer a port that is not there in many ways. */
        int r = read_state(client, port, ret, reterr);
        if (r < 0 || action == POWER_QUERY)
                return r;
        r = snmp_client_set(client, &admin, action == POWER_TURN_ON ? ADMIN_ON : ADMIN_OFF, reterr);
        return r < 0 ? r : read_state(client, port, ret, reterr);
}

/* ---- Which port ---- */

static bool note_port(void *ctx, const struct snmp_value *v) {
        struct finding *f = ctx;

        if (v->oid.n < 2 || f->evidence.n_ports == PORTS_MAX || last_id(&v->oid) == 0)
                return f->evidence.n_ports < PORTS_MAX;
        f->ports[f->evidence.n_ports++] =
                (struct poe_port){ .group = v->oid.ids[v->oid.n - 2], .port = last_id(&v->oid) };
        return true;
}

static bool note_ifindex(void *ctx, const struct snmp_value *v) {
        struct finding *f = ctx;

        if (v->kind != SNMP_NUMBER || last_id(&v->oid) != f->evidence.bridge_port)
                return true;
        f->evidence.ifindex = (uint32_t)v->number;
        return false;
}

static bool note_bridge_port(void *ctx, const struct snmp_value *v) {
        struct finding *f = ctx;

        if (v->kind != SNMP_NUMBER || v->number != f->evidence.ifindex)
                return true;
        f->evidence.bridge_port = last_id(&v->oid);
        return false;
}

static bool note_name(void *ctx, const struct snmp_value *v) {
        struct finding *f = ctx;

        if (v->kind != SNMP_OCTETS || v->len != strlen(f->name) || memcmp(v->octets, f->name, v->len) != 0)
                return true;
        f->evidence.ifindex = last_id(&v->oid);
        return false;
}

/* "aa:bb:cc:dd:ee:ff" is @v's six octets. */
static bool is_chassis(const char *chassis, const struct snmp_value *v) {
        struct mac mac;

        if (v->kind != SNMP_OCTETS)
                return false;
        if (v->len == sizeof(mac.octets) && mac_parse(chassis, &mac) == 0)
                return memcmp(mac.octets, v->octets, sizeof(mac.octets)) == 0;
        return v->len && v->len == strlen(chassis) && memcmp(chassis, v->octets, v->len) == 0;
}

/* Whether the machine's neighbour is this switch: only then are its port's names of use here. */
static int check_chassis(struct finding *f, const char *chassis, bool *ret, struct error *reterr) {
        const struct snmp_oid objects[] = { LLDP_CHASSIS_ID, BRIDGE_ADDRESS };
        struct snmp_value v;

        *ret = false;
        for (size_t i = 0; i < ARRAY_LEN(objects) && !*ret && *chassis; i++) {
                int r = snmp_client_get(f->client, &objects[i], &v, reterr);
                if (r < 0)
                        return r;
                *ret = is_chassis(chassis, &v);
        }
        return 0;
}

/* The interface that LLDP named, by its name or its description. 0, whether it is found or not. */
static int find_by_lldp(struct finding *f, const struct power_neighbour *n, struct error *reterr) {
        const struct snmp_oid names = IF_NAME, descriptions = IF_DESCR, base = BASE_PORT_IFINDEX;
        const struct {
                const struct snmp_oid *column;
                const char *name;
        } ways[] = { { &names, n->port },
                     { &descriptions, n->port },
                     { &descriptions, n->port_description },
                     { &names, n->port_description } };
        bool is_here;

        int r = check_chassis(f, n->chassis, &is_here, reterr);
        for (size_t i = 0; r == 0 && is_here && i < ARRAY_LEN(ways) && !f->evidence.ifindex; i++) {
                f->name = ways[i].name;
                if (*f->name)
                        r = snmp_client_walk(f->client, ways[i].column, PORTS_MAX, note_name, f, reterr);
        }
        if (r == 0 && f->evidence.ifindex)
                r = snmp_client_walk(f->client, &base, PORTS_MAX, note_bridge_port, f, reterr);
        return r;
}

static struct snmp_oid with_mac(struct snmp_oid oid, const struct mac *mac) {
        for (size_t i = 0; i < sizeof(mac->octets); i++)
                snmp_oid_append(&oid, mac->octets[i]);
        return oid;
}

static int look_up(struct finding *f, struct snmp_oid table, const struct mac *mac, struct error *reterr) {
        const struct snmp_oid row = with_mac(table, mac);
        struct snmp_value v;

        int r = snmp_client_get(f->client, &row, &v, reterr);
        if (r == 0 && v.kind == SNMP_NUMBER && v.number > 0)
                f->evidence.bridge_port = (uint32_t)v.number;
        return r;
}

static bool note_vlan(void *ctx, const struct snmp_value *v) {
        struct finding *f = ctx;

        f->vlans[f->n_vlans++] = last_id(&v->oid);
        return f->n_vlans < VLANS_MAX;
}

static bool count_port(void *ctx, const struct snmp_value *v) {
        struct finding *f = ctx;

        f->evidence.n_macs += v->kind == SNMP_NUMBER && v->number == f->evidence.bridge_port;
        return f->evidence.n_macs <= POE_MACS_MAX;
}

/* The forwarding table of a bridge without VLANs, then those of each VLAN. */
static int find_mac(struct finding *f, const struct mac *mac, struct error *reterr) {
        const struct snmp_oid counts = QFDB_COUNT;

        int r = look_up(f, FDB_PORT, mac, reterr);
        if (r < 0 || f->evidence.bridge_port)
                return r;
        f->n_vlans = 0;
        r = snmp_client_walk(f->client, &counts, VLANS_MAX, note_vlan, f, reterr);
        for (size_t i = 0; r == 0 && i < f->n_vlans && !f->evidence.bridge_port; i++) {
                struct snmp_oid table = QFDB_PORT;
                snmp_oid_append(&table, (uint32_t)f->vlans[i]);
                r = look_up(f, table, mac, reterr);
        }
        return r;
}

static int find_by_address(struct finding *f, const struct power_request *q, struct error *reterr) {
        const struct snmp_oid base = BASE_PORT_IFINDEX;
        int r = 0;

        for (size_t i = 0; r == 0 && i < q->n_macs && !f->evidence.bridge_port; i++)
                r = find_mac(f, &q->macs[i], reterr);
        if (r == 0 && f->evidence.bridge_port)
                r = snmp_client_walk(f->client, &base, PORTS_MAX, note_ifindex, f, reterr);
        return r;
}

static int count_addresses(struct finding *f, struct error *reterr) {
        const struct snmp_oid tables[] = { FDB_PORT, QFDB_PORT };
        size_t most = 0;

        for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
                f->evidence.n_macs = 0;
                int r = snmp_client_walk(f->client, &tables[i], ADDRESSES_MAX, count_port, f, reterr);
                if (r < 0)
                        return r;
                most = f->evidence.n_macs > most ? f->evidence.n_macs : most;
        }
        f->evidence.n_macs = most;
        return 0;
}

static int find_port(struct snmp_client *client, const struct power_request *q, struct poe_port *ret,
                     struct error *reterr) {
        CLEANUP(free_at) struct finding *f = calloc(1, sizeof(*f));
        const struct snmp_oid ports = PSE_ADMIN_ENABLE;

        if (!f)
                return error_set(reterr, -ENOMEM, "out of memory");
        f->client = client;
        f->evidence.ports = f->ports;
        int r = snmp_client_walk(client, &ports, PORTS_MAX, note_port, f, reterr);
        if (r < 0)
                return r;
        if (f->evidence.n_ports == 0)
                return error_set(reterr, -EOPNOTSUPP,
                                 "it knows no ports that give power (POWER-ETHERNET-MIB)");
        r = find_by_lldp(f, &q->neighbour, reterr);
        if (r == 0 && !f->evidence.ifindex)
                r = find_by_address(f, q, reterr);
        if (r < 0)
                return r;
        if (!f->evidence.ifindex && !f->evidence.bridge_port)
                return error_set(reterr, -ENOENT,
                                 "it has not seen %s lately: turn that on by hand once, or set port",
                                 q->machine);
        if (f->evidence.bridge_port) {
                r = count_addresses(f, reterr);
                if (r < 0)
                        return r;
        }
        return poe_choose(&f->evidence, ret, reterr);
}

/* ---- The whole ---- */

static int open_switch(const struct power_request *q, struct snmp_client **ret, struct error *reterr) {
        const struct power_params *p = q->params;
        const char *address = power_param(p, "address");
        struct power_address at;

        if (power_address_parse(address, &at) < 0)
                return error_set(reterr, -EINVAL, "%s is no address", address);
        const struct snmp_target target = { .host = at.host,
                                            .port = at.port ? at.port : SNMP_PORT,
                                            .is_v3 = strcmp(power_param(p, "version"), "3") == 0,
                                            .community = power_param(p, "community"),
                                            .user = power_param(p, "user"),
                                            .auth_protocol = power_param(p, "auth_protocol"),
                                            .auth_password = power_param(p, "auth_password"),
                                            .priv_protocol = power_param(p, "priv_protocol"),
                                            .priv_password = power_param(p, "priv_password"),
                                            .timeout_ms = (q->timeout_s ? q->timeout_s : 1) * 1000 - 100 };
        return snmp_client_open(&target, ret, reterr);
}

/* An agent is silent to a wrong community, too, and many to what they cannot decrypt; who has set one up must
 * be told. */
static int explain(const struct power_request *q, int r, struct error *reterr) {
        const bool is_v3 = strcmp(power_param(q->params, "version"), "3") == 0;
        const char *mute = !is_v3                                    ? "community"
                           : power_param(q->params, "priv_password") ? "priv_password"
                                                                     : NULL;

        if (r != -ETIMEDOUT)
                return r;
        (void)error_set(reterr, r, "no answer in %u s", power_param_number(q->params, "timeout_s"));
        return mute ? error_append(reterr, ", nor would there be one to a wrong %s", mute) : r;
}

int switch_act(const struct power_request *q, struct power_outcome *ret, struct error *reterr) {
        CLEANUP(snmp_client_free_at) struct snmp_client *client = NULL;
        const char *given = power_param(q->params, "port");
        struct poe_port port;
        char text[POE_PORT_TEXT_SIZE];

        int r = open_switch(q, &client, reterr);
        if (r == 0)
                r = given ? poe_port_parse(given, &port) : find_port(client, q, &port, reterr);
        if (r == 0)
                r = act_on(client, &port, q->action, ret, reterr);
        if (r < 0)
                return explain(q, r, reterr);
        if (!given) {
                (void)snprintf(ret->learned_name, sizeof(ret->learned_name), "port");
                (void)snprintf(ret->learned_value, sizeof(ret->learned_value), "%s",
                               poe_port_text(&port, text));
        }
        return 0;
}
