/* The roots of diskless systems; see run.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/life/run.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "core/export/volume.h"
#include "core/life/job.h"
#include "core/life/task.h"
#include "core/life/trial.h"
#include "core/life/wish.h"

#define INIT "/sbin/init"

/* Hard mounts wait for a server that is away, which is what a root must do. Version 4.2 needs one port. */
#define NFS_OPTIONS "vers=4.2,proto=tcp,hard"

/* The disk that a root on NBD is: its clone of the image has the file system that import made. */
#define NBD_FS "ext4"

/* What each kind of root needs to be found, beside what all of them have. */
static json_t *ram_root(const struct volume *v, const struct image *i) {
        (void)v;
        return json_pack("{s:o}", "squashfs", task_blob(image_find_role(i, IMAGE_FILE_ROOT_SQUASHFS)));
}

static json_t *nfs_root(const struct volume *v, const struct image *i) {
        char name[VOLUME_NAME_SIZE];
        (void)i;

        return json_pack("{s:s, s:i, s:s, s:s, s:s}", "server", MACHINE_RACK_HOST_MARK, "port", RUN_NFS_PORT,
                         "path", volume_export(v, name), "options", NFS_OPTIONS, "volume",
                         volume_part_name(v->part));
}

static json_t *nbd_root(const struct volume *v, const struct image *i) {
        char name[VOLUME_NAME_SIZE];
        (void)i;

        return json_pack("{s:s, s:i, s:s, s:s, s:s}", "server", MACHINE_RACK_HOST_MARK, "port", RUN_NBD_PORT,
                         "export", volume_export(v, name), "fs", NBD_FS, "volume", volume_part_name(v->part));
}

static const json_t *disk_in(const json_t *run) {
        const json_t *list = json_object_get(run, "data");
        size_t i;
        json_t *one;

        json_array_foreach((json_t *)list, i, one) {
                if (strcmp(wish_text(one, "kind", ""), "disk") == 0)
                        return one;
        }
        return NULL;
}

/* By chance, but as a UUID of version 4 is written: half of the hash of what was drawn for the deployment. */
static json_t *new_uuid(const struct machine *m) {
        uint8_t octets[MACHINE_TOKEN_HASH_SIZE / 2];
        char hex[RUN_UUID_SIZE];

        memcpy(octets, m->token_hash + sizeof(octets), sizeof(octets));
        octets[6] = (uint8_t)(0x40 | (octets[6] & 0x0f));
        octets[8] = (uint8_t)(0x80 | (octets[8] & 0x3f));
        return json_string(text_hex(octets, sizeof(octets), hex));
}

/* "make" goes when a system has come up with it; an order that lets it be made again says that it was. */
static bool is_made(const json_t *disk) {
        return disk && (!json_object_get(disk, "make") || wish_flag(disk, "is_made", false));
}

/* A volume on a disk of the machine's own. One that it had before is found, and not made. That a disk which
 * is not empty may be taken counts for the order that says so, and for no later one. */
static json_t *data_on_disk(const struct machine *m, const json_t *wish) {
        CLEANUP(json_decref_at) json_t *run = m->run ? json_loads(m->run, 0, NULL) : NULL;
        const json_t *had = disk_in(run);
        json_t *uuid = json_object_get(had, "uuid"), *make = NULL;

        if (wish_flag(wish, "overwrite", false))
                make = json_string("any");
        else if (!is_made(had))
                make = json_string("empty");
        return json_pack("{s:s, s:s, s:s, s:o, s:o*, s:o*}", "kind", "disk", "mount",
                         wish_text(wish, "mount", ""), "disk", wish_text(wish, "disk", ""), "uuid",
                         uuid ? json_incref(uuid) : new_uuid(m), "make", make, "is_made",
                         make && is_made(had) ? json_true() : NULL);
}

/* A volume beside the root, found as a root of its kind is. */
static json_t *data_volume(const struct machine *m, const json_t *wish) {
        const bool is_nbd = strcmp(wish_text(wish, "kind", ""), "nbd") == 0;
        const struct volume v = { .kind = is_nbd ? VOLUME_NBD : VOLUME_NFS,
                                  .part = VOLUME_DATA,
                                  .machine = m->id };
        CLEANUP(json_decref_at) json_t *found = is_nbd ? nbd_root(&v, NULL) : nfs_root(&v, NULL);
        const json_t *size = json_object_get(wish, "size");

        if (json_object_set_new(found, "kind", json_string(volume_kind_name(v.kind))) < 0 ||
            json_object_set_new(found, "mount", json_string(wish_text(wish, "mount", ""))) < 0 ||
            (size && json_object_set(found, "size", (json_t *)size) < 0))
                return NULL;
        return TAKE(found);
}

static json_t *data_volumes(const struct machine *m, const json_t *wish) {
        const json_t *data = json_object_get(wish, "data");

        if (!json_is_object(data))
                return json_array();
        const bool is_on_disk = strcmp(wish_text(data, "kind", ""), "disk") == 0;
        return json_pack("[o]", is_on_disk ? data_on_disk(m, data) : data_volume(m, data));
}

static json_t *(*const roots[ROOT_KINDS])(const struct volume *v, const struct image *i) = {
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
        json_t *run = json_pack("{s:s, s:b, s:o, s:s, s:o}", "root", root_name(m->root), "persistent",
                                wish_flag(wish, "persistent", false), "data", data_volumes(m, wish), "init",
                                INIT, "first_boot", first_boot(m, i, wish, token));
        const struct volume v = { .kind = m->root == ROOT_NBD ? VOLUME_NBD : VOLUME_NFS,
                                  .part = trial_next_part(m),
                                  .machine = m->id };
        CLEANUP(json_decref_at) json_t *own = roots[m->root](&v, i);
        json_t *size = json_object_get(wish, "size");

        if (!run || !own || json_object_update(run, own) < 0 ||
            (json_is_integer(size) && json_object_set(run, "size", size) < 0))
                return NULL;
        return TAKE(run);
}

int run_has_come_up(char **run) {
        CLEANUP(json_decref_at) json_t *in = *run ? json_loads(*run, 0, NULL) : NULL;
        json_t *disk = (json_t *)disk_in(in);

        if (!disk || json_object_del(disk, "make") < 0)
                return 0;
        char *text = json_dumps(in, JSON_COMPACT);
        if (!text)
                return -ENOMEM;
        free(*run);
        *run = text;
        return 0;
}

bool run_data_disk(const char *run, char uuid[static RUN_UUID_SIZE]) {
        CLEANUP(json_decref_at) json_t *in = run ? json_loads(run, 0, NULL) : NULL;
        const json_t *disk = disk_in(in);

        return disk && text_copy(uuid, RUN_UUID_SIZE, wish_text(disk, "uuid", "")) == 0 && uuid[0];
}

bool run_data_is_made(const char *run) {
        CLEANUP(json_decref_at) json_t *in = run ? json_loads(run, 0, NULL) : NULL;

        return is_made(disk_in(in));
}

char *run_keep_data(const char *run) {
        CLEANUP(json_decref_at) json_t *in = run ? json_loads(run, 0, NULL) : NULL;
        json_t *data = json_object_get(in, "data");
        CLEANUP(json_decref_at) json_t *out = json_array_size(data) ? json_pack("{s:O}", "data", data) : NULL;

        return out ? json_dumps(out, JSON_COMPACT) : NULL;
}
