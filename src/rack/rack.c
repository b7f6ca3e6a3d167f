/* The rack: start, wiring, end; see rack.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/rack.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "io/clock.h"
#include "io/crypto.h"
#include "io/log.h"
#include "rack/address.h"
#include "rack/agent_http.h"
#include "rack/agents.h"
#include "rack/capture.h"
#include "rack/dhcp.h"
#include "rack/http.h"
#include "rack/https.h"
#include "rack/links.h"
#include "rack/remember.h"
#include "rack/state.h"
#include "rack/story.h"

enum {
        SESSIONS_MAX =
                16384, /* as many as parked agents and boots at one time, and as the trail has stories */
        SIGHTINGS_MAX = 65536,
        SERVED_MAX = 16384, /* reports that may wait for the control thread */
        SERVED_PAUSE_MS = 5,
        HEARING_MAX = 8192, /* words of agents that may wait, and octets of them */
        HEARING_OCTETS_MAX = 64 << 20,
        TICK_MS = 1000,
        ARENA_MAX = 256 * 1024, /* octets of one plan */
        SIGN_WAIT_MS = 3000,    /* who asks for one file by the API would rather wait than ask again */
        TFTP_PORT = 69,

        TRAIL_SESSIONS_MAX = 16384,
        TRAIL_EVENTS_MAX = 1024, /* of one session */

        HTTP_TIMEOUT_S = 60,
        HTTP_PER_CLIENT_MIN = 128, /* connections: a classroom may stand behind one address */
        HTTP_PER_CLIENT_SHARE = 8, /* and an eighth of all */
};

/* Leases became durable: what waited for them may leave. */
static void on_journal(void *ctx) {
        struct rack *r = ctx;
        dhcp4_server_durable(r->dhcp4, lease_journal_durable(r->journal));
}

/*
 * The first report is taken at once, the next ones a little later and together: under load there are tens of
 * thousands a second, and waking for each takes a processor away from those who serve.
 */
static void on_served(void *ctx) {
        struct rack *r = ctx;

        (void)rack_hear_served(r, clock_now_ms());
        loop_unwatch(TAKE(r->served_io));
        loop_timer_set(r->served_pause, SERVED_PAUSE_MS, 0);
}

static void on_served_pause(void *ctx) {
        struct rack *r = ctx;
        bool was_any = false;

        while (rack_hear_served(r, clock_now_ms()) > 0)
                was_any = true;
        if (!was_any)
                r->served_io = loop_watch(r->loop, queue_fd(r->served), on_served, r);
        if (!r->served_io) /* more may come soon, or there is no memory to be woken with: look again */
                loop_timer_set(r->served_pause, SERVED_PAUSE_MS, 0);
}

/* Leases keep their length when the clock is set, here and, once it is compacted, in the journal. */
static void follow_clock(struct rack *r) {
        int64_t by_s = lease_clock_follow(&r->lease_clock, clock_unix_ms(), clock_now_ms());

        if (by_s != 0) {
                char text[32];
                (void)snprintf(text, sizeof(text), "%+lld s", (long long)by_s);
                log_info("dhcp: the clock was set, and leases move with it", "by", text);
                lease_shift(r->leases, by_s);
                r->journal_is_stale = true;
        }
        if (r->journal_is_stale)
                r->journal_is_stale = !lease_journal_compact(r->journal, r->leases);
}

/* A few at a time: each may change a machine, and packets must not wait for them. */
static void on_hearing(void *ctx) {
        (void)rack_hear_agents(ctx, clock_now_ms());
}

/* Who waits by HTTP for a signature; TFTP's clients come again of themselves. */
static void on_signed(void *ctx) {
        struct rack *r = ctx;

        signatures_clear(r->signatures);
        http_server_wake(r->http, SIGNATURES_WAIT_KEY);
        if (r->https)
                http_server_wake(r->https, SIGNATURES_WAIT_KEY);
}

static void on_tick(void *ctx) {
        struct rack *r = ctx;

        rack_tell_silence(r, clock_now_ms());
        rack_end_lines(r, clock_now_ms());
        http_server_tick(r->http, clock_now_ms());
        http_server_tick(r->https, clock_now_ms());
        https_tick(r);
        follow_clock(r);
        lease_journal_compact_if_due(r->journal, r->leases);
        trail_store_flush(r->trail_store, r->trail);
}

