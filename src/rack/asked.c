/* Who asks on boot HTTP, and the ways to answer; see asked.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/asked.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "io/clock.h"
#include "rack/hearing.h"
#include "rack/reply.h"
#include "rack/token.h"
#include "rack/who.h"

/* ---- who may speak ---- */

bool asked_path(const char *path, struct asked_path *ret) {
        ret->is_seed = text_starts_with(path, "/seed/");
        if (!ret->is_seed && !text_starts_with(path, "/a/"))
                return false;
        const char *token = path + (ret->is_seed ? strlen("/seed/") : strlen("/a/"));
        size_t len = strcspn(token, "/");
        bool fits = len < sizeof(ret->token);
        memcpy(ret->token, token, fits ? len : 0);
        ret->token[fits ? len : 0] = 0;
        ret->rest = token[len] ? token + len + 1 : token + len;
        return true;
}

/*
 * An agent's purpose is what its machine's state asks for now, which may be to start the machine's own
 * system. One that was told to leave has a task still, though the machine's boots lead elsewhere already.
 */
static bool may_act(const struct asked *a) {
        return boot_purpose_is_agent(a->duty.purpose) ||
               (a->machine && (a->machine->task || machine_is_run_by_agent(a->machine)));
}

static bool refuse_stranger(struct asked *a) {
        if (!a->ask.session)
                reply_refuse(a->answer, 403,
                             "no boot of this address is known here: the machine must boot again");
        else
                reply_refuse(a->answer, 403,
                             "this token is not of this address's boot: tokens end with their boot");
        return false;
}

/* What comes out of boot.img has no token: its address fetched that volume in this boot, which is all there
 * is. Secrets of a machine that requires trust are in no order without an operator's word (core/life). */
static bool is_token(const struct asked *a, const struct asked_path *p) {
        return token_is(p->is_seed ? a->ask.seed_token : a->ask.agent_token, p->token) ||
               (a->ask.has_ramdisk && strcmp(p->token, BOOT_TOKEN_NONE) == 0);
}

/* One that waits for what it leads to may have led to the end of the agent's work; and who got no answer then
 * says it again, though nothing is left to do. */
static bool is_late_result(const struct asked *a, const struct asked_path *p) {
        return strcmp(p->rest, "result") == 0 && strcmp(a->request->method, "POST") == 0;
}

bool asked_let_in(struct asked *a, const struct asked_path *p) {
        const struct http_request *r = a->request;

        (void)view_who(a->view, &(struct view_peer){ .client = r->client, .server = r->server }, "", &a->ask);
        const struct site *site = view_site(a->view);
        a->machine = who_machine(site, &a->ask);
        a->duty = agent_duty_of(site, &a->ask);
        a->rest = p->rest;
        if (!is_token(a, p))
                return refuse_stranger(a);
        a->may_act = may_act(a);
        if (p->is_seed || a->may_act || is_late_result(a, p))
                return true;
        asked_refuse_work(a);
        return false;
}

void asked_refuse_work(struct asked *a) {
        if (a->machine)
                reply_refuse(a->answer, 403, "machine %s is %s: there is nothing for its agent to do",
                             a->machine->name, machine_state_name(a->machine->state));
        else
                reply_refuse(a->answer, 403, "nobody registered this machine, and its subnet enlists none");
}

/* ---- our address in what the region wrote ---- */

/* "http://10.77.0.1:5248", as the one who asks reaches us. */
static void append_base(const struct asked *a, struct text *out) {
        char server[IP_TEXT_SIZE];
        text_printf(out, "http://%s:%u", ip_text(&a->ask.server, server), a->ask.http_port);
}

static void append_host(const struct asked *a, struct text *out) {
        char server[IP_TEXT_SIZE];
        text_append(out, ip_text(&a->ask.server, server));
}

static const struct mark {
        const char *text;
        void (*append)(const struct asked *a, struct text *out);
} marks[] = { { MACHINE_RACK_MARK, append_base }, { MACHINE_RACK_HOST_MARK, append_host } };

static const struct mark *mark_at(const char *at) {
        for (size_t i = 0; i < ARRAY_LEN(marks); i++)
                if (text_starts_with(at, marks[i].text))
                        return &marks[i];
        return NULL;
}

char *asked_fill_in(const struct asked *a, const char *text) {
        CLEANUP(text_free) struct text out = {};
        const char *at = text;

        text_append(&out, "");
        while ((at = strchr(at, '@'))) {
                const struct mark *mark = mark_at(at);
                if (!mark) {
                        at++;
                        continue;
                }
                text_append_octets(&out, text, (size_t)(at - text));
                mark->append(a, &out);
                text = at += strlen(mark->text);
        }
        text_append(&out, text);
        return text_take(&out);
}

/* ---- what is said ---- */

static void put_identity(const struct asked *a, struct agent_report *r) {
        const struct machine *m = a->machine;
        const struct site *site = view_site(a->view);
        const struct board *board = NULL;

        r->mac = a->ask.mac;
        r->has_serial = a->ask.has_serial;
        r->serial = a->ask.serial;
        r->has_uuid = a->ask.has_uuid;
        memcpy(r->uuid, a->ask.uuid, sizeof(r->uuid));
        r->client_ip = a->ask.client_ip;
        if (m && m->board[0])
                board = board_find(site_boards(site), m->board);
        else if (a->ask.revision)
                board = board_find_type(site_boards(site), a->ask.revision >> 4 & 0xff);
        if (board)
                (void)text_copy(r->board, sizeof(r->board), board->name);
}

/* The report as the region gets it; NULL: out of memory. */
static struct agent_report *report_of(const struct asked *a, const struct agent_said *said, const char *body,
                                      size_t body_len) {
        struct agent_report r = {
                .kind = said->kind,
                .machine = a->duty.machine,
                .session = a->ask.session,
                .at_s = clock_unix_s(),
                .arch = said->arch,
                .task = said->task,
                .body = (char *)body,
                .body_len = body_len,
        };
        put_identity(a, &r);
        if (r.arch == ARCH_NONE && a->machine)
                r.arch = a->machine->arch;
        return agent_report_copy(&r);
}

bool asked_hear(struct asked *a, const struct agent_said *said, const char *body, size_t body_len) {
        struct heard m = {
                .kind = HEARD_REPORT,
                .session = a->ask.session,
                .mac = a->ask.mac,
                .duty = a->duty,
                .said = *said,
                .report = report_of(a, said, body, body_len),
        };
        if (m.report && view_hear(a->view, &m))
                return true;
        reply_refuse(a->answer, 503, "more is reported just now than can be taken: try again");
        return false;
}

bool asked_read_body(struct asked *a, enum agent_report_kind kind, struct agent_said *ret) {
        struct error error;

        if (agent_body_read(kind, a->request->body, a->request->body_len, ret, &error) == 0)
                return true;
        reply_refuse(a->answer, 400, "%s", error.text);
        return false;
}
