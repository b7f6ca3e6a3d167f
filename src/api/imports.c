/* Imports: /api/v1/imports; see imports.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "api/handlers.h"
#include "api/images.h"
#include "api/import_json.h"
#include "api/imports.h"
#include "base/text.h"
#include "io/clock.h"
#include "io/crypto.h"

enum { ID_OCTETS = 8 };

/* One import. The lock of the list guards all but @import, which is whose who set is_busy. */
struct slot {
        struct import *import;    /* NULL: the slot is free */
        struct board_set *boards; /* that it looks for files of */
        char id[2 * ID_OCTETS + 1];
        char name[IMAGE_NAME_MAX + 1];
        bool is_kind_found; /* nobody said one */
        enum image_kind kind;
        uint64_t n_files, octets, heard_ms;
        bool is_busy;
        bool is_finishing; /* @import is being ended, and is no longer ours to give up */
};

struct api_imports {
        pthread_mutex_t lock;
        struct slot slots[API_IMPORTS_MAX];
        struct import_progress progress[API_IMPORTS_MAX]; /* of each slot; any thread reads them */
};

struct api_upload {
        struct api_imports *all;
        struct slot *slot;  /* ours until the end; NULL: refused, or failed and given up */
        unsigned status;    /* of the refusal */
        struct error error; /* of the failure */
        uint64_t octets;
};

struct api_imports *api_imports_new(void) {
        struct api_imports *all = calloc(1, sizeof(*all));
        if (all)
                (void)pthread_mutex_init(&all->lock, NULL);
        return all;
}

static void give_up(struct slot taken) {
        import_abort(taken.import);
        board_set_drop(taken.boards);
}

void api_imports_free(struct api_imports *all) {
        if (!all)
                return;
        for (size_t i = 0; i < API_IMPORTS_MAX; i++)
                give_up(all->slots[i]);
        (void)pthread_mutex_destroy(&all->lock);
        free(all);
}

/* The slot is free again; what it held is the caller's to end. */
static struct slot take_out(struct api_imports *all, struct slot *slot) {
        (void)pthread_mutex_lock(&all->lock);
        struct slot taken = *slot;
        *slot = (struct slot){};
        (void)pthread_mutex_unlock(&all->lock);
        return taken;
}

static struct import_progress *progress_of(struct api_imports *all, const struct slot *slot) {
        return &all->progress[slot - all->slots];
}

void api_imports_cancel(struct api_imports *all) {
        for (size_t i = 0; i < API_IMPORTS_MAX; i++)
                all->progress[i].is_cancelled = true;
}

void api_imports_sweep(struct api_imports *all, uint64_t now_ms) {
        for (size_t i = 0; i < API_IMPORTS_MAX; i++) {
                struct slot stale = {};

                (void)pthread_mutex_lock(&all->lock);
                struct slot *slot = &all->slots[i];
                if (slot->import && !slot->is_busy && now_ms - slot->heard_ms >= API_IMPORT_IDLE_MS) {
                        stale = *slot;
                        *slot = (struct slot){};
                }
                (void)pthread_mutex_unlock(&all->lock);
                give_up(stale);
        }
}

/* The import of this id, made ours. NULL with a status and a sentence: there is none, or another request
 * works on it. */
static struct slot *acquire(struct api_imports *all, const char *id, unsigned *ret_status,
                            struct error *reterr) {
        struct slot *found = NULL;

        (void)pthread_mutex_lock(&all->lock);
        for (size_t i = 0; i < API_IMPORTS_MAX; i++) {
                if (all->slots[i].import && strcmp(all->slots[i].id, id) == 0)
                        found = &all->slots[i];
        }
        if (!found) {
                *ret_status = 404;
                (void)error_set(reterr, -ENOENT,
                                "there is no import %.32s: it has ended, or was given up after a failure or "
                                "%d minutes of silence",
                                id, API_IMPORT_IDLE_MS / 60000);
        } else if (found->is_busy) {
                *ret_status = 409;
                (void)error_set(reterr, -EBUSY, "another request works on import %s; one file at a time", id);
                found = NULL;
        } else {
                found->is_busy = true;
        }
        (void)pthread_mutex_unlock(&all->lock);
        return found;
}

