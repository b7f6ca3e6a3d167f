/* What an exporter offers; see offers.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/export/offers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
        LINE_MAX_LEN = 128,
        NUMBER_LEAST = 2,   /* 0 and 1 are ganesha's own */
        NUMBER_MOST = 65535 /* its exports have 16 bits */
};

void offers_free(struct offers *o) {
        free(o->all);
        *o = (struct offers){};
}

struct offer *offers_find(const struct offers *o, const struct volume *v) {
        for (size_t i = 0; i < o->n; i++) {
                if (volume_equal(&o->all[i].volume, v))
                        return &o->all[i];
        }
        return NULL;
}

static bool is_taken(const struct offers *o, uint32_t number) {
        for (size_t i = 0; i < o->n; i++) {
                if (o->all[i].number == number)
                        return true;
        }
        return false;
}

/* Not the last one's: a client's handles shall not lead into another tree. */
static uint32_t next_number(struct offers *o) {
        do
                o->last_number = o->last_number < NUMBER_LEAST || o->last_number >= NUMBER_MOST
                                         ? NUMBER_LEAST
                                         : o->last_number + 1;
        while (is_taken(o, o->last_number));
        return o->last_number;
}

static int make_room(struct offers *o) {
        size_t room = o->room ? o->room * 2 : 16;

        if (o->n < o->room)
                return 0;
        if (o->n >= OFFERS_MAX)
                return -ENOSPC;
        struct offer *all = realloc(o->all, room * sizeof(*all));
        if (!all)
                return -ENOMEM;
        o->all = all;
        o->room = room;
        return 0;
}

int offers_put(struct offers *o, const struct volume *v, const struct ip_addr *client) {
        struct offer *there = offers_find(o, v);

        if (there && ip_equal(&there->client, client))
                return OFFERS_SAME;
        if (there) {
                there->client = *client;
                return OFFERS_OTHER_CLIENT;
        }
        int r = make_room(o);
        if (r < 0)
                return r;
        o->all[o->n] = (struct offer){ .volume = *v, .client = *client, .number = next_number(o) };
        o->n++;
        return OFFERS_NEW;
}

bool offers_remove(struct offers *o, const struct volume *v) {
        struct offer *there = offers_find(o, v);

        if (!there)
                return false;
        size_t at = (size_t)(there - o->all);
        memmove(there, there + 1, (o->n - at - 1) * sizeof(*there));
        o->n--;
        return true;
}

/* ---- the file ---- */

void offers_write(const struct offers *o, struct text *out) {
        char client[IP_TEXT_SIZE];

        text_printf(out, "last %" PRIu32 "\n", o->last_number);
        for (size_t i = 0; i < o->n; i++) {
                const struct offer *f = &o->all[i];
                text_printf(out, "%s %s %" PRIu64 " %s %" PRIu32 "\n", volume_kind_name(f->volume.kind),
                            volume_part_name(f->volume.part), f->volume.machine, ip_text(&f->client, client),
                            f->number);
        }
}

static int parse_volume(const char *kind, const char *part, const char *machine, struct volume *ret) {
        struct volume v = { .kind = VOLUME_KINDS, .part = VOLUME_PARTS };

        for (size_t i = 0; i < VOLUME_KINDS; i++) {
                if (strcmp(kind, volume_kind_name((enum volume_kind)i)) == 0)
                        v.kind = (enum volume_kind)i;
        }
        if (volume_part_parse(part, &v.part) < 0 || text_parse_u64(machine, INT64_MAX, &v.machine) < 0 ||
            !volume_is_sound(&v))
                return -EBADMSG;
        *ret = v;
        return 0;
}

