/* A card in a reader; see device.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/card/device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/text.h"

enum { VALUE_MAX = 64, SECTOR = 512 /* that sysfs counts in, whatever the device has */, PIECE = 1 << 20 };

/* A line of sysfs without its newline and the spaces that SCSI pads with; "" when there is none. */
static const char *read_value(const char *folder, const char *name, char buf[static VALUE_MAX]) {
        CLEANUP(free_at) char *path = NULL;
        size_t n = 0;

        buf[0] = 0;
        if (asprintf(&path, "%s/%s", folder, name) < 0) {
                path = NULL;
                return buf;
        }
        FILE *f = fopen(path, "re");
        if (f) {
                n = fread(buf, 1, VALUE_MAX - 1, f);
                (void)fclose(f);
        }
        while (n > 0 && strchr(" \n", buf[n - 1]))
                n--;
        buf[n] = 0;
        return buf;
}

/* A reader that is built in says that it cannot be taken out; the card in it can. */
static bool can_be_taken_out(const char *folder) {
        char value[VALUE_MAX];

        return strcmp(read_value(folder, "removable", value), "1") == 0 ||
               strcmp(read_value(folder, "device/type", value), "SD") == 0;
}

/* The names of a disk, or of a card in a reader that is built in; vendors that are numbers say nothing. */
static void describe(const char *folder, struct card_device *ret) {
        static const char *const names[] = { "device/vendor", "device/model", "device/name" };
        CLEANUP(text_free) struct text about = {};
        char value[VALUE_MAX];

        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                if (*read_value(folder, names[i], value) && !text_starts_with(value, "0x"))
                        text_printf(&about, "%s%s", about.len ? " " : "", value);
        (void)snprintf(ret->about, sizeof(ret->about), "%s", about.octets ? about.octets : "");
}

int card_device_judge(const char *path, const char *folder, struct card_device *ret, struct error *reterr) {
        char value[VALUE_MAX];
        uint64_t sectors;

        if (*read_value(folder, "partition", value))
                return error_set(reterr, -EINVAL,
                                 "%s is one partition of a device: name the whole device, without the number",
                                 path);
        if (!can_be_taken_out(folder))
                return error_set(reterr, -EINVAL,
                                 "%s is no card: it is built in, and all that is on it would be lost; write "
                                 "a file with --out and copy "
                                 "that yourself, if you are sure",
                                 path);
        if (strcmp(read_value(folder, "ro", value), "1") == 0)
                return error_set(reterr, -EINVAL,
                                 "%s is write-protected: the slider at the card's side may be down", path);
        if (text_parse_u64(read_value(folder, "size", value), UINT64_MAX / SECTOR, &sectors) < 0 ||
            sectors == 0)
                return error_set(reterr, -EINVAL, "there is no card in %s", path);
        *ret = (struct card_device){ .octets = sectors * SECTOR };
        describe(folder, ret);
        return 0;
}

int card_device_look(const char *path, struct card_device *ret, struct error *reterr) {
        char folder[64];
        struct stat status;

        if (stat(path, &status) < 0)
                return error_set(reterr, -errno, "cannot look at %s: %s", path, strerror(errno));
        if (!S_ISBLK(status.st_mode))
                return error_set(reterr, -EINVAL, "%s is no device: --out writes a file", path);
        (void)snprintf(folder, sizeof(folder), "/sys/dev/block/%u:%u", major(status.st_rdev),
                       minor(status.st_rdev));
        return card_device_judge(path, folder, ret, reterr);
}

static int copy(int from, int to) {
        CLEANUP(free_at) uint8_t *piece = malloc(PIECE);
        ssize_t n;

        if (!piece)
                return -ENOMEM;
        while ((n = read(from, piece, PIECE)) > 0)
                for (ssize_t done = 0; done < n;) {
                        const ssize_t written = write(to, piece + done, (size_t)(n - done));
                        if (written < 0)
                                return -errno;
                        done += written;
                }
        return n < 0 || fsync(to) < 0 ? -errno : 0;
}

int card_device_write(const char *path, const char *image, struct error *reterr) {
        const int from = open(image, O_RDONLY | O_CLOEXEC);
        /* O_EXCL: the kernel refuses while a file system of it is mounted. */
        const int to = from < 0 ? -1 : open(path, O_WRONLY | O_EXCL | O_CLOEXEC);
        int r = to < 0 ? -errno : copy(from, to);

        if (from >= 0)
                (void)close(from);
        if (to >= 0 && close(to) < 0 && r == 0)
                r = -errno;
        if (r == -EBUSY)
                return error_set(reterr, r, "%s is in use: unmount what is on it first", path);
        return r < 0 ? error_set(reterr, r, "cannot write %s: %s", path, strerror(-r)) : 0;
}
