/* QMP, as far as we speak it; see qmp.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/export/qmp.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

DEFINE_CLEANUP(json_t, json_decref)

/* Names of volumes have nothing in them that JSON would quote. */
void qmp_say_hello(struct text *out) {
        text_append(out, "{\"execute\":\"qmp_capabilities\"}\n");
}

void qmp_say_open(struct text *out, const struct volume *v) {
        char name[VOLUME_NAME_SIZE], folder[VOLUME_NAME_SIZE], file[VOLUME_NAME_SIZE];

        text_printf(out,
                    "{\"execute\":\"blockdev-add\",\"arguments\":{\"driver\":\"qcow2\",\"node-name\":\"%s\","
                    "\"discard\":\"unmap\",\"detect-zeroes\":\"unmap\",\"file\":{\"driver\":\"file\","
                    "\"filename\":\"%s/%s\"}}}\n",
                    volume_export(v, name), volume_folder(v->machine, folder), volume_file(v, file));
}

void qmp_say_export(struct text *out, const struct volume *v) {
        char name[VOLUME_NAME_SIZE];

        (void)volume_export(v, name);
        text_printf(out,
                    "{\"execute\":\"block-export-add\",\"arguments\":{\"type\":\"nbd\",\"id\":\"%s\","
                    "\"node-name\":\"%s\",\"name\":\"%s\",\"writable\":true}}\n",
                    name, name, name);
}

void qmp_say_withdraw(struct text *out, const struct volume *v) {
        char name[VOLUME_NAME_SIZE];
        text_printf(out,
                    "{\"execute\":\"block-export-del\",\"arguments\":{\"id\":\"%s\",\"mode\":\"hard\"}}\n",
                    volume_export(v, name));
}

void qmp_say_close(struct text *out, const struct volume *v) {
        char name[VOLUME_NAME_SIZE];
        text_printf(out, "{\"execute\":\"blockdev-del\",\"arguments\":{\"node-name\":\"%s\"}}\n",
                    volume_export(v, name));
}

int qmp_read(const char *line, size_t len, struct error *reterr) {
        CLEANUP(json_decref_at) json_t *in = json_loadb(line, len, 0, NULL);
        const char *event = json_string_value(json_object_get(in, "event"));
        const json_t *fault = json_object_get(in, "error");

        if (!json_is_object(in))
                return -EBADMSG;
        if (fault) {
                const char *why = json_string_value(json_object_get(fault, "desc"));
                (void)error_set(reterr, -EIO, "qemu-storage-daemon says: %s", why ? why : "no");
                return QMP_REFUSED;
        }
        if (json_object_get(in, "return"))
                return QMP_DONE;
        return event && strcmp(event, "BLOCK_EXPORT_DELETED") == 0 ? QMP_WITHDRAWN : QMP_OTHER;
}
