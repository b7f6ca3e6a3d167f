/* SNMP by net-snmp's single sessions; see client.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "net/snmp/client.h"

enum { AGAIN_MS = 1000, ROWS_AT_ONCE = 20 }; /* a lost datagram is sent again; of a walk, in one answer */

struct snmp_client {
        void *session;
        uint64_t until_ms;
};

static uint64_t now_ms(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void snmp_oid_append(struct snmp_oid *oid, uint32_t id) {
        oid->ids[oid->n++] = id;
}

/* No MIBs, no configuration, no state on disk: nothing but what it is told. */
static void start_library(void) {
        static const int off[] = { NETSNMP_DS_LIB_DONT_READ_CONFIGS, NETSNMP_DS_LIB_DONT_PERSIST_STATE,
                                   NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD,
                                   NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE };

        for (size_t i = 0; i < ARRAY_LEN(off); i++)
                (void)netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, off[i], 1);
        (void)setenv("MIBS", "", 1);
        (void)setenv("MIBDIRS", "", 1);
        snmp_disable_log();
        init_snmp("bramble");
        SOCK_STARTUP;
}

/* What an agent says to a request that it has understood. */
static const struct {
        long status;
        int code;
        const char *sentence;
} statuses[] = {
        { SNMP_ERR_NOACCESS, -EACCES, "these credentials may not do that" },
        { SNMP_ERR_AUTHORIZATIONERROR, -EACCES, "these credentials may not do that" },
        { SNMP_ERR_NOTWRITABLE, -EACCES, "it lets nobody write there, or not with these credentials" },
        { SNMP_ERR_READONLY, -EACCES, "it lets nobody write there, or not with these credentials" },
        { SNMP_ERR_NOSUCHNAME, -ENOENT, "it has no such port" },
        { SNMP_ERR_NOCREATION, -ENOENT, "it has no such port" },
        { SNMP_ERR_INCONSISTENTNAME, -ENOENT, "it has no such port" },
        { SNMP_ERR_RESOURCEUNAVAILABLE, -EAGAIN, "it is busy" },
};

static int judge_status(long status, struct error *reterr) {
        for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
                if (statuses[i].status == status)
                        return error_set(reterr, statuses[i].code, "%s", statuses[i].sentence);
        }
        return error_set(reterr, -EREMOTEIO, "it refused: %s", snmp_errstring((int)status));
}

/* What goes wrong before that, by SNMPERR_*. */
static const struct {
        int number, code;
        const char *sentence;
} faults[] = {
        { SNMPERR_TIMEOUT, -ETIMEDOUT, "no answer" },
        { SNMPERR_AUTHENTICATION_FAILURE, -EACCES, "wrong auth_password" },
        { SNMPERR_USM_AUTHENTICATIONFAILURE, -EACCES, "wrong auth_password" },
        { SNMPERR_UNKNOWN_USER_NAME, -EACCES, "it does not know this user" },
        { SNMPERR_USM_UNKNOWNSECURITYNAME, -EACCES, "it does not know this user" },
        { SNMPERR_UNSUPPORTED_SEC_LEVEL, -EACCES, "it wants another level of security of this user" },
        { SNMPERR_USM_UNSUPPORTEDSECURITYLEVEL, -EACCES, "it wants another level of security of this user" },
        { SNMPERR_DECRYPTION_ERR, -EACCES, "wrong priv_password" },
        { SNMPERR_USM_DECRYPTIONERROR, -EACCES, "wrong priv_password" },
        { SNMPERR_BAD_ADDRESS, -EHOSTUNREACH, "nobody knows its address" },
        { SNMPERR_NO_SOCKET, -EHOSTUNREACH, "nobody knows its address" },
        { SNMPERR_BAD_SENDTO, -EHOSTUNREACH, "it cannot be reached" },
};

static int judge_fault(int number, struct error *reterr) {
        for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
                if (faults[i].number == number)
                        return error_set(reterr, faults[i].code, "%s", faults[i].sentence);
        }
        return error_set(reterr, -EBADMSG, "SNMP failed: %s", snmp_api_errstring(number));
}

struct protocol {
        const char *name;
        const oid *id;
        size_t len;
};

