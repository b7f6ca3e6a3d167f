/* Exporters and what they offer; see exporter.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-helper/exporter.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/bramble-helper/tool.h"
#include "base/text.h"

enum {
        BACKLOG = 1024,
        START_MS = 10000, /* until it accepts connections */
        END_MS = 5000,    /* until it has ended as asked */
        STEP_MS = 20
};

static const struct exporter_kind *const kinds[VOLUME_KINDS] = {
        [VOLUME_NFS] = &exporter_nfs, [VOLUME_NBD] = &exporter_nbd
};

#define FOLDER_PREFIX "at-"

bool exporter_installed(enum volume_kind kind, struct error *reterr) {
        CLEANUP(free_at) char *program = tool_find(kinds[kind]->program);

        if (!program)
                (void)error_set(reterr, -ENOENT, "root %s wants %s: install the package %s",
                                volume_kind_name(kind), kinds[kind]->program, kinds[kind]->package);
        return program != NULL;
}

/* ---- one of them, locked ---- */

struct hold {
        struct exporter exporter;
        int lock;
};

static void let_go(struct hold *h) {
        helper_unlock(&h->lock);
        offers_free(&h->exporter.offers);
        free(h->exporter.dir);
}

static char *file_in(const struct exporter *e, const char *name) {
        return helper_join(e->dir, name, NULL);
}

static int read_offers(struct exporter *e, struct error *reterr) {
        CLEANUP(free_at) char *path = file_in(e, "offers");
        size_t len = 0;
        CLEANUP(free_at) char *text = helper_read_file(path, OFFERS_FILE_MAX, &len);

        if (!text)
                return 0; /* it is new */
        int r = offers_parse(text, len, &e->offers);
        return r < 0 ? error_set(reterr, r, "%s makes no sense: remove it, and boot its machines again", path)
                     : 0;
}

static int write_offers(const struct exporter *e, struct error *reterr) {
        CLEANUP(free_at) char *path = file_in(e, "offers");
        CLEANUP(text_free) struct text out = {};

        offers_write(&e->offers, &out);
        return out.failed ? error_set(reterr, -ENOMEM, "out of memory")
                          : helper_write_file(path, out.octets, out.len, reterr);
}

static int take_hold(const struct helper *h, enum volume_kind kind, const struct ip_addr *at,
                     struct hold *ret, struct error *reterr) {
        char address[IP_TEXT_SIZE], folder[IP_TEXT_SIZE + sizeof(FOLDER_PREFIX)];

        (void)snprintf(folder, sizeof(folder), FOLDER_PREFIX "%s", ip_text(at, address));
        *ret = (struct hold){ .exporter = { .helper = h, .kind = kind, .at = *at }, .lock = -1 };
        ret->exporter.dir = helper_join(volume_kind_name(kind), folder, NULL);
        if (mkdir(ret->exporter.dir, 0711) < 0 && errno != EEXIST)
                return error_set(reterr, -errno, "cannot make %s: %s", ret->exporter.dir, strerror(errno));
        CLEANUP(free_at) char *lock = file_in(&ret->exporter, "lock");
        ret->lock = helper_lock(lock, LOCK_EX);
        if (ret->lock < 0)
                return error_set(reterr, ret->lock, "cannot lock %s: %s", lock, strerror(-ret->lock));
        return read_offers(&ret->exporter, reterr);
}

/* ---- its process ---- */

static void nap(void) {
        (void)nanosleep(&(struct timespec){ .tv_nsec = STEP_MS * 1000000L }, NULL);
}

/* The lock that it holds while it lives, or a descriptor that has it now; -errno. */
static int take_life(const struct exporter *e) {
        CLEANUP(free_at) char *path = file_in(e, "alive");
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

        if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
                return fd < 0 ? -errno : fd;
        int r = -errno;
        (void)close(fd);
        return r;
}

static bool is_alive(const struct exporter *e) {
        int fd = take_life(e);
        if (fd >= 0)
                (void)close(fd);
        return fd == -EWOULDBLOCK;
}

/* Its number, good as long as it holds its lock. */
pid_t exporter_pid(const struct exporter *e) {
        CLEANUP(free_at) char *path = file_in(e, "number");
        CLEANUP(free_at) char *text = helper_read_file(path, 32, NULL);
        uint64_t pid;

        return text && text_parse_u64(text, INT32_MAX, &pid) == 0 && pid > 1 && is_alive(e) ? (pid_t)pid : 0;
}

