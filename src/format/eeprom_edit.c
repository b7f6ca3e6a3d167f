/* EEPROM images, changed; see eeprom.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/writer.h"
#include "format/eeprom.h"
#include "format/eeprom_place.h"

/* The place of a file, and what it may take up. */
struct slot {
        struct eeprom_section file;
        size_t end;   /* of what is its own, padding with it */
        bool is_last; /* no section follows, not even padding */
        bool is_open; /* nothing but the scratch page follows */
};

/* Where the room of a file ends: at the next section that is no padding. */
static int find_end(const void *image, size_t size, struct slot *slot) {
        const size_t limit = size > EEPROM_SCRATCH ? size - EEPROM_SCRATCH : 0;
        struct eeprom_section s = slot->file;
        int r;

        slot->end = limit < EEPROM_FILES_END ? limit : EEPROM_FILES_END;
        slot->is_last = slot->is_open = true;
        while ((r = eeprom_next(image, size, &s)) > 0) {
                slot->is_last = false;
                if (s.kind == EEPROM_PADDING && s.at < slot->end)
                        continue;
                slot->is_open = false;
                if (s.kind == EEPROM_PADDING)
                        continue;
                slot->end = s.at;
                return 0;
        }
        return r;
}

static int find_slot(const void *image, size_t size, const char *name, struct slot *ret) {
        const int r = eeprom_find_within(image, size, name, EEPROM_FILES_BEGIN, EEPROM_FILES_END, &ret->file);
        return r < 0 ? r : find_end(image, size, ret);
}

/*
 * rpi-eeprom-config counts a head of 20 octets, though it has 24: where nothing but the scratch page follows,
 * a file may reach four octets into that, and images with such a file are about. Where a section follows,
 * those octets would be its head: the image would be damaged, so there is no room.
 */
static size_t room_of(const struct slot *slot) {
        const size_t head = slot->is_open ? EEPROM_FILE_HEAD - 4 : EEPROM_FILE_HEAD;
        const size_t begin = slot->file.at + head;
        const size_t room = slot->end > begin ? slot->end - begin : 0;

        return room < EEPROM_FILE_MAX ? room : EEPROM_FILE_MAX;
}

int eeprom_room(const void *image, size_t size, const char *name, size_t *ret) {
        struct slot slot;

        const int r = find_slot(image, size, name, &slot);
        if (r == 0)
                *ret = room_of(&slot);
        return r;
}

static void write_rest(struct writer *w, const struct slot *slot) {
        /* Sections begin at multiples of eight, and so do files' octets. */
        while (writer_len(w) % EEPROM_ALIGN != 0)
                write_u8(w, 0xff);
        const size_t at = slot->file.at + EEPROM_FILE_HEAD + writer_len(w);
        size_t left = slot->end > at ? slot->end - at : 0;
        if (left >= EEPROM_HEAD && !slot->is_last) {
                left -= EEPROM_HEAD;
                write_u32(w, EEPROM_MAGIC_PAD);
                write_u32(w, (uint32_t)left);
        }
        for (; left > 0; left--)
                write_u8(w, 0xff);
}

int eeprom_put(void *image, size_t size, const char *name, const void *data, size_t len) {
        struct slot slot;

        const int r = find_slot(image, size, name, &slot);
        if (r < 0)
                return r;
        if (len > room_of(&slot))
                return -E2BIG;
        uint8_t *octets = image;
        struct writer head = writer_of(octets + slot.file.at + 4, 4);
        write_u32(&head, (uint32_t)(len + EEPROM_NAME_MAX));
        struct writer w =
                writer_of(octets + slot.file.at + EEPROM_FILE_HEAD, size - slot.file.at - EEPROM_FILE_HEAD);
        write_octets(&w, data, len);
        write_rest(&w, &slot);
        return 0;
}

int eeprom_remove(void *image, size_t size, const char *name) {
        struct eeprom_section s;

        const int r = eeprom_find_within(image, size, name, EEPROM_FILES_BEGIN, EEPROM_FILES_END, &s);
        if (r == 0)
                memset((uint8_t *)image + s.data_at, 0, s.data_len);
        return r;
}

static void write_time(void *image, size_t at, uint32_t ts) {
        struct writer w = writer_of((uint8_t *)image + at, EEPROM_TIME_SIZE);
        write_u32le(&w, ~ts);
        write_u32le(&w, ts);
}

int eeprom_set_timestamp(void *image, size_t size, uint32_t ts) {
        struct eeprom_section fixed, half;

        if (size < EEPROM_TIME_SIZE)
                return -EBADMSG;
        int r = eeprom_find_within(image, size, EEPROM_TIME_NAME, 0, EEPROM_FILES_BEGIN, &fixed);
        if (r == -ENOENT) {
                /* Images of one half keep it in the scratch page, though some have a file of that name. */
                write_time(image, size - EEPROM_TIME_SIZE, ts);
                return 0;
        }
        if (r == 0)
                r = eeprom_find_within(image, size, EEPROM_TIME_NAME, EEPROM_FILES_BEGIN, EEPROM_FILES_END,
                                       &half);
        if (r < 0)
                return r;
        if (fixed.data_len < EEPROM_TIME_SIZE || half.data_len < EEPROM_TIME_SIZE)
                return -EBADMSG;
        write_time(image, fixed.data_at, ts);
        write_time(image, half.data_at, ts);
        return 0;
}
