/* Real EEPROM images, where they are there: every row of their reference, octet for octet what
 * rpi-eeprom-config makes. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "format/boot_sig.h"
#include "format/eeprom.h"
#include "io/crypto.h"
#include "io/rsa.h"

enum { FILE_MAX = 4 * 1024 * 1024, PATH_SIZE = 512, LINE_SIZE = 1024 };

static const char *folder;

struct octets {
        uint8_t *data;
        size_t len;
};

static void octets_end(struct octets *o) {
        free(o->data);
}

static struct octets read_file(const char *name) {
        char path[PATH_SIZE];
        struct octets o = { .data = malloc(FILE_MAX) };

        assert_non_null(o.data);
        (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
        FILE *f = fopen(path, "re");
        if (!f)
                fail_msg("%s is not there", path);
        o.len = fread(o.data, 1, FILE_MAX, f);
        (void)fclose(f);
        return o;
}

/* sample-netboot.conf of the table lies in sample/. */
static struct octets read_named(const char *name) {
        char path[PATH_SIZE];

        (void)snprintf(path, sizeof(path), "%s%s", strchr(name, '/') ? "" : "sample/", name);
        return read_file(path);
}

static void put(struct octets *image, const char *as, const char *name) {
        CLEANUP(octets_end) struct octets file = read_named(name);
        assert_int_equal(eeprom_put(image->data, image->len, as, file.data, file.len), 0);
}

static void put_key(struct octets *image, const char *name) {
        CLEANUP(octets_end) struct octets pem = read_named(name);
        uint8_t public[RSA_PUBLIC_SIZE];
        struct error err;

        assert_int_equal(rsa_public_read(pem.data, pem.len, public, &err), 0);
        assert_int_equal(eeprom_put(image->data, image->len, "pubkey.bin", public, sizeof(public)), 0);
}

static void take_out(struct octets *image, const char *name) {
        struct eeprom_file f;

        assert_int_equal(eeprom_find(image->data, image->len, name, &f), 0);
        memmove(image->data, image->data + f.at, f.len);
        image->len = f.len;
}

static void put_itself(struct octets *image) {
        struct eeprom_file f;
        uint8_t copy[EEPROM_FILE_MAX];

        assert_int_equal(eeprom_find(image->data, image->len, "bootconf.txt", &f), 0);
        memcpy(copy, image->data + f.at, f.len);
        assert_int_equal(eeprom_put(image->data, image->len, "bootconf.txt", copy, f.len), 0);
}

/* One word of an operation: "extract-config", "config=FILE", "signed(CONF,SIG,PEM)". */
static void operate(struct octets *image, char *word) {
        char *value = strpbrk(word, "=(");
        if (value)
                *value++ = 0;
        if (strcmp(word, "extract-config") == 0) {
                take_out(image, "bootconf.txt");
        } else if (strcmp(word, "loopback-own-config") == 0) {
                put_itself(image);
        } else if (strcmp(word, "config") == 0) {
                put(image, "bootconf.txt", value);
        } else if (strcmp(word, "timestamp") == 0) {
                assert_int_equal(eeprom_set_timestamp(image->data, image->len, (uint32_t)atol(value)), 0);
        } else if (strcmp(word, "signed") == 0) {
                put(image, "bootconf.txt", strtok(value, ","));
                put(image, "bootconf.sig", strtok(NULL, ","));
                put_key(image, strtok(NULL, ")"));
        } else {
                assert_string_equal(word, "input");
        }
}

static void check_row(const char *name, char *operation, const char *sha256, size_t size) {
        char path[PATH_SIZE], hex[2 * SHA256_SIZE + 1];
        uint8_t hash[SHA256_SIZE];

        (void)snprintf(path, sizeof(path), "eeprom/%s.bin", name);
        CLEANUP(octets_end) struct octets image = read_file(path);
        if (strncmp(operation, "signed(", 7) == 0) {
                operate(&image, operation);
        } else {
                char *rest = operation;
                for (char *word; (word = strsep(&rest, ","));)
                        operate(&image, word);
        }
        sha256_of(image.data, image.len, hash);
        assert_int_equal(image.len, size);
        if (strcmp(text_hex(hash, sizeof(hash), hex), sha256) != 0)
                fail_msg("%s, %s: not what rpi-eeprom-config makes", name, operation);
}

static void every_row(void **state) {
        (void)state;
        CLEANUP(octets_end) struct octets table = read_file("REFERENCE.tsv");
        unsigned n = 0;

        table.data[table.len] = 0;
        char *rest = strchr((char *)table.data, '\n') + 1;
        for (char *line; (line = strsep(&rest, "\n")) && *line; n++) {
                const char *name = strsep(&line, "\t");
                char *operation = strsep(&line, "\t");
                const char *sha256 = strsep(&line, "\t");
                check_row(name, operation, sha256, (size_t)atol(line));
        }
        assert_true(n >= 16);
}

/* The signature of the sample is what its key makes, to the octet. */
static void the_signature_is_made_again(void **state) {
        (void)state;
        CLEANUP(octets_end) struct octets conf = read_file("test/bootconf.txt");
        CLEANUP(octets_end) struct octets pem = read_file("test/private.pem");
        CLEANUP(octets_end) struct octets expected = read_file("test/bootconf.sig");
        CLEANUP(rsa_key_free_at) struct rsa_key *key = NULL;
        CLEANUP(text_free) struct text out = {};
        struct boot_sig sig = { .has_ts = true, .ts = 1614092425, .has_rsa = true };
        struct error err;

        assert_int_equal(rsa_key_read(pem.data, pem.len, &key, &err), 0);
        sha256_of(conf.data, conf.len, sig.digest);
        assert_int_equal(rsa_key_sign(key, sig.digest, sig.rsa, &err), 0);
        boot_sig_write(&sig, &out);
        assert_int_equal(out.len, expected.len);
        assert_memory_equal(out.octets, expected.data, out.len);
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_row),
                cmocka_unit_test(the_signature_is_made_again),
        };
        char path[PATH_SIZE];

        folder = argc > 1 ? argv[1] : "";
        (void)snprintf(path, sizeof(path), "%s/REFERENCE.tsv", folder);
        FILE *f = fopen(path, "re");
        if (!f) {
                printf("skipped: the images of Raspberry Pi are not in %s\n", folder);
                return 77;
        }
        (void)fclose(f);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
