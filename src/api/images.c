/* Images: /api/v1/images. How they come is in imports.c. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/images.h"
#include "api/fields.h"
#include "api/handlers.h"
#include "api/page.h"
#include "api/resource.h"

static json_t *files_json(const struct image *i) {
        json_t *files = json_array();

        for (size_t n = 0; n < i->n_files; n++) {
                const struct image_file *f = &i->files[n];
                (void)json_array_append_new(
                        files, json_pack("{s:o, s:s, s:I, s:o}", "path", api_text_or_empty(f->path), "role",
                                         image_role_name(f->role), "size", (json_int_t)f->size, "sha256",
                                         api_hex(f->blob.octets, sizeof(f->blob.octets))));
        }
        return files;
}

json_t *image_to_json(const struct image *i, bool with_files) {
        json_t *boards = json_array();

        for (char **board = i->boards; board && *board; board++)
                (void)json_array_append_new(boards, json_string(*board));
        json_t *out = json_pack("{s:I, s:s, s:s, s:o, s:o, s:o, s:o, s:I, s:I}", "id", (json_int_t)i->id,
                                "name", i->name, "kind", image_kind_name(i->kind), "arch",
                                api_text_or_null(arch_name(i->arch)), "cmdline", api_text_or_null(i->cmdline),
                                "boards", boards, "created", api_time(i->created_s), "n_files",
                                (json_int_t)i->n_files, "size", (json_int_t)i->size);
        if (with_files && out && json_object_set_new(out, "files", files_json(i)) < 0) {
                json_decref(out);
                return NULL;
        }
        return out;
}

static const void *find(struct api_call *c) {
        const struct image *i = site_image(c->site, c->params[0]);
        if (!i)
                api_problem(c, 404, "there is no image %.64s", c->params[0]);
        return i;
}

static json_t *to_json(const void *thing) {
        return image_to_json(thing, true);
}

static int change(const struct site_keeper *keeper, const void *was, void *now, struct error *reterr) {
        return keeper->image(keeper->ctx, was, now, reterr);
}

/* Shown and deleted alone: an image is what its import made of it. */
static const struct api_resource_kind kind = { .find = find, .to_json = to_json, .change = change };

void image_show(struct api_call *c) {
        api_resource_show(c, &kind);
}

void image_delete(struct api_call *c) {
        api_resource_delete(c, &kind);
}

static int note(void *ctx, const struct image *i) {
        api_list_add(ctx, i, "%s", i->name);
        return 0;
}

static json_t *item_json(const struct api_call *c, const void *thing) {
        (void)c;
        return image_to_json(thing, false);
}

void image_list(struct api_call *c) {
        CLEANUP(api_list_free) struct api_list found = {};
        (void)site_each_image(c->site, note, &found);
        api_page(c, &found, item_json);
}
