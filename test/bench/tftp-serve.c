/*
 * Serves the files of one folder by TFTP, for tests and benchmarks of src/net/tftp alone: the server without
 * Bramble.
 *
 * usage: tftp-serve DIR [PORT [WORKERS [RETRANSMIT_MIN_MS [RETRANSMIT_MAX_MS]]]]
 * Prints "port N" when it is ready and the sums of its reports at the end; ends by SIGTERM or SIGINT.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/text.h"
#include "io/blob.h"
#include "io/crypto.h"
#include "net/tftp/server.h"

enum { FILES_MAX = 4096, OUTCOMES = TFTP_BROKEN + 1 };

struct entry {
        char name[256];
        struct boot_file *file;
};

struct folder {
        struct entry entries[FILES_MAX]; /* sorted by name */
        size_t n;
        uint16_t retransmit_min_ms, retransmit_max_ms;
        _Atomic uint64_t outcomes[OUTCOMES], resent, sent;
};

static const char *const outcome_names[OUTCOMES] = {
        [TFTP_DONE] = "done",       [TFTP_PROBED] = "probed",       [TFTP_NOT_FOUND] = "not_found",
        [TFTP_ABORTED] = "aborted", [TFTP_TIMED_OUT] = "timed_out", [TFTP_REFUSED] = "refused",
        [TFTP_BROKEN] = "broken",
};

static int compare(const void *a, const void *b) {
        return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static void folder_open(void *ctx, unsigned worker, const struct tftp_peer *peer, const char *path,
                        uint64_t now_ms, struct tftp_grant *ret) {
        const struct folder *f = ctx;
        struct entry key;

        (void)worker, (void)peer, (void)now_ms;
        ret->retransmit_min_ms = f->retransmit_min_ms;
        ret->retransmit_max_ms = f->retransmit_max_ms;
        if (text_copy(key.name, sizeof(key.name), path + (path[0] == '/')) < 0)
                return;
        struct entry *e = bsearch(&key, f->entries, f->n, sizeof(key), compare);
        if (e)
                ret->file = boot_file_take(e->file);
}

static void folder_report(void *ctx, unsigned worker, const struct tftp_report *r) {
        struct folder *f = ctx;

        (void)worker;
        f->outcomes[r->outcome]++;
        f->resent += r->resent;
        f->sent += r->sent;
}

static struct boot_file *open_file(const char *dir, const char *name, size_t number) {
        char path[4096];
        int error = 0;
        struct blob_id id = {};

        memcpy(id.octets, &number, sizeof(number)); /* any name will do here, if each file has its own */
        (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
        CLEANUP(blob_drop_at) struct blob *b = blob_open_file(path, &id, &error);
        if (!b)
                return NULL;
        struct boot_segment whole = { .blob = b, .len = b->size };
        return boot_file_new(&whole, 1);
}

static int load(struct folder *f, const char *path) {
        DIR *dir = opendir(path);
        if (!dir)
                return -1;
        for (struct dirent *d; f->n < FILES_MAX && (d = readdir(dir));) {
                struct entry *e = &f->entries[f->n];
                if (d->d_type != DT_REG || text_copy(e->name, sizeof(e->name), d->d_name) < 0)
                        continue;
                e->file = open_file(path, d->d_name, f->n + 1);
                if (e->file)
                        f->n++;
        }
        (void)closedir(dir);
        qsort(f->entries, f->n, sizeof(f->entries[0]), compare);
        return 0;
}

static unsigned argument(int argc, char **argv, int i, unsigned otherwise) {
        return i < argc ? (unsigned)strtoul(argv[i], NULL, 10) : otherwise;
}

static void print_sums(const struct folder *f, const struct tftp_server *s) {
        struct tftp_counts counts;
        struct rusage usage;

        for (unsigned i = 0; i < OUTCOMES; i++)
                (void)printf("%s %llu\n", outcome_names[i], (unsigned long long)f->outcomes[i]);
        tftp_server_counts(s, &counts);
        (void)getrusage(RUSAGE_SELF, &usage);
        (void)printf("resent %llu\nsent %llu\nmalformed %llu\nstray %llu\nnot_sent %llu\n",
                     (unsigned long long)f->resent, (unsigned long long)f->sent,
                     (unsigned long long)counts.malformed, (unsigned long long)counts.stray,
                     (unsigned long long)counts.not_sent);
        (void)printf("memory_kib %ld\ncpu_ms %ld\n", usage.ru_maxrss,
                     usage.ru_utime.tv_sec * 1000 + usage.ru_utime.tv_usec / 1000 +
                             usage.ru_stime.tv_sec * 1000 + usage.ru_stime.tv_usec / 1000);
}

int main(int argc, char **argv) {
        static const struct tftp_backend backend = { .open = folder_open, .report = folder_report };
        struct tftp_server *server;
        struct error error = {};
        sigset_t ends;
        int signo;

        CLEANUP(free_at) struct folder *f = calloc(1, sizeof(*f));
        if (argc < 2 || !f || load(f, argv[1]) < 0) {
                (void)fprintf(stderr, "usage: tftp-serve DIR [PORT [WORKERS [MIN_MS [MAX_MS]]]]\n");
                return 2;
        }
        f->retransmit_min_ms = (uint16_t)argument(argc, argv, 4, 0);
        f->retransmit_max_ms = (uint16_t)argument(argc, argv, 5, 0);
        const struct tftp_config config = {
                .port = (uint16_t)argument(argc, argv, 2, 0),
                .n_workers = argument(argc, argv, 3, 2),
                .transfers_max = 20000,
                .transfers_per_client_max = 20000,
        };
        (void)sigemptyset(&ends);
        (void)sigaddset(&ends, SIGTERM);
        (void)sigaddset(&ends, SIGINT);
        (void)sigprocmask(SIG_BLOCK, &ends, NULL);
        if (tftp_server_start(&config, &backend, f, &server, &error) < 0) {
                (void)fprintf(stderr, "%s\n", error.text);
                return 1;
        }
        (void)printf("port %u\n", tftp_server_port(server));
        (void)fflush(stdout);
        (void)sigwait(&ends, &signo);
        print_sums(f, server);
        tftp_server_stop(server);
        for (size_t i = 0; i < f->n; i++)
                boot_file_drop(f->entries[i].file);
        return 0;
}
