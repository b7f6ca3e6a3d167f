/* Every command and option of `bramble`, the one list. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/bramble/cmd.h"
#include "app/bramble/commands.h"
#include "base/cleanup.h"

#define CLIENTS "pi3|pi4|pi5|uboot|uefi|uefi-http|ipxe|bios"

const struct option global_options[] = {
        { .name = "socket",
          .arg = "PATH",
          .kind = VALUE_FILE,
          .help = "Socket of the daemon. Default: $BRAMBLE_SOCKET, or /run/bramble/api.sock." },
        { .name = "json", .help = "Print what the API says, as JSON." },
        { .name = "help", .help = "Print how the command is written, and end." },
        { .name = "version", .help = "Print the version, and end." },
        {},
};

/* Proposals only; the server knows the names. */
#define STATES \
        "new|commissioning|failed-commissioning|ready|allocated|deploying|deployed|failed-deployment|" \
        "releasing|broken|" \
        "rescue-mode|testing|failed-testing"

static const struct option subnet_options[] = {
        { "interface", "IF", VALUE_INTERFACE, NULL, "interface", FORM_TEXT,
          "Interface it is on; without one it is reached through relays only." },
        { "dhcp", "MODE", VALUE_CHOICE, "server|proxy|off", "dhcp", FORM_TEXT,
          "server: hand out addresses and boots; proxy: boots only, beside another DHCP server; off." },
        { "unknown", "POLICY", VALUE_UNKNOWN_POLICY, "refuse|discover|approve|enlist|boot=", "unknown",
          FORM_TEXT,
          "What a machine gets that nobody registered: refuse, discover (listed, not booted), enlist "
          "(registered once its "
          "agent told what it is), approve (the same, and then machine approve is waited for), or "
          "boot=IMAGE." },
        { "allow", "KEY", VALUE_MACHINE_KEY, NULL, "allow", FORM_LIST,
          "MAC or serial that is enlisted here, whatever --unknown says. May be given more than once." },
        { "range", "A-B", VALUE_RANGE, NULL, "ranges", FORM_RANGES,
          "Addresses to hand out, first and last. May be given more than once. Without it, every address of "
          "the "
          "subnet that nobody is known to have." },
        { "gateway", "ADDRESS", VALUE_IP, NULL, "gateway", FORM_TEXT, "Router that clients are told of." },
        { "dns", "ADDRESS", VALUE_IP, NULL, "dns", FORM_LIST, "DNS server. May be given more than once." },
        { "domain", "NAME", VALUE_TEXT, NULL, "domain", FORM_TEXT, "Domain name." },
        { "search", "NAME", VALUE_TEXT, NULL, "search", FORM_LIST,
          "Domain to search. May be given more than once." },
        { "ntp", "ADDRESS", VALUE_IP, NULL, "ntp", FORM_LIST, "Time server. May be given more than once." },
        { "mtu", "OCTETS", VALUE_NUMBER, NULL, "mtu", FORM_NUMBER, "MTU that clients are told." },
        { "route", "NET=ROUTER", VALUE_ROUTE, NULL, "routes", FORM_ROUTES,
          "Static route. May be given more than once." },
        { "lease", "SECONDS", VALUE_NUMBER, NULL, "lease_s", FORM_NUMBER,
          "Length of a lease. Default: 3600." },
        { "agent-https", "SWITCH", VALUE_CHOICE, "on|off", "agent_https", FORM_SWITCH,
          "on: agents that boot here speak HTTPS, and know the server by its authority, which bramble ca "
          "show "
          "names. Default: off." },
        { "option", "N=TYPE:VALUE", VALUE_DHCP_OPTION, NULL, "options", FORM_LIST,
          "Any other DHCP option by number; TYPE is ip, u8, u16, u32, i32, bool, text, hex, domain or "
          "net-routes. May be given more than once." },
        {},
};

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

static const struct option catalog_options[] = {
        CATALOG,
        { "board", "BOARD", VALUE_TEXT, NULL, NULL, FORM_NONE, "What suits this board, as in pi4b." },
        { "all", NULL, VALUE_NONE, NULL, NULL, FORM_NONE, "What suits any board." },
        {},
};

static const struct option catalog_export_options[] = {
        { "image", "NAME", VALUE_IMAGE, NULL, NULL, FORM_LIST,
          "Image of the catalog. May be given more than once." },
        CATALOG,
        {},
};

