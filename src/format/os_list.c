/* Lists of images; see os_list.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "format/os_list.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { SUFFIX_MAX = 32 };

DEFINE_CLEANUP(json_t, json_decref)

static void free_strings(char **list) {
        for (size_t i = 0; list && list[i]; i++)
                free(list[i]);
        free(list);
}

static void image_free(struct os_image *i) {
        free(i->title);
        free(i->description);
        free(i->url);
        free(i->released);
        free_strings(i->devices);
        *i = (struct os_image){};
}

void os_list_free(struct os_list *l) {
        for (size_t i = 0; i < l->n; i++)
                image_free(&l->images[i]);
        free(l->images);
        for (size_t i = 0; i < l->n_more; i++)
                free(l->more[i]);
        free(l->more);
        *l = (struct os_list){};
}

void os_list_name(const char *title, char ret[static OS_LIST_NAME_SIZE]) {
        size_t n = 0;

        for (const char *c = title; *c && n < OS_LIST_NAME_SIZE - 1; c++) {
                if (isalnum((unsigned char)*c) && (unsigned char)*c < 0x80)
                        ret[n++] = (char)tolower((unsigned char)*c);
                else if (n > 0 && ret[n - 1] != '-')
                        ret[n++] = '-';
        }
        while (n > 0 && ret[n - 1] == '-')
                n--;
        ret[n] = 0;
}

const struct os_image *os_list_find(const struct os_list *l, const char *name) {
        for (size_t i = 0; i < l->n; i++)
                if (strcmp(l->images[i].name, name) == 0)
                        return &l->images[i];
        return NULL;
}

/* ---- one image ---- */

/* A text without what would steer a terminal or break a line; NULL: there is none, or it is none. */
static const char *text_of(const json_t *entry, const char *member) {
        const char *text = json_string_value(json_object_get(entry, member));

        if (!text || strlen(text) > OS_LIST_TEXT_MAX)
                return NULL;
        for (const char *c = text; *c; c++)
                if ((unsigned char)*c < ' ' || *c == 0x7f)
                        return NULL;
        return text;
}

static uint64_t size_of(const json_t *entry, const char *member) {
        const json_int_t size = json_integer_value(json_object_get(entry, member));
        return size > 0 ? (uint64_t)size : 0;
}

static bool digest_of(const json_t *entry, const char *member, uint8_t ret[static OS_LIST_DIGEST_SIZE]) {
        const char *text = text_of(entry, member);
        return text && text_parse_hex(text, ret, OS_LIST_DIGEST_SIZE) == 0;
}

static int copy_devices(const json_t *entry, struct os_image *i) {
        const json_t *devices = json_object_get(entry, "devices"), *device;
        size_t at, n = 0;

        i->devices = calloc(OS_LIST_DEVICES_MAX + 1, sizeof(*i->devices));
        if (!i->devices)
                return -ENOMEM;
        json_array_foreach(devices, at, device) {
                const char *tag = json_string_value(device);
                if (!tag || strlen(tag) >= OS_LIST_NAME_SIZE || n == OS_LIST_DEVICES_MAX)
                        continue;
                i->devices[n] = strdup(tag);
                if (!i->devices[n++])
                        return -ENOMEM;
        }
        return 0;
}

/* 1: read; 0: it is no image that can be fetched and checked; -ENOMEM. */
static int read_image(const json_t *entry, struct os_image *ret) {
        const char *title = text_of(entry, "name"), *url = text_of(entry, "url");
        const char *description = text_of(entry, "description"), *released = text_of(entry, "release_date");
        struct os_image i = { .packed_size = size_of(entry, "image_download_size"),
                              .size = size_of(entry, "extract_size") };

        i.has_packed_digest = digest_of(entry, "image_download_sha256", i.packed_digest);
        i.has_digest = digest_of(entry, "extract_sha256", i.digest);
        if (!title || !url || !*url || (!i.has_packed_digest && !i.has_digest))
                return 0;
        os_list_name(title, i.name);
        if (!i.name[0])
                return 0;
        i.title = strdup(title);
        i.url = strdup(url);
        i.description = strdup(description ? description : "");
        i.released = strdup(released ? released : "");
        if (!i.title || !i.url || !i.description || !i.released || copy_devices(entry, &i) < 0) {
                image_free(&i);
                return -ENOMEM;
        }
        *ret = i;
        return 1;
}

