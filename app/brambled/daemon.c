/* The daemon; see daemon.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/brambled/daemon.h"
#include "app/brambled/beside.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/server.h"
#include "app/brambled/notify.h"
#include "app/brambled/storage.h"
#include "app/brambled/world.h"
#include "base/text.h"
#include "core/image/store.h"
#include "core/life/worker.h"
#include "io/log.h"
#include "io/loop.h"
#include "rack/rack.h"
#include "region/boards.h"
#include "region/region.h"

enum { WORKERS_DEFAULT_MAX = 4, MINUTE_MS = 60000 };

struct daemon {
        struct config *config;
        const struct daemon_source *from;

        struct loop *loop;
        struct store *store;
        struct region *region;
        struct db_reader *reader;
        struct switchboard *board;
        struct storage *storage;
        struct life_worker *life;
        struct rack *rack;
        struct world world;
        struct api_world table;
        struct api_server *api;
        char *unpack; /* path of bramble-unpack */
        struct loop_timer *alive, *minute;
};

static unsigned n_workers(const struct config *c) {
        long n = sysconf(_SC_NPROCESSORS_ONLN);

        if (c->tftp_workers)
                return c->tftp_workers;
        return n < 1 ? 1 : n > WORKERS_DEFAULT_MAX ? WORKERS_DEFAULT_MAX : (unsigned)n;
}

static void on_site(void *ctx, const struct site *site) {
        struct daemon *d = ctx;
        if (d->rack)
                rack_set_site(d->rack, site);
}

static void on_end(void *ctx, int signo) {
        struct daemon *d = ctx;
        log_info("brambled: ending", "signal", strsignal(signo));
        notify_stopping();
        loop_stop(d->loop);
}

static void say_change(void *ctx, const struct config_key *key) {
        (void)ctx;
        if (key->is_live)
                log_info("brambled: configuration changed", "key", key->name);
        else
                log_warn("brambled: configuration changed, but this key needs a restart", "key", key->name);
}

/* SIGHUP: the file is read again; one that is wrong changes nothing. */
static void on_reload(void *ctx, int signo) {
        struct daemon *d = ctx;
        struct config *fresh;
        struct error err;
        (void)signo;

        notify_reloading();
        if (daemon_config(d->from, &fresh, &err) < 0) {
                log_error("brambled: configuration not reloaded, going on with the old one", "why", err.text);
        } else {
                config_each_change(d->config, fresh, say_change, NULL);
                rack_set_interfaces(d->rack, (const char *const *)fresh->interfaces, fresh->n_interfaces);
                config_free(d->config);
                d->config = fresh;
                log_info("brambled: reloaded");
        }
        notify_ready("serving");
}

static void on_alive(void *ctx) {
        (void)ctx;
        notify_alive();
}

static void on_minute(void *ctx) {
        struct daemon *d = ctx;
        api_server_tick(d->api);
}

static int open_store(struct daemon *d, struct error *reterr) {
        CLEANUP(text_free) struct text dir = {};
        text_printf(&dir, "%s/store", d->config->state_dir);
        return dir.failed ? error_set(reterr, -ENOMEM, "out of memory")
                          : store_open(dir.octets, &d->store, reterr);
}

static int open_region(struct daemon *d, struct error *reterr) {
        CLEANUP(text_free) struct text url = {};
        CLEANUP(board_set_drop_at) struct board_set *boards = NULL;
        text_printf(&url, "sqlite:%s", config_database_path(d->config));
        if (url.failed)
                return error_set(reterr, -ENOMEM, "out of memory");
        int error = region_boards_load(d->config->boards_dir, &boards, reterr);
        if (error < 0)
                return error;
        const struct region_config region = {
                .loop = d->loop,
                .database = url.octets,
                .boards = boards,
                .store = d->store,
                .changed = on_site,
                .ctx = d,
        };
        error = region_open(&region, &d->region, reterr);
        return error < 0 ? error : db_reader_open(url.octets, &d->reader, reterr);
}

static int start_storage(struct daemon *d, struct error *reterr) {
        const struct storage_config storage = {
                .loop = d->loop,
                .keeper = region_life_keeper(d->region),
                .helper = d->from->helper,
                .socket = d->config->helper_socket,
        };
        return storage_start(&storage, &d->storage, reterr);
}

static int start_life(struct daemon *d, struct error *reterr) {
        const struct switchboard_config board = {
                .loop = d->loop,
                .reader = d->reader,
                .keeper = region_life_keeper(d->region),
                .programs_dir = d->config->power_dir,
        };
        int error = switchboard_start(&board, &d->board, reterr);
        if (error < 0)
                return error;
        const struct life_worker_config life = {
                .loop = d->loop,
                .keeper = region_life_keeper(d->region),
                .power = switchboard_table(d->board),
                .storage = storage_table(d->storage),
                .roots = 1U << ROOT_INITRD | 1U << ROOT_DISK | 1U << ROOT_RAM | storage_roots(d->storage),
                .lack = storage_lack(d->storage),
        };
        error = life_worker_start(&life, &d->life, reterr);
        if (error == 0)
                switchboard_set_life(d->board, life_worker_life(d->life));
        if (error == 0)
                storage_set_life(d->storage, life_worker_life(d->life));
        return error;
}

/* What agents and installed systems say. */
static void on_report(void *ctx, const struct agent_report *r) {
        struct daemon *d = ctx;
        life_report(life_worker_life(d->life), r);
}

