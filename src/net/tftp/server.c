/* Starting and stopping the TFTP workers. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tftp/server.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>

#include "io/crypto.h"
#include "io/fd.h"
#include "io/thread.h"
#include "net/tftp/worker.h"

struct tftp_server {
        unsigned n_workers, n_threads; /* opened, and running */
        struct tftp_worker *workers;
        pthread_t *threads;
        struct tftp_limits *limits;
        int stop;
        uint16_t port;
};

static void *worker_thread(void *arg) {
        struct tftp_worker *w = arg;
        char name[16];

        (void)snprintf(name, sizeof(name), "tftp-%u", w->number);
        (void)pthread_setname_np(pthread_self(), name);
        thread_be_patient();
        tftp_worker_run(w);
        return NULL;
}

static int open_workers(struct tftp_server *s, const struct tftp_config *config,
                        const struct tftp_backend *backend, void *ctx, struct error *reterr) {
        s->port = config->port;
        for (unsigned i = 0; i < config->n_workers; i++) {
                struct tftp_worker *w = &s->workers[i];

                *w = (struct tftp_worker){
                        .number = i,
                        .backend = backend,
                        .ctx = ctx,
                        .limits = s->limits,
                        .key = random_hash_key(),
                        .stop = s->stop,
                };
                s->n_workers++;
                int r = tftp_worker_open(w, s->port);
                if (r < 0)
                        return error_set(reterr, r, "TFTP on UDP port %u: %s", s->port, strerror(-r));
                s->port = udp_port(w->listener);
        }
        return 0;
}

static int start_threads(struct tftp_server *s, struct error *reterr) {
        while (s->n_threads < s->n_workers) {
                int r = thread_start(&s->threads[s->n_threads], worker_thread, &s->workers[s->n_threads]);
                if (r < 0)
                        return error_set(reterr, r, "TFTP: cannot start a thread: %s", strerror(-r));
                s->n_threads++;
        }
        return 0;
}

DEFINE_CLEANUP(struct tftp_server, tftp_server_stop)

int tftp_server_start(const struct tftp_config *config, const struct tftp_backend *backend, void *ctx,
                      struct tftp_server **ret, struct error *reterr) {
        assert(config->n_workers > 0);
        CLEANUP(tftp_server_stop_at) struct tftp_server *s = calloc(1, sizeof(*s));
        if (!s)
                return error_set(reterr, -ENOMEM, "TFTP: out of memory");
        s->workers = calloc(config->n_workers, sizeof(*s->workers));
        s->threads = calloc(config->n_workers, sizeof(*s->threads));
        s->limits =
                tftp_limits_new(random_hash_key(), config->transfers_max, config->transfers_per_client_max);
        s->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (!s->workers || !s->threads || !s->limits || s->stop < 0)
                return error_set(reterr, -ENOMEM, "TFTP: out of memory");

        int r = open_workers(s, config, backend, ctx, reterr);
        if (r == 0)
                r = start_threads(s, reterr);
        if (r < 0)
                return r;
        *ret = TAKE(s);
        return 0;
}

uint16_t tftp_server_port(const struct tftp_server *s) {
        return s->port;
}

void tftp_server_counts(const struct tftp_server *s, struct tftp_counts *ret) {
        *ret = (struct tftp_counts){};
        for (unsigned i = 0; i < s->n_workers; i++) {
                struct tftp_worker *w = &s->workers[i];
                ret->malformed += atomic_load_explicit(&w->malformed, memory_order_relaxed);
                ret->stray += atomic_load_explicit(&w->stray, memory_order_relaxed);
                ret->not_sent += atomic_load_explicit(&w->not_sent, memory_order_relaxed);
        }
}

void tftp_server_stop(struct tftp_server *s) {
        if (!s)
                return;
        if (s->stop >= 0)
                (void)eventfd_write(s->stop, 1);
        for (unsigned i = 0; i < s->n_threads; i++)
                (void)pthread_join(s->threads[i], NULL);
        for (unsigned i = 0; i < s->n_workers; i++)
                tftp_worker_close(&s->workers[i]);
        fd_close(s->stop);
        free(s->workers);
        free(s->threads);
        free(s->limits);
        free(s);
}