static void release(struct api_imports *all, struct slot *slot, uint64_t octets) {
        (void)pthread_mutex_lock(&all->lock);
        slot->is_busy = false;
        slot->heard_ms = clock_now_ms();
        slot->octets += octets;
        slot->n_files++;
        (void)pthread_mutex_unlock(&all->lock);
}

static const char *phase_name(unsigned phase) {
        static const char *const names[IMPORT_PHASES] = {
                [IMPORT_RECEIVING] = "receiving", [IMPORT_UNPACKING] = "unpacking",
                [IMPORT_READING] = "reading",     [IMPORT_PACKING] = "packing",
                [IMPORT_ROOTING] = "rooting",     [IMPORT_KEEPING] = "keeping",
        };
        return phase < IMPORT_PHASES ? names[phase] : "";
}

static json_t *slot_json(const struct slot *slot, const struct import_progress *p) {
        return json_pack("{s:s, s:s, s:o, s:I, s:I, s:s, s:I, s:I}", "id", slot->id, "name", slot->name,
                         "kind", slot->is_kind_found ? json_null() : json_string(image_kind_name(slot->kind)),
                         "files", (json_int_t)slot->n_files, "octets", (json_int_t)slot->octets, "phase",
                         phase_name(p->phase), "done", (json_int_t)p->done, "total", (json_int_t)p->total);
}

/* Puts a new import into a free slot, with an id; NULL when there is none. */
static const struct slot *put_in(struct api_imports *all, struct slot *begun) {
        uint8_t id[ID_OCTETS];
        struct slot *free_slot = NULL;

        random_octets(id, sizeof(id));
        (void)pthread_mutex_lock(&all->lock);
        for (size_t i = 0; i < API_IMPORTS_MAX && !free_slot; i++) {
                if (!all->slots[i].import)
                        free_slot = &all->slots[i];
        }
        if (free_slot) {
                begun->heard_ms = clock_now_ms();
                (void)text_hex(id, sizeof(id), begun->id);
                *free_slot = *begun;
                import_progress_begin(progress_of(all, free_slot), IMPORT_RECEIVING, 0);
                progress_of(all, free_slot)->is_cancelled = false;
        }
        (void)pthread_mutex_unlock(&all->lock);
        return free_slot;
}

void import_start(struct api_call *c) {
        struct import_wish w;
        struct error error = {};
        const char *field = NULL;
        struct slot begun = {};

        if (import_wish_from_json(c->in, &w, &field, &error) < 0) {
                api_problem_field(c, 422, field, "%s", error.text);
                return;
        }
        begun.is_kind_found = !w.has_kind;
        begun.kind = w.kind;
        memcpy(begun.name, w.name, sizeof(w.name));
        begun.boards = board_set_take(site_boards(c->site));
        const struct import_options options = { .name = w.name,
                                                .is_kind_found = !w.has_kind,
                                                .kind = w.kind,
                                                .arch = w.arch,
                                                .cmdline = w.cmdline,
                                                .unpack = c->world->unpack,
                                                .has_no_root = w.has_no_root,
                                                .sha256 = w.has_sha256 ? &w.sha256 : NULL,
                                                .boards = begun.boards };
        if (import_begin(c->world->store, &options, &begun.import, &error) < 0) {
                board_set_drop(begun.boards);
                api_failure(c, &error);
                return;
        }
        const struct slot *slot = put_in(c->imports, &begun);
        if (!slot) {
                give_up(begun);
                api_problem(c, 503, "%d imports are under way; wait until one has ended", API_IMPORTS_MAX);
                return;
        }
        api_ok(c, 201, slot_json(&begun, progress_of(c->imports, slot)));
        (void)snprintf(c->answer->location, sizeof(c->answer->location), "/api/v1/imports/%s", begun.id);
}

/* The slot of that id, as it was a moment ago; NULL when there is none. */
static const struct slot *look_up(struct api_imports *all, const char *id, struct slot *ret) {
        const struct slot *found = NULL;

        (void)pthread_mutex_lock(&all->lock);
        for (size_t i = 0; i < API_IMPORTS_MAX; i++) {
                if (all->slots[i].import && strcmp(all->slots[i].id, id) == 0)
                        found = &all->slots[i];
        }
        if (found)
                *ret = *found;
        (void)pthread_mutex_unlock(&all->lock);
        return found;
}