static const struct protocol *protocol_find(const struct protocol *rows, const char *name) {
        while (rows->name && strcmp(rows->name, name) != 0)
                rows++;
        return rows->name ? rows : NULL;
}

static int choose_auth(netsnmp_session *s, const struct snmp_target *t, struct error *reterr) {
        const struct protocol rows[] = {
                { "sha", usmHMACSHA1AuthProtocol, OID_LENGTH(usmHMACSHA1AuthProtocol) },
                { "sha224", usmHMAC128SHA224AuthProtocol, OID_LENGTH(usmHMAC128SHA224AuthProtocol) },
                { "sha256", usmHMAC192SHA256AuthProtocol, OID_LENGTH(usmHMAC192SHA256AuthProtocol) },
                { "sha384", usmHMAC256SHA384AuthProtocol, OID_LENGTH(usmHMAC256SHA384AuthProtocol) },
                { "sha512", usmHMAC384SHA512AuthProtocol, OID_LENGTH(usmHMAC384SHA512AuthProtocol) },
                { "md5", usmHMACMD5AuthProtocol, OID_LENGTH(usmHMACMD5AuthProtocol) },
                {},
        };
        const struct protocol *p = protocol_find(rows, t->auth_protocol);

        s->securityAuthKeyLen = USM_AUTH_KU_LEN;
        if (!p ||
            generate_Ku(p->id, (u_int)p->len, (const u_char *)t->auth_password, strlen(t->auth_password),
                        s->securityAuthKey, &s->securityAuthKeyLen) != SNMPERR_SUCCESS)
                return error_set(reterr, -EINVAL, "auth_password makes no key with %s", t->auth_protocol);
        s->securityAuthProto = snmp_duplicate_objid(p->id, p->len);
        s->securityAuthProtoLen = p->len;
        return s->securityAuthProto ? 0 : error_set(reterr, -ENOMEM, "out of memory");
}

static int choose_priv(netsnmp_session *s, const struct snmp_target *t, struct error *reterr) {
        const struct protocol rows[] = {
                { "aes", usmAESPrivProtocol, OID_LENGTH(usmAESPrivProtocol) },
                { "aes192", usmAES192PrivProtocol, OID_LENGTH(usmAES192PrivProtocol) },
                { "aes256", usmAES256PrivProtocol, OID_LENGTH(usmAES256PrivProtocol) },
                { "des", usmDESPrivProtocol, OID_LENGTH(usmDESPrivProtocol) },
                {},
        };
        const struct protocol *p = protocol_find(rows, t->priv_protocol);

        s->securityPrivKeyLen = USM_PRIV_KU_LEN;
        if (!p || generate_Ku(s->securityAuthProto, (u_int)s->securityAuthProtoLen,
                              (const u_char *)t->priv_password, strlen(t->priv_password), s->securityPrivKey,
                              &s->securityPrivKeyLen) != SNMPERR_SUCCESS)
                return error_set(reterr, -EINVAL, "priv_password makes no key with %s", t->priv_protocol);
        s->securityPrivProto = snmp_duplicate_objid(p->id, p->len);
        s->securityPrivProtoLen = p->len;
        return s->securityPrivProto ? 0 : error_set(reterr, -ENOMEM, "out of memory");
}

static int choose_security(netsnmp_session *s, const struct snmp_target *t, struct error *reterr) {
        if (!t->is_v3) {
                s->version = SNMP_VERSION_2c;
                s->community = (u_char *)(uintptr_t)t->community;
                s->community_len = strlen(t->community);
                return 0;
        }
        s->version = SNMP_VERSION_3;
        s->securityModel = SNMP_SEC_MODEL_USM;
        s->securityName = (char *)(uintptr_t)t->user;
        s->securityNameLen = strlen(t->user);
        s->securityLevel = t->priv_password ? SNMP_SEC_LEVEL_AUTHPRIV : SNMP_SEC_LEVEL_AUTHNOPRIV;
        int r = choose_auth(s, t, reterr);
        return r < 0 || !t->priv_password ? r : choose_priv(s, t, reterr);
}

