/* Options of machines, and of what is done with them; see options.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/options.h"

/* What is said of a machine when it is registered, and changed later. */
#define MACHINE_SETTINGS \
        { "mac", \
          "MAC", \
          VALUE_MAC, \
          NULL, \
          "macs", \
          FORM_LIST, \
          "MAC of a network port. May be given more than once." }, \
                { "serial", "HEX", VALUE_SERIAL, NULL, "serial", FORM_TEXT, "Serial number of a Raspberry Pi." }, \
                { "uuid", "UUID", VALUE_UUID, NULL, "uuid", FORM_TEXT, "UUID that its firmware tells." }, \
                { "client-id", "HEX", VALUE_HEX, NULL, "client_id", FORM_TEXT, "DHCP client identifier." }, \
                { "arch", \
                  "ARCH", \
                  VALUE_CHOICE, \
                  "amd64|arm64|armhf|i386|riscv64", \
                  "arch", \
                  FORM_TEXT, \
                  "Architecture. Default: as it says on the wire." }, \
                { "board", "BOARD", VALUE_TEXT, NULL, "board", FORM_TEXT, "Board, as in pi4b." }, \
                { "boot-order", \
                  "ORDER", \
                  VALUE_CHOICE, \
                  "network-first|disk-first|disk-only", \
                  "boot_order", \
                  FORM_TEXT, \
                  "Where its firmware looks first for a system. Default: as its agent found." }, \
                { "ip", \
                  "ADDRESS", \
                  VALUE_IP, \
                  NULL, \
                  "ip", \
                  FORM_TEXT, \
                  "Address that is kept for it; also how it is known without a lease." }, \
                { "image", \
                  "IMAGE", \
                  VALUE_IMAGE, \
                  NULL, \
                  "image", \
                  FORM_TEXT, \
                  "Image that it boots, diskless, every time." }, \
                { "cmdline-extra", \
                  "TEXT", \
                  VALUE_TEXT, \
                  NULL, \
                  "cmdline_extra", \
                  FORM_TEXT, \
                  "Added to the kernel's command line." }, \
                { "config-txt", \
                  "FILE", \
                  VALUE_FILE, \
                  NULL, \
                  NULL, \
                  FORM_NONE, \
                  "Lines laid over the config.txt of a Raspberry Pi." }, \
                { "netconsole", \
                  "SWITCH", \
                  VALUE_CHOICE, \
                  "on|off", \
                  "netconsole", \
                  FORM_SWITCH, \
                  "on: its firmware and kernel shall write their console to this server, too. Default: " \
                  "off." }, \
                { "drop-options", \
                  "SWITCH", \
                  VALUE_CHOICE, \
                  "on|off", \
                  "drop_options", \
                  FORM_SWITCH, \
                  "on: a Raspberry Pi whose disk is to boot is offered no boot, and goes on when it is tired " \
                  "of asking. Default: off, it is told at once that there are no files." }, \
                { "as-ramdisk", \
                  "SWITCH", \
                  VALUE_CHOICE, \
                  "on|off", \
                  "as_ramdisk", \
                  FORM_SWITCH, \
                  "on: a Raspberry Pi loads all that it boots as one volume, boot.img, and no file by " \
                  "itself." }, \
                { "require-trusted", \
                  "SWITCH", \
                  VALUE_CHOICE, \
                  "on|off", \
                  "require_trusted", \
                  FORM_SWITCH, \
                  "on: it is given a signed boot.img and nothing else, which only a Raspberry Pi checks, " \
                  "and no root or volume that cannot be checked (nfs, nbd)." }, \
                { "boot-key", \
                  "KEY", \
                  VALUE_KEY, \
                  NULL, \
                  "boot_key", \
                  FORM_TEXT, \
                  "Key that its boots are signed with. Default: the oldest there is." }, \
                { "tag", \
                  "TAG", \
                  VALUE_WORD, \
                  NULL, \
                  "tags", \
                  FORM_LIST, \
                  "Word to sort machines by. May be given more than once." }, \
                { "pool", "POOL", VALUE_WORD, NULL, "pool", FORM_TEXT, "Pool that it belongs to." }, \
                { "zone", "ZONE", VALUE_WORD, NULL, "zone", FORM_TEXT, "Zone that it stands in." }, { \
                "note", "TEXT", VALUE_TEXT, NULL, "note", FORM_TEXT, "Note for people." \
        }

const struct option machine_options[] = { MACHINE_SETTINGS, {} };

const struct option machine_set_options[] = {
        { "name", "NAME", VALUE_NAME, NULL, "name", FORM_TEXT, "New name." },
        MACHINE_SETTINGS,
        { "owner", "OWNER", VALUE_WORD, NULL, "owner", FORM_TEXT, "Who has it." },
        {},
};