void import_show(struct api_call *c) {
        struct slot copy = {};
        const struct slot *found = look_up(c->imports, c->params[0], &copy);

        if (found)
                api_ok(c, 200, slot_json(&copy, progress_of(c->imports, found)));
        else
                api_problem(c, 404, "there is no import %.32s", c->params[0]);
}

/* One that is being finished is another request's: it is told, and ends by itself. */
static bool cancel_finishing(struct api_call *c) {
        struct slot copy = {};
        const struct slot *found = look_up(c->imports, c->params[0], &copy);

        if (!found || !copy.is_finishing)
                return false;
        progress_of(c->imports, found)->is_cancelled = true;
        api_no_content(c);
        return true;
}

void import_give_up(struct api_call *c) {
        struct error error = {};
        unsigned status = 0;

        if (cancel_finishing(c))
                return;
        struct slot *slot = acquire(c->imports, c->params[0], &status, &error);
        if (!slot) {
                api_problem(c, status, "%s", error.text);
                return;
        }
        give_up(take_out(c->imports, slot));
        api_no_content(c);
}

void import_finish(struct api_call *c) {
        struct error error = {};
        unsigned status = 0;
        CLEANUP(image_drop_at) struct image *image = NULL;
        char ref[IMAGE_REF_SIZE];
        struct slot *slot = acquire(c->imports, c->params[0], &status, &error);

        if (!slot) {
                api_problem(c, status, "%s", error.text);
                return;
        }
        (void)pthread_mutex_lock(&c->imports->lock);
        slot->is_finishing = true;
        struct import *import = slot->import;
        (void)pthread_mutex_unlock(&c->imports->lock);

        /* The slot stays until the end, for who asks how far it is. */
        int r = import_end(import, progress_of(c->imports, slot), &image, &error);
        struct slot taken = take_out(c->imports, slot);
        board_set_drop(taken.boards);
        if (r < 0 || c->world->keeper.image(c->world->keeper.ctx, NULL, image, &error) < 0)
                api_failure(c, &error);
        else
                api_created(c, image_to_json(image, true), "/api/v1/images/%s", image_ref(image, ref));
}

/* The whole import is over: what was received is removed. */
static void fail(struct api_upload *u) {
        give_up(take_out(u->all, u->slot));
        u->slot = NULL;
}

static void open_file(struct api_upload *u, const char *path, const char *role_name, uint64_t size) {
        enum image_role role = IMAGE_FILE_OTHER;

        if (!path) {
                u->status = 400;
                (void)error_set(
                        &u->error, -EINVAL,
                        "the parameter path is missing: the name that the file shall have in the image");
        } else if (role_name && image_role_parse(role_name, &role) < 0) {
                u->status = 400;
                (void)error_set(&u->error, -EINVAL, "\"%.64s\" is no role of a file", role_name);
        } else if (import_file_begin(u->slot->import, path, role, &u->error) == 0 &&
                   import_check_room(u->slot->import, size, &u->error) == 0) {
                return;
        }
        fail(u);
}

struct api_upload *api_upload_begin(struct api_imports *all, const char *id, const char *path,
                                    const char *role, uint64_t size) {
        struct api_upload *u = calloc(1, sizeof(*u));
        if (!u)
                return NULL;
        u->all = all;
        u->slot = acquire(all, id, &u->status, &u->error);
        if (u->slot)
                open_file(u, path, role, size);
        return u;
}

int api_upload_data(struct api_upload *u, const void *data, size_t len) {
        if (!u->slot)
                return -ECANCELED;
        u->octets += len;
        int r = import_file_data(u->slot->import, data, len, &u->error);
        if (r < 0)
                fail(u);
        return r;
}

void api_upload_end(struct api_upload *u, struct api_call *c) {
        if (u->slot && import_file_end(u->slot->import, &u->error) < 0)
                fail(u);
        if (u->slot) {
                release(u->all, u->slot, u->octets);
                api_no_content(c);
        } else if (u->status) {
                api_problem(c, u->status, "%s", u->error.text);
        } else {
                api_failure(c, &u->error);
        }
        free(u);
}

void api_upload_abort(struct api_upload *u) {
        if (u->slot)
                fail(u);
        free(u);
}
