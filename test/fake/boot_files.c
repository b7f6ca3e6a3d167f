/* Made-up boot files; see boot_files.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "boot_files.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { HEAD = 1024 }; /* octets before the path is worked in */

/* Octets that make a file what it is. */
struct patch {
        size_t offset;
        const char *octets;
        size_t len;
};
#define AT(offset, s) \
        { offset, s, sizeof(s) - 1 }
#define PE(machine, section) \
        AT(0, "MZ"), AT(0x3c, "\x80\0\0\0"), AT(0x80, "PE\0\0" machine "\x01\0"), AT(0x94, "\x10\0"), \
                AT(0xa8, section)

static const struct patch patches[][8] = {
        [FAKE_FIRMWARE] = { AT(0, "\x01\x02\x03\0") },
        [FAKE_ARM64] = { AT(56, "ARM\x64") },
        [FAKE_ARM64_GZIP] = { AT(56, "ARM\x64") },
        [FAKE_ZIMAGE] = { AT(0x24, "\x18\x28\x6f\x01") },
        [FAKE_ZBOOT] = { PE("\x64\xaa", ".text"), AT(4, "zimg"), AT(24, "gzip") },
        [FAKE_BZIMAGE] = { AT(0x1fe, "\x55\xaa"), AT(0x202, "HdrS\x0f\x02"), AT(0x236, "\x01") },
        [FAKE_INITRD] = { AT(0, "\x28\xb5\x2f\xfd") },
        [FAKE_DTB] = { AT(0, "\xd0\x0d\xfe\xed") },
        [FAKE_EFI_AMD64] = { PE("\x64\x86", ".text") },
        [FAKE_EFI_ARM64] = { PE("\x64\xaa", ".text") },
        [FAKE_GRUB_AMD64] = { PE("\x64\x86", "mods") },
        [FAKE_GRUB_ARM64] = { PE("\x64\xaa", "mods") },
        [FAKE_STUB_AMD64] = { PE("\x64\x86", ".sdmagic") },
        [FAKE_STUB_ARM64] = { PE("\x64\xaa", ".sdmagic") },
        [FAKE_PXE] = { AT(0, "\xea\x05\0\xc0\x07") },
};

static size_t pack(uint8_t *buf, size_t len) {
        static uint8_t plain[FAKE_FILE_MAX];
        z_stream z = { .next_in = plain, .avail_in = (uInt)len, .next_out = buf, .avail_out = FAKE_FILE_MAX };

        memcpy(plain, buf, len);
        if (deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY) != Z_OK ||
            deflate(&z, Z_FINISH) != Z_STREAM_END)
                abort();
        size_t n = FAKE_FILE_MAX - z.avail_out;
        (void)deflateEnd(&z);
        return n;
}

size_t fake_file_make(const struct fake_file *f, uint8_t buf[static FAKE_FILE_MAX]) {
        if (f->kind == FAKE_TEXT) {
                size_t len = strlen(f->text);
                if (len > FAKE_FILE_MAX)
                        abort();
                memcpy(buf, f->text, len);
                return len;
        }
        memset(buf, 0, HEAD);
        for (const struct patch *p = patches[f->kind]; p->len > 0; p++)
                memcpy(buf + p->offset, p->octets, p->len);
        size_t path_len = strlen(f->path);
        memcpy(buf + HEAD, f->path, path_len);
        return f->kind == FAKE_ARM64_GZIP ? pack(buf, HEAD + path_len) : HEAD + path_len;
}
