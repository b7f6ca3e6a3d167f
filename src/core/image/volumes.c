/* Reading a survey; see volumes.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/image/volumes.h"

#include <errno.h>
#include <string.h>

#include "base/reader.h"
#include "base/text.h"

static int parse_partition(char **rest, const struct volumes *v, struct volume *ret) {
        static const char *const kinds[] = {
                [VOLUME_UNKNOWN] = "unknown", [VOLUME_EXT4] = "ext4", [VOLUME_ROOT] = "root",
                [VOLUME_FAT] = "fat",         [VOLUME_CORE] = "core", [VOLUME_SWAP] = "swap"
        };
        const char *number = strtok_r(NULL, " ", rest), *offset = strtok_r(NULL, " ", rest),
                   *len = strtok_r(NULL, " ", rest), *kind = strtok_r(NULL, " ", rest);
        uint64_t n = 0;

        if (!kind || text_parse_u64(number, UINT16_MAX, &n) < 0 ||
            text_parse_u64(offset, v->disk_size, &ret->offset) < 0 ||
            text_parse_u64(len, v->disk_size - ret->offset, &ret->len) < 0)
                return -EBADMSG;
        ret->number = (unsigned)n;
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
                if (strcmp(kinds[i], kind) != 0)
                        continue;
                ret->kind = (enum volume_kind)i;
                return 0;
        }
        return -EBADMSG;
}

static int parse_line(char *line, struct volumes *v) {
        char *rest = NULL;
        const char *what = strtok_r(line, " ", &rest);
        uint64_t n = 0;

        if (!what)
                return -EBADMSG;
        if (strcmp(what, "partition") == 0)
                return v->n < VOLUMES_MAX ? parse_partition(&rest, v, &v->items[v->n++]) : -EBADMSG;
        const char *number = strtok_r(NULL, " ", &rest);
        if (!number || text_parse_u64(number, INT64_MAX, &n) < 0)
                return -EBADMSG;
        if (v->n > 0) /* which were measured by what was said of the disk */
                return -EBADMSG;
        if (strcmp(what, "size") == 0)
                v->disk_size = n;
        else if (strcmp(what, "sector") == 0)
                v->sector_size = n <= 4096 ? (uint32_t)n : 0;
        else
                return -EBADMSG;
        return 0;
}

int volumes_parse(char *text, struct volumes *ret) {
        char *rest = NULL;

        ret->disk_size = ret->sector_size = 0;
        ret->n = 0;
        for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
                if (parse_line(line, ret) < 0)
                        return -EBADMSG;
        return (ret->sector_size == 512 || ret->sector_size == 4096) && ret->disk_size % ret->sector_size == 0
                       ? 0
                       : -EBADMSG;
}

const struct volume *volumes_find(const struct volumes *v, enum volume_kind kind) {
        const struct volume *found = NULL;

        for (size_t i = 0; i < v->n; i++)
                if (v->items[i].kind == kind && (!found || v->items[i].len > found->len))
                        found = &v->items[i];
        return found;
}

int volume_run_parse(const uint8_t octets[static VOLUME_RUN_SIZE], const struct volumes *v, uint64_t end,
                     struct volume_run *ret) {
        struct reader r = reader_of(octets, VOLUME_RUN_SIZE);
        struct volume_run run = { .offset = read_u64(&r) };

        run.len = read_u64(&r);
        if (run.offset < end || run.offset > v->disk_size || run.len > v->disk_size - run.offset ||
            run.len == 0 || run.offset % v->sector_size != 0 || run.len % v->sector_size != 0)
                return -EBADMSG;
        *ret = run;
        return 0;
}
