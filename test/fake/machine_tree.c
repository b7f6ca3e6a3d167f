/* Laying out machines as folders; see machine_tree.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test/fake/machine_tree.h"

static void make_folders(char *path) {
        for (char *slash = path + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
                *slash = '\0';
                int r = mkdir(path, 0755);
                assert(r == 0 || errno == EEXIST);
                (void)r;
        }
}

static void put(struct machine_tree *m, const struct machine_file *f) {
        char path[1024];

        (void)snprintf(path, sizeof(path), "%s/%s%s", m->dir, f->path, f->text ? "" : "/");
        make_folders(path);
        if (!f->text)
                return;
        if (strncmp(f->text, "->", 2) == 0) {
                int r = symlink(f->text + 2, path);
                assert(r == 0);
                (void)r;
                return;
        }
        FILE *out = fopen(path, "wb");
        assert(out);
        size_t len = f->len ? f->len : strlen(f->text), n = fwrite(f->text, 1, len, out);
        assert(n == len);
        (void)n;
        (void)fclose(out);
}

void machine_tree_make(struct machine_tree *m, const struct machine_file *files) {
        (void)snprintf(m->dir, sizeof(m->dir), "/tmp/bramble-machine-XXXXXX");
        char *made = mkdtemp(m->dir);
        assert(made);
        (void)made;
        for (; files->path; files++)
                put(m, files);
        int r = tree_open(&m->tree, m->dir);
        assert(r == 0);
        (void)r;
}

void machine_tree_put(struct machine_tree *m, const char *path, const char *text) {
        put(m, &(struct machine_file){ .path = path, .text = text });
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at) {
        (void)status;
        (void)type;
        (void)at;
        return remove(path);
}

void machine_tree_remove(struct machine_tree *m) {
        tree_close(&m->tree);
        (void)nftw(m->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#define DT "sys/firmware/devicetree/base/"
#define OCTETS(s) (s), sizeof(s) - 1
#define NET4 "sys/devices/platform/scb/fd580000.ethernet/net/eth0/"
#define MMC4 "sys/devices/platform/emmc2bus/fe340000.mmc/mmc_host/mmc0/mmc0:aaaa/"
#define USB4 "sys/devices/platform/scb/fd500000.pcie/pci0000:00/0000:00:00.0/0000:01:00.0/usb2/"
#define USBDISK4 USB4 "2-1/2-1:1.0/host0/target0:0:0/0:0:0:0/"

const struct machine_file machine_pi4[] = {
        { "proc/cmdline", "console=serial0 rdinit=/bramble/agent bramble.url=http://10.77.0.1:5248/a/0\n",
          0 },
        { "proc/cpuinfo",
          "processor\t: 0\nBogoMIPS\t: 108.00\nCPU implementer\t: 0x41\nCPU part\t: 0xd08\n\nRevision\t: "
          "c03112\n"
          "Serial\t\t: 10000000e5ef6e9d\nModel\t\t: Raspberry Pi 4 Model B Rev 1.2\n",
          0 },
        { "proc/meminfo", "MemTotal:        3884436 kB\nMemFree:  3000000 kB\nMemAvailable:    3784436 kB\n",
          0 },
        { "proc/uptime", "12.34 40.00\n", 0 },
        { "proc/sys/kernel/random/boot_id", "11111111-2222-3333-4444-555555555555\n", 0 },
        { "proc/sys/kernel/osrelease", "6.6.51+rpt-rpi-v8\n", 0 },
        { DT "model", OCTETS("Raspberry Pi 4 Model B Rev 1.2\0") },
        { DT "compatible", OCTETS("raspberrypi,4-model-b\0brcm,bcm2711\0") },
        { DT "serial-number", OCTETS("10000000e5ef6e9d\0") },
        { DT "system/linux,revision", OCTETS("\0\xc0\x31\x12") },
        { DT "chosen/bootloader/version", OCTETS("9d8dc0c2b9fe8a2ad6cdf8e6bafc9e1c2d25ca66\0") },
        { DT "chosen/bootloader/build-timestamp", OCTETS("\x65\xa0\x00\x00") },
        { DT "chosen/bootloader/boot-mode", OCTETS("\0\0\0\2") },
        { DT "chosen/bootloader/partition", OCTETS("\0\0\0\0") },
        { DT "aliases/blconfig", OCTETS("/reserved-memory/nvram@0\0") },
        { DT "reserved-memory/nvram@0", NULL, 0 },
        { "sys/devices/platform/soc/rmem0/of_node",
          "->../../../../firmware/devicetree/base/reserved-memory/nvram@0", 0 },
        { "sys/devices/platform/soc/rmem0/nvmem", "[all]\nBOOT_UART=0\nBOOT_ORDER=0xf12\n", 0 },
        { "sys/bus/nvmem/devices/rmem0", "->../../../devices/platform/soc/rmem0", 0 },
        { "sys/devices/platform/soc/soc:firmware/get_throttled", "50005\n", 0 },
        { "sys/class/thermal/thermal_zone0/type", "cpu-thermal\n", 0 },
        { "sys/class/thermal/thermal_zone0/temp", "48199\n", 0 },
        { "sys/devices/system/cpu/cpu0/regs/identification/midr_el1", "0x00000000410fd083\n", 0 },
        { "sys/devices/system/cpu/cpu0/topology/physical_package_id", "0\n", 0 },
        { "sys/devices/system/cpu/cpu0/topology/core_id", "0\n", 0 },
        { "sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", "1500000\n", 0 },
        { "sys/devices/system/cpu/cpu1/topology/physical_package_id", "0\n", 0 },
        { "sys/devices/system/cpu/cpu1/topology/core_id", "1\n", 0 },
        { "sys/devices/system/cpu/online", "0-1\n", 0 },
        { "sys/devices/system/cpu/cpufreq", NULL, 0 },
        { NET4 "address", "dc:a6:32:0a:0b:0c\n", 0 },
        { NET4 "type", "1\n", 0 },
        { NET4 "carrier", "1\n", 0 },
        { NET4 "speed", "1000\n", 0 },
        { NET4 "duplex", "full\n", 0 },
        { NET4 "device", "->../../../fd580000.ethernet", 0 },
        { "sys/devices/platform/scb/fd580000.ethernet/driver", "->../../../../bus/platform/drivers/bcmgenet",
          0 },
        { "sys/class/net/eth0", "->../../devices/platform/scb/fd580000.ethernet/net/eth0", 0 },
        { "sys/devices/virtual/net/lo/type", "772\n", 0 },
        { "sys/class/net/lo", "->../../devices/virtual/net/lo", 0 },
        { MMC4 "type", "SD\n", 0 },
        { MMC4 "name", "SC32G\n", 0 },
        { MMC4 "serial", "0x1ac5f4e2\n", 0 },
        { MMC4 "block/mmcblk0/dev", "179:0\n", 0 },
        { MMC4 "block/mmcblk0/size", "62333952\n", 0 },
        { MMC4 "block/mmcblk0/removable", "0\n", 0 },
        { MMC4 "block/mmcblk0/ro", "0\n", 0 },
        { MMC4 "block/mmcblk0/queue/logical_block_size", "512\n", 0 },
        { MMC4 "block/mmcblk0/queue/physical_block_size", "512\n", 0 },
        { MMC4 "block/mmcblk0/queue/rotational", "0\n", 0 },
        { MMC4 "block/mmcblk0/queue/discard_max_bytes", "2147483648\n", 0 },
        { MMC4 "block/mmcblk0/device", "->../../../mmc0:aaaa", 0 },
        { MMC4 "block/mmcblk0/mmcblk0p1/partition", "1\n", 0 },
        { MMC4 "block/mmcblk0/mmcblk0p1/size", "1048576\n", 0 },
        { MMC4 "block/mmcblk0/mmcblk0p1/dev", "179:1\n", 0 },
        { "sys/block/mmcblk0",
          "->../devices/platform/emmc2bus/fe340000.mmc/mmc_host/mmc0/mmc0:aaaa/block/mmcblk0", 0 },
        { "sys/block/mmcblk0boot0/size", "8192\n", 0 },
        { "sys/block/loop0/size", "8192\n", 0 },
        { USB4 "2-1/idVendor", "152d\n", 0 },
        { USB4 "2-1/idProduct", "0578\n", 0 },
        { USB4 "2-1/manufacturer", "JMicron\n", 0 },
        { USB4 "2-1/product", "USB 3.0 \xff Device\n", 0 },
        { USB4 "2-1/serial", "0123456789ABC\n", 0 },
        { USB4 "2-1/busnum", "2\n", 0 },
        { USB4 "2-1/devnum", "3\n", 0 },
        { USB4 "2-1/speed", "5000\n", 0 },
        { USB4 "2-1/2-1:1.0/bInterfaceClass", "08\n", 0 },
        { USB4 "2-1/2-1:1.0/bInterfaceNumber", "00\n", 0 },
        { USB4 "2-1/2-1:1.0/driver", "->/x/usb-storage", 0 },
        { "sys/bus/usb/devices/2-1",
          "->../../../devices/platform/scb/fd500000.pcie/pci0000:00/0000:00:00.0/0000:01:00.0/usb2/2-1", 0 },
        { "sys/bus/usb/devices/2-1:1.0",
          "->../../../devices/platform/scb/fd500000.pcie/pci0000:00/0000:00:00.0/0000:01:00.0/usb2/2-1/"
          "2-1:1.0",
          0 },
        { USBDISK4 "model", "Tech            \n", 0 },
        { USBDISK4 "block/sda/dev", "8:0\n", 0 },
        { USBDISK4 "block/sda/size", "250069680\n", 0 },
        { USBDISK4 "block/sda/queue/rotational", "0\n", 0 },
        { USBDISK4 "block/sda/device", "->../../../0:0:0:0", 0 },
        { "sys/block/sda",
          "->../devices/platform/scb/fd500000.pcie/pci0000:00/0000:00:00.0/0000:01:00.0/usb2/2-1/2-1:1.0/"
          "host0/"
          "target0:0:0/0:0:0:0/block/sda",
          0 },
        { NULL, NULL, 0 },
};

#define DMI "sys/class/dmi/id/"
/* Nodes of device paths: a network card, a partition. */
#define ZEROS_8 "\0\0\0\0\0\0\0\0"
#define MAC_NODE \
        "\3\x0b" \
        "\x25\0" ZEROS_8 ZEROS_8 ZEROS_8 ZEROS_8 "\0"
