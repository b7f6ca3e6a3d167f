/* What EEPROMs are updated to; see eeprom_update.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/image/eeprom_update.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "format/boot_sig.h"
#include "format/config_txt.h"
#include "format/eeprom.h"
#include "format/eeprom_files.h"
#include "io/crypto.h"

/* What counts in a configuration when it is put into an update. */
struct needs {
        bool is_signed;
        const char *authority; /* the hash in hex, NULL: none; of the configuration */
        size_t authority_len;
};

static int look_for_need(void *ctx, const struct config_txt_line *line) {
        struct needs *n = ctx;

        if (line->kind != CONFIG_TXT_SETTING)
                return 0;
        if (config_txt_key_is(line, "SIGNED_BOOT"))
                n->is_signed = line->value_len != 1 || *line->value != '0';
        if (config_txt_key_is(line, "HTTP_CACERT_HASH")) {
                n->authority = line->value;
                n->authority_len = line->value_len;
        }
        return 0;
}

static struct needs needs_of(const char *config, size_t len) {
        static const struct config_txt_board any = { .family = CONFIG_TXT_2712,
                                                     .type = CONFIG_TXT_TYPE_UNKNOWN };
        struct needs n = {};

        (void)!config_txt_each(config, len, &any, NULL, look_for_need, &n);
        return n;
}

/* ---- what goes into the EEPROM beside it ---- */

static int add_authority(const struct needs *n, const void *der, size_t len, struct text *ret,
                         struct error *reterr) {
        uint8_t hash[SHA256_SIZE];
        char hex[2 * SHA256_SIZE + 1];

        if (!n->authority)
                return 0;
        sha256_of(der, len, hash);
        (void)text_hex(hash, sizeof(hash), hex);
        if (n->authority_len != strlen(hex) || strncasecmp(n->authority, hex, n->authority_len) != 0)
                return error_set(reterr, -EINVAL,
                                 "its HTTP_CACERT_HASH is not that of this server's authority: bramble ca "
                                 "export tells it");
        eeprom_files_add(ret, EEPROM_AUTHORITY, der, len);
        return 0;
}

static int sign(const struct blob_source *blobs, const struct signing_key *key, const void *octets,
                size_t len, char text[static BOOT_SIG_SIZE_MAX], size_t *ret_len, struct error *reterr) {
        CLEANUP(boot_file_drop_at) struct boot_file *file = boot_file_of_octets(octets, len);
        CLEANUP(boot_file_drop_at) struct boot_file *signature = NULL;

        int r = file ? blobs->sign(blobs->ctx, key->name, file, &signature) : -ENOMEM;
        if (r == -EAGAIN)
                return error_set(reterr, -EBUSY, "key %s takes its time: try again", key->name);
        if (r == 0 && signature->size > BOOT_SIG_SIZE_MAX)
                r = -E2BIG;
        if (r == 0 && boot_file_read(signature, 0, text, (size_t)signature->size) != (int64_t)signature->size)
                r = -EIO;
        if (r < 0)
                return error_set(reterr, r, "key %s does not sign: %s", key->name, strerror(-r));
        *ret_len = (size_t)signature->size;
        return 0;
}

static int add_key(const struct blob_source *blobs, const struct signing_key *key, const char *config,
                   struct text *ret, struct error *reterr) {
        char signature[BOOT_SIG_SIZE_MAX];
        size_t len = 0;

        int r = sign(blobs, key, config, strlen(config), signature, &len, reterr);
        if (r < 0)
                return r;
        eeprom_files_add(ret, EEPROM_PUBLIC_KEY, key->public_key, sizeof(key->public_key));
        eeprom_files_add(ret, EEPROM_CONFIG_SIGNATURE, signature, len);
        return 0;
}

int eeprom_update_files(const struct blob_source *blobs, const struct signing_key *key, const void *authority,
                        size_t authority_len, const char *config, struct text *ret, struct error *reterr) {
        const struct needs needs = needs_of(config, strlen(config));
        int r = key ? add_key(blobs, key, config, ret, reterr) : 0;

        if (r == 0)
                r = add_authority(&needs, authority, authority_len, ret, reterr);
        return r == 0 && ret->failed ? error_set(reterr, -ENOMEM, "out of memory") : r;
}