/* The time that is left, in as many equal parts as there are datagrams to send. */
static void share_time(const struct snmp_client *c, netsnmp_session *s) {
        const uint64_t at_ms = now_ms(), left_ms = c->until_ms > at_ms ? c->until_ms - at_ms : 1;
        const uint64_t datagrams = left_ms / AGAIN_MS + 2;

        s->retries = (int)datagrams - 1;
        s->timeout = (long)(left_ms * 1000 / datagrams);
}

int snmp_client_open(const struct snmp_target *t, struct snmp_client **ret, struct error *reterr) {
        CLEANUP(snmp_client_free_at) struct snmp_client *c = calloc(1, sizeof(*c));
        netsnmp_session s;
        char name[300];

        if (!c)
                return error_set(reterr, -ENOMEM, "out of memory");
        start_library();
        c->until_ms = now_ms() + t->timeout_ms;
        snmp_sess_init(&s);
        const bool is_v6 = strchr(t->host, ':');
        (void)snprintf(name, sizeof(name), "%s:%s%s%s:%u", is_v6 ? "udp6" : "udp", is_v6 ? "[" : "", t->host,
                       is_v6 ? "]" : "", t->port);
        s.peername = name;
        share_time(c, &s);
        int r = choose_security(&s, t, reterr);
        if (r == 0)
                c->session = snmp_sess_open(&s);
        free(s.securityAuthProto);
        free(s.securityPrivProto);
        if (r < 0)
                return r;
        if (!c->session) {
                /* Of the two errors it leaves, the session's is the one of the answer. */
                return judge_fault(s.s_snmp_errno ? s.s_snmp_errno : snmp_errno, reterr);
        }
        *ret = TAKE(c);
        return 0;
}

void snmp_client_free(struct snmp_client *c) {
        if (!c)
                return;
        if (c->session)
                (void)snmp_sess_close(c->session);
        free(c);
}

/* A request for one object; @number: what to set it to. Owned by the library once it is sent. */
static netsnmp_pdu *make_pdu(int command, const struct snmp_oid *name, const int32_t *number) {
        netsnmp_pdu *pdu = snmp_pdu_create(command);
        oid ids[SNMP_OID_MAX];
        long value = number ? *number : 0;

        for (size_t i = 0; i < name->n; i++)
                ids[i] = name->ids[i];
        if (pdu && number)
                (void)snmp_pdu_add_variable(pdu, ids, name->n, ASN_INTEGER, &value, sizeof(value));
        else if (pdu)
                (void)snmp_add_null_var(pdu, ids, name->n);
        if (pdu && pdu->variables)
                return pdu;
        snmp_free_pdu(pdu);
        return NULL;
}

/* Sends a request, which this takes over, and waits for its answer, which the caller frees. */
static int ask(struct snmp_client *c, netsnmp_pdu *pdu, netsnmp_pdu **ret, struct error *reterr) {
        netsnmp_session *session = snmp_sess_session(c->session);
        netsnmp_pdu *answer = NULL;

        if (!pdu)
                return error_set(reterr, -ENOMEM, "out of memory");
        if (now_ms() >= c->until_ms) {
                snmp_free_pdu(pdu);
                return judge_fault(SNMPERR_TIMEOUT, reterr);
        }
        share_time(c, session);
        const int status = snmp_sess_synch_response(c->session, pdu, &answer);
        int r = 0;
        if (status == STAT_TIMEOUT)
                r = judge_fault(SNMPERR_TIMEOUT, reterr);
        else if (status != STAT_SUCCESS || !answer)
                r = judge_fault(session->s_snmp_errno, reterr);
        else if (answer->errstat != SNMP_ERR_NOERROR)
                r = judge_status(answer->errstat, reterr);
        if (r < 0)
                snmp_free_pdu(answer);
        else
                *ret = answer;
        return r;
}

static void copy_octets(struct snmp_value *v, const struct variable_list *var) {
        v->len = var->val_len < sizeof(v->octets) ? var->val_len : sizeof(v->octets);
        if (v->len)
                memcpy(v->octets, var->val.string, v->len);
}

