/* Keys that boots are signed with: /api/v1/keys. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "api/fields.h"
#include "api/handlers.h"
#include "api/page.h"
#include "base/text.h"

enum { PEM_MAX = 16 * 1024 }; /* octets; a key of 2048 bits has two thousand */

/* Machines that are booted with it, one of them to be named. */
struct use {
        const char *key;
        struct signing_key usual; /* "": there is none */
        const struct machine *machine;
        size_t n;
};

static int count_use(void *ctx, const struct machine *m) {
        struct use *u = ctx;

        if (signing_key_is_of(m, u->key, u->usual.name)) {
                u->machine = m;
                u->n++;
        }
        return 0;
}

static struct use use_of(const struct api_call *c, const char *key) {
        struct use u = { .key = key };

        if (!signing_key_find(&c->world->keys, "", &u.usual))
                u.usual.name[0] = 0;
        (void)site_each_machine(c->site, count_use, &u);
        return u;
}

static json_t *key_json(const struct api_call *c, const void *thing) {
        const struct signing_key *k = thing;
        char hash[2 * SHA256_SIZE + 1], public_key[2 * SIGNING_KEY_PUBLIC_SIZE + 1];

        return json_pack("{s:s, s:s, s:s, s:o, s:I, s:o}", "name", k->name, "hash",
                         text_hex(k->hash, SHA256_SIZE, hash), "public_key",
                         text_hex(k->public_key, SIGNING_KEY_PUBLIC_SIZE, public_key), "signer",
                         api_text_or_null(k->signer), "machines", (json_int_t)use_of(c, k->name).n, "created",
                         api_time(k->created_s));
}

void key_list(struct api_call *c) {
        struct signing_key keys[SIGNING_KEYS_MAX];
        CLEANUP(api_list_free) struct api_list found = {};

        size_t n = c->world->keys.list(c->world->keys.ctx, keys);
        /* The oldest first, which is the usual one. */
        for (size_t i = 0; i < n; i++)
                api_list_add(&found, &keys[i], "%02zu", i);
        api_page(c, &found, key_json);
}

static bool find(struct api_call *c, struct signing_key *ret) {
        if (signing_key_find(&c->world->keys, c->params[0], ret))
                return true;
        api_problem(c, 404, "there is no key %.64s", c->params[0]);
        return false;
}

void key_show(struct api_call *c) {
        struct signing_key key;

        if (find(c, &key))
                api_resource(c, key_json(c, &key));
}

/* What is handed in; texts are borrowed from the request. */
struct handed {
        const char *name, *private_pem, *signer, *public_pem;
};

static int read_text(const json_t *value, const char **ret, struct error *reterr) {
        *ret = json_string_value(value);
        if (!*ret || !**ret || strlen(*ret) > PEM_MAX)
                return error_set(reterr, -EINVAL, "a text is wanted");
        return 0;
}

static int read_name(void *thing, const json_t *value, struct error *reterr) {
        return read_text(value, &((struct handed *)thing)->name, reterr);
}

static int read_private(void *thing, const json_t *value, struct error *reterr) {
        return read_text(value, &((struct handed *)thing)->private_pem, reterr);
}

static int read_signer(void *thing, const json_t *value, struct error *reterr) {
        return read_text(value, &((struct handed *)thing)->signer, reterr);
}

static int read_public(void *thing, const json_t *value, struct error *reterr) {
        return read_text(value, &((struct handed *)thing)->public_pem, reterr);
}

static const struct api_field fields[] = {
        { "name", true, read_name },
        { "private_pem", false, read_private },
        { "signer", false, read_signer },
        { "public_pem", false, read_public },
};

void key_add(struct api_call *c) {
        struct handed h = {};
        struct error error = {};
        const char *field = NULL;
        struct signing_key key;

        if (api_fields_read(c->in, fields, ARRAY_LEN(fields), &h, &field, &error) < 0) {
                api_problem_field(c, 422, field, "%s", error.text);
                return;
        }
        if (c->world->keys.add(c->world->keys.ctx, h.name, h.private_pem, h.signer, h.public_pem, &key,
                               &error) < 0)
                api_failure(c, &error);
        else
                api_created(c, key_json(c, &key), "keys/%s", key.name);
}

void key_delete(struct api_call *c) {
        struct error error = {};
        struct signing_key key;

        if (!find(c, &key))
                return;
        const struct use use = use_of(c, key.name);
        if (use.n > 0) {
                api_problem(c, 409,
                            "key %s signs the boots of %zu machine%s, as %s, which would boot no more: give "
                            "each another one first, by bramble machine set NAME --boot-key OTHER",
                            key.name, use.n, use.n > 1 ? "s" : "", use.machine->name);
                return;
        }
        if (c->world->keys.remove(c->world->keys.ctx, key.name, &error) < 0)
                api_failure(c, &error);
        else
                api_no_content(c);
}

void key_private(struct api_call *c) {
        struct error error = {};
        char *pem = NULL;

        if (c->world->keys.give(c->world->keys.ctx, c->params[0], &pem, &error) < 0)
                api_problem(c, error.code == -ENOENT ? 404 : 409, "%s", error.text);
        else
                api_text(c, pem);
}

enum { TEXT_MAX = 4076 }; /* octets that a bootconf.txt may have */

static int read_signed_text(void *thing, const json_t *value, struct error *reterr) {
        const char **text = thing;

        *text = json_string_value(value);
        if (*text && **text && strlen(*text) <= TEXT_MAX)
                return 0;
        return error_set(reterr, -EINVAL, "a text of %d octets at most is wanted", TEXT_MAX);
}

static char *text_of(const struct boot_file *file) {
        char *text = calloc(1, file->size + 1);

        if (text && boot_file_read(file, 0, text, (size_t)file->size) != (int64_t)file->size)
                free(TAKE(text));
        return text;
}

static void sign(struct api_call *c, const char *name, const char *text) {
        CLEANUP(boot_file_drop_at) struct boot_file *file = boot_file_of_octets(text, strlen(text));
        CLEANUP(boot_file_drop_at) struct boot_file *signature = NULL;
        const struct blob_source *blobs = c->world->blobs;
        char *answer = NULL;

        const int r = file ? blobs->sign(blobs->ctx, name, file, &signature) : -ENOMEM;
        if (r == 0)
                answer = text_of(signature);
        if (answer)
                api_text(c, answer);
        else if (r == -EAGAIN)
                api_problem(c, 503, "key %.64s takes its time: ask again", name);
        else
                api_problem(c, 409, "key %.64s does not sign: %s", name,
                            r == -EKEYREJECTED ? "its signer failed, and the log says why" : strerror(-r));
}

void key_sign(struct api_call *c) {
        static const struct api_field text_fields[] = { { "text", true, read_signed_text } };
        struct error error = {};
        const char *field = NULL, *text = NULL;
        struct signing_key key;

        if (!find(c, &key))
                return;
        if (api_fields_read(c->in, text_fields, ARRAY_LEN(text_fields), &text, &field, &error) < 0)
                api_problem_field(c, 422, field, "%s", error.text);
        else
                sign(c, key.name, text);
}
