/* The steps of an import, and how far it is. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/bramble/api.h"
#include "app/bramble/finish.h"
#include "app/bramble/print.h"
#include "app/bramble/upload.h"

enum { SHOW_EVERY_MS = 100, UPLOAD_IDLE_S = 120 };

struct sending {
        struct cli *cli;
        const struct collection *files;
        size_t n_sent;
        uint64_t octets_sent;
        int64_t shown_ms;
        FILE *file;          /* the one under way */
        uint64_t left;       /* octets of it that were promised and not sent yet */
        const char *failure; /* what was wrong with it on this side; NULL: nothing */
};

static int64_t now_ms(void) {
        struct timespec t;

        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void show(struct sending *s, bool is_last) {
        CLEANUP(text_free) struct text line = {};

        if (!s->cli->has_progress || (!is_last && now_ms() - s->shown_ms < SHOW_EVERY_MS))
                return;
        s->shown_ms = now_ms();
        text_printf(&line, "\r%zu of %zu files, ", s->n_sent, s->files->n);
        print_size(&line, s->octets_sent);
        text_append(&line, " of ");
        print_size(&line, s->files->size);
        text_append(&line, is_last ? "\033[K\n" : "\033[K");
        if (line.octets)
                (void)fputs(line.octets, stderr);
}

static int64_t read_file(void *ctx, char *buf, size_t size) {
        struct sending *s = ctx;
        const size_t wanted = s->left < size ? (size_t)s->left : size;
        const size_t n = fread(buf, 1, wanted, s->file);

        if (n < wanted && ferror(s->file)) {
                s->failure = "cannot be read";
                return -EIO;
        }
        if (n == 0 && s->left > 0) {
                s->failure = "became shorter while it was sent";
                return -EIO;
        }
        s->left -= n;
        s->octets_sent += n;
        show(s, false);
        return (int64_t)n;
}

static int send_file(struct sending *s, const char *id, const struct collected *f) {
        CLEANUP(free_at) char *path = api_path("imports", id, "files", NULL);
        CLEANUP(http_reply_clear) struct http_reply reply = {};

        api_query(&path, "path", f->name);
        api_query(&path, "role", f->role);
        const struct http_call call = {
                .method = "PUT",
                .path = path,
                .content_type = "application/octet-stream",
                .read = read_file,
                .upload_size = f->size,
                .ctx = s,
                .idle_s = UPLOAD_IDLE_S,
        };
        s->file = fopen(f->source, "re");
        if (!s->file)
                return cli_fail(CLI_LOCAL, "cannot read %s: %s", f->source, strerror(errno));
        s->left = f->size;
        const int code = api_call(s->cli, &call, &reply);
        (void)fclose(s->file);
        s->n_sent++;
        return s->failure ? cli_fail(CLI_LOCAL, "%s %s", f->source, s->failure) : code;
}

static int send_all(struct sending *s, const char *id, json_t **ret) {
        int code = CLI_OK;

        for (size_t i = 0; code == CLI_OK && i < s->files->n; i++)
                code = send_file(s, id, &s->files->files[i]);
        show(s, true);
        return code == CLI_OK ? import_finish(s->cli, id, ret) : code;
}

/* What was begun and failed is given up at once; that this fails too is no news, an import is given up by
 * itself. */
static void give_up(struct cli *cli, const char *id) {
        CLEANUP(free_at) char *path = api_path("imports", id, NULL);
        CLEANUP(http_reply_clear) struct http_reply reply = {};
        const struct http_call call = { .method = "DELETE", .path = path };
        struct error err;

        if (path)
                (void)!http_client_call(cli->client, &call, &reply, &err);
}

int upload(struct cli *cli, const json_t *about, const struct collection *c, json_t **ret) {
        CLEANUP(json_decref_at) json_t *import = NULL;
        struct sending s = { .cli = cli, .files = c };
        int code = api_json(cli, "POST", "/api/v1/imports", about, &import);

        if (code != CLI_OK)
                return code;
        const char *id = json_text_at(import, "id");
        cli->about = c->about;
        code = send_all(&s, id, ret);
        if (code != CLI_OK)
                give_up(cli, id);
        return code;
}
