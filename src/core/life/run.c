/* The roots of diskless systems; see run.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/life/run.h"
#include "core/life/job.h"
#include "core/life/task.h"
#include "core/life/wish.h"

#define INIT "/sbin/init"

/* Hard mounts wait for a server that is away, which is what a root must do. Version 4.2 needs one port. */
#define NFS_OPTIONS "vers=4.2,proto=tcp,hard,noatime"

/* The disk that a root on NBD is: its clone of the image has the file system that import made. */
#define NBD_FS "ext4"

/* What each kind of root needs to be found, beside what all of them have. */
static json_t *ram_root(const struct machine *m, const struct image *i) {
        (void)m;
        return json_pack("{s:o}", "squashfs", task_blob(image_find_role(i, IMAGE_FILE_ROOT_SQUASHFS)));
}

static json_t *nfs_root(const struct machine *m, const struct image *i) {
        (void)i;
        return json_pack("{s:s, s:i, s:o, s:s}", "server", MACHINE_RACK_HOST_MARK, "port", RUN_NFS_PORT,
                         "path", json_sprintf("/m-%llu/root", (unsigned long long)m->id), "options",
                         NFS_OPTIONS);
}

static json_t *nbd_root(const struct machine *m, const struct image *i) {
        (void)i;
        return json_pack("{s:s, s:i, s:o, s:s}", "server", MACHINE_RACK_HOST_MARK, "port", RUN_NBD_PORT,
                         "export", json_sprintf("m-%llu", (unsigned long long)m->id), "fs", NBD_FS);
}

static json_t *(*const roots[ROOT_KINDS])(const struct machine *m, const struct image *i) = {
        [ROOT_RAM] = ram_root,
        [ROOT_NFS] = nfs_root,
        [ROOT_NBD] = nbd_root,
};

bool run_is_for(enum root_kind root) {
        return root < ROOT_KINDS && roots[root];
}

/* What its own first-boot unit does where no cloud-init reads the seed. */
static json_t *first_boot(const struct machine *m, const struct image *i, const json_t *wish,
                          const char *token) {
        if (i->done_signals & IMAGE_DONE_CLOUD_INIT)
                return json_null();
        return json_pack("{s:o, s:o, s:o}", "hostname", json_string(wish_text(wish, "hostname", m->name)),
                         "authorized_keys", wish_keys(wish), "phone_home",
                         json_sprintf(MACHINE_RACK_MARK "/seed/%s/phone-home", token));
}

json_t *run_make(const struct machine *m, const struct image *i, const json_t *wish, const char *token) {
        CLEANUP(json_decref_at)
        json_t *run = json_pack("{s:s, s:b, s:[], s:s, s:o}", "root", root_name(m->root), "persistent",
                                wish_flag(wish, "persistent", false), "data", "init", INIT, "first_boot",
                                first_boot(m, i, wish, token));
        CLEANUP(json_decref_at) json_t *own = roots[m->root](m, i);

        return run && own && json_object_update(run, own) == 0 ? TAKE(run) : NULL;
}