/* ---- lists ---- */

/* The same image stands in a list for beginners and in one for all: once is enough. */
static bool has_url(const struct os_list *l, const char *url) {
        for (size_t i = 0; i < l->n; i++)
                if (strcmp(l->images[i].url, url) == 0)
                        return true;
        return false;
}

/* Another image of that name is there: "-2" and so on, at the end. */
static bool make_name_own(const struct os_list *l, struct os_image *i) {
        char base[OS_LIST_NAME_SIZE - 4], name[OS_LIST_NAME_SIZE];

        (void)snprintf(base, sizeof(base), "%.*s", (int)sizeof(base) - 1, i->name);
        for (unsigned n = 2; os_list_find(l, i->name) && n <= SUFFIX_MAX; n++) {
                (void)snprintf(name, sizeof(name), "%s-%u", base, n);
                memcpy(i->name, name, sizeof(name));
        }
        return !os_list_find(l, i->name);
}

static int add_image(struct os_list *l, const json_t *entry) {
        struct os_image i;
        int r = read_image(entry, &i);

        if (r <= 0) {
                l->n_skipped += r == 0;
                return r;
        }
        if (has_url(l, i.url) || !make_name_own(l, &i)) {
                image_free(&i);
                return 0;
        }
        if (l->n == l->room && l->n < OS_LIST_IMAGES_MAX) {
                const size_t room = l->room ? 2 * l->room : 32;
                void *images = reallocarray(l->images, room, sizeof(*l->images));
                if (images) {
                        l->images = images;
                        l->room = room;
                }
        }
        if (l->n == l->room || l->n == OS_LIST_IMAGES_MAX) {
                r = l->n == OS_LIST_IMAGES_MAX ? -E2BIG : -ENOMEM;
                image_free(&i);
                return r;
        }
        l->images[l->n++] = i;
        return 0;
}

static int add_more(struct os_list *l, const char *url) {
        for (size_t i = 0; i < l->n_more; i++)
                if (strcmp(l->more[i], url) == 0)
                        return 0;
        if (l->n_more == OS_LIST_MORE_MAX)
                return -E2BIG;
        if (!l->more)
                l->more = calloc(OS_LIST_MORE_MAX, sizeof(*l->more));
        char *copy = l->more ? strdup(url) : NULL;
        if (!copy)
                return -ENOMEM;
        l->more[l->n_more++] = copy;
        return 0;
}

/* Calls itself for lists in it, OS_LIST_DEPTH_MAX deep at most. */
static int read_list(struct os_list *l, const json_t *list, unsigned depth) {
        const json_t *entry;
        size_t at;
        int r = 0;

        if (depth == OS_LIST_DEPTH_MAX)
                return -E2BIG;
        json_array_foreach(list, at, entry) {
                const json_t *below = json_object_get(entry, "subitems");
                const char *elsewhere = text_of(entry, "subitems_url");
                if (below)
                        r = read_list(l, below, depth + 1);
                else if (elsewhere)
                        r = add_more(l, elsewhere);
                else
                        r = add_image(l, entry);
                if (r < 0)
                        return r;
        }
        return 0;
}

int os_list_read(const char *text, size_t len, struct os_list *l) {
        if (len > OS_LIST_SIZE_MAX)
                return -E2BIG;
        CLEANUP(json_decref_at) json_t *all = json_loadb(text, len, 0, NULL);
        const json_t *list = json_object_get(all, "os_list");
        return json_is_array(list) ? read_list(l, list, 0) : -EBADMSG;
}
