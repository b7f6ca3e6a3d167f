/* Agents; see agents.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/agents.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "core/machine/agent_report.h"
#include "io/clock.h"
#include "io/log.h"
#include "rack/address.h"
#include "rack/notice.h"
#include "rack/story.h"

enum {
        HEARD_BATCH = 16,
        SILENT_MS = 100 * 1000,       /* three heartbeats, and some */
        SEED_MS = 15 * 60 * 1000,     /* after which a system has read what it needs of its seed */
        PROGRESS_TOLD_MS = 60 * 1000, /* the trail is told at least so often */
        WORK_SIZE = 32,
        PROGRESS_TOLD_PARTS = 10, /* and at each tenth: it has room for a thousand lines */
};

/* ---- the trail ---- */

static struct trail_event event_of(enum trail_outcome outcome) {
        return (struct trail_event){
                .kind = TRAIL_AGENT, .outcome = outcome, .at_ms = clock_unix_ms(), .client = "agent"
        };
}

static void tell_hello(struct rack *r, struct session *s, const struct agent_said *said, uint64_t now_ms) {
        struct trail_event e = event_of(TRAIL_OK);
        const struct machine *m = who_machine(r->nets->site, &s->ask);
        char mac[MAC_TEXT_SIZE];

        (void)snprintf(e.what, sizeof(e.what), "hello");
        (void)snprintf(e.detail, sizeof(e.detail), "agent %s on %.96s", said->what, said->detail);
        rack_tell(r, s->ask.session, &e);
        if (rack_may_log(r, m, now_ms))
                log_info("boot: the agent is up", "machine", m ? m->name : "", "mac",
                         mac_text(&s->ask.mac, mac));
}

/* What kind of task it is: for people, so only its name is looked for. */
static void name_task(const struct machine *m, char *buf, size_t size) {
        json_t *task = m && m->task ? json_loads(m->task, 0, NULL) : NULL;
        const char *kind = json_string_value(json_object_get(task, "kind"));

        (void)snprintf(buf, size, "%s", kind ? kind : m ? "park" : "inventory");
        json_decref(task);
}

static void tell_task(struct rack *r, struct session *s, uint64_t task) {
        struct trail_event e = event_of(TRAIL_OK);

        if (s->agent.told_task == task)
                return; /* it asked again, because the answer was lost */
        s->agent.told_task = task;
        (void)snprintf(e.what, sizeof(e.what), "task %llu", (unsigned long long)task);
        name_task(who_machine(r->nets->site, &s->ask), e.detail, sizeof(e.detail));
        rack_tell(r, s->ask.session, &e);
}

static unsigned tenths_of(const struct agent_said *said) {
        double part = said->total ? (double)said->done / (double)said->total : 0;
        return part < 1 ? (unsigned)(part * PROGRESS_TOLD_PARTS) : PROGRESS_TOLD_PARTS;
}

/* "40 %, 85 MB/s, frame 12 of 30" */
static void describe_progress(const struct agent_said *said, char *buf, size_t size) {
        char percent[32] = "", rate[40] = "";

        if (said->total)
                (void)snprintf(percent, sizeof(percent), "%.0f %%",
                               100.0 * (double)said->done / (double)said->total);
        if (said->rate)
                (void)snprintf(rate, sizeof(rate), "%s%.1f MB/s", percent[0] ? ", " : "",
                               (double)said->rate / 1e6);
        (void)snprintf(buf, size, "%s%s%s%.96s", percent, rate,
                       (percent[0] || rate[0]) && said->detail[0] ? ", " : "", said->detail);
}

/* "task 7", or what it works on before its own system starts. */
static const char *work_text(uint64_t task, char *buf, size_t size) {
        if (task == AGENT_TASK_ROOT)
                (void)snprintf(buf, size, "root");
        else
                (void)snprintf(buf, size, "task %llu", (unsigned long long)task);
        return buf;
}

