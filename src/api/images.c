/* Images: /api/v1/images. How they come is in imports.c. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api/fields.h"
#include "api/handlers.h"
#include "api/images.h"
#include "api/page.h"
#include "api/resource.h"
#include "core/image/store.h"
#include "core/image/ties.h"

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

static json_t *roots_json(const struct image *i) {
        json_t *roots = json_array();

        for (unsigned r = 0; r < ROOT_KINDS; r++)
                if (i->roots & 1U << r)
                        (void)json_array_append_new(roots, json_string(root_name((enum root_kind)r)));
        return roots;
}

/* What it cannot carry, and why. */
static json_t *why_not_json(const struct image *i) {
        json_t *reasons = json_object();

        for (unsigned r = 0; r < ROOT_KINDS; r++)
                if (!(i->roots & 1U << r))
                        (void)json_object_set_new(
                                reasons, root_name((enum root_kind)r),
                                api_text_or_empty(i->why_not[r] ? i->why_not[r]
                                                                : "it was imported before Bramble looked for "
                                                                  "that: import it again"));
        return reasons;
}

static json_t *done_json(const struct image *i) {
        json_t *signals = json_array();

        for (unsigned bit = 1; image_done_name((enum image_done)bit); bit <<= 1)
                if (i->done_signals & bit)
                        (void)json_array_append_new(signals,
                                                    json_string(image_done_name((enum image_done)bit)));
        return signals;
}

/* What of its root is changed where that comes over the network. */
static json_t *ties_json(const struct image *i) {
        json_t *out = json_array();

        for (const char *at = i->ties; at && *at;) {
                size_t len = strcspn(at, " ");
                CLEANUP(free_at) char *name = strndup(at, len);
                const char *what = "", *why = "";
                if (name && image_tie_about(name, &what, &why))
                        (void)json_array_append_new(
                                out, json_pack("{s:s, s:s, s:s}", "name", name, "what", what, "why", why));
                at += len + (at[len] == ' ');
        }
        return out;
}

json_t *image_to_json(const struct image *i, bool with_files) {
        json_t *boards = json_array();

        for (char **board = i->boards; board && *board; board++)
                (void)json_array_append_new(boards, json_string(*board));
        json_t *out =
                json_pack("{s:I, s:s, s:I, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I}", "id",
                          (json_int_t)i->id, "name", i->name, "version", (json_int_t)i->version, "kind",
                          image_kind_name(i->kind), "arch", api_text_or_null(arch_name(i->arch)), "cmdline",
                          api_text_or_null(i->cmdline), "boards", boards, "os", api_text_or_null(i->os),
                          "roots", roots_json(i), "why_not", why_not_json(i), "done_signals", done_json(i),
                          "changed_over_network", ties_json(i), "created", api_time(i->created_s), "n_files",
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

/* What would be left without any version of a name; NULL with a sentence when one of them is in use. */
static int check_all_unused(const struct site *site, const char *name, struct error *reterr) {
        struct site *left = site_take(site);
        int r = 0;

        while (left && site_image(left, name)) {
                struct site *less = site_remove_image(left, name, reterr);
                r = less ? 0 : reterr->code;
                site_drop(left);
                left = less;
        }
        site_drop(left);
        return r;
}

static void delete_versions(struct api_call *c, const char *name) {
        const struct site_keeper *keeper = &c->world->keeper;
        struct error error = {};
        int r = check_all_unused(c->site, name, &error);

        while (r == 0 && site_image(c->site, name)) {
                r = keeper->image(keeper->ctx, site_image(c->site, name), NULL, &error);
                site_drop(c->site);
                c->site = keeper->site(keeper->ctx);
        }
        if (r < 0)
                api_failure(c, &error);
        else
                api_no_content(c);
}

/* A name alone means all of its versions: those that nobody uses, or none. */
void image_delete(struct api_call *c) {
        if (strchr(c->params[0], '@') || !find(c))
                api_resource_delete(c, &kind);
        else
                delete_versions(c, c->params[0]);
}

static const char *blob_fault(int r) {
        static const char *const faults[] = { [STORE_BLOB_MISSING] = "it is gone from the store",
                                              [STORE_BLOB_DAMAGED] = "its octets have changed" };
        return r < 0 ? "it cannot be read" : faults[r];
}

void image_verify(struct api_call *c) {
        const struct image *i = find(c);
        json_int_t octets = 0;

        if (!i)
                return;
        json_t *bad = json_array();
        for (size_t n = 0; n < i->n_files; n++) {
                const struct image_file *f = &i->files[n];
                int r = store_verify(c->world->store, &f->blob, f->size);
                octets += (json_int_t)f->size;
                if (r != STORE_BLOB_SOUND)
                        (void)json_array_append_new(
                                bad, json_pack("{s:o, s:o, s:s}", "path", api_text_or_empty(f->path),
                                               "sha256", api_hex(f->blob.octets, sizeof(f->blob.octets)),
                                               "why", blob_fault(r)));
        }
        api_ok(c, 200, json_pack("{s:I, s:o}", "octets", octets, "bad", bad));
}

static int note(void *ctx, const struct image *i) {
        api_list_add(ctx, i, "%s@%010u", i->name, i->version);
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
