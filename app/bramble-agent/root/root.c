/* Bringing up a root; see root.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "app/bramble-agent/deploy/first_boot.h"
#include "app/bramble-agent/deploy/seed.h"
#include "app/bramble-agent/io/http.h"
#include "app/bramble-agent/io/log.h"
#include "app/bramble-agent/io/module.h"
#include "app/bramble-agent/io/mount.h"
#include "app/bramble-agent/io/nbd.h"
#include "app/bramble-agent/io/nic.h"
#include "app/bramble-agent/io/start.h"
#include "app/bramble-agent/io/volume.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/places.h"
#include "app/bramble-agent/root/keep_net.h"
#include "app/bramble-agent/root/loosen.h"
#include "app/bramble-agent/root/root.h"
#include "app/bramble-agent/root/ways.h"
#include "app/bramble-agent/trusted.h"

enum { AGAIN_MS = 1000, AGAIN_MAX_MS = 30000, NEEDS_MAX = 4 };

/* By what kind of source; the modules come from the image's kernel, where it does not have them built in. */
static const struct {
        int (*bring)(const struct root_place *place, const struct root_source *from, struct error *reterr);
        const char *modules[NEEDS_MAX];
} ways[ROOT_SOURCES] = {
        [ROOT_FROM_RAM] = { root_ram, { "loop", "squashfs", "overlay" } },
        [ROOT_FROM_NFS] = { root_nfs, { "nfs", "nfsv4" } },
        [ROOT_FROM_NBD] = { root_nbd, { "nbd" } },
        [ROOT_FROM_DISK] = { root_disk, { "ext4" } },
};

int root_mount(const struct root_place *place, const char *source, const char *type, const char *options,
               struct error *reterr) {
        if (!place->root)
                return mount_root(source, type, options, reterr);
        return mount_inside(place->root, place->path, source, type, options, reterr);
}

/* Of what is on a server nothing says that it is what was meant. */
static int check_trust(const struct root_place *place, const struct root_source *from, struct error *reterr) {
        const struct tree *tree = &job_world(place->job)->tree;

        if (from->kind == ROOT_FROM_RAM)
                return trusted_check(tree, from->sha256, "the image's root", reterr);
        if (from->kind == ROOT_FROM_DISK || !trusted_is_required(tree))
                return 0;
        return error_set(reterr, -EPERM,
                         "this machine requires trust, and a %s by %s cannot be checked: deploy it with %s",
                         place->root ? "volume" : "root", root_source_name(from->kind),
                         place->root ? "its data on a disk of its own" : "root ram or disk");
}

static int bring(const struct root_place *place, const struct root_source *from, struct error *reterr) {
        CLEANUP(module_set_free_at)
        struct module_set *modules = module_set_open(&job_world(place->job)->tree);

        int r = check_trust(place, from, reterr);
        if (r < 0)
                return r;
        for (size_t i = 0; modules && i < NEEDS_MAX && ways[from->kind].modules[i]; i++)
                (void)module_load_by_name(
                        modules, ways[from->kind].modules[i]); /* built in, or missed when mounting */
        return ways[from->kind].bring(place, from, reterr);
}

/* ---- what the system finds in it ---- */

/* A text that is taken over. */
static int put(const struct volume *root, const char *path, char *text, unsigned mode, struct error *reterr) {
        CLEANUP(free_at) char *owned = text;
        return owned ? volume_write(root, path, owned, mode, reterr)
                     : error_set(reterr, -ENOMEM, "out of memory");
}

/* Once for each deployment: a root that is kept has done it in its first boot. */
static bool is_done(const struct volume *root, const struct root_order *o) {
        CLEANUP(free_at) char *stamp = volume_read(root, FIRST_BOOT_STAMP);
        return stamp && strcmp(stamp, o->phone_home) == 0;
}

static int write_first_boot(const struct volume *root, const struct root_order *o, struct error *reterr) {
        if (!o->has_first_boot || is_done(root, o))
                return 0;
        int r = 0;
        if (*o->hostname)
                r = volume_write(root, "etc/hostname", o->hostname, 0644, reterr);
        if (r == 0)
                r = put(root, FIRST_BOOT_KEYS, first_boot_keys(o->keys, o->n_keys), 0600, reterr);
        if (r == 0)
                r = put(root, FIRST_BOOT_SCRIPT, first_boot_script(o->phone_home), 0700, reterr);
        if (r == 0)
                r = volume_write(root, FIRST_BOOT_UNIT, first_boot_unit, 0644, reterr);
        if (r == 0)
                r = volume_link(root, FIRST_BOOT_WANTED, "../bramble-first-boot.service", reterr);
        return r < 0 ? r : volume_write(root, FIRST_BOOT_STAMP, o->phone_home, 0600, reterr);
}

/* The card that its files come by keeps its name and its address, and is named to who starts the system. */
static int keep_net(const struct nic *nic, struct error *reterr) {
        CLEANUP(volume_free_at) struct volume *own = NULL;

        int r = volume_open("/", &own);
        if (r < 0)
                return error_set(reterr, r, "/: %s", strerror(-r));
        r = put(own, KEEP_NET_FILE, keep_net_file(&nic->mac), 0644, reterr);
        if (r == 0)
                r = put(own, KEEP_NET_LINK, keep_net_link(&nic->mac), 0644, reterr);
        return r < 0 ? r : put(own, KEEP_NET_MANAGER, keep_net_manager(nic->name), 0644, reterr);
}

