/* The journal on a real directory: durable tickets, restart, kill -9, a full disk, compaction, a second
 * opener. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/lease/journal.h"

static struct lease_table *table_new(void) {
        struct lease_table *t = lease_table_new((struct hash_key){ 1, 2 });
        assert_non_null(t);
        return t;
}

static struct lease lease_of(uint32_t addr, uint32_t client) {
        struct lease l = { .addr = addr, .state = LEASE_BOUND, .granted_s = 1, .expires_s = INT64_MAX };
        l.client.key_len = sizeof(client);
        memcpy(l.client.key, &client, sizeof(client));
        return l;
}

static struct lease_journal *open_journal(const char *dir, struct lease_table *t) {
        struct lease_journal *j = NULL;
        struct error err = {};
        if (lease_journal_open(dir, t, &j, &err) < 0)
                fail_msg("%s", err.text);
        return j;
}

/* Waits on the descriptor until @ticket is durable. */
static void wait_durable(struct lease_journal *j, uint64_t ticket) {
        struct pollfd fd = { .fd = lease_journal_fd(j), .events = POLLIN };
        while (lease_journal_durable(j) < ticket)
                assert_int_equal(poll(&fd, 1, 20000), 1);
}

/* Appends as the control thread would, and bears a full queue. */
static uint64_t append(struct lease_journal *j, const struct lease *l) {
        for (;;) {
                uint64_t ticket = lease_journal_append(j, l);
                if (ticket || lease_journal_failure(j))
                        return ticket;
                struct pollfd fd = { .fd = lease_journal_fd(j), .events = POLLIN };
                (void)poll(&fd, 1, 10); /* a failure does not wake us */
                (void)lease_journal_durable(j);
        }
}

static int make_dir(void **state) {
        char *dir = strdup("/tmp/bramble-journal-XXXXXX");
        *state = dir;
        return dir && mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state) {
        static const char *const names[] = { "leases.journal", "leases.journal.new", "leases.lock" };
        char path[128];
        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
                (void)snprintf(path, sizeof(path), "%s/%s", (char *)*state, names[i]);
                (void)unlink(path);
        }
        int r = rmdir(*state);
        free(*state);
        return r;
}

static void write_at(const char *dir, off_t at, const void *octets, size_t len) {
        char path[128];
        (void)snprintf(path, sizeof(path), "%s/leases.journal", dir);
        int fd = open(path, O_WRONLY | O_CREAT, 0600);
        assert_true(fd >= 0);
        assert_int_equal(pwrite(fd, octets, len, at), len);
        (void)close(fd);
}

static void survives_a_restart(void **state) {
        const char *dir = *state;
        struct lease_journal_counters c;

        for (uint32_t round = 0; round < 3; round++) {
                CLEANUP(lease_table_free_at) struct lease_table *t = table_new();
                struct lease_journal *j = open_journal(dir, t);
                assert_int_equal(lease_count(t), round * 100);
                for (uint32_t i = 1; i <= 100; i++) {
                        struct lease l = lease_of(round * 100 + i, round * 100 + i);
                        assert_int_equal(append(j, &l), i);
                }
                wait_durable(j, 100);
                lease_journal_counters(j, &c);
                assert_int_equal(c.records, 100);
                assert_int_equal(c.replayed, round * 100);
                assert_int_equal(c.torn + c.damaged, 0);
                assert_true(c.syncs >= 1 && c.syncs <= 100);
                lease_journal_close(j);
        }
}

static void closing_waits(void **state) {
        CLEANUP(lease_table_free_at) struct lease_table *t = table_new();
        struct lease_journal *j = open_journal(*state, t);
        for (uint32_t i = 1; i <= 5000; i++) {
                struct lease l = lease_of(i, i);
                assert_int_not_equal(append(j, &l), 0);
        }
        lease_journal_close(j);
        j = open_journal(*state, t);
        assert_int_equal(lease_count(t), 5000);
        lease_journal_close(j);
}

static void refuses_a_second(void **state) {
        CLEANUP(lease_table_free_at) struct lease_table *t = table_new();
        struct lease_journal *j = open_journal(*state, t), *second = NULL;
        struct error err = {};

        assert_int_equal(lease_journal_open(*state, t, &second, &err), -EWOULDBLOCK);
        assert_null(second);
        assert_non_null(strstr(err.text, "another brambled"));
        lease_journal_close(j);
        lease_journal_close(open_journal(*state, t));
}

static void refuses_what_it_does_not_know(void **state) {
        CLEANUP(lease_table_free_at) struct lease_table *t = table_new();
        struct lease_journal *j = NULL;
        struct error err = {};
        char zeros[4096] = {};

        assert_int_equal(lease_journal_open("/nonexistent", t, &j, &err), -ENOENT);
        write_at(*state, 0, zeros, sizeof(zeros));
        assert_int_equal(lease_journal_open(*state, t, &j, &err), -EBADMSG);
        assert_non_null(strstr(err.text, "move it away"));
}

