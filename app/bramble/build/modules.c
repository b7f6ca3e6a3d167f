/* Choosing modules; see modules.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/bramble/build/modules.h"
#include "base/text.h"

const char *const agent_modules[] = {
        /* network: what servers, small boards, USB adapters and virtual machines have */
        "kernel/drivers/net/ethernet/amazon/",
        "kernel/drivers/net/ethernet/amd/",
        "kernel/drivers/net/ethernet/allwinner/",
        "kernel/drivers/net/ethernet/aquantia/",
        "kernel/drivers/net/ethernet/atheros/",
        "kernel/drivers/net/ethernet/broadcom/",
        "kernel/drivers/net/ethernet/cadence/",
        "kernel/drivers/net/ethernet/emulex/",
        "kernel/drivers/net/ethernet/freescale/",
        "kernel/drivers/net/ethernet/google/",
        "kernel/drivers/net/ethernet/hisilicon/",
        "kernel/drivers/net/ethernet/intel/",
        "kernel/drivers/net/ethernet/marvell/",
        "kernel/drivers/net/ethernet/mellanox/mlx4/",
        "kernel/drivers/net/ethernet/mellanox/mlx5/",
        "kernel/drivers/net/ethernet/micrel/",
        "kernel/drivers/net/ethernet/microsoft/",
        "kernel/drivers/net/ethernet/qualcomm/",
        "kernel/drivers/net/ethernet/realtek/",
        "kernel/drivers/net/ethernet/smsc/",
        "kernel/drivers/net/ethernet/socionext/",
        "kernel/drivers/net/ethernet/stmicro/",
        "kernel/drivers/net/ethernet/ti/",
        "kernel/drivers/net/mdio/",
        "kernel/drivers/net/pcs/",
        "kernel/drivers/net/phy/",
        "kernel/drivers/net/usb/",
        "kernel/drivers/net/hyperv/",
        "kernel/drivers/net/vmxnet3/",
        "virtio_net",
        "netconsole",
        "af_packet",
        "8021q",
        "bonding",

        /* disks */
        "kernel/drivers/ata/",
        "kernel/drivers/mmc/",
        "kernel/drivers/nvme/host/",
        "kernel/drivers/usb/storage/",
        "kernel/drivers/scsi/mpt3sas/",
        "kernel/drivers/scsi/megaraid/",
        "kernel/drivers/ufs/",
        "sd_mod",
        "sr_mod",
        "sg",
        "ses",
        "virtio_blk",
        "virtio_scsi",
        "vmw_pvscsi",
        "hv_storvsc",
        "aacraid",
        "hpsa",
        "smartpqi",
        "mtdblock",
        "spi-nor",
        "loop",
        "nbd",
        "dm-mod",
        "dm-crypt",
        "dm-snapshot",
        "dm-verity",
        "md-mod",
        "raid1",

        /* file systems, and what they look up by name instead of resting on it */
        "ext4",
        "vfat",
        "squashfs",
        "overlay",
        "isofs",
        "efivarfs",
        "nfs",
        "nfsv3",
        "nfsv4",
        "nls_ascii",
        "nls_cp437",
        "nls_iso8859-1",
        "nls_utf8",
        "crc32_generic",
        "crc32c_generic",
        "crct10dif_generic",
        "sha256_generic",
        "ecb",
        "xts",

        /* what stands between: buses, and the clocks, pins and supplies of boards */
        "kernel/drivers/bus/",
        "kernel/drivers/clk/",
        "kernel/drivers/dma/",
        "kernel/drivers/firmware/",
        "kernel/drivers/gpio/",
        "kernel/drivers/i2c/busses/",
        "kernel/drivers/mailbox/",
        "kernel/drivers/mfd/",
        "kernel/drivers/nvmem/",
        "kernel/drivers/pci/controller/",
        "kernel/drivers/phy/",
        "kernel/drivers/pinctrl/",
        "kernel/drivers/pwm/",
        "kernel/drivers/regulator/",
        "kernel/drivers/reset/",
        "kernel/drivers/soc/",
        "kernel/drivers/spi/",
        "kernel/drivers/usb/chipidea/",
        "kernel/drivers/usb/common/",
        "kernel/drivers/usb/core/",
        "kernel/drivers/usb/dwc2/",
        "kernel/drivers/usb/dwc3/",
        "kernel/drivers/usb/host/",
        "kernel/drivers/usb/musb/",
        "kernel/drivers/usb/phy/",
        "kernel/drivers/virtio/",
        "kernel/drivers/hv/",
        "kernel/drivers/char/hw_random/",

        /* a keyboard for rescue, and what an inventory reads */
        "usbhid",
        "hid-generic",
        "kernel/drivers/leds/",
        "kernel/drivers/thermal/",
        "coretemp",
        "k10temp",
        "drivetemp",
        "raspberrypi-hwmon",
        "ipmi_si",
        "ipmi_devintf",

        NULL,
};