static void tell_progress(struct rack *r, struct session *s, const struct agent_said *said, uint64_t now_ms) {
        struct session_agent *a = &s->agent;
        struct trail_event e = event_of(TRAIL_OK);
        unsigned tenths = tenths_of(said);
        char work[WORK_SIZE];

        if (said->is_idle || (strcmp(a->told_phase, said->what) == 0 && a->told_tenths == tenths &&
                              now_ms - a->told_ms < PROGRESS_TOLD_MS))
                return;
        memcpy(a->told_phase, said->what, sizeof(a->told_phase));
        a->told_tenths = tenths;
        a->told_ms = now_ms;
        (void)snprintf(e.what, sizeof(e.what), "%s: %s", work_text(said->task, work, sizeof(work)),
                       said->what);
        describe_progress(said, e.detail, sizeof(e.detail));
        rack_tell(r, s->ask.session, &e);
}

static void tell_script(struct rack *r, struct session *s, const struct agent_said *said) {
        struct trail_event e = event_of(said->is_well ? TRAIL_OK : TRAIL_FAILED);

        (void)snprintf(e.what, sizeof(e.what), "script %s", said->what);
        (void)snprintf(e.detail, sizeof(e.detail), "%s", said->detail);
        rack_tell(r, s->ask.session, &e);
}

/* With what it was given to do; the snapshot has it until the region has read the result. */
static bool is_to_restart(const struct machine *m, uint64_t task) {
        json_t *is_given = m && m->task && m->task_id == task ? json_loads(m->task, 0, NULL) : NULL;
        const char *kind = json_string_value(json_object_get(is_given, "kind"));
        const char *then = json_string_value(json_object_get(is_given, "then"));
        const bool is_it = (kind && strcmp(kind, "reboot") == 0) || (then && strcmp(then, "reboot") == 0);

        json_decref(is_given);
        return is_it;
}

static void tell_result(struct rack *r, struct session *s, const struct agent_said *said) {
        struct trail_event e = event_of(said->is_well ? TRAIL_OK : TRAIL_FAILED);
        char work[WORK_SIZE];

        if (said->task != AGENT_TASK_ROOT && s->agent.told_result == said->task)
                return;
        s->agent.told_result = said->task;
        (void)snprintf(e.what, sizeof(e.what), "%s %s", work_text(said->task, work, sizeof(work)),
                       said->is_well ? "done" : "failed");
        (void)snprintf(e.detail, sizeof(e.detail), "%s", said->detail);
        rack_tell(r, s->ask.session, &e);
        if (said->is_well && is_to_restart(who_machine(r->nets->site, &s->ask), said->task))
                rack_note(r, s->ask.session, TRAIL_OK, TRAIL_AGENT_RESTARTS);
}

/* Into the story of the boot that it ends; where there was none, into the machine's newest. */
static void tell_phone_home(struct rack *r, const struct session *s, const struct heard *h) {
        struct trail_event e = event_of(TRAIL_OK);
        const struct trail_session *newest = s ? NULL : trail_newest(r->trail, &h->mac);

        (void)snprintf(e.what, sizeof(e.what), "phone home");
        (void)snprintf(e.detail, sizeof(e.detail), "the system is up%s%s",
                       h->said.what[0] ? ", host name " : "", h->said.what);
        if (s || newest)
                rack_tell(r, s ? s->ask.session : newest->id, &e);
}

/* ---- what was heard ---- */

static void close_seed(struct rack *r, struct session *s) {
        if (s->ask.is_seed_closed)
                return;
        s->ask.is_seed_closed = true;
        if (ip_is_set(&s->ask.client_ip))
                (void)presences_set(r->presences,
                                    &s->ask); /* out of memory: it stays open for as long as the boot */
}

static void wake_requests(struct rack *r, uint64_t session) {
        if (r->http)
                http_server_wake(r->http, session);
        if (r->https)
                http_server_wake(r->https, session);
}