static int start_rack(struct daemon *d, struct error *reterr) {
        const struct config *c = d->config;
        const struct rack_config rack = {
                .site = region_published(d->region),
                .state_dir = c->state_dir,
                .signers_dir = c->signers_dir,
                .interfaces = (const char *const *)c->interfaces,
                .n_interfaces = c->n_interfaces,
                .http_port = (uint16_t)c->boot_http_port,
                .netconsole_port = (uint16_t)c->netconsole_port,
                .https_port = (uint16_t)c->boot_http_tls_port,
                .https_host = c->boot_http_tls_host,
                .http_connections = c->boot_http_connections,
                .tftp_workers = n_workers(c),
                .tftp_transfers = c->tftp_transfers,
                .tftp_transfers_per_client = c->tftp_transfers_per_client,
                .trail_keep_days = c->trail_keep_days,
                .trail_disk_mib = c->trail_disk_mib,
                .trail_memory_mib = c->trail_memory_mib,
                .agent = on_report,
                .agent_ctx = d,
                .root = storage_ask_root,
                .root_ctx = d->storage,
        };
        int error = rack_new(d->loop, &rack, d->store, &d->rack, reterr);
        if (error < 0)
                return error;

        switchboard_set_rack(d->board, d->rack);
        storage_set_rack(d->storage, d->rack);
        CLEANUP(site_drop_at) struct site *site = published_take(rack.site);
        rack_set_site(d->rack, site);
        return 0;
}

static int start_api(struct daemon *d, struct error *reterr) {
        d->world = (struct world){ .loop = d->loop,
                                   .rack = d->rack,
                                   .life = life_worker_life(d->life),
                                   .reader = d->reader,
                                   .board = d->board,
                                   .storage = d->storage };
        d->table = world_table(&d->world, d->region, d->store);
        d->table.keys = rack_key_keeper(d->rack);
        d->table.ca_pem = rack_ca_pem(d->rack);
        d->table.ca_hash = rack_ca_hash(d->rack);
        d->table.unpack = d->unpack = beside_find("bramble-unpack");
        if (!d->unpack)
                log_warn("brambled: bramble-unpack is not there, disk images cannot be imported");
        int error = api_server_start(d->config->api_socket, &d->table, &d->api, reterr);
        if (error == 0)
                loop_timer_set(d->minute, MINUTE_MS, MINUTE_MS);
        return error;
}

static int watch_signals(struct daemon *d, struct error *reterr) {
        int error = loop_on_signal(d->loop, SIGTERM, on_end, d);
        if (error == 0)
                error = loop_on_signal(d->loop, SIGINT, on_end, d);
        if (error == 0)
                error = loop_on_signal(d->loop, SIGHUP, on_reload, d);
        if (error < 0)
                return error_set(reterr, error, "cannot wait for signals: %s", strerror(-error));

        uint64_t alive_ms = notify_watchdog_ms();
        d->alive = loop_timer_new(d->loop, on_alive, d);
        d->minute = loop_timer_new(d->loop, on_minute, d);
        if (!d->alive || !d->minute)
                return error_set(reterr, -ENOMEM, "out of memory");
        if (alive_ms)
                loop_timer_set(d->alive, alive_ms, alive_ms);
        return 0;
}

static int start(struct daemon *d, struct error *reterr) {
        d->loop = loop_new();
        if (!d->loop)
                return error_set(reterr, -errno, "cannot make an event loop: %s", strerror(errno));
        int error = watch_signals(d, reterr);
        if (error == 0)
                error = open_store(d, reterr);
        if (error == 0)
                error = open_region(d, reterr);
        if (error == 0)
                error = start_storage(d, reterr);
        if (error == 0)
                error = start_life(d, reterr);
        if (error == 0)
                error = start_rack(d, reterr);
        if (error == 0)
                error = start_api(d, reterr);
        return error;
}

/* Ends what was started, those first who ask others. The loop has ended: what its thread still does, this one
 * does. */
static void end(struct daemon *d) {
        if (d->rack)
                rack_news_stop(d->rack);
        if (d->region)
                region_stop(d->region);
        switchboard_stop(d->board);
        api_server_stop(d->api);
        rack_free(d->rack);
        life_worker_stop(d->life);
        storage_free(d->storage);
        switchboard_free(d->board);
        db_reader_close(d->reader);
        region_free(d->region);
        store_close(d->store);
        loop_timer_free(d->alive);
        loop_timer_free(d->minute);
        loop_free(d->loop);
        free(d->unpack);
        config_free(d->config);
}

int daemon_config(const struct daemon_source *from, struct config **ret, struct error *reterr) {
        struct config *c;

        int error = config_load(from->path, from->may_lack, &c, reterr);
        if (error < 0)
                return error;
        error = from->state_dir ? config_set_state_dir(c, from->state_dir, reterr) : 0;
        if (error < 0) {
                config_free(c);
                return error;
        }
        *ret = c;
        return 0;
}

int daemon_run(struct config *config, const struct daemon_source *from, struct error *reterr) {
        struct daemon d = { .config = config, .from = from };

        int error = start(&d, reterr);
        if (error == 0) {
                log_info("brambled: serving", "state", config->state_dir, "api", config->api_socket);
                notify_ready("serving");
                error = loop_run(d.loop);
                if (error < 0)
                        (void)error_set(reterr, error, "the event loop ended: %s", strerror(-error));
        }
        end(&d);
        return error;
}
