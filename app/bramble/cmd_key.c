/* bramble key …: what boots are signed with. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/bramble/api.h"
#include "app/bramble/args.h"
#include "app/bramble/cmd.h"
#include "app/bramble/file.h"
#include "app/bramble/kept_key.h"
#include "app/bramble/noun.h"
#include "base/text.h"
#include "io/rsa.h"

enum { PEM_MAX = 16 * 1024 };

static void format_signer(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        (void)cli;
        (void)row;
        print_text(out, json_is_string(value) ? json_string_value(value) : "here");
}

static const struct column list_columns[] = {
        { .title = "KEY", .field = "name" },
        { .title = "KEPT BY", .field = "signer", .format = format_signer },
        { .title = "MACHINES", .field = "machines", .is_right = true },
        { .title = "CREATED", .field = "created", .format = format_time },
        { .title = "HASH", .field = "hash" },
        {},
};

static const struct column show_columns[] = {
        { .title = "key", .field = "name" },
        { .title = "kept by", .field = "signer", .format = format_signer },
        { .title = "machines", .field = "machines" },
        { .title = "created", .field = "created", .format = format_time },
        { .title = "hash", .field = "hash" },
        {},
};

/* A small file of text, the caller's; NULL with a complaint. */
static char *read_pem(const char *path) {
        CLEANUP(file_octets_end) struct file_octets file = {};

        if (file_read(path, PEM_MAX, &file) != CLI_OK)
                return NULL;
        if (strlen((const char *)file.octets) != file.len) {
                (void)cli_fail(CLI_LOCAL, "%s: it is no key in PEM", path);
                return NULL;
        }
        return (char *)TAKE(file.octets);
}

static int add(struct cli *cli, json_t *wish, const char *how) {
        CLEANUP(json_decref_at) json_t *body = wish, *key = NULL;
        const int code = body ? api_json(cli, "POST", "/api/v1/keys", body, &key)
                              : cli_fail(CLI_LOCAL, "out of memory, or a name that is no UTF-8 text");

        if (code != CLI_OK)
                return code;
        if (cli->json)
                return print_json(key);
        cli_done(cli, "%s key %s, hash %s", how, json_text_at(key, "name"), json_text_at(key, "hash"));
        return CLI_OK;
}

int cmd_key_create(struct cli *cli, const struct args *args) {
        return add(cli, json_pack("{s:s}", "name", args->words[0]), "made");
}

/* Here the file's name can be said, which the daemon never hears. */
static int check_pem(const char *path, const char *pem, bool is_private) {
        CLEANUP(rsa_key_free_at) struct rsa_key *key = NULL;
        uint8_t public_key[RSA_PUBLIC_SIZE];
        struct error err = {};
        const int r = is_private ? rsa_key_read(pem, strlen(pem), &key, &err)
                                 : rsa_public_read(pem, strlen(pem), public_key, &err);

        return r < 0 ? cli_fail(CLI_LOCAL, "%s: %s", path, err.text) : CLI_OK;
}

int cmd_key_import(struct cli *cli, const struct args *args) {
        const char *signer = args_value(args, "signer"), *public_key = args_value(args, "pubkey");

        if (!signer == !args->words[1] || !signer != !public_key)
                return cli_fail(CLI_USAGE, "either a FILE with the private key, or --signer with --pubkey");
        const char *path = signer ? public_key : args->words[1];
        CLEANUP(free_at) char *pem = read_pem(path);
        const int code = pem ? check_pem(path, pem, !signer) : CLI_LOCAL;
        if (code != CLI_OK)
                return code;
        json_t *wish = signer ? json_pack("{s:s, s:s, s:s}", "name", args->words[0], "signer", signer,
                                          "public_pem", pem)
                              : json_pack("{s:s, s:s}", "name", args->words[0], "private_pem", pem);
        explicit_bzero(pem, strlen(pem));
        return add(cli, wish, "imported");
}

int cmd_key_list(struct cli *cli, const struct args *args) {
        (void)args;
        return noun_list(cli, "/api/v1/keys", list_columns);
}

int cmd_key_show(struct cli *cli, const struct args *args) {
        CLEANUP(free_at) char *path = api_path("keys", args->words[0], NULL);
        return noun_show(cli, path, show_columns, NULL);
}

int cmd_key_delete(struct cli *cli, const struct args *args) {
        CLEANUP(free_at) char *path = api_path("keys", args->words[0], NULL);
        const int code = noun_delete(cli, path);

        if (code == CLI_OK)
                cli_done(cli, "deleted key %s: boards whose EEPROM has it get no boot.sig any more",
                         args->words[0]);
        return code;
}

/* A new file, that nobody else reads, whole. */
static int write_file(const char *path, const void *octets, size_t len) {
        const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        const bool is_written = fd >= 0 && write(fd, octets, len) == (ssize_t)len;
        const int error = errno;

        if (fd >= 0)
                (void)close(fd);
        if (is_written)
                return CLI_OK;
        if (fd >= 0)
                (void)unlink(path);
        return cli_fail(CLI_LOCAL, "%s: %s", path, strerror(error));
}

static int export_public(struct cli *cli, const char *name, const char *out) {
        uint8_t octets[RSA_PUBLIC_SIZE];

        const int code = kept_key_public(cli, name, octets);
        return code == CLI_OK ? write_file(out, octets, sizeof(octets)) : code;
}

static int export_private(struct cli *cli, const char *name, const char *out) {
        CLEANUP(free_at) char *path = api_path("keys", name, "private", NULL);
        CLEANUP(http_reply_clear) struct http_reply reply = {};

        const int code = api_call(cli, &(struct http_call){ .method = "GET", .path = path }, &reply);
        if (code != CLI_OK)
                return code;
        const int written = write_file(out, reply.body, reply.len);
        explicit_bzero(reply.body, reply.len);
        return written;
}

int cmd_key_export(struct cli *cli, const struct args *args) {
        const char *out = args_value(args, "out");
        const int code = args_value(args, "public") ? export_public(cli, args->words[0], out)
                                                    : export_private(cli, args->words[0], out);

        if (code == CLI_OK)
                cli_done(cli, "wrote %s", out);
        return code;
}