void rack_root_is(struct rack *r, const struct rack_root_ask *q, const char *words) {
        struct session *s = sessions_find(r->sessions, &q->mac);
        char sentence[256];

        if (!s || s->ask.session != q->session || s->ask.is_root_ready)
                return;
        if (words) {
                (void)snprintf(sentence, sizeof(sentence), "its root is not ready: %s", words);
                rack_note(r, s->ask.session, TRAIL_FAILED, sentence);
                return;
        }
        s->ask.is_root_ready = true;
        rack_note(r, s->ask.session, TRAIL_OK, "its root is ready on this server");
        if (ip_is_set(&s->ask.client_ip) && presences_set(r->presences, &s->ask) < 0)
                s->ask.is_root_ready = false; /* out of memory: it asks again */
        wake_requests(r, s->ask.session);
}

static void hear_root(struct rack *r, const struct session *s, const struct heard *h) {
        const struct rack_root_ask q = { .machine = h->duty.machine,
                                         .session = s->ask.session,
                                         .mac = s->ask.mac,
                                         .server = h->server,
                                         .client = s->ask.client_ip };

        if (r->config.root)
                r->config.root(r->config.root_ctx, &q);
        else
                rack_root_is(r, &q, NULL);
}

/* It lives, and what it knows of its duty may be old already. */
static void hear_agent(struct rack *r, struct session *s, const struct agent_duty *knows, uint64_t now_ms) {
        struct session_agent *a = &s->agent;

        sessions_touch(r->sessions, s, now_ms);
        rack_name_session(r, s);
        rack_vouch_for(r, &s->ask.mac);
        if (a->is_silent)
                rack_note(r, s->ask.session, TRAIL_OK, "its agent is heard again");
        a->is_up = true;
        a->is_silent = false;
        a->heard_ms = now_ms;
        a->duty = agent_duty_of(r->nets->site, &s->ask);
        if (!agent_duty_equal(&a->duty, knows))
                wake_requests(r, s->ask.session);
}

static void tell_report(struct rack *r, struct session *s, const struct agent_said *said, uint64_t now_ms) {
        switch (said->kind) {
        case REPORT_HELLO:
                tell_hello(r, s, said, now_ms);
                break;
        case REPORT_PROGRESS:
                tell_progress(r, s, said, now_ms);
                break;
        case REPORT_RESULT:
                tell_result(r, s, said);
                break;
        case REPORT_SCRIPT:
                tell_script(r, s, said);
                break;
        case REPORT_PHONE_HOME:
        case REPORT_SYSTEM_DHCP:
        case REPORT_EEPROM_FETCHED:
        case REPORT_EEPROM_STARTED:
        case REPORT_EEPROM_LEFT:
                break; /* no agent's words */
        }
}

/* The root is there, and the agent has made room for the system that starts now in the same boot. */
static void leave_to_system(struct session *s) {
        s->agent.is_up = s->agent.is_due = false;
}

/* What asks for an address from now on is the machine's own system, also where its board asks the network for
 * nothing first; an agent that has more to say has not gone. */
static void note_leaving(const struct rack *r, struct session *s, const struct agent_said *said) {
        const bool is_end = said->kind == REPORT_RESULT && said->is_well;

        if (is_end && said->task == AGENT_TASK_ROOT)
                leave_to_system(s);
        else if (said->kind != REPORT_RESULT)
                s->agent.has_left = false;
        else if (is_end && is_to_restart(who_machine(r->nets->site, &s->ask), said->task))
                s->agent.has_left = true;
}

/* Its hello says what it runs on, and what follows does not: an unknown machine is registered by the latter.
 */
static void know_arch(struct session *s, struct agent_report *report) {
        if (!report)
                return;
        if (report->arch == ARCH_NONE)
                report->arch = s->agent.arch;
        else
                s->agent.arch = report->arch;
}

static void pass_on(const struct rack *r, const struct agent_report *report) {
        if (r->config.agent && report)
                r->config.agent(r->config.agent_ctx, report);
}

static void hear_phone_home(struct rack *r, struct session *s, const struct heard *h) {
        tell_phone_home(r, s, h);
        if (s)
                close_seed(r, s);
        pass_on(r, h->report);
}

