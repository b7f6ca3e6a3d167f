/*
 * Entries of FAT directories, written: a file's own, and those before it that hold its long name.
 *
 * Pure. Times are the first that FAT knows, 1980-01-01, so that the same files give the same octets. Source:
 * Microsoft FAT specification 1.03, sections 6 and 7.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/writer.h"

enum {
        FAT_ENTRY_SIZE = 32,
        FAT_NAME_MAX = 255,  /* octets of a long name */
        FAT_SHORT_SIZE = 11, /* eight of a name and three behind the dot that is not written */
        FAT_LONG_NAME_CHARS = 13,
        FAT_ATTRIBUTE_LABEL = 0x08,
        FAT_ATTRIBUTE_DIRECTORY = 0x10,
        FAT_ATTRIBUTE_ARCHIVE = 0x20,
        FAT_DATE_FIRST = 0x0021 /* 1980-01-01 */
};

/* A name as a directory has it. */
struct fat_name {
        uint8_t octets[FAT_SHORT_SIZE];
        uint8_t case_bits; /* which of its two parts are written small, where the long name is not needed */
        unsigned n_long;   /* entries that its long name takes; 0: the short one says it all */
};

/** fat_name_is_fit() - whether @len octets can be a name at all: printable ASCII, nothing that FAT forbids.
 */
bool fat_name_is_fit(const char *name, size_t len);

/**
 * fat_name_of() - how a directory has a name of @len octets
 * @number:     makes its short name unlike all others in this directory that were given other numbers
 */
void fat_name_of(const char *name, size_t len, unsigned number, struct fat_name *ret);

/** fat_name_entries() - entries that a file of that name takes. */
static inline unsigned fat_name_entries(const struct fat_name *n) {
        return n->n_long + 1;
}

/** fat_long_name_write() - the entries of a long name, the last part of it first. @len: at most
 * FAT_NAME_MAX. */
void fat_long_name_write(struct writer *w, const char *name, size_t len,
                         const uint8_t short_name[static FAT_SHORT_SIZE]);

/** fat_entry_write() - an entry of its own. */
void fat_entry_write(struct writer *w, const struct fat_name *n, uint8_t attribute, uint16_t cluster,
                     uint32_t size);