static int open_state(struct rack *r, struct error *reterr) {
        CLEANUP(text_free) struct text leases = {}, trail = {};
        const struct trail_limits limits = {
                .sessions_max = TRAIL_SESSIONS_MAX,
                .events_per_session_max = TRAIL_EVENTS_MAX,
                .octets_max = (size_t)r->config.trail_memory_mib << 20,
        };

        text_printf(&leases, "%s/leases", r->config.state_dir);
        text_printf(&trail, "%s/trail", r->config.state_dir);
        if (leases.failed || trail.failed)
                return error_set(reterr, -ENOMEM, "out of memory");

        r->presences = presences_new();
        r->sessions = sessions_new(random_hash_key(), SESSIONS_MAX);
        r->sightings = sightings_new(random_hash_key(), SIGHTINGS_MAX);
        r->captures = captures_new(random_hash_key(), CAPTURE_BOARDS_MAX);
        r->leases = lease_table_new(random_hash_key());
        r->trail = trail_new(&limits);
        r->follow = follow_new();
        r->arena = arena_new(ARENA_MAX);
        r->served = queue_new(SERVED_MAX, sizeof(struct served));
        r->hearing = hearing_new(HEARING_MAX, HEARING_OCTETS_MAX);
        if (!r->presences || !r->sessions || !r->sightings || !r->captures || !r->leases || !r->trail ||
            !r->follow || !r->arena || !r->served || !r->hearing)
                return error_set(reterr, -ENOMEM, "out of memory");

        if (mkdir(leases.octets, 0750) < 0 && errno != EEXIST)
                return error_set(reterr, -errno, "cannot make the directory %s: %s", leases.octets,
                                 strerror(errno));
        int error = authority_open(r->config.state_dir, r->config.https_host, &r->authority, reterr);
        if (error < 0)
                return error;
        error = keyring_open(r->config.state_dir, r->config.signers_dir, &r->keys, reterr);
        if (error < 0)
                return error;
        r->signatures = signatures_new(r->keys);
        r->ramdisks = ramdisks_new();
        if (!r->signatures || !r->ramdisks)
                return error_set(reterr, -ENOMEM, "out of memory");
        error = token_key_load(r->config.state_dir, &r->token_key, reterr);
        if (error < 0)
                return error;
        error = lease_journal_open(leases.octets, r->leases, &r->journal, reterr);
        if (error < 0)
                return error;
        const struct trail_store_limits disk = {
                .age_max_s = (int64_t)r->config.trail_keep_days * 24 * 3600,
                .octets_max = (uint64_t)r->config.trail_disk_mib << 20,
        };
        return trail_store_open(trail.octets, &disk, r->trail, &r->trail_store, reterr);
}

static void on_console(void *ctx, unsigned ifindex, const struct netconsole_datagram *d) {
        rack_hear_console(ctx, ifindex, d, clock_now_ms());
}

static int start_servers(struct rack *r, const struct store *store, struct error *reterr) {
        r->view_source = (struct view_source){
                .site = r->config.site,
                .presences = r->presences,
                .store = store,
                .signatures = r->signatures,
                .ramdisks = r->ramdisks,
                .served = r->served,
                .hearing = r->hearing,
                .http_port = r->config.http_port,
                .https_port = r->config.https_port,
                .ca = authority_hash(r->authority),
        };
        r->tftp_files = tftp_files_new(&r->view_source, r->config.tftp_workers);
        if (!r->tftp_files)
                return error_set(reterr, -ENOMEM, "out of memory");

        const struct tftp_config tftp = {
                .n_workers = r->config.tftp_workers,
                .port = TFTP_PORT,
                .transfers_max = r->config.tftp_transfers,
                .transfers_per_client_max = r->config.tftp_transfers_per_client,
        };
        int error = tftp_server_start(&tftp, &tftp_files_backend, r->tftp_files, &r->tftp, reterr);
        if (error == -EADDRINUSE)
                return error_set(
                        reterr, error,
                        "TFTP: UDP port %u is taken: another TFTP server runs on this machine (dnsmasq, "
                        "tftpd-hpa, atftpd?); stop it",
                        (unsigned)tftp.port);
        if (error < 0)
                return error;

        const struct http_config http = {
                .port = r->config.http_port,
                .listen_fd = -1,
                .connections_max = r->config.http_connections,
                .connections_per_client_max =
                        HTTP_PER_CLIENT_MIN + r->config.http_connections / HTTP_PER_CLIENT_SHARE,
                .timeout_s = HTTP_TIMEOUT_S,
                .bodies_max = AGENT_BODIES_MAX,
                .n_threads = r->config.tftp_workers,
        };
        r->http_files = http_files_new(&r->view_source);
        if (!r->http_files)
                return error_set(reterr, -ENOMEM, "out of memory");
        error = http_server_start(&http, &http_files_backend, r->http_files, &r->http, reterr);
        if (error < 0)
                return error;
        error = https_start(r, &http, reterr);
        if (error < 0)
                return error;
        if (r->config.netconsole_port) {
                r->netconsole = netconsole_server_new(r->loop, r->config.netconsole_port, on_console, r);
                if (!r->netconsole)
                        return error_set(reterr, -ENOMEM, "out of memory");
        }
        r->dhcp4 = dhcp4_server_new(r->loop, &rack_dhcp_backend, r, reterr);
        return r->dhcp4 ? 0 : reterr->code;
}