static void hear_one(struct rack *r, const struct heard *h, uint64_t now_ms) {
        struct session *s = mac_is_zero(&h->mac) ? NULL : sessions_find(r->sessions, &h->mac);

        if (h->kind == HEARD_REPORT && h->said.kind == REPORT_PHONE_HOME) {
                hear_phone_home(r, s, h);
                return;
        }
        if (!s || s->ask.session != h->session)
                return; /* its boot is over, and another one has begun */
        if (h->kind == HEARD_SEED) {
                s->seed_ms = s->seed_ms ? s->seed_ms : now_ms;
                return;
        }
        rack_name_session(r, s);
        hear_agent(r, s, &h->duty, now_ms);
        if (h->kind == HEARD_ROOT)
                hear_root(r, s, h);
        if (h->kind == HEARD_POLL && h->gave_task)
                tell_task(r, s, h->duty.task);
        if (h->kind != HEARD_REPORT)
                return;
        tell_report(r, s, &h->said, now_ms);
        note_leaving(r, s, &h->said);
        know_arch(s, h->report);
        pass_on(r, h->report);
}

size_t rack_hear_agents(struct rack *r, uint64_t now_ms) {
        struct heard batch[HEARD_BATCH];
        size_t n = hearing_receive(r->hearing, batch, HEARD_BATCH);

        if (n > 0)
                (void)rack_hear_served(r, now_ms); /* what it fetched before it spoke belongs before it */
        for (size_t i = 0; i < n; i++) {
                hear_one(r, &batch[i], now_ms);
                agent_report_free(batch[i].report);
        }
        return n;
}

/* ---- news for them ---- */

static void wake(void *ctx, struct session *s) {
        struct rack *r = ctx;

        if (!s->agent.is_up)
                return;
        rack_name_session(r, s);
        struct agent_duty duty = agent_duty_of(r->nets->site, &s->ask);
        if (agent_duty_equal(&duty, &s->agent.duty))
                return;
        s->agent.duty = duty;
        wake_requests(r, s->ask.session);
}

void rack_wake_agents(struct rack *r) {
        sessions_each(r->sessions, wake, r);
}

/* ---- time ---- */

void rack_look_at_agent(struct rack *r, struct session *s, uint64_t now_ms) {
        struct session_agent *a = &s->agent;

        if (a->is_up && !a->is_silent && !a->has_left && now_ms - a->heard_ms >= SILENT_MS) {
                a->is_silent = true;
                rack_note(r, s->ask.session, TRAIL_FAILED,
                          "its agent is silent: nothing was heard of it for more than a minute and a half");
        }
        if (s->seed_ms && now_ms - s->seed_ms >= SEED_MS)
                close_seed(r, s);
}

/* ---- operating systems ---- */

/* Agents and systems name themselves otherwise than firmware does, and may get another address: what they are
 * let have goes along, a system's seed too. */
static void follow(struct rack *r, const struct meeting *m, const struct dhcp4_answer *a) {
        const bool is_near = m->packet->giaddr == 0 && session_is_of_agent(m->session);
        struct ip_addr ip = ip_from_v4(a->addr);

        if (a->type == DHCP4_ACK && a->addr && !ip_equal(&m->session->ask.client_ip, &ip))
                rack_settle(r, m->session, is_near ? m->link : NULL, a->addr);
}

void rack_report_system(struct rack *r, const struct meeting *m, const struct dhcp4_answer *a) {
        if (m->session)
                follow(r, m, a);
        if (m->session && session_is_of_agent(m->session))
                return;
        if (!m->machine || m->machine->state != STATE_DEPLOYING)
                return;
        const struct agent_report report = {
                .kind = REPORT_SYSTEM_DHCP,
                .is_renewed = m->packet->ciaddr != 0,
                .machine = m->machine->id,
                .session = m->session ? m->session->ask.session : 0,
                .at_s = clock_unix_s(),
                .mac = m->packet->mac,
                .client_ip = a->addr ? ip_from_v4(a->addr) : (struct ip_addr){},
        };
        pass_on(r, &report);
}
