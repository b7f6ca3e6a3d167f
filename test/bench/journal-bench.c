/*
 * How many leases become durable in a second, with one, 64 and 1,000 clients waiting, beside what the disk
 * gives at all.
 *
 * Each row is a ratio within one run: to a bare loop of write and fdatasync on the same directory.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/lease/journal.h"
#include "io/clock.h"

enum { RECORD = 64, RUN_US = 2000000, CLIENTS = 20000, HOLD_S = 10, LEASE_S = 3600 };

static struct lease_client client(uint32_t i) {
        struct lease_client c = { .subnet = 1 };
        struct mac mac = { { 2, 0, (uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i } };
        lease_client_key(&c, NULL, 0, &mac);
        return c;
}

/* Records a second that a program without a journal of ours would get: one write and one fdatasync each. */
static double bare(int dir_fd) {
        char zeros[1 << 20] = {};
        int fd = openat(dir_fd, "bare", O_RDWR | O_CREAT | O_TRUNC, 0600);
        uint64_t begin = clock_now_us(), n = 0, now = begin;

        if (fd < 0 || pwrite(fd, zeros, sizeof(zeros), 0) < 0 || fdatasync(fd) < 0)
                return 0;
        for (; now - begin < RUN_US; n++, now = clock_now_us())
                if (pwrite(fd, &n, sizeof(n), (off_t)(n * RECORD % sizeof(zeros))) < 0 || fdatasync(fd) < 0)
                        return 0;
        (void)close(fd);
        (void)unlinkat(dir_fd, "bare", 0);
        return (double)n * 1e6 / (double)(now - begin);
}

/* Offers and binds in memory: what the table alone can do. */
static double table_only(struct lease_table *t, const struct lease_pool *pool) {
        uint64_t begin = clock_now_us();
        for (uint32_t i = 0; i < CLIENTS; i++) {
                struct lease_client c = client(i);
                struct lease l;
                if (lease_offer(t, pool, &c, 0, 0, 1, HOLD_S, &l) ||
                    lease_bind(t, pool, &c, l.addr, 0, 1, LEASE_S, &l))
                        return 0;
        }
        return CLIENTS * 1e6 / (double)(clock_now_us() - begin);
}

struct result {
        double per_s;
        uint64_t longest_us; /* from the append until durable */
        struct lease_journal_counters counters;
};

/* Keeps @waiting leases under way, as so many clients would: each renews as soon as it was acknowledged. */
static int run(const char *dir, const struct lease_pool *pool, uint32_t waiting, struct result *ret) {
        CLEANUP(lease_table_free_at) struct lease_table *t = lease_table_new((struct hash_key){ 1, 2 });
        CLEANUP(lease_journal_close_at) struct lease_journal *j = NULL;
        CLEANUP(free_at) uint64_t *sent_us = calloc(waiting, sizeof(*sent_us));
        struct error err = {};

        if (!t || !sent_us || lease_journal_open(dir, t, &j, &err) < 0) {
                (void)fprintf(stderr, "%s\n", err.text);
                return -1;
        }
        (void)table_only(t, pool);

        *ret = (struct result){};
        uint64_t begin = clock_now_us(), ticket = 0, durable = 0;
        struct pollfd fd = { .fd = lease_journal_fd(j), .events = POLLIN };
        for (uint64_t now = begin; now - begin < RUN_US || durable < ticket; now = clock_now_us()) {
                while (ticket - durable < waiting && now - begin < RUN_US) {
                        struct lease_client c = client((uint32_t)(ticket % CLIENTS));
                        struct lease l;
                        uint32_t addr = lease_find_client(t, &c)->addr;
                        sent_us[ticket % waiting] = clock_now_us();
                        if (lease_bind(t, pool, &c, addr, 0, 2, LEASE_S, &l) || !lease_journal_append(j, &l))
                                return -1;
                        ticket++;
                }
                (void)poll(&fd, 1, 1000);
                uint64_t before = durable;
                durable = lease_journal_durable(j);
                for (uint64_t i = before; i < durable; i++) {
                        uint64_t took = clock_now_us() - sent_us[i % waiting];
                        ret->longest_us = took > ret->longest_us ? took : ret->longest_us;
                }
                lease_journal_compact_if_due(j, t);
        }
        ret->per_s = (double)durable * 1e6 / (double)(clock_now_us() - begin);
        lease_journal_counters(j, &ret->counters);
        return 0;
}

int main(int argc, char **argv) {
        const struct lease_pool pool = { .subnet = 1,
                                         .n_ranges = 1,
                                         .ranges = { { 0x0a4d0001, 0x0a4dfffe } } };
        static const uint32_t rows[] = { 1, 16, 64, 256, 1000 };
        char dir[256];

        (void)snprintf(dir, sizeof(dir), "%s/bramble-journal-XXXXXX", argc > 1 ? argv[1] : "/var/tmp");
        if (!mkdtemp(dir)) {
                perror(dir);
                return 1;
        }
        int dir_fd = open(dir, O_RDONLY | O_DIRECTORY);
        CLEANUP(lease_table_free_at) struct lease_table *t = lease_table_new((struct hash_key){ 1, 2 });
        (void)printf("table alone: %.0f exchanges/s (%d new clients in a /16)\n", table_only(t, &pool),
                     CLIENTS);

        double disk = bare(dir_fd);
        (void)printf("bare write + fdatasync: %.0f/s\n%8s %12s %8s %12s %12s %12s\n", disk, "waiting",
                     "durable/s", "ratio", "a sync", "longest ms", "compacted");
        int status = 0;
        for (size_t i = 0; i < ARRAY_LEN(rows) && status == 0; i++) {
                struct result r;
                if (run(dir, &pool, rows[i], &r) < 0)
                        status = 1;
                else
                        (void)printf("%8u %12.0f %8.1f %12.1f %12.1f %12llu\n", rows[i], r.per_s,
                                     r.per_s / disk, (double)r.counters.records / (double)r.counters.syncs,
                                     (double)r.longest_us / 1000, (unsigned long long)r.counters.compactions);
                (void)unlinkat(dir_fd, "leases.journal", 0);
        }
        (void)unlinkat(dir_fd, "leases.lock", 0);
        (void)close(dir_fd);
        (void)rmdir(dir);
        return status;
}