static void cuts_a_torn_tail(void **state) {
        const char *dir = *state;
        struct lease_journal_counters c;
        struct lease l = lease_of(1, 1);

        for (int round = 0; round < 2; round++) {
                CLEANUP(lease_table_free_at) struct lease_table *t = table_new();
                struct lease_journal *j = open_journal(dir, t);
                lease_journal_counters(j, &c);
                assert_int_equal(c.torn, round);
                assert_int_equal(lease_count(t), round);
                l = lease_of((uint32_t)round + 1, (uint32_t)round + 1);
                wait_durable(j, append(j, &l));
                lease_journal_close(j);
                if (round == 0) /* half a record behind the first one */
                        write_at(dir, 128 + 64, "\1\2\3\4L1\0\100", 8);
        }
        CLEANUP(lease_table_free_at) struct lease_table *t = table_new();
        lease_journal_close(open_journal(dir, t));
        assert_int_equal(lease_count(t), 2);
}

static uint32_t put(struct lease_journal *j, struct lease_table *t, uint32_t addr, int64_t granted_s) {
        struct lease l = lease_of(addr, addr);
        l.granted_s = granted_s;
        assert_int_equal(lease_restore(t, &l), 0);
        assert_int_not_equal(append(j, &l), 0);
        lease_journal_compact_if_due(j, t);
        return 1;
}

/* Leases come again and again, as renewals do, and now and then a new one, written once only: the file stays
 * small, and no restart misses one, whether it came before a compaction, beside it or behind it. */
static void compacts_beside_appends(void **state) {
        enum { CLIENTS = 3000, ROUNDS = 20, EVERY = 32 };
        CLEANUP(lease_table_free_at) struct lease_table *t = table_new();
        struct lease_journal *j = open_journal(*state, t);
        struct lease_journal_counters c;
        struct stat st;
        char path[128];
        uint32_t n = 0, once = 0;

        for (uint32_t round = 1; round <= ROUNDS; round++)
                for (uint32_t i = 1; i <= CLIENTS; i++) {
                        n += put(j, t, i, round);
                        if (i % EVERY == 0)
                                n += put(j, t, CLIENTS + ++once, round);
                }
        wait_durable(j, n);
        lease_journal_counters(j, &c);
        assert_true(c.compactions >= 1);
        lease_journal_close(j);
        (void)snprintf(path, sizeof(path), "%s/leases.journal", (char *)*state);
        assert_int_equal(stat(path, &st), 0);
        assert_true(st.st_size < n * 64);

        CLEANUP(lease_table_free_at) struct lease_table *copy = table_new();
        j = open_journal(*state, copy);
        lease_journal_counters(j, &c);
        assert_int_equal(c.damaged + c.torn, 0);
        assert_int_equal(lease_count(copy), CLIENTS + once);
        for (uint32_t i = 1; i <= CLIENTS + once; i++)
                assert_int_equal(lease_find_addr(copy, i)->granted_s, lease_find_addr(t, i)->granted_s);
        lease_journal_close(j);
}

/* The clock was set: the journal learns the new times at once, however small it is. */
static void is_compacted_when_asked(void **state) {
        CLEANUP(lease_table_free_at) struct lease_table *t = table_new(), *copy = table_new();
        struct lease_journal *j = open_journal(*state, t);
        struct lease_journal_counters c;
        struct lease l = lease_of(1, 1);
        const struct lease_pool pool = { .subnet = l.client.subnet, .n_ranges = 1, .ranges = { { 1, 9 } } };

        assert_int_equal(lease_offer(t, &pool, &l.client, 0, 0, 100, 10, &l), LEASE_OK);
        assert_int_equal(lease_bind(t, &pool, &l.client, l.addr, 0, 100, 50, &l), LEASE_OK);
        wait_durable(j, append(j, &l));
        lease_shift(t, 1000);
        assert_true(lease_journal_compact(j, t));
        do {
                (void)sched_yield();
                lease_journal_counters(j, &c);
        } while (c.compactions == 0);
        lease_journal_close(j);

        lease_journal_close(open_journal(*state, copy));
        assert_int_equal(lease_find_addr(copy, l.addr)->granted_s, 1100);
        assert_int_equal(lease_find_addr(copy, l.addr)->expires_s, 1150);
}