const struct option machine_list_options[] = {
        { "registered", NULL, VALUE_NONE, NULL, NULL, FORM_NONE, "Only machines that somebody registered." },
        { "discovered", NULL, VALUE_NONE, NULL, NULL, FORM_NONE,
          "Only what was seen on the wire and nobody registered." },
        { "state", "STATE", VALUE_STATE, STATES, NULL, FORM_NONE, "Only machines in this state." },
        { "tag", "TAG", VALUE_WORD, NULL, NULL, FORM_NONE, "Only machines with this tag." },
        { "pool", "POOL", VALUE_WORD, NULL, NULL, FORM_NONE, "Only machines of this pool." },
        { "zone", "ZONE", VALUE_WORD, NULL, NULL, FORM_NONE, "Only machines of this zone." },
        { "owner", "OWNER", VALUE_WORD, NULL, NULL, FORM_NONE, "Only machines that this one has." },
        {},
};

#define WAIT \
        { \
                "wait", NULL, VALUE_NONE, NULL, NULL, FORM_NONE, \
                        "Wait until it is done, and show how far each machine is." \
        }

#define SSH_KEY \
        { \
                "ssh-key", "KEY", VALUE_TEXT, NULL, NULL, FORM_LIST, \
                        "Public key that may log in, or a file of them. May be given more than once." \
        }

#define SCRIPTS \
        { "script", \
          "SCRIPT", \
          VALUE_TEXT, \
          "memory|storage|network|temperature|throttling", \
          NULL, \
          FORM_LIST, \
          "Only this one: one that the agent brings along or that is stored, by its name, all that have a " \
          "tag, or a " \
          "file of your own, written with a slash, as in ./99-mine. May be given more than once." }, \
                { "scripts", \
                  "SCRIPT,...", \
                  VALUE_TEXT, \
                  NULL, \
                  NULL, \
                  FORM_NONE, \
                  "The same, several of them with commas between." }, \
                { "param", \
                  "NAME=VALUE", \
                  VALUE_TEXT, \
                  NULL, \
                  NULL, \
                  FORM_LIST, \
                  "A parameter, for each of the scripts that takes it. May be given more than once." }, \
        { \
                "no-scripts", NULL, VALUE_NONE, NULL, NULL, FORM_NONE, "Run none." \
        }

const struct option plain_options[] = { SELECTION, {} };

const struct option waited_options[] = { SELECTION, WAIT, {} };

const struct option script_options[] = { SELECTION, SCRIPTS, WAIT, {} };

const struct option acquire_options[] = {
        SELECTION,
        { "owner", "OWNER", VALUE_WORD, NULL, "owner", FORM_TEXT, "Who has it from now on." },
        {},
};

