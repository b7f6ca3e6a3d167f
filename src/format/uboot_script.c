/* A script for U-Boot; see uboot_script.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/hash.h"
#include "base/writer.h"
#include "format/uboot_script.h"

enum {
        HEADER = 64,
        LIST = 8, /* the length of each script, and the end of the list */
        CRC_AT = 4,
        MAGIC = 0x27051956,
        OS_LINUX = 5,
        ARCH_ARM64 = 22, /* `source` does not ask */
        TYPE_SCRIPT = 6,
        COMPRESSION_NONE = 0
};

static void write_header(const char *name, const struct text *data, uint8_t header[static HEADER]) {
        struct writer w = writer_of(header, HEADER);
        char padded[UBOOT_SCRIPT_NAME_MAX] = "";

        memcpy(padded, name, strnlen(name, sizeof(padded)));
        write_u32(&w, MAGIC);
        write_u32(&w, 0); /* the checksum of the header, over itself as 0 */
        write_u32(&w, 0); /* its time: the same script gives the same octets */
        write_u32(&w, (uint32_t)data->len);
        write_u32(&w, 0); /* load address, entry point */
        write_u32(&w, 0);
        write_u32(&w, hash_crc32(data->octets, data->len));
        write_u8(&w, OS_LINUX);
        write_u8(&w, ARCH_ARM64);
        write_u8(&w, TYPE_SCRIPT);
        write_u8(&w, COMPRESSION_NONE);
        write_octets(&w, padded, sizeof(padded));
        struct writer crc = writer_of(header + CRC_AT, sizeof(uint32_t));
        write_u32(&crc, hash_crc32(header, HEADER));
}

void uboot_script_make(const char *name, const char *script, struct text *out) {
        CLEANUP(text_free) struct text data = {};
        uint8_t list[LIST], header[HEADER];
        struct writer w = writer_of(list, sizeof(list));

        write_u32(&w, (uint32_t)strlen(script));
        write_u32(&w, 0);
        text_append_octets(&data, list, sizeof(list));
        text_append(&data, script);
        if (data.failed) {
                out->failed = true;
                return;
        }
        write_header(name, &data, header);
        text_append_octets(out, header, sizeof(header));
        text_append_octets(out, data.octets, data.len);
}