static bool find_nic(const struct job_world *world, struct nic *ret) {
        struct nic nics[NICS_MAX];
        const unsigned n = nic_list(&world->tree, nics);
        unsigned i = 0;

        while (i < n && strcmp(nics[i].name, world->nic) != 0)
                i++;
        if (i < n)
                *ret = nics[i];
        return i < n;
}

static int prepare(const struct job *j, const struct root_order *o, struct error *reterr) {
        struct nic nic = {};

        if (!keep_net_needed(o))
                return start_prepare(o->init, "", reterr);
        if (!find_nic(job_world(j), &nic))
                return error_set(reterr, -ENODEV, "the network card %s that its root comes by is gone",
                                 job_world(j)->nic);
        const int r = keep_net(&nic, reterr);
        return r < 0 ? r : start_prepare(o->init, nic.name, reterr);
}

/* Of a boot that was signed cloud-init asks nobody for what it shall do, also where nobody knew that it is
 * there. */
static int write_seed(const struct job *j, const struct volume *root, const struct root_order *o,
                      struct error *reterr) {
        if (o->has_seed)
                return seed_write_root(root, o->seed, reterr);
        return trusted_is_required(&job_world(j)->tree) ? seed_write_none(root, reterr) : 0;
}

static int bring_data(struct job *j, const struct volume *root, const struct root_order *o,
                      struct error *reterr) {
        for (unsigned i = 0; i < o->n_data; i++) {
                const struct root_place place = {
                        .job = j, .root = root, .path = o->data[i].mount, .number = i + 1
                };
                job_say(j, "data", i, o->n_data, "%s: %s", o->data[i].mount,
                        root_source_name(o->data[i].from.kind));
                int r = bring(&place, &o->data[i].from, reterr);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* All of it, once. */
static int bring_up(struct job *j, const struct root_order *o, struct error *reterr) {
        const struct root_place here = { .job = j, .path = "" };
        CLEANUP(volume_free_at) struct volume *root = NULL;

        mount_clear();
        for (unsigned i = 0; i <= ROOT_DATA_MAX; i++)
                nbd_detach(i);
        int r = bring(&here, &o->root, reterr);
        if (r < 0)
                return r;
        r = volume_open(PLACE_ROOT, &root);
        if (r < 0)
                return error_set(reterr, r, "%s: %s", PLACE_ROOT, strerror(-r));
        r = root_loosen(root, reterr);
        if (r == 0)
                r = bring_data(j, root, o, reterr);
        if (r == 0)
                r = write_first_boot(root, o, reterr);
        if (r == 0)
                r = write_seed(j, root, o, reterr);
        return r < 0 ? r : prepare(j, o, reterr);
}

/* ---- from the server's word to the end ---- */

/* 0, -EAGAIN: the server is away; or another negative. */
static int ask(struct job *j, struct root_order *ret, struct error *reterr) {
        const struct http_ask question = { .method = "GET", .path = "root" };
        CLEANUP(http_reply_clear) struct http_reply reply;

        job_ask(j, &question, &reply);
        if (reply.status == 200)
                return root_order_parse(reply.body, reply.len, ret, reterr);
        if (reply.status == 0)
                return error_set(reterr, -EAGAIN, "the server is away: %s", reply.why);
        const char *said = reply.body ? reply.body : "";
        const bool is_refusal = reply.status >= 400 && reply.status < 500;
        return error_set(reterr, is_refusal ? -EPROTO : -EAGAIN, "the server gives no root%s: %.*s",
                         is_refusal ? "" : " yet", (int)strcspn(said, "\n"), said);
}

static int try_once(struct job *j, struct error *reterr) {
        CLEANUP(root_order_clear) struct root_order order = { 0 };

        int r = ask(j, &order, reterr);
        return r < 0 ? r : bring_up(j, &order, reterr);
}

int root_run(struct job *j, struct error *reterr) {
        if (!job_world(j)->is_whole_machine)
                return error_set(reterr, -EPERM,
                                 "only an agent that is the machine's init can start its system");
        for (unsigned wait_ms = AGAIN_MS;;
             wait_ms = wait_ms < AGAIN_MAX_MS / 2 ? 2 * wait_ms : AGAIN_MAX_MS) {
                struct error error = { 0 };
                int r = try_once(j, &error);
                if (r == 0) {
                        job_say(j, "start", 1, 1, NULL);
                        job_set_then(j, JOB_THEN_START);
                        return 0;
                }
                *reterr = error;
                if (r != -EAGAIN)
                        return r;
                /* What is away comes back; until then the machine waits, and does not begin anew. */
                log_line("%s; trying again in %u s", error.text, wait_ms / 1000);
                job_say(j, "wait", 0, 0, "%s", error.text);
                if (!job_sleep(j, wait_ms))
                        return r;
        }
}