/* "virtio-net" is virtio_net: the kernel takes both for one. */
static bool is_same_name(const char *a, const char *b, size_t len) {
        for (size_t i = 0; i < len; i++)
                if (a[i] != b[i] && !(strchr("-_", a[i]) && b[i] && strchr("-_", b[i])))
                        return false;
        return true;
}

bool modules_is_wanted(const char *path, const char *const *wanted) {
        const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
        const size_t len = strcspn(name, ".");

        for (; *wanted; wanted++) {
                const bool is_folder = text_ends_with(*wanted, "/");
                if (is_folder ? text_starts_with(path, *wanted)
                              : strlen(*wanted) == len && is_same_name(*wanted, name, len))
                        return true;
        }
        return false;
}

static int by_text(const void *a, const void *b) {
        return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_once(struct argv *a) {
        size_t kept = 0;

        if (a->n == 0)
                return;
        qsort(a->words, a->n, sizeof(*a->words), by_text);
        for (size_t i = 0; i < a->n; i++) {
                if (kept > 0 && strcmp(a->words[kept - 1], a->words[i]) == 0)
                        free(a->words[i]);
                else
                        a->words[kept++] = a->words[i];
        }
        a->n = kept;
        a->words[kept] = NULL;
}

/* One line: the module, and depmod's whole list of what it rests on. */
static void take_line(char *line, const char *const *wanted, struct argv *ret) {
        char *rest = line, *path = strsep(&rest, ":");

        if (!rest || !*path || !modules_is_wanted(path, wanted))
                return;
        argv_add(ret, path);
        for (char *other; (other = strsep(&rest, " "));)
                if (*other)
                        argv_add(ret, other);
}

int modules_choose(const char *dep, size_t len, const char *const *wanted, struct argv *ret,
                   struct error *reterr) {
        CLEANUP(free_at) char *copy = len <= MODULES_DEP_MAX ? strndup(dep, len) : NULL;
        CLEANUP(argv_free) struct argv chosen = {};
        char *rest = copy;

        if (len > MODULES_DEP_MAX)
                return error_set(reterr, -E2BIG, "modules.dep is larger than %d MiB", MODULES_DEP_MAX >> 20);
        for (char *line; (line = strsep(&rest, "\n"));) {
                take_line(line, wanted, &chosen);
                if (chosen.n > MODULES_MAX)
                        sort_once(&chosen);
                if (chosen.n > MODULES_MAX)
                        return error_set(reterr, -E2BIG, "more than %d modules are wanted", MODULES_MAX);
        }
        if (!copy || chosen.failed)
                return error_set(reterr, -ENOMEM, "out of memory");
        if (chosen.n == 0)
                return error_set(reterr, -ENOENT, "the kernel brings no module of those that are wanted");
        sort_once(&chosen);
        *ret = chosen;
        chosen = (struct argv){};
        return 0;
}