static int parse_offer(const char *line, struct offers *o) {
        char kind[8], part[8], machine[24], client[IP_TEXT_SIZE], number[12];
        struct offer f = {};
        uint64_t n;
        int end = 0;

        if (sscanf(line, "%7s %7s %23s %45s %11s%n", kind, part, machine, client, number, &end) != 5 ||
            line[end])
                return -EBADMSG;
        if (parse_volume(kind, part, machine, &f.volume) < 0 || ip_parse(client, &f.client) < 0 ||
            text_parse_u64(number, NUMBER_MOST, &n) < 0 || n < NUMBER_LEAST || is_taken(o, (uint32_t)n) ||
            offers_find(o, &f.volume))
                return -EBADMSG;
        f.number = (uint32_t)n;
        int r = make_room(o);
        if (r == 0)
                o->all[o->n++] = f;
        return r;
}

static int parse_line(const char *line, struct offers *o) {
        uint64_t last;

        if (!text_starts_with(line, "last "))
                return parse_offer(line, o);
        if (text_parse_u64(line + strlen("last "), NUMBER_MOST, &last) < 0)
                return -EBADMSG;
        o->last_number = (uint32_t)last;
        return 0;
}

int offers_parse(const char *text, size_t len, struct offers *ret) {
        CLEANUP(offers_free) struct offers o = {};
        char line[LINE_MAX_LEN];

        for (size_t at = 0; at < len;) {
                const char *end = memchr(text + at, '\n', len - at);
                size_t n = end ? (size_t)(end - text) - at : 0;
                if (!end || n >= sizeof(line) || memchr(text + at, 0, n))
                        return -EBADMSG;
                memcpy(line, text + at, n);
                line[n] = 0;
                int r = parse_line(line, &o);
                if (r < 0)
                        return r;
                at += n + 1;
        }
        *ret = o;
        o = (struct offers){};
        return 0;
}

/* ---- ganesha ---- */

static void write_export(const struct offer *f, const char *dir, struct text *out) {
        char client[IP_TEXT_SIZE], folder[VOLUME_NAME_SIZE], file[VOLUME_NAME_SIZE], name[VOLUME_NAME_SIZE];

        text_printf(out,
                    "EXPORT {\n"
                    "  Export_Id = %" PRIu32 ";\n"
                    "  Path = \"%s/%s/%s\";\n"
                    "  Pseudo = \"%s\";\n"
                    "  Access_Type = None;\n"
                    "  Squash = No_Root_Squash;\n"
                    "  SecType = sys;\n"
                    "  Protocols = 4;\n"
                    "  Transports = TCP;\n"
                    "  CLIENT { Clients = %s; Access_Type = RW; Squash = No_Root_Squash; Protocols = 4; }\n"
                    "  FSAL { Name = VFS; }\n"
                    "}\n",
                    f->number, dir, volume_folder(f->volume.machine, folder), volume_file(&f->volume, file),
                    volume_export(&f->volume, name), ip_text(&f->client, client));
}

void offers_ganesha(const struct offers *o, const struct ip_addr *at, const char *dir, const char *state_dir,
                    struct text *out) {
        char address[IP_TEXT_SIZE];

        /* Leases are short: a server that was killed is one again for its clients when they have claimed what
           they had, and who died with it is waited for no longer than this. */
        text_printf(out,
                    "# Made by bramble-helper.\n"
                    "NFS_CORE_PARAM {\n"
                    "  Protocols = 4;\n"
                    "  NFS_Port = 2049;\n"
                    "  Bind_addr = %s;\n"
                    "  mount_path_pseudo = true;\n"
                    "  Enable_NLM = false;\n"
                    "  Enable_RQUOTA = false;\n"
                    "}\n"
                    "NFSv4 {\n"
                    "  Minor_Versions = 0, 1, 2;\n"
                    "  Lease_Lifetime = 20;\n"
                    "  Grace_Period = 25;\n"
                    "  RecoveryBackend = fs;\n"
                    "  RecoveryRoot = \"%s\";\n"
                    "  Only_Numeric_Owners = true;\n"
                    "}\n",
                    ip_text(at, address), state_dir);
        for (size_t i = 0; i < o->n; i++) {
                if (o->all[i].volume.kind == VOLUME_NFS)
                        write_export(&o->all[i], dir, out);
        }
}
