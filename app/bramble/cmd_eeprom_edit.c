/* bramble eeprom edit, and sig: images of EEPROMs changed, and what goes beside them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/bramble/api.h"
#include "app/bramble/args.h"
#include "app/bramble/certificate.h"
#include "app/bramble/cmd.h"
#include "app/bramble/eeprom_file.h"
#include "app/bramble/kept_key.h"
#include "app/bramble/print.h"
#include "base/text.h"
#include "format/boot_sig.h"
#include "io/crypto.h"
#include "io/rsa.h"

enum {
        PART_MAX = 64 * 1024, /* octets of a file that goes in: more than there is ever room for */
        CHUNK = 64 * 1024
};

#define CONFIG "bootconf.txt"
#define SIGNATURE "bootconf.sig"
#define PUBLIC_KEY "pubkey.bin"
#define AUTHORITY "cacert.der"

static int put(const char *path, struct file_octets *image, const char *name, const char *from,
               const void *octets, size_t len) {
        size_t room = 0;

        switch (eeprom_put(image->octets, image->len, name, octets, len)) {
        case 0:
                return CLI_OK;
        case -ENOENT:
                return cli_fail(CLI_LOCAL,
                                "%s: has no place for %s: take an image of a later release of the bootloader",
                                path, name);
        case -E2BIG:
                (void)!eeprom_room(image->octets, image->len, name, &room);
                return cli_fail(CLI_LOCAL, "%s: has %zu octets, and %s of the image has room for %zu", from,
                                len, name, room);
        default:
                return cli_fail(CLI_LOCAL, "%s: is a damaged image of an EEPROM", path);
        }
}

static int put_key(const char *path, struct file_octets *image, const char *from) {
        CLEANUP(file_octets_end) struct file_octets pem = {};
        uint8_t public_key[RSA_PUBLIC_SIZE];
        struct error err = {};

        const int code = file_read(from, RSA_PEM_MAX, &pem);
        if (code != CLI_OK)
                return code;
        if (rsa_public_read(pem.octets, pem.len, public_key, &err) < 0)
                return cli_fail(CLI_LOCAL, "%s: %s", from, err.text);
        return put(path, image, PUBLIC_KEY, from, public_key, sizeof(public_key));
}

/* @check: whether the file is what it is called, an exit code; NULL: anything is. */
static int put_file(const char *path, struct file_octets *image, const char *name, const char *from,
                    int (*check)(const char *from, const struct file_octets *file)) {
        CLEANUP(file_octets_end) struct file_octets file = {};

        int code = file_read(from, PART_MAX, &file);
        if (code != CLI_OK)
                return code;
        if (check && (code = check(from, &file)) != CLI_OK)
                return code;
        return put(path, image, name, from, file.octets, file.len);
}

static int put_time(const char *path, struct file_octets *image, const char *value) {
        uint64_t ts = 0;

        if (text_parse_u64(value, UINT32_MAX, &ts) < 0 ||
            eeprom_set_timestamp(image->octets, image->len, (uint32_t)ts) < 0)
                return cli_fail(CLI_LOCAL, "%s: has no place for a timestamp in its second half", path);
        return CLI_OK;
}

static int take_out(const char *path, struct file_octets *image, const char *name) {
        if (eeprom_remove(image->octets, image->len, name) < 0)
                return cli_fail(CLI_LOCAL, "%s: has no %s", path, name);
        return CLI_OK;
}

static void note(void *ctx, const char *sentence) {
        cli_note("%s: %s", (const char *)ctx, sentence);
}

/* What is odd about it is said and written: bootloaders get keys that this does not know. */
static int put_config(const char *path, struct file_octets *image, const char *from) {
        struct eeprom_file config;

        const int code = put_file(path, image, CONFIG, from, NULL);
        if (code == CLI_OK && eeprom_find(image->octets, image->len, CONFIG, &config) == 0)
                eeprom_file_remarks(image, image->octets + config.at, config.len, note,
                                    (void *)(uintptr_t)from);
        return code;
}

