/* Volumes and their names; see volume.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/export/volume.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

const char *volume_kind_name(enum volume_kind kind) {
        static const char *const names[VOLUME_KINDS] = { [VOLUME_NFS] = "nfs", [VOLUME_NBD] = "nbd" };
        return kind < VOLUME_KINDS ? names[kind] : "";
}

const char *volume_part_name(enum volume_part part) {
        static const char *const names[VOLUME_PARTS] = {
                [VOLUME_ROOT] = "root", [VOLUME_DATA] = "data", [VOLUME_ROOT2] = "root2"
        };
        return part < VOLUME_PARTS ? names[part] : "";
}

int volume_part_parse(const char *name, enum volume_part *ret) {
        for (size_t i = 0; i < VOLUME_PARTS; i++) {
                if (strcmp(volume_part_name((enum volume_part)i), name) == 0) {
                        *ret = (enum volume_part)i;
                        return 0;
                }
        }
        return -EINVAL;
}

/* The database counts in signed numbers, from 1. */
bool volume_is_sound(const struct volume *v) {
        return v->kind < VOLUME_KINDS && v->part < VOLUME_PARTS && v->machine > 0 && v->machine <= INT64_MAX;
}

bool volume_equal(const struct volume *a, const struct volume *b) {
        return a->kind == b->kind && a->part == b->part && a->machine == b->machine;
}

const char *volume_folder(uint64_t machine, char buf[static VOLUME_NAME_SIZE]) {
        (void)snprintf(buf, VOLUME_NAME_SIZE, "m-%" PRIu64, machine);
        return buf;
}

const char *volume_file(const struct volume *v, char buf[static VOLUME_NAME_SIZE]) {
        (void)snprintf(buf, VOLUME_NAME_SIZE, "%s%s", volume_part_name(v->part),
                       v->kind == VOLUME_NBD ? ".qcow2" : "");
        return buf;
}

const char *volume_export(const struct volume *v, char buf[static VOLUME_NAME_SIZE]) {
        const bool is_root = v->part == VOLUME_ROOT;

        if (v->kind == VOLUME_NFS)
                (void)snprintf(buf, VOLUME_NAME_SIZE, "/m-%" PRIu64 "/%s", v->machine,
                               volume_part_name(v->part));
        else
                (void)snprintf(buf, VOLUME_NAME_SIZE, "m-%" PRIu64 "%s%s", v->machine, is_root ? "" : "-",
                               is_root ? "" : volume_part_name(v->part));
        return buf;
}

const char *volume_base(const uint8_t sha256[static 32], uint64_t size, char buf[static VOLUME_BASE_SIZE]) {
        char hex[65];

        (void)snprintf(buf, VOLUME_BASE_SIZE, "%s-%" PRIu64, text_hex(sha256, 32, hex), size / VOLUME_MIB);
        return buf;
}

int volume_folder_parse(const char *name, uint64_t *ret_machine) {
        char again[VOLUME_NAME_SIZE];
        uint64_t machine;

        if (!text_starts_with(name, "m-") || text_parse_u64(name + 2, INT64_MAX, &machine) < 0 ||
            machine == 0 || strcmp(volume_folder(machine, again), name) != 0)
                return -EINVAL;
        *ret_machine = machine;
        return 0;
}