static int note_pid(const struct exporter *e, pid_t pid, struct error *reterr) {
        CLEANUP(free_at) char *path = file_in(e, "number");
        char text[16];

        int n = snprintf(text, sizeof(text), "%d", (int)pid);
        return helper_write_file(path, text, (size_t)n, reterr);
}

static struct sockaddr_in socket_address(const struct exporter *e) {
        return (struct sockaddr_in){ .sin_family = AF_INET,
                                     .sin_port = htons(kinds[e->kind]->port),
                                     .sin_addr = { htonl(ip_to_v4(&e->at)) } };
}

static int open_listener(const struct exporter *e, struct error *reterr) {
        const struct sockaddr_in at = socket_address(e);
        char address[IP_TEXT_SIZE];
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) == 0 &&
            bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 && listen(fd, BACKLOG) == 0)
                return fd;
        int r = -errno;
        if (fd >= 0)
                (void)close(fd);
        return error_set(reterr, r, "cannot serve %s on %s port %u: %s%s", volume_kind_name(e->kind),
                         ip_text(&e->at, address), kinds[e->kind]->port, strerror(-r),
                         r == -EADDRINUSE ? "; another server is there: stop it" : "");
}

/* In the child that becomes it: a session of its own, its log, and its lock in hands that exec leaves open.
 */