static const struct option import_options[] = {
        CATALOG,
        { "sha256", "HEX", VALUE_HEX, NULL, NULL, FORM_NONE,
          "SHA-256 that the file must have. A download that broke off goes on where it was." },
        { "no-root", NULL, VALUE_NONE, NULL, NULL, FORM_NONE,
          "Make no root file system of a disk image: it will only be written to disks." },
        { "root", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Root file system that belongs to a boot directory: a tarball, squashfs or ext4, also packed." },
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

static const struct option build_options[] = {
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

static const struct option build_agent_options[] = {
        { "arch", "ARCH", VALUE_CHOICE, "arm64|armhf|amd64", NULL, FORM_LIST,
          "Architecture. May be given more than once. Default: all of them." },
        { "agent", "DIR", VALUE_DIR, NULL, NULL, FORM_NONE,
          "Where bramble-agent-ARCH.cpio.gz lies. Default: agent/ beside this program, then "
          "/usr/lib/bramble/agent." },
        {},
};

#define CARD_KINDS "eeprom|bootcode|uefi|uboot"
#define CARD_BOARDS "pi3|pi4|pi5|cm4|cm5"

#define EEPROM_SETTINGS(of) \
        { "server", \
          "ADDRESS", \
          VALUE_TEXT, \
          "dhcp", \
          NULL, \
          FORM_NONE, \
          of \
          "Where boards fetch their files, whatever DHCP says; dhcp: as DHCP says. Default: this machine's " \
          "address on the subnet that Bramble serves." }, \
                { "boot-order", \
                  "ORDER", \
                  VALUE_TEXT, \
                  NULL, \
                  NULL, \
                  FORM_NONE, \
                  of "BOOT_ORDER, as in 0xf12. Default: as the firmware has it, with the network first." }, \
        { \
                "set", "KEY=VALUE", VALUE_TEXT, NULL, NULL, FORM_LIST, \
                        of "Another setting. May be given more than once." \
        }

static const struct option adopt_options[] = {
        EEPROM_SETTINGS(""),
        { "yes", NULL, VALUE_NONE, NULL, NULL, FORM_NONE,
          "Do not ask before a board gets its configuration." },
        {},
};

static const struct option card_options[] = {
        { "board", "BOARD", VALUE_CHOICE, CARD_BOARDS, NULL, FORM_NONE, "Board that the card is for." },
        { "firmware", "PATH", VALUE_FILE_OR_DIR, NULL, NULL, FORM_LIST,
          "Where its firmware is: a folder, an archive, a Debian package or a file. May be given more than "
          "once; what an "
          "earlier one has is taken from it." },
        { "out", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE, "Write the image of the card to this file." },
        { "device", "DEV", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Write it onto this card, as in /dev/sdb; refused when it cannot be taken out." },
        { "rpiboot", "DIR", VALUE_DIR, NULL, NULL, FORM_NONE,
          "Write a folder that rpiboot sends to a board over USB; the way for compute modules." },
        EEPROM_SETTINGS("eeprom: "),
        { "pubkey", "PEM", VALUE_FILE, NULL, NULL, FORM_NONE,
          "eeprom: public key of who signs what is booted by HTTP, which asks this server too then." },
        { "once", NULL, VALUE_NONE, NULL, NULL, FORM_NONE,
          "eeprom: write one board, which starts again afterwards, instead of board after board." },
        { "yes", NULL, VALUE_NONE, NULL, NULL, FORM_NONE, "Do not ask before a device is written over." },
        {},
};

static const struct option machine_options[] = {
        { "mac", "MAC", VALUE_MAC, NULL, "macs", FORM_LIST,
          "MAC of a network port. May be given more than once." },
        { "serial", "HEX", VALUE_SERIAL, NULL, "serial", FORM_TEXT, "Serial number of a Raspberry Pi." },
        { "uuid", "UUID", VALUE_UUID, NULL, "uuid", FORM_TEXT, "UUID that its firmware tells." },
        { "client-id", "HEX", VALUE_HEX, NULL, "client_id", FORM_TEXT, "DHCP client identifier." },
        { "arch", "ARCH", VALUE_CHOICE, "amd64|arm64|armhf|i386|riscv64", "arch", FORM_TEXT,
          "Architecture. Default: as it says on the wire." },
        { "board", "BOARD", VALUE_TEXT, NULL, "board", FORM_TEXT, "Board, as in pi4b." },
        { "boot-order", "ORDER", VALUE_CHOICE, "network-first|disk-first|disk-only", "boot_order", FORM_TEXT,
          "Where its firmware looks first for a system. Default: as its agent found." },
        { "ip", "ADDRESS", VALUE_IP, NULL, "ip", FORM_TEXT,
          "Address that is kept for it; also how it is known without a lease." },
        { "image", "IMAGE", VALUE_IMAGE, NULL, "image", FORM_TEXT,
          "Image that it boots, diskless, every time." },
        { "cmdline-extra", "TEXT", VALUE_TEXT, NULL, "cmdline_extra", FORM_TEXT,
          "Added to the kernel's command line." },
        { "config-txt", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Lines laid over the config.txt of a Raspberry Pi." },
        { "netconsole", "SWITCH", VALUE_CHOICE, "on|off", "netconsole", FORM_SWITCH,
          "on: its firmware and kernel shall write their console to this server, too. Default: off." },
        { "as-ramdisk", "SWITCH", VALUE_CHOICE, "on|off", "as_ramdisk", FORM_SWITCH,
          "on: a Raspberry Pi loads all that it boots as one volume, boot.img, and no file by itself." },
        { "require-trusted", "SWITCH", VALUE_CHOICE, "on|off", "require_trusted", FORM_SWITCH,
          "on: it is given a signed boot.img and nothing else, and no root that cannot be checked (nfs, "
          "nbd)." },
        { "boot-key", "KEY", VALUE_KEY, NULL, "boot_key", FORM_TEXT,
          "Key that its boots are signed with. Default: the oldest there is." },
        { "tag", "TAG", VALUE_WORD, NULL, "tags", FORM_LIST,
          "Word to sort machines by. May be given more than once." },
        { "pool", "POOL", VALUE_WORD, NULL, "pool", FORM_TEXT, "Pool that it belongs to." },
        { "zone", "ZONE", VALUE_WORD, NULL, "zone", FORM_TEXT, "Zone that it stands in." },
        { "note", "TEXT", VALUE_TEXT, NULL, "note", FORM_TEXT, "Note for people." },
        {},
};

static const struct option machine_set_options[] = {
        { "name", "NAME", VALUE_NAME, NULL, "name", FORM_TEXT, "New name." },
        { "mac", "MAC", VALUE_MAC, NULL, "macs", FORM_LIST,
          "MACs in place of those it has. May be given more than once." },
        { "serial", "HEX", VALUE_SERIAL, NULL, "serial", FORM_TEXT, "Serial number of a Raspberry Pi." },
        { "uuid", "UUID", VALUE_UUID, NULL, "uuid", FORM_TEXT, "UUID that its firmware tells." },
        { "client-id", "HEX", VALUE_HEX, NULL, "client_id", FORM_TEXT, "DHCP client identifier." },
        { "arch", "ARCH", VALUE_CHOICE, "amd64|arm64|armhf|i386|riscv64", "arch", FORM_TEXT,
          "Architecture." },
        { "board", "BOARD", VALUE_TEXT, NULL, "board", FORM_TEXT, "Board, as in pi4b." },
        { "boot-order", "ORDER", VALUE_CHOICE, "network-first|disk-first|disk-only", "boot_order", FORM_TEXT,
          "Where its firmware looks first for a system. Default: as its agent found." },
        { "ip", "ADDRESS", VALUE_IP, NULL, "ip", FORM_TEXT, "Address that is kept for it." },
        { "image", "IMAGE", VALUE_IMAGE, NULL, "image", FORM_TEXT, "Image that it boots." },
        { "cmdline-extra", "TEXT", VALUE_TEXT, NULL, "cmdline_extra", FORM_TEXT,
          "Added to the kernel's command line." },
        { "config-txt", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Lines laid over the config.txt of a Raspberry Pi; none: no lines." },
        { "netconsole", "SWITCH", VALUE_CHOICE, "on|off", "netconsole", FORM_SWITCH,
          "on: its firmware and kernel shall write their console to this server, too." },
        { "as-ramdisk", "SWITCH", VALUE_CHOICE, "on|off", "as_ramdisk", FORM_SWITCH,
          "on: a Raspberry Pi loads all that it boots as one volume, boot.img, and no file by itself." },
        { "require-trusted", "SWITCH", VALUE_CHOICE, "on|off", "require_trusted", FORM_SWITCH,
          "on: it is given a signed boot.img and nothing else, and no root that cannot be checked (nfs, "
          "nbd)." },
        { "boot-key", "KEY", VALUE_KEY, NULL, "boot_key", FORM_TEXT,
          "Key that its boots are signed with. Default: the oldest there is." },
        { "tag", "TAG", VALUE_WORD, NULL, "tags", FORM_LIST,
          "Word to sort machines by, in place of those it has. May be given more than once." },
        { "pool", "POOL", VALUE_WORD, NULL, "pool", FORM_TEXT, "Pool that it belongs to." },
        { "zone", "ZONE", VALUE_WORD, NULL, "zone", FORM_TEXT, "Zone that it stands in." },
        { "note", "TEXT", VALUE_TEXT, NULL, "note", FORM_TEXT, "Note for people." },
        { "owner", "OWNER", VALUE_WORD, NULL, "owner", FORM_TEXT, "Who has it." },
        {},
};

static const struct option key_import_options[] = {
        { "signer", "PROGRAM", VALUE_TEXT, NULL, NULL, FORM_NONE,
          "The private key is not handed over: this program of the folder signers_dir signs with it." },
        { "pubkey", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE, "With --signer: the public key, in PEM." },
        {},
};

static const struct option key_export_options[] = {
        { "out", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE,
          "File to write, which must not be there yet. Must be given." },
        { "public", NULL, VALUE_NONE, NULL, NULL, FORM_NONE,
          "The public part, as pubkey.bin of an EEPROM, in place of the private key in PEM." },
        {},
};

static const struct option machine_list_options[] = {
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

/* Which machines an action is for, when it does not name one. */
#define SELECTION \
        { "all", NULL, VALUE_NONE, NULL, NULL, FORM_NONE, "All machines." }, \
                { "tag", "TAG", VALUE_WORD, NULL, NULL, FORM_NONE, "All machines with this tag." }, \
                { "pool", "POOL", VALUE_WORD, NULL, NULL, FORM_NONE, "All machines of this pool." }, \
                { "zone", "ZONE", VALUE_WORD, NULL, NULL, FORM_NONE, "All machines of this zone." }, { \
                "state", "STATE", VALUE_STATE, STATES, NULL, FORM_NONE, "All machines in this state." \
        }

#define WAIT \
        { \
                "wait", NULL, VALUE_NONE, NULL, NULL, FORM_NONE, \
                        "Wait until it is done, and show how far each machine is." \
        }

#define SCOPE \
        { "board=BOARD|tag=TAG", VALUE_TEXT, NULL, false }

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

static const struct option plain_options[] = { SELECTION, {} };
static const struct option waited_options[] = { SELECTION, WAIT, {} };

static const struct option script_options[] = { SELECTION, SCRIPTS, WAIT, {} };

static const struct option acquire_options[] = {
        SELECTION,
        { "owner", "OWNER", VALUE_WORD, NULL, "owner", FORM_TEXT, "Who has it from now on." },
        {},
};

static const struct option deploy_options[] = {
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
          "Disk for a volume disk: a device as in /dev/vda, or a serial. Default: an empty one." },
        { "data-overwrite", NULL, VALUE_NONE, NULL, NULL, FORM_NONE,
          "Take a disk for it even if it is not empty." },
        { "done-when", "SIGN", VALUE_CHOICE, "phone-home|ssh|dhcp|written", "done_when", FORM_TEXT,
          "What counts as its system being up. Default: what the image can do." },
        { "trial-minutes", "N", VALUE_NUMBER, NULL, "trial_minutes", FORM_NUMBER,
          "How long a new revision of a system in ram, nfs or nbd may take, before the one before is back. "
          "Default: 10." },
        { "disk", "DISK", VALUE_TEXT, NULL, "disk", FORM_TEXT,
          "Disk to write: a device as in /dev/vda, or a serial. Default: chosen by rule." },
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
        { "vendor-data", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Vendor data for cloud-init, in place of ours, which phones home." },
        { "network-config", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Network configuration for cloud-init." },
        { "cmdline-extra", "TEXT", VALUE_TEXT, NULL, "cmdline_extra", FORM_TEXT,
          "Added to the kernel's command line that is written to the disk." },
        { "config-txt", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Lines for config.txt that are written to the disk." },
        { "owner", "OWNER", VALUE_WORD, NULL, "owner", FORM_TEXT, "Who has it from now on." },
        WAIT,
        {},
};

static const struct option convert_options[] = {
        SELECTION,
        { "to", "MEDIUM", VALUE_CHOICE, "eeprom", "to", FORM_TEXT,
          "What it boots by from then on: eeprom. Must be given." },
        WAIT,
        {},
};

static const struct option replace_options[] = {
        { "with", "KEY", VALUE_MACHINE_KEY, NULL, "with", FORM_TEXT,
          "MAC or serial of the new board. Must be given." },
        { "address", "ADDRESS", VALUE_IP, NULL, "address", FORM_TEXT,
          "Address that is kept for it from now on. Default: the one it has." },
        {},
};

static const struct option release_options[] = {
        SELECTION,
        { "erase", "HOW", VALUE_CHOICE, "none|quick|full", "erase", FORM_TEXT,
          "What is done with its disks: quick, the beginning and the end; full, all of it. Default: none." },
        { "keep-data", NULL, VALUE_NONE, NULL, "keep_data", FORM_FLAG,
          "Keep its volume of data for a later deploy with --data." },
        WAIT,
        {},
};

static const struct option erase_options[] = {
        SELECTION,
        { "how", "HOW", VALUE_CHOICE, "quick|full", "how", FORM_TEXT,
          "quick: the beginning and the end of each disk; full: all of it. Default: quick." },
        WAIT,
        {},
};

static const struct option rescue_options[] = { SELECTION, SSH_KEY, WAIT, {} };

static const struct option mark_options[] = {
        SELECTION,
        { "comment", "TEXT", VALUE_TEXT, NULL, "comment", FORM_TEXT, "What is the matter with it." },
        {},
};

static const struct option power_options[] = {
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

static const struct option eeprom_show_options[] = {
        { "config", NULL, VALUE_NONE, NULL, NULL, FORM_NONE,
          "Print its configuration, bootconf.txt, as it is." },
        { "extract", "NAME", VALUE_TEXT, NULL, NULL, FORM_NONE,
          "Print one of its files or modules, as in pubkey.bin." },
        { "out", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE,
          "With --config or --extract: write it into this file." },
        {},
};

#define FILE_OUT \
        { \
                "out", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE, \
                        "File that is written, whole or not at all. Must be given." \
        }

static const struct option eeprom_edit_options[] = {
        FILE_OUT,
        { "config", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE, "Configuration: its new bootconf.txt." },
        { "config-sig", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Signature of that, as bramble eeprom sig makes it: its new bootconf.sig." },
        { "pubkey", "PEM", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Key of RSA-2048 that boots are signed with; only its public part goes in: its new pubkey.bin." },
        { "cacert", "DER", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Certificate that servers of HTTPS are known by: its new cacert.der." },
        { "remove", "NAME", VALUE_CHOICE, "bootconf.txt|bootconf.sig|pubkey.bin|cacert.der", NULL, FORM_LIST,
          "Empty one of its files. May be given more than once." },
        { "timestamp", "T", VALUE_NUMBER, NULL, NULL, FORM_NONE,
          "Unix time that it says it was made, for who writes it to the flash directly." },
        {},
};

static const struct option eeprom_sig_options[] = {
        FILE_OUT,
        { "key", "PEM", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Private key of RSA-2048 to sign with. Default: no signature." },
        { "timestamp", "T", VALUE_NUMBER, NULL, NULL, FORM_NONE,
          "Unix time that it says. Default: $SOURCE_DATE_EPOCH, or now." },
        { "soc", "CHIP", VALUE_CHOICE, "2711|2712", NULL, FORM_NONE,
          "Chip that the file is for, when it is an EEPROM's image." },
        {},
};

static const struct option eeprom_plan_options[] = {
        SELECTION,
        { "config", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Only boards whose configuration is another one, with the lines that would go and come." },
        { "server", "ADDRESS", VALUE_TEXT, NULL, NULL, FORM_NONE,
          "Only boards whose TFTP_IP or HTTP_HOST names another server." },
        {},
};

static const struct option eeprom_apply_options[] = {
        SELECTION,
        { "config", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE,
          "The bootconf.txt that they get. Default: each keeps the one that its agent reported." },
        { "canaries", "N", VALUE_NUMBER, NULL, NULL, FORM_NONE, "Machines of the first wave. Default: 1." },
        { "wave", "N", VALUE_NUMBER, NULL, NULL, FORM_NONE, "Machines of every wave after it. Default: 5." },
        {},
};

static const struct option bootimg_make_options[] = { FILE_OUT, {} };

static const struct option bootimg_sign_options[] = {
        FILE_OUT,
        { "key", "PEM", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Private key of RSA-2048 to sign with. Must be given." },
        { "timestamp", "T", VALUE_NUMBER, NULL, NULL, FORM_NONE,
          "Unix time that it says. Default: $SOURCE_DATE_EPOCH, or now." },
        {},
};

static const struct option lease_options[] = {
        { "state", "STATE", VALUE_CHOICE, "free|offered|bound|declined", NULL, FORM_NONE,
          "Only leases in this state. Default: bound and declined ones that have not run out." },
        { "mac", "MAC", VALUE_MAC, NULL, NULL, FORM_NONE, "Only leases of this MAC." },
        {},
};

static const struct option client_options[] = {
        { "client", "CLIENT", VALUE_TEXT, CLIENTS, NULL, FORM_NONE,
          "Firmware that asks: " CLIENTS
          " and others. Default: as it was last seen, or what its board suggests." },
        {},
};

static const struct option trail_options[] = {
        { "last", "N", VALUE_NUMBER, NULL, NULL, FORM_NONE,
          "With --json: this many boots, newest first. Default: 1." },
        {},
};

static const struct option doctor_options[] = {
        { "led", "LONG,SHORT", VALUE_TEXT, NULL, NULL, FORM_NONE,
          "How its LED flashes: so many long flashes, then so many short ones." },
        { "patience", "SECONDS", VALUE_NUMBER, NULL, NULL, FORM_NONE,
          "Silence that a system which was started is given before it counts. Default: 60." },
        {},
};

static const struct option selftest_options[] = {
        { "step", "STEP", VALUE_CHOICE, "first-boot|large-file|reboot|hand-over|proxy|netconsole", NULL,
          FORM_LIST, "Only this step. May be given more than once. Default: all but proxy and netconsole." },
        { "patience", "SECONDS", VALUE_NUMBER, NULL, NULL, FORM_NONE,
          "How long a boot is waited for. Default: 600." },
        { "quiet", "SECONDS", VALUE_NUMBER, NULL, NULL, FORM_NONE,
          "How long a board that says nothing has ended its boot. Default: 20." },
        {},
};

static const struct option report_options[] = {
        { "out", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE, "File that is written." },
        { "led", "LONG,SHORT", VALUE_TEXT, NULL, NULL, FORM_NONE,
          "How its LED flashes, if it does: long flashes, then short ones." },
        { "comment", "TEXT", VALUE_TEXT, NULL, NULL, FORM_NONE,
          "What somebody should know: which board it is, what it did." },
        { "yes", NULL, VALUE_NONE, NULL, NULL, FORM_NONE, "Do not ask before it is written." },
        {},
};

static const struct option watch_options[] = {
        { "machine", "NAME", VALUE_MACHINE, NULL, NULL, FORM_NONE, "Only this machine." },
        { "since-start", NULL, VALUE_NONE, NULL, NULL, FORM_NONE, "Begin with all steps that are kept." },
        {},
};

#define NET \
        { "CIDR", VALUE_NET, NULL, false }
#define IMAGE \
        { "NAME", VALUE_IMAGE, NULL, false }
#define MACHINE \
        { "NAME", VALUE_MACHINE, NULL, false }
#define MACHINE_OR_MAC \
        { "MAC", VALUE_MACHINE_OR_MAC, NULL, false }
#define MACHINE_OR_SELECTION \
        { "NAME", VALUE_MACHINE, NULL, true }
#define ACTION(verb, options, help, more) \
        { "machine", verb, { MACHINE_OR_SELECTION }, options, false, help, more, cmd_machine_act }
#define NONE_UNSETS "The value none gives an option its default back; a list is replaced as a whole."

const struct command commands[] = {
        { "subnet", "add", { NET }, subnet_options, false, "Define a subnet.", NULL, cmd_subnet_add },
        { "subnet", "set", { NET }, subnet_options, true, "Change a subnet.", NONE_UNSETS, cmd_subnet_set },
        { "subnet", "list", {}, NULL, false, "List the subnets.", NULL, cmd_subnet_list },
        { "subnet", "show", { NET }, NULL, false, "Show all of a subnet.", NULL, cmd_subnet_show },
        { "subnet", "delete", { NET }, NULL, false, "Forget a subnet.", NULL, cmd_subnet_delete },

        { "image",
          "import",
          { { "NAME", VALUE_IMAGE, NULL, false }, { "SOURCE", VALUE_FILE_OR_DIR, NULL, true } },
          import_options,
          false,
          "Make an image of a disk image, a root file system, a Raspberry Pi boot directory, or parts.",
          "SOURCE is a boot directory of a Raspberry Pi, copied or mounted, or a file or URL: a raw disk "
          "image, "
          "qcow2, a root tarball, squashfs or ext4, also packed by xz, zstd, gzip, bzip2 or zip. "
          "Without SOURCE the image is made of parts: --arch, --kernel and --initrd. A name that is there "
          "gets a "
          "new version; machines keep the one they have. NAME alone is an image of the catalog, and "
          "catalog:OTHER as SOURCE one "
          "that is called otherwise there.",
          cmd_image_import },
        { "image",
          "catalog",
          {},
          catalog_options,
          false,
          "List what could be imported, for the boards of this site.",
          "The names are those that image import takes. An image that names no boards is for all; where no "
          "machine has a board all "
          "are listed.",
          cmd_image_catalog },
        { "image",
          "build",
          { { "DISTRIBUTION", VALUE_CHOICE, "debian/12", false } },
          build_options,
          false,
          "Build an image of a distribution's packages, and import it.",
          "It is built on this machine, from the mirrors that its apt knows, in the folder image-build of "
          "$BRAMBLE_CACHE. What was built before is not built again, and a build that was interrupted goes "
          "on "
          "where it was.",
          cmd_image_build },
        { "image",
          "build-agent",
          {},
          build_agent_options,
          false,
          "Build what machines run while they are commissioned and installed, and import it.",
          "One image for each architecture, called agent-ARCH: Debian's kernel, the drivers that it needs to "
          "reach network and disks, and the agent. An image of that name that is there already is replaced.",
          cmd_image_build_agent },
        { "image", "list", {}, NULL, false, "List the images.", NULL, cmd_image_list },
        { "image",
          "show",
          { IMAGE },
          NULL,
          false,
          "Show an image, what it can do, and its files.",
          NULL,
          cmd_image_show },
        { "image",
          "verify",
          { { "NAME", VALUE_IMAGE, NULL, true } },
          NULL,
          false,
          "Read all octets of an image, or of all images, and name those that are not what they were.",
          NULL,
          cmd_image_verify },
        { "image",
          "delete",
          { IMAGE },
          NULL,
          false,
          "Forget an image that nothing uses.",
          "NAME means all of its versions, NAME@VERSION one.",
          cmd_image_delete },

        { "catalog",
          "export",
          { { "DIR", VALUE_DIR, NULL, false } },
          catalog_export_options,
          false,
          "Fetch images of the catalog into a folder, with the list of them, for sites without internet.",
          "Each is checked by what its list says.",
          cmd_catalog_export },
        { "catalog",
          "import",
          { { "DIR", VALUE_DIR, NULL, false } },
          NULL,
          false,
          "Import all images of a folder that was exported.",
          "Each is checked by what the list in it says.",
          cmd_catalog_import },

        { "card",
          "make",
          { { "KIND", VALUE_CHOICE, CARD_KINDS, false } },
          card_options,
          false,
          "Make the card that brings a Raspberry Pi to the network.",
          "eeprom: sets the EEPROM of one board after another to boot from the network first, of this "
          "server. bootcode: "
          "a Raspberry Pi 3 without the errors of its boot ROM. uefi, uboot: other firmware, with the "
          "configuration that it "
          "needs. One of --out, --device and --rpiboot says where it goes.",
          cmd_card_make },

        { "machine",
          "add",
          { { "NAME", VALUE_NAME, NULL, false } },
          machine_options,
          false,
          "Register a machine.",
          "It is known by a MAC, a serial number, a UUID or a client identifier: at least one of them.",
          cmd_machine_add },
        { "machine",
          "set",
          { MACHINE },
          machine_set_options,
          true,
          "Change a machine.",
          NONE_UNSETS,
          cmd_machine_set },
        { "machine",
          "list",
          {},
          machine_list_options,
          false,
          "List the machines, and what was discovered on the wire.",
          NULL,
          cmd_machine_list },
        { "machine", "show", { MACHINE }, NULL, false, "Show all of a machine.", NULL, cmd_machine_show },
        { "machine", "delete", { MACHINE }, NULL, false, "Forget a machine.", NULL, cmd_machine_delete },
        ACTION("approve", plain_options, "Say that a machine that enlisted itself belongs here.", NULL),
        ACTION("commission", script_options, "Look at what a machine is made of, and try it out.",
               "Its agent takes an inventory and runs scripts, by default all that it brings along and those "
               "that "
               "are stored for it; then the machine is Ready. It is switched off where its power can be "
               "switched, else its agent waits in RAM."),
        ACTION("test", script_options, "Run scripts on a machine again.",
               "A machine that is deployed is booted into its agent for it, and back into its own system "
               "afterwards."),
        ACTION("override-failed-testing", plain_options, "Take a machine as it is, though it failed a test.",
               NULL),
        ACTION("convert", convert_options, "Let a machine boot by other firmware than its card's.",
               "A Raspberry Pi 4 or later that starts from firmware on its card is told by its EEPROM to "
               "boot from the "
               "network first: then the whole card is free. Its agent puts an update of the EEPROM on the "
               "card and "
               "reboots; the image eeprom-2711 or eeprom-2712 has what is written."),
        ACTION("acquire", acquire_options, "Take a machine, so that nobody else does.", NULL),
        ACTION("reserve", plain_options, "Set a machine that is Ready aside.", NULL),
        ACTION("deploy", deploy_options, "Give a machine a system, and start it.",
               "With root disk its agent writes the image to a disk first; with every other root the machine "
               "boots the image "
               "over the network."),
        ACTION("release", release_options, "Take a machine back.", NULL),
        ACTION("erase", erase_options, "Take a machine back, and erase its disks.", NULL),
        ACTION("rescue", rescue_options, "Boot a machine into its agent, and let people in.", NULL),
        ACTION("exit-rescue", waited_options, "Send a machine back to what it was before its rescue.", NULL),
        ACTION("abort", waited_options, "Stop what is under way with a machine.", NULL),
        ACTION("mark-broken", mark_options, "Set a machine aside as broken.", NULL),
        ACTION("mark-fixed", plain_options, "Say that a broken machine works again.", NULL),
        ACTION("mark-missing", mark_options, "Say that a machine is not where it should be.", NULL),
        ACTION("retire", plain_options, "Set a machine aside for good.", NULL),
        ACTION("restore", plain_options, "Take a missing or retired machine up again.", NULL),
        { "machine",
          "replace",
          { MACHINE },
          replace_options,
          false,
          "Give a machine another board.",
          "Name, address, image, root and keys stay what they are. The old board is refused if it returns: "
          "it is a "
          "machine of its own from now on, NAME-replaced, which is Retired.",
          cmd_machine_act },
        ACTION("lock", plain_options, "See that nothing is done to a machine until it is unlocked.", NULL),
        ACTION("unlock", plain_options, "Let things be done to a machine again.", NULL),

        { "machine",
          "power",
          { MACHINE, { "TURN", VALUE_CHOICE, "on|off|cycle|query|network-once|boot", true } },
          power_options,
          false,
          "Switch a machine's power, or say what it hangs on.",
          "TURN is on, off, cycle (off, and on again), query, network-once (the next boot is from the "
          "network, where "
          "that can be told), or boot (from the network, now). It returns when it came true. Without it, "
          "what the power "
          "hangs on is set or shown; secrets are shown as (hidden).",
          cmd_machine_power },

        { "machine",
          "results",
          { MACHINE, { "SCRIPT", VALUE_TEXT, NULL, true } },
          NULL,
          false,
          "Show how the scripts went that ran on a machine, or what one of them wrote.",
          NULL,
          cmd_machine_results },

        { "config-txt",
          "list",
          {},
          NULL,
          false,
          "List the boards and tags that have lines for config.txt, in the order in which they are laid "
          "over.",
          NULL,
          cmd_config_txt_list },
        { "config-txt",
          "show",
          { SCOPE },
          NULL,
          false,
          "Show the lines of a board or of a tag.",
          NULL,
          cmd_config_txt_show },
        { "config-txt",
          "set",
          { SCOPE, { "FILE", VALUE_FILE, NULL, false } },
          NULL,
          false,
          "Give a board or a tag lines for config.txt, in the place of those it has.",
          "They are laid over the config.txt of each image that such a Raspberry Pi boots over the network, "
          "and "
          "machine set --config-txt gives one machine its own. Filters may stand in them; each set of lines "
          "begins under [all].",
          cmd_config_txt_set },
        { "config-txt",
          "delete",
          { SCOPE },
          NULL,
          false,
          "Forget the lines of a board or of a tag.",
          NULL,
          cmd_config_txt_delete },

        { "script",
          "add",
          { { "FILE", VALUE_FILE, NULL, false } },
          NULL,
          false,
          "Store a script, in the place of one that has its name.",
          "It is written as MAAS has it: what it says of itself stands in comments at its head. Its name is "
          "that one, or "
          "that of its file. One of the type commissioning runs with every commission, unless it has the tag "
          "noauto.",
          cmd_script_add },
        { "script", "list", {}, NULL, false, "List the scripts that are stored.", NULL, cmd_script_list },
        { "script",
          "show",
          { { "NAME", VALUE_SCRIPT, NULL, false } },
          NULL,
          false,
          "Show what a script says of itself; with --json also the script.",
          NULL,
          cmd_script_show },
        { "script",
          "delete",
          { { "NAME", VALUE_SCRIPT, NULL, false } },
          NULL,
          false,
          "Forget a script.",
          NULL,
          cmd_script_delete },

        { "key",
          "create",
          { { "NAME", VALUE_TEXT, NULL, false } },
          NULL,
          false,
          "Make a key that boots are signed with.",
          "RSA of 2048 bits, as Raspberry Pis want it. It stays on the server, sealed. The oldest key signs "
          "for "
          "all machines that name no other one.",
          cmd_key_create },
        { "key",
          "import",
          { { "NAME", VALUE_TEXT, NULL, false }, { "FILE", VALUE_FILE, NULL, true } },
          key_import_options,
          false,
          "Bring a key of your own, or name the program that signs with it.",
          "FILE is a private key in PEM, without a passphrase.",
          cmd_key_import },
        { "key", "list", {}, NULL, false, "List the keys that boots are signed with.", NULL, cmd_key_list },
        { "key",
          "show",
          { { "NAME", VALUE_KEY, NULL, false } },
          NULL,
          false,
          "Show a key; its hash is what a board's EEPROM and its fuses know it by.",
          NULL,
          cmd_key_show },
        { "key",
          "export",
          { { "NAME", VALUE_KEY, NULL, false } },
          key_export_options,
          false,
          "Write a key to a file.",
          NULL,
          cmd_key_export },
        { "key",
          "delete",
          { { "NAME", VALUE_KEY, NULL, false } },
          NULL,
          false,
          "Forget a key, for ever.",
          NULL,
          cmd_key_delete },

        { "power",
          "drivers",
          { { "DRIVER", VALUE_POWER_DRIVER, NULL, true } },
          NULL,
          false,
          "List what power can hang on, or the keys of one driver.",
          NULL,
          cmd_power_drivers },

        { "eeprom",
          "show",
          { { "FILE", VALUE_FILE, NULL, false } },
          eeprom_show_options,
          false,
          "Show what is in an image of a Raspberry Pi's EEPROM.",
          "What is odd about its configuration is said on standard error: keys that its bootloader does not "
          "know, values that make no sense.",
          cmd_eeprom_show },
        { "eeprom",
          "edit",
          { { "FILE", VALUE_FILE, NULL, false } },
          eeprom_edit_options,
          false,
          "Write an image of an EEPROM with other files in it.",
          "All that is not named stays as it is, octet for octet: it is what rpi-eeprom-config writes. A "
          "configuration that is odd is written, and what is odd is said on standard error.",
          cmd_eeprom_edit },
        { "eeprom",
          "adopt",
          { { "USER@HOST...", VALUE_TEXT, NULL, false } },
          adopt_options,
          false,
          "Let boards that run a system already boot from the network, over SSH.",
          "Each is asked for the configuration of its EEPROM; what would change is shown, and a yes is "
          "waited for. Its own "
          "rpi-eeprom-config writes it, as root or by sudo without a password, and it counts from the next "
          "start on.",
          cmd_eeprom_adopt },
        { "eeprom",
          "diff",
          { { "A", VALUE_FILE, NULL, false }, { "B", VALUE_FILE, NULL, false } },
          NULL,
          false,
          "Tell what two images of EEPROMs do not have in common.",
          "The exit status is 0 where there is no difference, and 1 where there is one.",
          cmd_eeprom_diff },
        { "eeprom",
          "sig",
          { { "FILE", VALUE_FILE, NULL, false } },
          eeprom_sig_options,
          false,
          "Write the signature file that goes beside an image, a boot.img or a bootconf.txt.",
          "It has the SHA-256 of FILE and a time, and an RSA signature where there is a key: what "
          "rpi-eeprom-digest writes.",
          cmd_eeprom_sig },

        { "eeprom",
          "plan",
          { MACHINE_OR_SELECTION },
          eeprom_plan_options,
          false,
          "Show what machines have in their EEPROMs, as their agents reported it, and what would change.",
          NULL,
          cmd_eeprom_plan },
        { "eeprom",
          "apply",
          { MACHINE_OR_SELECTION },
          eeprom_apply_options,
          false,
          "Roll an update of EEPROMs out to machines, wave by wave.",
          "The firmware is that of the image eeprom-2711 or eeprom-2712, the configuration is put into it. A "
          "board "
          "finds the update in its tree when it boots from the network next, fetches it once, writes it and "
          "restarts; it is done when it reads its tree again. A wave begins when all before it are done; "
          "when one "
          "machine fails, no other begins.",
          cmd_eeprom_apply },
        { "eeprom",
          "rollout",
          {},
          NULL,
          false,
          "Show how far the updates of EEPROMs are.",
          NULL,
          cmd_eeprom_rollout },
        { "eeprom",
          "stop",
          {},
          NULL,
          false,
          "Offer no more what no board has fetched yet.",
          NULL,
          cmd_eeprom_stop },

        { "bootimg",
          "make",
          { { "DIR", VALUE_DIR, NULL, false } },
          bootimg_make_options,
          false,
          "Put the files of a folder into one volume that a Raspberry Pi boots from memory.",
          "It is a FAT volume, boot.img. The same files give the same octets.",
          cmd_bootimg_make },
        { "bootimg",
          "sign",
          { { "FILE", VALUE_FILE, NULL, false } },
          bootimg_sign_options,
          false,
          "Write the signature file that goes beside a boot.img.",
          "Its name there is boot.sig.",
          cmd_eeprom_sig },

        { "lease",
          "list",
          {},
          lease_options,
          false,
          "List the addresses that are given out.",
          NULL,
          cmd_lease_list },

        { "boot",
          "explain",
          { MACHINE_OR_MAC },
          client_options,
          false,
          "Say who a MAC or machine is, which files it gets, and why, without a packet sent.",
          NULL,
          cmd_boot_explain },
        { "boot",
          "files",
          { { "NAME", VALUE_MACHINE_OR_MAC, NULL, false }, { "PATH", VALUE_PATH, NULL, true } },
          client_options,
          false,
          "List the tree that a machine sees, or print one file of it.",
          NULL,
          cmd_boot_files },
        { "boot",
          "trail",
          { { "NAME", VALUE_MACHINE_OR_MAC, NULL, false } },
          trail_options,
          false,
          "Draw what the last boot of a machine did on the wire.",
          NULL,
          cmd_boot_trail },
        { "boot",
          "selftest",
          { MACHINE },
          selftest_options,
          false,
          "Try a real board out, step by step: ten minutes, and a hand to switch it.",
          "A first boot, a large file, a reboot, and the hand-over to its disk when it is told that there is "
          "nothing for it. Each "
          "step says what is to be done, waits for the boot, and says what it proves.",
          cmd_boot_selftest },
        { "boot",
          "watch",
          {},
          watch_options,
          false,
          "Follow every step of every boot as it happens.",
          NULL,
          cmd_boot_watch },

        { "doctor",
          NULL,
          { { "NAME", VALUE_MACHINE_OR_MAC, NULL, true } },
          doctor_options,
          false,
          "Say what went wrong with a machine's last boot, what shows it, and what to do.",
          "Without NAME the site itself is looked at: what keeps any machine from booting here.",
          cmd_doctor },

        { "report",
          NULL,
          { MACHINE_OR_MAC },
          report_options,
          false,
          "Write down the last boot of a machine for people who were not there.",
          "It has the trail, what the board said by DHCP, what is known of its firmware, and what the doctor "
          "says. Serials, MACs, "
          "names and keys are replaced by stand-ins. All of it is shown, and a yes is waited for.",
          cmd_report },
        { "ca",
          "show",
          {},
          NULL,
          false,
          "Print the certificate that vouches for the server in HTTPS.",
          "It is PEM, as curl's --cacert takes it. Its SHA-256 is what agents get as bramble.ca=, and with "
          "--json is "
          "there too.",
          cmd_ca_show },
        { "status", NULL, {}, NULL, false, "Show the daemon's version and counters.", NULL, cmd_status },
        { "help",
          NULL,
          { { "NOUN", VALUE_TEXT, NULL, true }, { "VERB", VALUE_TEXT, NULL, true } },
          NULL,
          false,
          "List the commands, or explain one.",
          NULL,
          cmd_help },
        { "completion",
          NULL,
          { { "SHELL", VALUE_CHOICE, "bash|zsh|fish", false } },
          NULL,
          false,
          "Print what makes a shell complete these commands.",
          NULL,
          cmd_completion },
        {},
};

/* What there is no default for. */
static const struct {
        const struct option *of;
        const char *name;
} required[] = { { deploy_options, "image" },     { convert_options, "to" },
                 { replace_options, "with" },     { catalog_export_options, "image" },
                 { report_options, "out" },       { card_options, "board" },
                 { card_options, "firmware" },    { eeprom_edit_options, "out" },
                 { eeprom_sig_options, "out" },   { key_export_options, "out" },
                 { bootimg_make_options, "out" }, { bootimg_sign_options, "out" },
                 { bootimg_sign_options, "key" } };

bool option_is_required(const struct command *c, const struct option *o) {
        for (size_t i = 0; i < ARRAY_LEN(required); i++) {
                if (required[i].of == c->options && strcmp(required[i].name, o->name) == 0)
                        return true;
        }
        return false;
}
