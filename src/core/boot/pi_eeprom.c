/* An EEPROM's update in the tree; see pi_eeprom.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/boot/pi_eeprom.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "core/machine/eeprom_order.h"
#include "format/boot_sig.h"
#include "format/eeprom.h"
#include "format/eeprom_files.h"

bool pi_eeprom_reaches_local(enum boot_client_id id, const struct machine *m) {
        return id == CLIENT_PI4 && !m->drop_options;
}

static bool can_ask(const struct boot_plan *p) {
        return p->purpose == PURPOSE_LOCAL ? pi_eeprom_reaches_local(p->client->id, p->machine)
                                           : p->client->id == CLIENT_PI4 || p->client->id == CLIENT_PI5;
}

static bool is_offered(const struct boot_plan *p, struct eeprom_order *ret) {
        return p->machine && can_ask(p) && eeprom_order_of(p->machine, ret) && ret->step == EEPROM_OFFERED &&
               !(ret->flags & EEPROM_BY_AGENT);
}

static const struct image_file *firmware_of(const struct boot_plan *p, const struct eeprom_order *o) {
        const struct image *image = site_image(p->site, o->now.image);
        const struct image_file *f = image ? image_find_role(image, IMAGE_FILE_EEPROM) : NULL;

        return f && eeprom_size_is_known(f->size) ? f : NULL;
}

static int make_signature(const struct boot_plan *p, const struct blob_source *blobs,
                          struct boot_file **ret) {
        CLEANUP(text_free) struct text text = {};
        struct boot_sig sig = { .has_ts = true };
        struct eeprom_order o;
        (void)blobs;

        const struct image_file *f = is_offered(p, &o) ? firmware_of(p, &o) : NULL;
        if (!f)
                return BOOT_FILE_MISSING;
        memcpy(sig.digest, o.now.digest, sizeof(sig.digest));
        sig.ts = o.ts;
        sig.target_soc = eeprom_soc(f->size);
        sig.has_rsa = o.now.has_rsa;
        memcpy(sig.rsa, o.now.rsa, sizeof(sig.rsa));
        boot_sig_write(&sig, &text);
        *ret = text.failed ? NULL : boot_file_of_octets(text.octets, text.len);
        return *ret ? BOOT_FILE_FOUND : -ENOMEM;
}

/* What of @now differs from @was lies together: all around it is the blob's. */
static struct boot_file *join(struct blob *blob, const uint8_t *was, const uint8_t *now, size_t size) {
        size_t begin = 0, end = size;

        while (begin < size && was[begin] == now[begin])
                begin++;
        while (end > begin && was[end - 1] == now[end - 1])
                end--;
        const struct boot_segment segments[] = {
                { .blob = blob, .offset = 0, .len = begin },
                { .octets = now + begin, .len = end - begin },
                { .blob = blob, .offset = end, .len = size - end },
        };
        struct boot_segment used[ARRAY_LEN(segments)];
        size_t n = 0;
        for (size_t i = 0; i < ARRAY_LEN(segments); i++)
                if (segments[i].len > 0)
                        used[n++] = segments[i];
        return boot_file_new(used, n);
}

static int make_update(const struct boot_plan *p, const struct blob_source *blobs, struct boot_file **ret) {
        struct eeprom_order o;
        int error = -EIO;

        const struct image_file *f = is_offered(p, &o) ? firmware_of(p, &o) : NULL;
        if (!f)
                return BOOT_FILE_MISSING;
        CLEANUP(blob_drop_at) struct blob *blob = blobs->open(blobs->ctx, &f->blob, &error);
        if (!blob)
                return error;
        CLEANUP(free_at) uint8_t *was = malloc(f->size);
        CLEANUP(free_at) uint8_t *now = malloc(f->size);
        if (!was || !now)
                return -ENOMEM;
        int r = blob->read(blob, 0, was, f->size);
        if (r < 0)
                return r;
        memcpy(now, was, f->size);
        r = eeprom_fill(now, f->size,
                        &(struct eeprom_filling){ .config = o.now.config,
                                                  .config_len = o.now.config_len,
                                                  .files = o.now.files,
                                                  .files_len = o.now.files_len });
        if (r < 0)
                return r == -ENOENT || r == -EBADMSG ? -ENOEXEC : r;
        *ret = join(blob, was, now, f->size);
        return *ret ? BOOT_FILE_FOUND : -ENOMEM;
}

size_t pi_eeprom_generate(const struct boot_plan *p, struct boot_generated *list) {
        static const struct boot_generated files[] = {
                { .path = PI_EEPROM_SIGNATURE,
                  .why = "an update of its EEPROM is offered until it has fetched it",
                  .make = make_signature },
                { .path = PI_EEPROM_UPDATE,
                  .why = "the firmware of the roll-out, with the configuration that this board shall have",
                  .make = make_update },
        };
        struct eeprom_order o;

        if (!is_offered(p, &o))
                return 0;
        memcpy(list, files, sizeof(files));
        return ARRAY_LEN(files);
}

void pi_eeprom_say(struct boot_plan *p) {
        struct eeprom_order o;

        if (!is_offered(p, &o))
                return;
        if (firmware_of(p, &o))
                boot_plan_say(p, "an update of its EEPROM lies in its tree: firmware of image %s",
                              o.now.image);
        else
                boot_plan_say(p, "an update of its EEPROM cannot be given: image %s is not there any more",
                              o.now.image);
}