static void become(const struct exporter *e, const char *program, int life, int listener) {
        CLEANUP(free_at) char *log = file_in(e, "log");
        int null = open("/dev/null", O_RDONLY),
            out = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW, 0600);

        (void)setsid();
        if (null < 0 || out < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 ||
            fcntl(life, F_SETFD, 0) < 0 || (listener >= 0 && fcntl(listener, F_SETFD, 0) < 0))
                _exit(EXIT_FAILURE);
        (void)close(null);
        (void)close(out);
        _exit(kinds[e->kind]->become(e, program, listener) < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

/* Its last words, for the sentence. */
static void last_words(const struct exporter *e, char *buf, size_t size) {
        CLEANUP(free_at) char *path = file_in(e, "log");
        CLEANUP(free_at) char *text = helper_read_file(path, 1024 * 1024, NULL);
        size_t len = text ? strlen(text) : 0;

        while (len > 0 && (unsigned char)text[len - 1] <= ' ')
                text[--len] = 0;
        const char *line = text && strrchr(text, '\n') ? strrchr(text, '\n') + 1 : text;
        (void)snprintf(buf, size, "%.160s", line && *line ? line : "it said nothing");
        for (char *at = buf; *at; at++)
                if ((unsigned char)*at < ' ' || *at == 0x7f)
                        *at = ' ';
}

static bool accepts(const struct exporter *e) {
        const struct sockaddr_in at = socket_address(e);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const bool does = fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0;

        if (fd >= 0)
                (void)close(fd);
        return does;
}

static int wait_until_up(const struct exporter *e, struct error *reterr) {
        char words[256];

        for (int ms = 0; ms < START_MS; ms += STEP_MS) {
                if (!is_alive(e))
                        break;
                if (accepts(e))
                        return 0;
                nap();
        }
        last_words(e, words, sizeof(words));
        return error_set(reterr, -EIO, "%s does not start: %s", kinds[e->kind]->program, words);
}

/* With its life in our hand: nobody else starts it meanwhile. Closes it. */
static int start(const struct exporter *e, int life, struct error *reterr) {
        CLEANUP(helper_unlock) int held = life;
        CLEANUP(free_at) char *program = tool_find(kinds[e->kind]->program);
        CLEANUP(helper_unlock) int listener = -1;

        if (!program)
                return exporter_installed(e->kind, reterr) ? -EAGAIN : -ENOENT;
        if (kinds[e->kind]->is_bound_for && (listener = open_listener(e, reterr)) < 0)
                return listener;
        pid_t pid = fork();
        if (pid == 0)
                become(e, program, held, listener);
        if (pid < 0)
                return error_set(reterr, -EAGAIN, "cannot start %s: there are too many processes", program);
        helper_unlock(&held); /* only its own hand holds it now */
        held = -1;
        int r = note_pid(e, pid, reterr);
        if (r == 0)
                r = wait_until_up(e, reterr);
        if (r == 0)
                r = kinds[e->kind]->started(e, reterr);
        return r;
}

static void stop(const struct exporter *e) {
        for (int ms = 0; ms <= END_MS && is_alive(e); ms += STEP_MS) {
                pid_t pid = exporter_pid(e);
                if (pid && ms % (END_MS / 5) == 0)
                        (void)kill(pid, ms < END_MS ? SIGTERM : SIGKILL);
                nap();
        }
}

/* It runs and offers what stands in its list: 1 when it had to be started, 0, or -errno. */
static int have_running(const struct exporter *e, struct error *reterr) {
        int life = take_life(e);

        if (life == -EWOULDBLOCK)
                return 0;
        if (life < 0)
                return error_set(reterr, life, "cannot look after %s: %s", e->dir, strerror(-life));
        int r = start(e, life, reterr);
        if (r < 0)
                stop(e); /* one that starts and does not do is none */
        return r < 0 ? r : 1;
}

/* ---- what is asked ---- */

static int offer_here(const struct helper *h, const struct volume *v, const struct ip_addr *server,
                      const struct ip_addr *client, struct error *reterr) {
        CLEANUP(let_go) struct hold hold;

        int r = take_hold(h, v->kind, server, &hold, reterr);
        if (r < 0)
                return r;
        struct exporter *e = &hold.exporter;
        int changed = offers_put(&e->offers, v, client);
        if (changed < 0)
                return error_set(reterr, changed, "%s offers as much as it can", e->dir);
        r = changed ? write_offers(e, reterr) : 0;
        if (r < 0)
                return r;
        r = have_running(e, reterr);
        const bool is_news = changed == OFFERS_NEW || (changed && kinds[e->kind]->knows_clients);
        if (r == 0 && is_news)
                r = kinds[e->kind]->add(e, v, reterr);
        if (r >= 0)
                return 0;
        if (offers_remove(&e->offers, v)) /* so that it is told again the next time */
                (void)!write_offers(e, NULL);
        return r;
}

static int withdraw_here(const struct helper *h, const struct volume *v, const struct ip_addr *at,
                         struct error *reterr) {
        CLEANUP(let_go) struct hold hold;

        int r = take_hold(h, v->kind, at, &hold, reterr);
        if (r < 0)
                return r;
        struct exporter *e = &hold.exporter;
        if (!offers_remove(&e->offers, v))
                return 0;
        if (is_alive(e) && e->offers.n == 0)
                stop(e);
        else if (is_alive(e))
                r = kinds[e->kind]->remove(e, v, reterr);
        if (r < 0)
                return r;
        return write_offers(e, reterr);
}

static int check_here(const struct helper *h, enum volume_kind kind, const struct ip_addr *at,
                      struct error *reterr) {
        CLEANUP(let_go) struct hold hold;

        int r = take_hold(h, kind, at, &hold, reterr);
        if (r < 0 || hold.exporter.offers.n == 0)
                return r;
        return have_running(&hold.exporter, reterr);
}

/* Of the folder "at-10.77.0.1". */
static bool read_folder(const char *name, struct ip_addr *ret) {
        return text_starts_with(name, FOLDER_PREFIX) && ip_parse(name + strlen(FOLDER_PREFIX), ret) == 0;
}

/* At every address but @but, NULL: at all. */
static int withdraw(const struct helper *h, const struct volume *v, const struct ip_addr *but,
                    struct error *reterr) {
        DIR *dir = opendir(volume_kind_name(v->kind));
        struct ip_addr at;
        int r = 0;

        for (struct dirent *entry; r == 0 && dir && (entry = readdir(dir));) {
                if (read_folder(entry->d_name, &at) && !(but && ip_equal(&at, but)))
                        r = withdraw_here(h, v, &at, reterr);
        }
        if (dir)
                (void)closedir(dir);
        return r;
}

int exporter_withdraw(const struct helper *h, const struct volume *v, struct error *reterr) {
        return withdraw(h, v, NULL, reterr);
}

/* A volume is at one address: two servers would write the same disk. */
int exporter_offer(const struct helper *h, const struct volume *v, const struct ip_addr *server,
                   const struct ip_addr *client, struct error *reterr) {
        int r = withdraw(h, v, server, reterr);
        return r < 0 ? r : offer_here(h, v, server, client, reterr);
}

/* One that cannot be started does not keep the others from it. */
int exporter_check(const struct helper *h, struct error *reterr) {
        int n = 0, fault = 0;

        for (size_t kind = 0; kind < VOLUME_KINDS; kind++) {
                DIR *dir = opendir(volume_kind_name((enum volume_kind)kind));
                struct ip_addr at;
                for (struct dirent *entry; dir && (entry = readdir(dir));) {
                        if (!read_folder(entry->d_name, &at))
                                continue;
                        int r = check_here(h, (enum volume_kind)kind, &at, reterr);
                        n += r > 0;
                        fault = r < 0 ? r : fault;
                }
                if (dir)
                        (void)closedir(dir);
        }
        return fault < 0 ? fault : n;
}