#define DISK_NODE \
        "\4\1" \
        "\x2a\0" ZEROS_8 ZEROS_8 ZEROS_8 ZEROS_8 "\0\0\0\0\0\0"
#define EFI "sys/firmware/efi/efivars/"
#define GLOBAL "-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define NETX "sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/"
#define NVMEX "sys/devices/pci0000:00/0000:00:1d.0/0000:03:00.0/nvme/nvme0/"
#define SATAX "sys/devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/"

const struct machine_file machine_x86[] = {
        { "proc/cmdline", "bramble.url=https://10.77.0.1:5249/a/0\n", 0 },
        { "proc/cpuinfo",
          "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R) E-2224 CPU\n", 0 },
        { "proc/meminfo",
          "MemTotal: 16000000 kB\nMemAvailable: 15000000 kB\nHugePages_Total: 4\nHugePages_Free: "
          "1\nHugepagesize: 2048 kB\n",
          0 },
        { "sys/devices/system/node/node0/meminfo",
          "Node 0 MemTotal: 16000000 kB\nNode 0 MemUsed: 1000000 kB\n", 0 },
        { "sys/devices/system/node/possible", "0\n", 0 },
        { DMI "sys_vendor", "Example Inc.\n", 0 },
        { DMI "product_name", "Server 1\n", 0 },
        { DMI "product_serial", "To be filled by O.E.M.\n", 0 },
        { DMI "board_serial", "BSN12345678\n", 0 },
        { DMI "product_uuid", "4c4c4544-0042-3510-8053-b4c04f4e3132\n", 0 },
        { DMI "bios_vendor", "Example BIOS\n", 0 },
        { DMI "bios_version", "1.2.3\n", 0 },
        { EFI "SecureBoot" GLOBAL, OCTETS("\6\0\0\0\1") },
        { EFI "SetupMode" GLOBAL, OCTETS("\6\0\0\0\0") },
        { EFI "BootOrder" GLOBAL, OCTETS("\7\0\0\0\3\0\1\0") },
        { EFI "Boot0003" GLOBAL,
          OCTETS("\7\0\0\0\1\0\0\0\x29\0P\0X\0E\0 \0\xe9\0\0\0" MAC_NODE "\x7f\xff\4\0") },
        { EFI "Boot0001" GLOBAL, OCTETS("\7\0\0\0\0\0\0\0\x2e\0d\0i\0s\0k\0\0\0" DISK_NODE "\x7f\xff\4\0") },
        { "sys/devices/system/cpu/cpu0/topology/core_id", "0\n", 0 },
        { "sys/devices/system/cpu/cpu0/cache/index0/size", "32K\n", 0 },
        { "sys/devices/system/cpu/cpu0/cache/index0/level", "1\n", 0 },
        { "sys/devices/system/cpu/cpu0/cache/index0/type", "Data\n", 0 },
        { "sys/devices/system/cpu/cpu1/topology/core_id", "0\n", 0 },
        { "sys/devices/system/cpu/cpu1/online", "0\n", 0 },
        { NETX "vendor", "0x8086\n", 0 },
        { NETX "device", "0x1533\n", 0 },
        { NETX "numa_node", "-1\n", 0 },
        { NETX "net/enp2s0/address", "52:54:00:00:00:01\n", 0 },
        { NETX "net/enp2s0/type", "1\n", 0 },
        { NETX "net/enp2s0/carrier", "0\n", 0 },
        { NETX "net/enp2s0/speed", "-1\n", 0 },
        { NETX "net/enp2s0/device", "->../../../0000:02:00.0", 0 },
        { "sys/class/net/enp2s0", "->../../devices/pci0000:00/0000:00:1c.0/0000:02:00.0/net/enp2s0", 0 },
        { "sys/bus/pci/devices/0000:02:00.0", "->../../../devices/pci0000:00/0000:00:1c.0/0000:02:00.0", 0 },
        { NVMEX "model", "Samsung SSD 970 EVO 500GB               \n", 0 },
        { NVMEX "serial", "S466NX0K     \n", 0 },
        { NVMEX "firmware_rev", "2B2QEXE7\n", 0 },
        { NVMEX "nvme0n1/size", "976773168\n", 0 },
        { NVMEX "nvme0n1/wwid", "eui.0025385581b1c9a8\n", 0 },
        { NVMEX "nvme0n1/queue/logical_block_size", "4096\n", 0 },
        { NVMEX "nvme0n1/queue/physical_block_size", "4096\n", 0 },
        { NVMEX "nvme0n1/queue/discard_max_bytes", "2199023255040\n", 0 },
        { NVMEX "nvme0n1/device", "->../../nvme0", 0 },
        { "sys/block/nvme0n1", "->../devices/pci0000:00/0000:00:1d.0/0000:03:00.0/nvme/nvme0/nvme0n1", 0 },
        { "sys/block/nvme0c0n1/hidden", "1\n", 0 },
        { "sys/block/nvme0c0n1/size", "976773168\n", 0 },
        { SATAX "model", "WDC WD10EZEX-00W\n", 0 },
        { SATAX "vpd_pg80", OCTETS("\0\x80\0\x14     WD-WCC6Y5ABCDEF") },
        { SATAX "block/sda/size", "1953525168\n", 0 },
        { SATAX "block/sda/ro", "1\n", 0 },
        { SATAX "block/sda/queue/rotational", "1\n", 0 },
        { SATAX "block/sda/device", "->../../../0:0:0:0", 0 },
        { "sys/block/sda", "->../devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda",
          0 },
        { "sys/block/sr0/size", "2097151\n", 0 },
        { NULL, NULL, 0 },
};