/* One without a signature has only the digest: a board would find that nobody signed it. */
static int check_signature(const char *from, const struct file_octets *file) {
        struct boot_sig sig;

        if (boot_sig_parse((const char *)file->octets, file->len, &sig) < 0)
                return cli_fail(CLI_LOCAL,
                                "%s: is no signature file: bramble eeprom sig makes one of a configuration",
                                from);
        if (!sig.has_rsa)
                return cli_fail(CLI_LOCAL, "%s: has no signature: bramble eeprom sig --key PEM makes one",
                                from);
        return CLI_OK;
}

/* By what they hold now: the configuration goes in before its signature. */
static bool is_signed(const struct file_octets *image) {
        struct eeprom_file config, signature;
        uint8_t digest[SHA256_SIZE];
        struct boot_sig sig;

        if (eeprom_find(image->octets, image->len, CONFIG, &config) < 0 ||
            eeprom_find(image->octets, image->len, SIGNATURE, &signature) < 0 ||
            boot_sig_parse((const char *)image->octets + signature.at, signature.len, &sig) < 0)
                return false;
        sha256_of(image->octets + config.at, config.len, digest);
        return memcmp(digest, sig.digest, sizeof(digest)) == 0;
}

static int put_signature(const char *path, struct file_octets *image, const char *from) {
        const int code = put_file(path, image, SIGNATURE, from, check_signature);

        if (code == CLI_OK && !is_signed(image))
                cli_note("%s: is the signature of another configuration than the image has", from);
        return code;
}

static int check_authority(const char *from, const struct file_octets *file) {
        if (text_starts_with((const char *)file->octets, "-----BEGIN"))
                return cli_fail(CLI_LOCAL,
                                "%s: is a certificate in PEM, and the firmware wants DER: "
                                "openssl x509 -outform DER makes it",
                                from);
        return certificate_is_der(file->octets, file->len)
                       ? CLI_OK
                       : cli_fail(CLI_LOCAL,
                                  "%s: is no certificate in DER: bramble ca export writes this server's",
                                  from);
}

static int put_authority(const char *path, struct file_octets *image, const char *from) {
        return put_file(path, image, AUTHORITY, from, check_authority);
}

/* What can be done to an image, in the order in which it is done. */
static const struct {
        const char *option;
        int (*change)(const char *path, struct file_octets *image, const char *value);
} changes[] = {
        { "timestamp", put_time }, { "remove", take_out },          { "cacert", put_authority },
        { "config", put_config },  { "config-sig", put_signature }, { "pubkey", put_key },
};

/* The public part of a key that the server keeps. */
static int put_kept_key(struct cli *cli, const char *path, struct file_octets *image, const char *name) {
        uint8_t public_key[RSA_PUBLIC_SIZE];

        const int code = kept_key_public(cli, name, public_key);
        return code == CLI_OK ? put(path, image, PUBLIC_KEY, name, public_key, sizeof(public_key)) : code;
}

/* And its signature of the configuration, which is what the image has by then. */
static int sign_by_kept_key(struct cli *cli, const char *path, struct file_octets *image, const char *name) {
        CLEANUP(free_at) char *where = api_path("keys", name, "sign", NULL);
        CLEANUP(http_reply_clear) struct http_reply reply = {};
        struct eeprom_file config;

        if (eeprom_find(image->octets, image->len, CONFIG, &config) < 0)
                return cli_fail(CLI_LOCAL, "%s: has no %s", path, CONFIG);
        CLEANUP(json_decref_at)
        json_t *body = json_pack("{s:s%}", "text", (const char *)image->octets + config.at, config.len);
        CLEANUP(free_at) char *sent = body ? json_dumps(body, JSON_COMPACT) : NULL;
        if (!sent)
                return cli_fail(CLI_LOCAL, "%s: its %s is no text", path, CONFIG);
        const int code = api_call(cli,
                                  &(struct http_call){ .method = "POST",
                                                       .path = where,
                                                       .body = sent,
                                                       .body_len = strlen(sent),
                                                       .content_type = "application/json" },
                                  &reply);
        return code == CLI_OK ? put(path, image, SIGNATURE, name, reply.body, reply.len) : code;
}

