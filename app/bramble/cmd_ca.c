/* bramble ca …: the certificate that vouches for the server in HTTPS. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "app/bramble/api.h"
#include "app/bramble/args.h"
#include "app/bramble/cmd.h"
#include "app/bramble/file.h"
#include "app/bramble/print.h"
#include "base/pem.h"
#include "base/text.h"
#include "io/crypto.h"

int cmd_ca_show(struct cli *cli, const struct args *args) {
        CLEANUP(json_decref_at) json_t *ca = NULL;
        const int code = api_json(cli, "GET", "/api/v1/ca", NULL, &ca);

        (void)args;
        if (code != CLI_OK)
                return code;
        if (cli->json)
                return print_json(ca);
        (void)fputs(json_text_at(ca, "pem"), stdout);
        return CLI_OK;
}

int cmd_ca_export(struct cli *cli, const struct args *args) {
        CLEANUP(json_decref_at) json_t *ca = NULL, *row = NULL;
        const char *out = args_value(args, "out");
        uint8_t hash[SHA256_SIZE];
        char hex[2 * SHA256_SIZE + 1];
        size_t len;

        int code = api_json(cli, "GET", "/api/v1/ca", NULL, &ca);
        if (code != CLI_OK)
                return code;
        CLEANUP(free_at) uint8_t *der = pem_certificate(json_text_at(ca, "pem"), &len);
        if (!der)
                return cli_fail(CLI_LOCAL, "the daemon's answer makes no sense");
        code = file_write(out, der, len);
        if (code != CLI_OK)
                return code;
        sha256_of(der, len, hash);
        (void)text_hex(hash, sizeof(hash), hex);
        if (cli->json)
                return print_json(row = json_pack("{s:s, s:s}", "file", out, "hash", hex));
        (void)printf("HTTP_CACERT_HASH=%s\n", hex);
        return CLI_OK;
}
