/* The worker on a real loop: a system that is to answer by SSH is asked until it does, and then its machine
 * is Deployed. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/life/job.h"
#include "core/life/worker.h"

struct house {
        struct loop *loop;
        struct site *site;
        struct loop_io *io;
        int listener;
        uint16_t port;
        unsigned n_asked;
};

static struct site *keeper_site(void *ctx) {
        return site_take(((struct house *)ctx)->site);
}

/* Carried out at once; the state that it leads to ends the loop. */
static void keeper_decide(void *ctx, life_decide_fn decide, life_decided_fn decided, void *fn_ctx) {
        CLEANUP(life_outcome_clear) struct life_outcome o = {};
        struct house *h = ctx;
        struct error error = {};
        int r = decide(fn_ctx, h->site, 1800000000, &o, &error);

        if (r == 0 && o.now) {
                struct site *next = site_put_machine(h->site, o.now, &error);
                assert_non_null(next);
                site_drop(h->site);
                h->site = next;
                if (o.now->state == STATE_DEPLOYED)
                        loop_stop(h->loop);
        }
        decided(fn_ctx, h->site, r, &error);
}

static unsigned by_hand(void *ctx, const char *driver) {
        (void)ctx;
        (void)driver;
        return 0;
}

static void on_client(void *ctx) {
        struct house *h = ctx;
        const char *word = h->n_asked++ == 0 ? "HTTP/1.1 400 Bad Request\r\n" : "SSH-2.0-OpenSSH_9.2\r\n";
        int fd = accept(h->listener, NULL, NULL);

        assert_true(fd >= 0);
        assert_true(send(fd, word, strlen(word), MSG_NOSIGNAL) >
                    0); /* the first time something else listens there */
        (void)close(fd);
}

static void listen_somewhere(struct house *h) {
        struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
        socklen_t len = sizeof(at);

        h->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_true(h->listener >= 0);
        assert_int_equal(bind(h->listener, (struct sockaddr *)&at, sizeof(at)), 0);
        assert_int_equal(listen(h->listener, 4), 0);
        assert_int_equal(getsockname(h->listener, (struct sockaddr *)&at, &len), 0);
        h->port = ntohs(at.sin_port);
        h->io = loop_watch(h->loop, h->listener, on_client, h);
        assert_non_null(h->io);
}

/* A machine that was being deployed when the daemon ended. */
static void make_site(struct house *h) {
        CLEANUP(subnet_drop_at) struct subnet *s = subnet_new();
        CLEANUP(machine_drop_at) struct machine *m = machine_new();
        CLEANUP(job_free_at) struct job *j = job_new(1, EVENT_DEPLOY_DISK);
        struct site *empty = site_empty(), *with_subnet;

        assert_true(s && m && j && empty);
        assert_int_equal(ip_net_parse("127.0.0.0/8", &s->net), 0);
        with_subnet = site_put_subnet(empty, s, NULL);
        assert_non_null(with_subnet);
        m->id = 1;
        (void)snprintf(m->name, sizeof(m->name), "pi4");
        m->macs[m->n_macs++] = (struct mac){ { 2, 0, 0, 0, 0, 1 } };
        assert_int_equal(ip_parse("127.0.0.1", &m->ip), 0);
        m->state = STATE_DEPLOYING;
        m->boots_own = true;
        m->root = ROOT_DISK;
        m->deadline_s = INT64_MAX / 2;
        j->done = DONE_SSH;
        j->wait_s = 1200;
        m->job = job_print(j);
        h->site = site_put_machine(with_subnet, m, NULL);
        assert_non_null(h->site);
        site_drop(empty);
        site_drop(with_subnet);
}

static void asks_until_ssh_answers(void **state) {
        struct house h = { .loop = loop_new() };
        struct life_worker *w = NULL;
        struct error error = {};
        (void)state;

        assert_non_null(h.loop);
        make_site(&h);
        listen_somewhere(&h);
        const struct life_worker_config config = {
                .loop = h.loop,
                .keeper = { .ctx = &h, .site = keeper_site, .decide = keeper_decide },
                .power = { .can = by_hand },
                .ssh_port = h.port
        };
        assert_int_equal(life_worker_start(&config, &w, &error), 0);
        assert_int_equal(loop_run(h.loop), 0);
        assert_int_equal(site_machine(h.site, 1)->state, STATE_DEPLOYED);
        assert_int_equal(h.n_asked, 2);

        life_worker_stop(w);
        loop_unwatch(h.io);
        (void)close(h.listener);
        site_drop(h.site);
        loop_free(h.loop);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(asks_until_ssh_answers),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