static int watch(struct rack *r, struct error *reterr) {
        r->neighbours = neighbour_open();
        int error = r->neighbours < 0 ? r->neighbours : neighbour_remove_ours(r->neighbours);
        if (error < 0)
                return error_set(reterr, error, "the kernel's neighbour table cannot be changed: %s",
                                 strerror(-error));
        r->journal_io = loop_watch(r->loop, lease_journal_fd(r->journal), on_journal, r);
        r->served_io = loop_watch(r->loop, queue_fd(r->served), on_served, r);
        r->served_pause = loop_timer_new(r->loop, on_served_pause, r);
        r->hearing_io = loop_watch(r->loop, hearing_fd(r->hearing), on_hearing, r);
        r->signed_io = loop_watch(r->loop, signatures_fd(r->signatures), on_signed, r);
        r->tick = loop_timer_new(r->loop, on_tick, r);
        if (!r->journal_io || !r->served_io || !r->served_pause || !r->hearing_io || !r->signed_io ||
            !r->tick)
                return error_set(reterr, -ENOMEM, "out of memory");
        loop_timer_set(r->tick, TICK_MS, TICK_MS);
        return links_watch(r, reterr);
}

int rack_new(struct loop *loop, const struct rack_config *config, const struct store *store,
             struct rack **ret, struct error *reterr) {
        CLEANUP(rack_free_at) struct rack *r = calloc(1, sizeof(*r));
        CLEANUP(site_drop_at) struct site *nobody = site_empty();
        if (!r || !nobody)
                return error_set(reterr, -ENOMEM, "out of memory");
        r->loop = loop;
        r->config = *config;
        r->neighbours = -1;
        r->lease_clock = lease_clock_new(clock_unix_ms(), clock_now_ms());

        int error = open_state(r, reterr);
        if (error < 0)
                return error;
        r->nets = nets_new(nobody);
        if (!r->nets)
                return error_set(reterr, -ENOMEM, "out of memory");
        error = start_servers(r, store, reterr);
        if (error < 0)
                return error;
        r->config.state_dir = NULL; /* the caller's, and not needed any more */
        error = watch(r, reterr);
        if (error < 0)
                return error;
        *ret = TAKE(r);
        return 0;
}

void rack_free(struct rack *r) {
        if (!r)
                return;
        /* First the threads, which use what is freed after them. */
        if (r->tftp)
                tftp_server_stop(r->tftp);
        if (r->http)
                http_server_stop(TAKE(r->http));
        http_server_stop(TAKE(r->https));
        dhcp4_server_free(r->dhcp4);
        netconsole_server_free(r->netconsole);
        tftp_files_free(r->tftp_files);
        http_files_free(r->http_files);

        links_unwatch(r);
        checkup_end(r);
        loop_unwatch(r->journal_io);
        loop_unwatch(r->served_io);
        loop_unwatch(r->hearing_io);
        loop_unwatch(r->signed_io);
        loop_timer_free(r->served_pause);
        loop_timer_free(r->tick);
        while (r->served && r->follow && r->nets && rack_hear_served(r, clock_now_ms()) > 0)
                ;               /* what was served last still belongs into the story */
        r->config.agent = NULL; /* the region has ended: it will be told again */
        while (r->hearing && r->follow && r->nets && rack_hear_agents(r, clock_now_ms()) > 0)
                ;
        if (r->trail_store)
                trail_store_flush(r->trail_store, r->trail);
        trail_store_close(r->trail_store);
        lease_journal_close(r->journal);
        for (struct session *s; r->sessions && (s = sessions_spare(r->sessions));) {
                rack_leave_address(r, s);
                sessions_remove(r->sessions, s);
        }
        if (r->neighbours >= 0)
                (void)close(r->neighbours);

        queue_free(r->served);
        hearing_free(r->hearing);
        lease_table_free(r->leases);
        sessions_free(r->sessions);
        sightings_free(r->sightings);
        captures_free(r->captures);
        presences_free(r->presences);
        trail_free(r->trail);
        follow_free(r->follow);
        arena_free(r->arena);
        nets_free(r->nets);
        authority_free(r->authority);
        signatures_free(r->signatures);
        ramdisks_free(r->ramdisks);
        keyring_free(r->keys);
        free(r);
}

void rack_set_interfaces(struct rack *r, const char *const *interfaces, size_t n) {
        r->config.interfaces = interfaces;
        r->config.n_interfaces = n;
        links_update(r);
}

void rack_set_site(struct rack *r, const struct site *site) {
        struct nets *nets = nets_new(site);
        if (!nets) {
                log_error("site: out of memory, serving the last snapshot still");
                return;
        }
        nets_free(r->nets);
        r->nets = nets;
        r->meeting = (struct meeting){};
        links_update(r);
        if (!r->has_remembered)
                rack_remember(r);
        r->has_remembered = true;
        rack_wake_agents(r);
}

const uint8_t *rack_ca_hash(const struct rack *r) {
        return authority_hash(r->authority);
}

struct signing_key_keeper rack_key_keeper(const struct rack *r) {
        return keyring_keeper(r->keys);
}

int rack_sign(const struct rack *r, const char *key, struct boot_file *file, struct boot_file **ret) {
        return signatures_wait(r->signatures, key, file, SIGN_WAIT_MS, ret);
}

const char *rack_ca_pem(const struct rack *r) {
        return authority_pem(r->authority);
}
