/* Images against the sums of their lists; see catalog.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/bramble/catalog/catalog.h"
#include "io/crypto.h"

enum { PIECE = 256 * 1024 };

static int sum_of_file(const char *path, void *piece, uint8_t ret[static SHA256_SIZE], struct error *reterr) {
        CLEANUP(sha256_free_at) struct sha256 *h = sha256_new();
        FILE *f = fopen(path, "re");
        size_t n;

        if (!f || !h) {
                if (f)
                        (void)fclose(f);
                return error_set(reterr, -errno, "cannot read %s: %s", path, strerror(errno));
        }
        while ((n = fread(piece, 1, PIECE, f)) > 0)
                sha256_update(h, piece, n);
        const bool is_read = !ferror(f);
        (void)fclose(f);
        if (!is_read)
                return error_set(reterr, -EIO, "cannot read %s", path);
        sha256_finish(TAKE(h), ret);
        return 0;
}

/* The one file of a zip, or what xz and its like packed. */
static int sum_of_packed(struct archive *a, const char *path, void *piece, uint8_t ret[static SHA256_SIZE],
                         struct error *reterr) {
        CLEANUP(sha256_free_at) struct sha256 *h = sha256_new();
        struct archive_entry *entry;
        la_ssize_t n = -1;

        if (!h)
                return error_set(reterr, -ENOMEM, "out of memory");
        (void)archive_read_support_filter_all(a);
        (void)archive_read_support_format_zip(a);
        (void)archive_read_support_format_raw(a);
        if (archive_read_open_filename(a, path, PIECE) == ARCHIVE_OK &&
            archive_read_next_header(a, &entry) == ARCHIVE_OK)
                while ((n = archive_read_data(a, piece, PIECE)) > 0)
                        sha256_update(h, piece, (size_t)n);
        if (n < 0)
                return error_set(reterr, -EBADMSG, "cannot read %s: %s", path,
                                 archive_error_string(a) ? archive_error_string(a) : "it is damaged");
        sha256_finish(TAKE(h), ret);
        return 0;
}

static int sum_of_content(const char *path, void *piece, uint8_t ret[static SHA256_SIZE],
                          struct error *reterr) {
        struct archive *a = archive_read_new();

        if (!a)
                return error_set(reterr, -ENOMEM, "out of memory");
        const int r = sum_of_packed(a, path, piece, ret, reterr);
        (void)archive_read_free(a);
        return r;
}

int catalog_check(const struct os_image *image, const char *path) {
        CLEANUP(free_at) void *piece = malloc(PIECE);
        uint8_t sum[SHA256_SIZE];
        struct error err = {};

        if (!piece)
                return cli_fail(CLI_LOCAL, "out of memory");
        const int r = image->has_packed_digest ? sum_of_file(path, piece, sum, &err)
                                               : sum_of_content(path, piece, sum, &err);
        if (r < 0)
                return cli_fail_with(CLI_LOCAL, &err);
        if (memcmp(sum, image->has_packed_digest ? image->packed_digest : image->digest, sizeof(sum)) != 0)
                return cli_fail(CLI_REFUSED,
                                "%s is not what its list says: its SHA-256 is another one, so it is not used",
                                image->url);
        return CLI_OK;
}