/* false when its name is longer than names are. */
static bool copy_value(struct snmp_value *v, const struct variable_list *var) {
        *v = (struct snmp_value){ .kind = SNMP_ELSE };
        if (var->name_length > SNMP_OID_MAX)
                return false;
        for (size_t i = 0; i < var->name_length; i++)
                snmp_oid_append(&v->oid, (uint32_t)var->name[i]);
        switch (var->type) {
        case SNMP_NOSUCHOBJECT:
        case SNMP_NOSUCHINSTANCE:
        case SNMP_ENDOFMIBVIEW:
                v->kind = SNMP_NOTHING;
                break;
        case ASN_INTEGER:
        case ASN_GAUGE:
        case ASN_COUNTER:
        case ASN_TIMETICKS:
                v->kind = SNMP_NUMBER;
                v->number = var->val.integer ? *var->val.integer : 0;
                break;
        case ASN_OCTET_STR:
                v->kind = SNMP_OCTETS;
                copy_octets(v, var);
                break;
        default:
                break;
        }
        return true;
}

static int fail_strange(struct error *reterr) {
        return error_set(reterr, -EBADMSG, "its answer is about something else");
}

static bool oid_equal(const struct snmp_oid *a, const struct snmp_oid *b) {
        return a->n == b->n && memcmp(a->ids, b->ids, a->n * sizeof(*a->ids)) == 0;
}

int snmp_client_get(struct snmp_client *c, const struct snmp_oid *oid, struct snmp_value *ret,
                    struct error *reterr) {
        netsnmp_pdu *answer = NULL;
        struct snmp_value v;

        int r = ask(c, make_pdu(SNMP_MSG_GET, oid, NULL), &answer, reterr);
        if (r < 0)
                return r;
        const bool is_right =
                answer->variables && copy_value(&v, answer->variables) && oid_equal(&v.oid, oid);
        snmp_free_pdu(answer);
        if (!is_right)
                return fail_strange(reterr);
        *ret = v;
        return 0;
}

int snmp_client_set(struct snmp_client *c, const struct snmp_oid *oid, int32_t number, struct error *reterr) {
        netsnmp_pdu *answer = NULL;

        int r = ask(c, make_pdu(SNMP_MSG_SET, oid, &number), &answer, reterr);
        if (r == 0)
                snmp_free_pdu(answer);
        return r;
}

static bool is_below(const struct snmp_oid *oid, const struct snmp_oid *root) {
        return oid->n > root->n && memcmp(oid->ids, root->ids, root->n * sizeof(*root->ids)) == 0;
}

/* Whether @a comes before @b: an agent whose walk goes back would be walked for ever. */
static bool is_before(const struct snmp_oid *a, const struct snmp_oid *b) {
        for (size_t i = 0; i < a->n && i < b->n; i++) {
                if (a->ids[i] != b->ids[i])
                        return a->ids[i] < b->ids[i];
        }
        return a->n < b->n;
}

/* One answer's rows. 1: there may be more; 0: that was all; or -errno. */
static int take_rows(const netsnmp_pdu *answer, const struct snmp_oid *root, struct snmp_oid *at,
                     size_t *left, bool (*fn)(void *ctx, const struct snmp_value *v), void *ctx,
                     struct error *reterr) {
        struct snmp_value v;

        if (!answer->variables)
                return fail_strange(reterr);
        for (const struct variable_list *var = answer->variables; var; var = var->next_variable) {
                if (!copy_value(&v, var))
                        return fail_strange(reterr);
                if (v.kind == SNMP_NOTHING || !is_below(&v.oid, root))
                        return 0;
                if (!is_before(at, &v.oid))
                        return fail_strange(reterr);
                *at = v.oid;
                if (*left == 0 || !fn(ctx, &v))
                        return 0;
                --*left;
        }
        return 1;
}

int snmp_client_walk(struct snmp_client *c, const struct snmp_oid *root, size_t max,
                     bool (*fn)(void *ctx, const struct snmp_value *v), void *ctx, struct error *reterr) {
        struct snmp_oid at = *root;
        int r = 1;

        while (r == 1) {
                netsnmp_pdu *answer = NULL, *pdu = make_pdu(SNMP_MSG_GETBULK, &at, NULL);
                if (pdu) {
                        pdu->non_repeaters = 0;
                        pdu->max_repetitions = ROWS_AT_ONCE;
                }
                r = ask(c, pdu, &answer, reterr);
                if (r < 0)
                        return r;
                r = take_rows(answer, root, &at, &max, fn, ctx, reterr);
                snmp_free_pdu(answer);
        }
        return r;
}
