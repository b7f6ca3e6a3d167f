/* Options of images; see options.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/options.h"

/* Where lists of images are; before options of its own that a command has. */
#define CATALOG \
        { "catalog", \
          "SOURCE", \
          VALUE_FILE_OR_DIR, \
          NULL, \
          NULL, \
          FORM_LIST, \
          "List of images in the format of Raspberry Pi Imager: a file, a folder that was exported, or a " \
          "URL. May be given more " \
          "than once. Default: $BRAMBLE_CATALOG, or /etc/bramble/catalog.json." }, \
        { \
                "sync", NULL, VALUE_NONE, NULL, NULL, FORM_NONE, \
                        "Fetch lists of web servers; without it what they said before counts, and nothing " \
                        "is asked of the network." \
        }

const struct option catalog_options[] = {
        CATALOG,
        { "board", "BOARD", VALUE_TEXT, NULL, NULL, FORM_NONE,
          "What suits this board, as in pi4b, or one of this kind, as in pi4." },
        { "all", NULL, VALUE_NONE, NULL, NULL, FORM_NONE, "What suits any board." },
        {},
};

const struct option catalog_export_options[] = {
        { "image", "NAME", VALUE_IMAGE, NULL, NULL, FORM_LIST,
          "Image of the catalog. May be given more than once." },
        CATALOG,
        {},
};

const struct option import_options[] = {
        CATALOG,
        { "sha256", "HEX", VALUE_HEX, NULL, NULL, FORM_NONE,
          "SHA-256 that the file must have. A download that broke off goes on where it was." },
        { "no-root", NULL, VALUE_NONE, NULL, NULL, FORM_NONE,
          "Make no root file system of a disk image: it will only be written to disks." },
        { "root", "PATH", VALUE_FILE_OR_DIR, NULL, NULL, FORM_NONE,
          "Root file system that belongs to a boot directory: a tarball, squashfs or ext4, also packed, or a "
          "directory." },
        { "arch", "ARCH", VALUE_CHOICE, "arm64|armhf|amd64", NULL, FORM_NONE,
          "Architecture of the parts. With a file: the loaders that this machine has for it go along." },
        { "kernel", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE, "Kernel." },
        { "initrd", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE, "Initial RAM disk." },
        { "dtbs", "DIR", VALUE_DIR, NULL, NULL, FORM_NONE,
          "Device trees; they keep the names of the directories below it." },
        { "boot-dir", "DIR", VALUE_DIR, NULL, NULL, FORM_NONE,
          "Files that machines see under their names relative to it. Boot loaders are looked for here first, "
          "then where Debian's packages put them." },
        { "cmdline", "TEXT", VALUE_TEXT, NULL, NULL, FORM_NONE, "The kernel's command line." },
        {},
};

const struct option build_options[] = {
        { "arch", "ARCH", VALUE_CHOICE, "arm64|armhf|amd64", NULL, FORM_NONE,
          "Architecture. Default: this machine's." },
        { "variant", "VARIANT", VALUE_CHOICE, "generic|raspi", NULL, FORM_NONE,
          "generic: Debian's kernel and GRUB, for UEFI; raspi: for Raspberry Pis. Default: generic." },
        { "name", "NAME", VALUE_IMAGE, NULL, NULL, FORM_NONE,
          "Name of the image. Default: made of the others, as in debian-12-arm64." },
        { "size", "SIZE", VALUE_SIZE, NULL, NULL, FORM_NONE,
          "Size of its disk image, which grows to its disk when it is written to one. Default: 3G." },
        { "include", "PACKAGE", VALUE_PACKAGE, NULL, NULL, FORM_LIST,
          "Another package. May be given more than once." },
        {},
};

const struct option build_agent_options[] = {
        { "arch", "ARCH", VALUE_CHOICE, "arm64|armhf|amd64", NULL, FORM_LIST,
          "Architecture. May be given more than once. Default: all of them." },
        { "agent", "DIR", VALUE_DIR, NULL, NULL, FORM_NONE,
          "Where bramble-agent-ARCH.cpio.gz lies. Default: agent/ beside this program, then "
          "/usr/lib/bramble/agent." },
        {},
};