/* A limit on file sizes stands in for the disk: both end the growing of the file, and can be lifted. */
static void bears_a_full_disk(void **state) {
        struct rlimit before, small;
        CLEANUP(lease_table_free_at) struct lease_table *t = table_new();
        uint64_t last = 0;
        struct lease_journal *j = open_journal(*state, t);

        (void)signal(SIGXFSZ, SIG_IGN);
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
        small = before;
        small.rlim_cur = 1 << 20; /* the first chunk and no more */
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);

        uint32_t n = 0;
        for (uint64_t ticket = 1; ticket; n += ticket > 0) {
                struct lease l = lease_of(n + 1, n + 1);
                ticket = append(j, &l);
                last = ticket ? ticket : last;
                assert_true(n < 40000);
        }
        assert_int_equal(lease_journal_failure(j), -EFBIG);
        assert_true(lease_journal_durable(j) < last); /* so some ACKs must not leave */
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);

        wait_durable(j, last); /* it tries again by itself */
        assert_int_equal(lease_journal_failure(j), 0);
        struct lease l = lease_of(n + 1, n + 1);
        wait_durable(j, append(j, &l));
        lease_journal_close(j);

        CLEANUP(lease_table_free_at) struct lease_table *copy = table_new();
        lease_journal_close(open_journal(*state, copy));
        assert_int_equal(lease_count(copy), n + 1);
}

/* ---- kill -9 ---- */

enum { KILLS = 12, ADDRS = 64, MAX_ROUNDS = 2000000 };

/* What the child acknowledged, where the parent can see it: by address, the client and how often it was
 * granted. */
struct acknowledged {
        volatile uint32_t client[ADDRS + 1], granted[ADDRS + 1];
        volatile uint32_t n;
};

/* Addresses go from client to client, each change acknowledged when it is durable, until death. */
static _Noreturn void live(const char *dir, struct acknowledged *ack, uint32_t seed) {
        struct lease_table *t = lease_table_new((struct hash_key){ 1, 2 });
        struct lease_journal *j;
        if (lease_journal_open(dir, t, &j, NULL) < 0)
                _exit(1);
        for (uint32_t round = 0; round < MAX_ROUNDS; round++) {
                struct lease batch[8];
                uint64_t ticket = 0;
                for (size_t i = 0; i < 8; i++) {
                        seed = seed * 1664525 + 1013904223;
                        uint32_t addr = 1 + (seed >> 8) % ADDRS;
                        const struct lease *old = lease_find_addr(t, addr);
                        batch[i] = lease_of(addr, addr + ADDRS * ((old ? (uint32_t)old->granted_s : 0) % 3));
                        batch[i].granted_s = old ? old->granted_s + 1 : 1;
                        if (lease_restore(t, &batch[i]) < 0 || !(ticket = lease_journal_append(j, &batch[i])))
                                _exit(1);
                }
                struct pollfd fd = { .fd = lease_journal_fd(j), .events = POLLIN };
                while (lease_journal_durable(j) < ticket)
                        (void)poll(&fd, 1, -1);
                for (size_t i = 0; i < 8; i++) {
                        ack->client[batch[i].addr] = batch[i].client.key[0];
                        ack->granted[batch[i].addr] = (uint32_t)batch[i].granted_s;
                        ack->n++;
                }
                lease_journal_compact_if_due(j, t);
        }
        _exit(1);
}

static void survives_kill_9(void **state) {
        struct acknowledged *ack =
                mmap(NULL, sizeof(*ack), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        assert_ptr_not_equal(ack, MAP_FAILED);

        for (uint32_t i = 0; i < KILLS; i++) {
                uint32_t enough = ack->n + 8 + i * 97;
                pid_t child = fork();
                assert_true(child >= 0);
                if (child == 0)
                        live(*state, ack, i);
                while (ack->n < enough && waitpid(child, NULL, WNOHANG) == 0)
                        (void)usleep(200);
                assert_int_equal(kill(child, SIGKILL), 0);
                int status;
                assert_int_equal(waitpid(child, &status, 0), child);
                assert_true(WIFSIGNALED(status));

                CLEANUP(lease_table_free_at) struct lease_table *t = table_new();
                lease_journal_close(open_journal(*state, t));
                for (uint32_t addr = 1; addr <= ADDRS; addr++) {
                        const struct lease *l = lease_find_addr(t, addr);
                        if (!ack->granted[addr])
                                continue;
                        assert_non_null(l);
                        assert_true(l->granted_s >= ack->granted[addr]);
                        if (l->granted_s == ack->granted[addr])
                                assert_int_equal(l->client.key[0], ack->client[addr]);
                }
        }
        (void)munmap(ack, sizeof(*ack));
}

#define IN_A_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void) {
        const struct CMUnitTest tests[] = {
                IN_A_DIR(survives_a_restart),      IN_A_DIR(closing_waits),
                IN_A_DIR(refuses_a_second),        IN_A_DIR(refuses_what_it_does_not_know),
                IN_A_DIR(cuts_a_torn_tail),        IN_A_DIR(compacts_beside_appends),
                IN_A_DIR(is_compacted_when_asked), IN_A_DIR(bears_a_full_disk),
                IN_A_DIR(survives_kill_9),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