/* ---- put together ---- */

static int read_firmware(const struct image_file *f, const struct blob_source *blobs, uint8_t *octets,
                         struct error *reterr) {
        int r = -EIO;
        CLEANUP(blob_drop_at) struct blob *blob = blobs->open(blobs->ctx, &f->blob, &r);

        if (blob)
                r = blob->read(blob, 0, octets, f->size);
        return r < 0 ? error_set(reterr, r, "%s: %s", f->path, strerror(-r)) : 0;
}

uint64_t eeprom_update_build_time(const struct image *image, const struct blob_source *blobs) {
        const struct image_file *f = image_find_role(image, IMAGE_FILE_EEPROM);
        struct error ignored = {};

        if (!f || !eeprom_size_is_known(f->size))
                return 0;
        CLEANUP(free_at) uint8_t *octets = malloc(f->size);
        return octets && read_firmware(f, blobs, octets, &ignored) == 0 ? eeprom_build_time(octets, f->size)
                                                                        : 0;
}

static int fill(const struct image_file *f, const struct eeprom_content *c, uint8_t *octets,
                struct error *reterr) {
        const struct eeprom_filling filling = {
                .config = c->config, .config_len = c->config_len, .files = c->files, .files_len = c->files_len
        };
        size_t room = 0;

        int r = eeprom_room(octets, f->size, "bootconf.txt", &room);
        if (r < 0)
                return error_set(reterr, r, "%s is a damaged image of an EEPROM: import it again", f->path);
        if (c->config_len > room)
                return error_set(reterr, -EINVAL, "it has %zu octets, and %s has room for %zu", c->config_len,
                                 f->path, room);
        return eeprom_fill(octets, f->size, &filling) < 0
                       ? error_set(reterr, -EINVAL,
                                   "%s has no room for its key, signature or authority: import a later "
                                   "release",
                                   f->path)
                       : 0;
}

static int seal(const struct blob_source *blobs, const struct signing_key *key, const uint8_t *octets,
                size_t size, struct eeprom_content *c, struct error *reterr) {
        char text[BOOT_SIG_SIZE_MAX];
        struct boot_sig sig = {};
        size_t len = 0;

        sha256_of(octets, size, c->digest);
        c->has_rsa = false;
        if (!key)
                return 0;
        int r = sign(blobs, key, octets, size, text, &len, reterr);
        if (r < 0)
                return r;
        if (boot_sig_parse(text, len, &sig) < 0 || !sig.has_rsa)
                return error_set(reterr, -EBADMSG, "key %s makes signatures that cannot be read", key->name);
        memcpy(c->rsa, sig.rsa, sizeof(c->rsa));
        c->has_rsa = true;
        return 0;
}

int eeprom_update_seal(const struct image *image, const struct blob_source *blobs,
                       const struct signing_key *key, struct eeprom_content *c, struct error *reterr) {
        const struct image_file *f = image_find_role(image, IMAGE_FILE_EEPROM);

        if (!f || !eeprom_size_is_known(f->size))
                return error_set(reterr, -ENOENT, "image %s has no firmware of an EEPROM", image->name);
        if (!key && needs_of(c->config, c->config_len).is_signed)
                return error_set(reterr, -EINVAL,
                                 "it has SIGNED_BOOT, which wants a key in the EEPROM: bramble machine set "
                                 "--require-trusted on says that the machine has one of this server");
        CLEANUP(free_at) uint8_t *octets = malloc(f->size);
        if (!octets)
                return error_set(reterr, -ENOMEM, "out of memory");
        int r = read_firmware(f, blobs, octets, reterr);
        if (r == 0)
                r = fill(f, c, octets, reterr);
        return r < 0 ? r : seal(blobs, key, octets, f->size, c, reterr);
}