const struct option deploy_options[] = {
        SELECTION,
        { "image", "IMAGE", VALUE_IMAGE, NULL, "image", FORM_TEXT, "What it shall run. Must be given." },
        { "root", "ROOT", VALUE_CHOICE, "initrd|disk|ram|nfs|nbd", "root", FORM_TEXT,
          "Where its system lives. Default: what the image is made for." },
        { "persistent", NULL, VALUE_NONE, NULL, "persistent", FORM_FLAG,
          "Keep what is written to a root nfs or nbd over its boots. Default: each boot begins as new." },
        { "size", "SIZE", VALUE_SIZE, NULL, NULL, FORM_NONE, "Size of a root nbd, as in 8G. Default: 8G." },
        { "data", "KIND:PATH", VALUE_TEXT, NULL, NULL, FORM_NONE,
          "A volume that its system has at PATH: of this server, as in nbd:/srv/data or nfs:/srv/data, or on "
          "a disk "
          "of its own, as in disk:/srv/data. It is kept over its boots, and over a release with "
          "--keep-data." },
        { "data-size", "SIZE", VALUE_SIZE, NULL, NULL, FORM_NONE, "Size of a volume nbd. Default: 8G." },
        { "data-disk", "DISK", VALUE_TEXT, NULL, NULL, FORM_NONE,
          "Disk for a volume disk: a device as in /dev/vda, a serial or a WWN. Default: an empty one." },
        { "data-overwrite", NULL, VALUE_NONE, NULL, NULL, FORM_NONE,
          "Take a disk for it even if it is not empty." },
        { "done-when", "SIGN", VALUE_CHOICE, "phone-home|ssh|dhcp|written", "done_when", FORM_TEXT,
          "What counts as its system being up. Default: what the image can do." },
        { "trial-minutes", "N", VALUE_NUMBER, NULL, "trial_minutes", FORM_NUMBER,
          "How long a new revision of a system in ram, nfs or nbd may take, before the one before is back. "
          "Default: 10." },
        { "disk", "DISK", VALUE_TEXT, NULL, "disk", FORM_TEXT,
          "Disk to write: a device as in /dev/vda, a serial or a WWN. Default: chosen by rule." },
        { "overwrite-boot-medium", NULL, VALUE_NONE, NULL, "overwrite_boot_medium", FORM_FLAG,
          "Write even over the medium that carries the firmware it boots from." },
        { "keep-firmware", NULL, VALUE_NONE, NULL, "keep_firmware", FORM_FLAG,
          "Keep the firmware partition, and write the system behind it." },
        { "network-first", NULL, VALUE_NONE, NULL, "network_first", FORM_FLAG,
          "Put the network before the disk in its boot order, so that it can be taken back." },
        { "asks-back", NULL, VALUE_NONE, NULL, "asks_back", FORM_FLAG,
          "Have its system ask at each start whether the machine is wanted back, where its firmware boots "
          "the disk "
          "first." },
        { "keep-disk-id", NULL, VALUE_NONE, NULL, NULL, FORM_NONE,
          "Leave the disk the id that the image has; others with the same image then have the same." },
        { "hostname", "NAME", VALUE_NAME, NULL, "hostname", FORM_TEXT, "Its host name. Default: its name." },
        SSH_KEY,
        { "user-data", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE, "User data for cloud-init." },
        { "give-secrets", NULL, VALUE_NONE, NULL, "give_secrets", FORM_FLAG,
          "Of a machine that requires trust: whoever has its address may read user and vendor data." },
        { "vendor-data", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Vendor data for cloud-init, in place of ours, which phones home." },
        { "network-config", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Network configuration for cloud-init." },
        { "assertion", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Who may log in to Ubuntu Core: a system-user assertion, with those that it stands on. It goes to "
          "a "
          "medium of its own." },
        { "assertion-disk", "DISK", VALUE_TEXT, NULL, "assertion_disk", FORM_TEXT,
          "Medium for it, which is written over: a device as in /dev/sda, a serial or a WWN. Default: an "
          "empty "
          "one." },
        { "cmdline-extra", "TEXT", VALUE_TEXT, NULL, "cmdline_extra", FORM_TEXT,
          "Added to the kernel's command line that is written to the disk." },
        { "config-txt", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Lines for config.txt that are written to the disk, in place of the machine's own." },
        { "owner", "OWNER", VALUE_WORD, NULL, "owner", FORM_TEXT, "Who has it from now on." },
        WAIT,
        {},
};

const struct option convert_options[] = {
        SELECTION,
        { "to", "MEDIUM", VALUE_CHOICE, "eeprom", "to", FORM_TEXT,
          "What it boots by from then on: eeprom. Must be given." },
        WAIT,
        {},
};

const struct option replace_options[] = {
        { "with", "KEY", VALUE_MACHINE_KEY, NULL, "with", FORM_TEXT,
          "MAC or serial of the new board. Must be given." },
        { "address", "ADDRESS", VALUE_IP, NULL, "address", FORM_TEXT,
          "Address that is kept for it from now on. Default: the one it has." },
        {},
};

#define WITHOUT_DATA_DISK \
        { \
                "without-data-disk", NULL, VALUE_NONE, NULL, "without_data_disk", FORM_FLAG, \
                        "Its disk with data is gone for good: do not look for it, and forget it." \
        }

const struct option release_options[] = {
        SELECTION,
        { "erase", "HOW", VALUE_CHOICE, "none|quick|full", "erase", FORM_TEXT,
          "What is done with its disks: quick, the beginning and the end; full, all of it. Default: none." },
        { "keep-data", NULL, VALUE_NONE, NULL, "keep_data", FORM_FLAG,
          "Keep its volume of data for a later deploy with --data." },
        WITHOUT_DATA_DISK,
        WAIT,
        {},
};

const struct option erase_options[] = {
        SELECTION,
        { "how", "HOW", VALUE_CHOICE, "quick|full", "how", FORM_TEXT,
          "quick: the beginning and the end of each disk; full: all of it. Default: quick." },
        WITHOUT_DATA_DISK,
        WAIT,
        {},
};

const struct option rescue_options[] = { SELECTION, SSH_KEY, WAIT, {} };

const struct option blink_options[] = {
        SELECTION,
        { "seconds", "N", VALUE_NUMBER, NULL, "seconds", FORM_NUMBER, "How long. Default: 30." },
        {},
};

const struct option claim_code_options[] = {
        { "days", "N", VALUE_NUMBER, NULL, "days", FORM_NUMBER, "How long the codes count. Default: 30." },
        { "code", "CODE", VALUE_TEXT, NULL, "code", FORM_TEXT,
          "A code of your own in place of a new one, as the one on its label." },
        {},
};

const struct option claim_options[] = {
        { "code", "CODE", VALUE_TEXT, NULL, "code", FORM_TEXT,
          "Its code; hyphens, blanks and case do not count. Must be given." },
        {},
};

const struct option mark_options[] = {
        SELECTION,
        { "comment", "TEXT", VALUE_TEXT, NULL, "comment", FORM_TEXT, "What is the matter with it." },
        {},
};

const struct option power_options[] = {
        { "driver", "DRIVER", VALUE_POWER_DRIVER, NULL, NULL, FORM_NONE,
          "What its power hangs on from now on. The same one keeps the keys that it has, another one begins "
          "with "
          "none." },
        { "key", "KEY=VALUE", VALUE_TEXT, NULL, NULL, FORM_LIST,
          "A key of the driver. @FILE takes the value from a file, so that a password stands in no list of "
          "processes; "
          "KEY= leaves it out. May be given more than once." },
        {},
};
