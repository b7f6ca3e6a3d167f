/* Keys that the daemon keeps; see kept_key.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/kept_key.h"

#include "app/bramble/api.h"
#include "app/bramble/print.h"

int kept_key_public(struct cli *cli, const char *name, uint8_t ret[static RSA_PUBLIC_SIZE]) {
        CLEANUP(free_at) char *path = api_path("keys", name, NULL);
        CLEANUP(json_decref_at) json_t *key = NULL;

        const int code = api_json(cli, "GET", path, NULL, &key);
        if (code != CLI_OK)
                return code;
        if (text_parse_hex(json_text_at(key, "public_key"), ret, RSA_PUBLIC_SIZE) < 0)
                return cli_fail(CLI_LOCAL, "the daemon's answer makes no sense");
        return CLI_OK;
}