int cmd_eeprom_edit(struct cli *cli, const struct args *args) {
        const char *path = args->words[0], *values[ARGS_OPTIONS_MAX + 1];
        CLEANUP(file_octets_end) struct file_octets image = {};
        size_t n_changes = 0;
        int code;

        if ((code = eeprom_file_read(path, &image)) != CLI_OK)
                return code;
        for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
                const size_t n = args_values(args, changes[i].option, values);
                n_changes += n;
                for (size_t v = 0; v < n; v++)
                        if ((code = changes[i].change(path, &image, values[v])) != CLI_OK)
                                return code;
        }
        const char *kept = args_value(args, "boot-key");
        if (kept && ((code = put_kept_key(cli, path, &image, kept)) != CLI_OK ||
                     (code = sign_by_kept_key(cli, path, &image, kept)) != CLI_OK))
                return code;
        if (n_changes == 0 && !kept)
                return cli_fail(CLI_USAGE,
                                "nothing is to be changed: `bramble eeprom edit --help` lists what can be");
        code = file_write(args_value(args, "out"), image.octets, image.len);
        if (code == CLI_OK)
                cli_done(cli, "wrote %s", args_value(args, "out"));
        return code;
}

/* ---- signatures ---- */

static inline void stream_end(FILE **f) {
        if (*f)
                (void)fclose(*f);
}

static int hash_file(const char *path, uint8_t ret[static SHA256_SIZE]) {
        CLEANUP(stream_end) FILE *f = fopen(path, "re");
        CLEANUP(sha256_free_at) struct sha256 *hash = sha256_new();
        CLEANUP(free_at) uint8_t *chunk = malloc(CHUNK);
        size_t n;

        if (!f)
                return cli_fail(CLI_LOCAL, "%s: %s", path, strerror(errno));
        if (!hash || !chunk)
                return cli_fail(CLI_LOCAL, "out of memory");
        while ((n = fread(chunk, 1, CHUNK, f)) > 0)
                sha256_update(hash, chunk, n);
        if (ferror(f))
                return cli_fail(CLI_LOCAL, "%s: %s", path, strerror(errno));
        sha256_finish(TAKE(hash), ret);
        return CLI_OK;
}

static int sign(const char *path, struct boot_sig *sig) {
        CLEANUP(file_octets_end) struct file_octets pem = {};
        CLEANUP(rsa_key_free_at) struct rsa_key *key = NULL;
        struct error err = {};

        const int code = file_read(path, RSA_PEM_MAX, &pem);
        if (code != CLI_OK)
                return code;
        if (rsa_key_read(pem.octets, pem.len, &key, &err) < 0 ||
            rsa_key_sign(key, sig->digest, sig->rsa, &err) < 0)
                return cli_fail(CLI_LOCAL, "%s: %s", path, err.text);
        sig->has_rsa = true;
        return CLI_OK;
}

/* As told; else as whoever builds reproducibly says; else now. */
static int find_time(const struct args *args, uint64_t *ret) {
        const char *told = args_value(args, "timestamp"), *epoch = getenv("SOURCE_DATE_EPOCH");

        if (!told && !(epoch && *epoch)) {
                *ret = (uint64_t)time(NULL);
                return CLI_OK;
        }
        if (text_parse_u64(told ? told : epoch, UINT32_MAX, ret) < 0)
                return cli_fail(CLI_USAGE, "SOURCE_DATE_EPOCH: '%s' is no Unix time", epoch);
        return CLI_OK;
}

int cmd_eeprom_sig(struct cli *cli, const struct args *args) {
        const char *soc = args_value(args, "soc"), *key = args_value(args, "key"),
                   *out = args_value(args, "out");
        struct boot_sig sig = { .has_ts = true, .target_soc = soc ? (unsigned)atoi(soc) : 0 };
        CLEANUP(text_free) struct text text = {};

        int code = hash_file(args->words[0], sig.digest);
        if (code == CLI_OK)
                code = find_time(args, &sig.ts);
        if (code == CLI_OK && key)
                code = sign(key, &sig);
        if (code != CLI_OK)
                return code;
        boot_sig_write(&sig, &text);
        if (text.failed)
                return cli_fail(CLI_LOCAL, "out of memory");
        code = file_write(out, text.octets, text.len);
        if (code == CLI_OK)
                cli_done(cli, "wrote %s", out);
        return code;
}
