/* What an EEPROM says; see settings.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-sim/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "format/boot_sig.h"
#include "format/eeprom.h"
#include "io/crypto.h"

enum { PORT_HTTP = 80, PORT_HTTPS = 443 };

#define HTTP_PATH_DEFAULT "net_install"

static void read_value(struct settings *s, const struct config_txt_line *line, const char *value) {
        struct ip_addr ip;

        if (config_txt_key_is(line, "SIGNED_BOOT"))
                s->checks_signatures = atoi(value) != 0;
        else if (config_txt_key_is(line, "HTTP_HOST"))
                s->http_addr = ip_parse(value, &ip) == 0 && ip.family == IP_V4 ? ip_to_v4(&ip) : 0;
        else if (config_txt_key_is(line, "HTTP_PORT"))
                s->http_port = (uint16_t)atoi(value);
        else if (config_txt_key_is(line, "HTTP_PATH"))
                (void)snprintf(s->http_path, sizeof(s->http_path), "%.62s", value); /* and a slash */
        else if (config_txt_key_is(line, "HTTP_CACERT_HASH"))
                s->has_cacert_hash = text_parse_hex(value, s->cacert_hash, sizeof(s->cacert_hash)) == 0;
}

static int read_line(void *ctx, const struct config_txt_line *line) {
        char value[CONFIG_TXT_LINE_MAX + 1];

        if (line->kind != CONFIG_TXT_SETTING || line->match != CONFIG_TXT_YES)
                return 0;
        (void)snprintf(value, sizeof(value), "%.*s", (int)line->value_len, line->value);
        read_value(ctx, line, value);
        return 0;
}

static bool is_empty(const uint8_t *octets, size_t len) {
        for (size_t i = 0; i < len; i++)
                if (octets[i] != 0)
                        return false;
        return true;
}

/* Images that are older than a file have no place for it. */
static void read_files(const uint8_t *image, size_t len, struct settings *s) {
        struct eeprom_file f;

        if (eeprom_find(image, len, "pubkey.bin", &f) == 0 && f.len >= RSA_PUBLIC_SIZE) {
                memcpy(s->pubkey, image + f.at, RSA_PUBLIC_SIZE);
                s->has_pubkey = !is_empty(s->pubkey, RSA_PUBLIC_SIZE);
        }
        if (eeprom_find(image, len, "cacert.der", &f) == 0 && f.len <= sizeof(s->cacert)) {
                memcpy(s->cacert, image + f.at, f.len);
                s->cacert_len = f.len;
        }
}

/* With SIGNED_BOOT the firmware goes by a configuration that is signed with its key, and by no other. */
static bool is_config_signed(const uint8_t *image, size_t len, const struct eeprom_file *config,
                             const struct settings *s) {
        uint8_t digest[SHA256_SIZE];
        struct eeprom_file f;
        struct boot_sig sig;

        if (!s->has_pubkey || eeprom_find(image, len, "bootconf.sig", &f) < 0 ||
            boot_sig_parse((const char *)image + f.at, f.len, &sig) < 0 || !sig.has_rsa)
                return false;
        sha256_of(image + config->at, config->len, digest);
        return memcmp(digest, sig.digest, sizeof(digest)) == 0 &&
               rsa_public_verify(s->pubkey, digest, sig.rsa);
}

int settings_read(const void *image, size_t len, const struct family *family, uint32_t serial,
                  struct settings *ret, struct error *reterr) {
        const unsigned soc = family->needs_config_txt ? 2712 : 2711;
        const struct config_txt_board board = {
                .family = soc == 2712 ? CONFIG_TXT_2712 : CONFIG_TXT_2711,
                .type = (int)(family->revision >> 4 & 0xff),
                .has_serial = true,
                .serial = serial,
        };
        struct settings s = { .http_path = HTTP_PATH_DEFAULT };
        struct eeprom_file f;

        if (!family->signed_one || eeprom_soc(len) != soc || eeprom_check(image, len) < 0 ||
            eeprom_find(image, len, "bootconf.txt", &f) < 0)
                return error_set(reterr, -EINVAL, "is no image of this board's EEPROM");
        const char *text = (const char *)image + f.at;
        s.boot_order = bootconf_boot_order(text, f.len, &board);
        if (config_txt_each(text, f.len, &board, NULL, read_line, &s) < 0)
                return error_set(reterr, -EINVAL, "has a bootconf.txt that no firmware reads to its end");
        if (s.http_port == 0)
                s.http_port = s.has_cacert_hash ? PORT_HTTPS : PORT_HTTP;
        const size_t path_len = strlen(s.http_path);
        if (path_len > 0 && s.http_path[path_len - 1] != '/')
                memcpy(s.http_path + path_len, "/", sizeof("/"));
        read_files(image, len, &s);
        if (s.checks_signatures && !is_config_signed(image, len, &f, &s))
                return error_set(reterr, -EINVAL,
                                 "has SIGNED_BOOT, and a bootconf.txt that is not signed with its key: such "
                                 "a board stays dark");
        *ret = s;
        return 0;
}

void settings_apply(const struct settings *s, struct board *b) {
        b->boot_order = s->boot_order;
        b->checks_signatures = s->checks_signatures;
        b->http_addr = s->http_addr;
        b->http_port = s->http_port;
        (void)snprintf(b->http_path, sizeof(b->http_path), "%s", s->http_path);
        b->cacert_hash = s->has_cacert_hash ? s->cacert_hash : NULL;
        b->cacert = s->cacert;
        b->cacert_len = s->cacert_len;
}
