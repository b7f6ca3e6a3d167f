/*
 * The signs that the doctor knows, one row each, in the order of a boot. Source: raspberry-pi.md section 11.
 *
 * A row's page has a section with its id as heading; a test holds us to it.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trail/doctor/rules.h"

#define ASKING(id) "doctor/asking.md#" id
#define FILES(id) "doctor/files.md#" id
#define TRANSFERS(id) "doctor/transfers.md#" id
#define TRUST(id) "doctor/trust.md#" id
#define SYSTEM(id) "doctor/system.md#" id

const struct doctor_sign doctor_signs[] = {
        {
                .id = "never-seen",
                .title = "It was never seen",
                .weight = DOCTOR_HINT,
                .page = ASKING("never-seen"),
                .holds = never_seen,
                .advice = { "A Raspberry Pi 4 or 5 asks the network only if its BOOT_ORDER has the digit 2: "
                            "a new "
                            "one has not. A Pi 3B asks after program_usb_boot_mode was set once.",
                            "See whether its link is up, in the same segment as this server, and whether it "
                            "boots from a card or a USB disk instead.",
                            "Compare its MAC or serial with what is registered: bramble machine list shows "
                            "who "
                            "asked and is registered nowhere." },
        },
        {
                .id = "offer-not-taken",
                .title = "The boot offer is not taken",
                .weight = DOCTOR_FAULT,
                .page = ASKING("offer-not-taken"),
                .holds = offer_not_taken,
                .advice = { "See whether its EEPROM has PXE_OPTION43 set: the offer says \"Raspberry Pi "
                            "Boot\".",
                            "See whether another DHCP server answers it as well: bramble doctor lists those "
                            "that "
                            "were heard.",
                            "Update its EEPROM if it is from before 2020: older ones misread options." },
        },
        {
                .id = "other-server",
                .title = "Another DHCP server won",
                .weight = DOCTOR_FAULT,
                .page = ASKING("other-server"),
                .holds = other_server,
                .hides = { "offer-not-taken", "wrong-tftp-server", "rom-gave-up" },
                .advice = { "Switch the other server off on this network, or have it leave these machines "
                            "alone.",
                            "Or let it stay and serve boots beside it: bramble subnet set CIDR --dhcp "
                            "proxy." },
        },
        {
                .id = "rom-collision",
                .title = "Two Pi 3 at once",
                .weight = DOCTOR_FAULT,
                .page = ASKING("rom-collision"),
                .holds = rom_collision,
                .hides = { "rom-gave-up" },
                .advice = { "Switch it off and on again by itself: it asks no more until then.",
                            "Switch Pi 3 on one after the other, some seconds apart.",
                            "A card with nothing but bootcode.bin on it cures its boot ROM." },
        },
        {
                .id = "rom-gave-up",
                .title = "A Pi 3 gave up",
                .weight = DOCTOR_FAULT,
                .page = ASKING("rom-gave-up"),
                .holds = rom_gave_up,
                .advice = { "Switch it off and on again: it asks five times within 25 seconds, and then "
                            "never.",
                            "Set its switch port to forward at once (portfast, edge port): spanning tree "
                            "holds a "
                            "port back for 30 seconds.",
                            "A card with nothing but bootcode.bin on it cures its boot ROM." },
        },
        {
                .id = "wrong-tftp-server",
                .title = "It asks somebody else for its files",
                .weight = DOCTOR_FAULT,
                .page = ASKING("wrong-tftp-server"),
                .holds = wrong_tftp_server,
                .hides = { "offer-not-taken" },
                .advice = { "Take TFTP_IP out of its EEPROM configuration, or set it to this server.",
                            "See that no router between it and this server changes addresses." },
        },
        {
                .id = "no-lease",
                .title = "It asks without an address of ours",
                .weight = DOCTOR_HINT,
                .page = ASKING("no-lease"),
                .holds = no_lease,
                .advice = { "Its EEPROM has TFTP_IP and CLIENT_IP set, or a server that is not heard here "
                            "gives it "
                            "its address. Both work.",
                            "Reserve its address, so that nobody else is given it: bramble machine set NAME "
                            "--ip "
                            "ADDRESS." },
        },
        {
                .id = "wrong-loader",
                .title = "The loader of another kind of computer",
                .weight = DOCTOR_FAULT,
                .page = FILES("wrong-loader"),
                .holds = wrong_loader,
                .hides = { "no-tree" },
                .advice = { "Not this server named that file: look for another DHCP server that takes every "
                            "client for a PC, or for a boot menu that was made for one.",
                            "bramble boot explain NAME says what this server takes it for." },
        },
        {
                .id = "no-tree",
                .title = "There is nothing for it to boot",
                .weight = DOCTOR_FAULT,
                .page = FILES("no-tree"),
                .holds = no_tree,
                .advice = { "bramble boot explain NAME says what it would get, and why.",
                            "Give it an image that has files for its board: bramble machine set NAME --image "
                            "IMAGE.",
                            "Import the image again if its boot directory was not whole." },
        },
        {
                .id = "prefix-fell-back",
                .title = "It boots without a folder of its own",
                .weight = DOCTOR_WARNING,
                .page = FILES("prefix-fell-back"),
                .holds = prefix_fell_back,
                .advice = { "Set TFTP_PREFIX=0 in its EEPROM configuration: then it asks below its serial.",
                            "See whether the serial that it asks by is registered for another machine." },
        },
        {
                .id = "config-ignored",
                .title = "Its config.txt is not followed",
                .weight = DOCTOR_FAULT,
                .page = FILES("config-ignored"),
                .holds = config_ignored,
                .hides = { "no-network" },
                .advice = { "See which lines reach it: bramble boot files NAME config.txt. Sections like "
                            "[pi4] "
                            "hold for one board only.",
                            "Keep config.txt below 4096 octets.",
                            "A 32-bit kernel wants arm_64bit=0, a 64-bit one arm_64bit=1." },
        },
        {
                .id = "firmware-mismatch",
                .title = "Firmware files of two releases",
                .weight = DOCTOR_FAULT,
                .page = FILES("firmware-mismatch"),
                .holds = firmware_mismatch,
                .advice = { "Take start*.elf and fixup*.dat from the same release, and one that knows this "
                            "revision of the board.",
                            "Look at its LED: 4 long and 4 short flashes say that the firmware does not know "
                            "the "
                            "board. bramble doctor NAME --led LONG,SHORT explains others." },
        },
        {
                .id = "no-device-tree",
                .title = "The device tree is missing",
                .weight = DOCTOR_FAULT,
                .page = FILES("no-device-tree"),
                .holds = no_device_tree,
                .advice = { "Use an image that knows this board: boards of a later stepping ask for names of "
                            "their own, as bcm2712d0-rpi-5-b.dtb.",
                            "Or add the file to the image's boot directory, and import it again." },
        },
        {
                .id = "block-wall",
                .title = "The file is too large for its firmware",
                .weight = DOCTOR_FAULT,
                .page = TRANSFERS("block-wall"),
                .holds = block_wall,
                .hides = { "file-timeout", "pi5-hang", "signed-boot" },
                .advice = { "Update its EEPROM: newer ones count on.",
                            "Or make the file smaller than 96 MB, or fetch it by HTTP." },
        },
        {
                .id = "file-timeout",
                .title = "A file took too long",
                .weight = DOCTOR_FAULT,
                .page = TRANSFERS("file-timeout"),
                .holds = file_timeout,
                .hides = { "pi5-hang" },
                .advice = { "Raise TFTP_FILE_TIMEOUT in its EEPROM configuration: 30000 ms is the default.",
                            "See that its link runs at 1 Gbit/s, and that nothing on the way is slower.",
                            "A smaller initramfs, or HTTP boot, needs less time." },
        },
        {
                .id = "pi5-hang",
                .title = "A Pi 5 hangs after a broken transfer",
                .weight = DOCTOR_FAULT,
                .page = TRANSFERS("pi5-hang"),
                .holds = pi5_hang,
                .advice = { "Switch it off and on again: it does not try again by itself.",
                            "Look for what broke the transfer: cable, switch, a full or sleeping link.",
                            "Update its EEPROM." },
        },
        {
                .id = "lossy-path",
                .title = "Packets get lost on its way",
                .weight = DOCTOR_WARNING,
                .page = TRANSFERS("lossy-path"),
                .holds = lossy_path,
                .advice = { "Change its cable, then its switch port.",
                            "See that the MTU is 1500 all the way: VLANs and tunnels make it smaller, and "
                            "firmware does not put fragments together.",
                            "See that both ends of each link agree on speed and duplex." },
        },
        {
                .id = "signed-boot",
                .title = "The signed boot image is refused",
                .weight = DOCTOR_FAULT,
                .page = TRUST("signed-boot"),
                .holds = signed_boot,
                .advice = { "Sign boot.img with the key whose public half is in its EEPROM as pubkey.bin.",
                            "See that pubkey.bin is there at all: an update of the EEPROM without it takes "
                            "it "
                            "away.",
                            "Keep boot.img within 96 MiB. Older EEPROMs of a Pi 5 with signed boot break it "
                            "off over TFTP: update it, or have it boot by HTTP." },
        },
        {
                .id = "https-failed",
                .title = "It does not get on by HTTP",
                .weight = DOCTOR_FAULT,
                .page = TRUST("https-failed"),
                .holds = https_failed,
                .hides = { "offer-not-taken" },
                .advice = { "Try plain HTTP: what it fetches is signed all the same.",
                            "For HTTPS its EEPROM needs the certificate of this server's authority as "
                            "cacert.der, "
                            "and its hash as HTTP_CACERT_HASH: bramble ca export.",
                            "See that no proxy or captive portal redirects it: its firmware follows none." },
        },
        {
                .id = "eeprom-loop",
                .title = "The EEPROM update begins again at each start",
                .weight = DOCTOR_FAULT,
                .page = TRUST("eeprom-loop"),
                .holds = eeprom_loop,
                .advice = { "Withdraw the update: bramble eeprom stop, or on the other server that offers "
                            "it.",
                            "See whether the EEPROM is write-protected, and whether the update is made for "
                            "its "
                            "chip: 2711 or 2712.",
                            "An update must be newer, by the time in its .sig file, than what is written." },
        },
        {
                .id = "wrong-identity",
                .title = "It says that it is somebody else",
                .weight = DOCTOR_WARNING,
                .page = TRUST("wrong-identity"),
                .holds = wrong_identity,
                .advice = { "Look at the board: its serial is the end of what /proc/cpuinfo calls Serial.",
                            "Was a board exchanged? bramble machine replace NAME --with MAC|SERIAL. Is the "
                            "entry wrong? bramble machine set NAME --mac MAC --serial SERIAL.",
                            "Else somebody may pretend to be this machine: have strangers approved (bramble "
                            "subnet set CIDR --unknown approve), and boots signed." },
        },
        {
                .id = "no-root",
                .title = "Its system finds no root",
                .weight = DOCTOR_FAULT,
                .page = SYSTEM("no-root"),
                .holds = no_root,
                .hides = { "no-network", "disk-not-booted" },
                .advice = { "See its command line: bramble boot files NAME cmdline.txt. A root on the "
                            "network wants "
                            "ip=dhcp and rootwait, and no PARTUUID of a card.",
                            "NFS by an initramfs wants vers=3; see that the server lets this address in.",
                            "Have it tell more: bramble machine set NAME --netconsole on. Its kernel cannot "
                            "where it boots by boot.img." },
        },
        {
                .id = "no-network",
                .title = "Its system never asks for an address",
                .weight = DOCTOR_FAULT,
                .page = SYSTEM("no-network"),
                .holds = no_network,
                .advice = { "See that its initramfs is of the same kernel, and has the driver of its network "
                            "card: "
                            "bcmgenet on a Pi 4, macb on a Pi 5.",
                            "See that the command line has no root=PARTUUID= of a card that is not there.",
                            "Have it tell more: bramble machine set NAME --netconsole on. Its kernel cannot "
                            "where it boots by boot.img." },
        },
        {
                .id = "disk-not-booted",
                .title = "It is to boot its disk, and does not",
                .weight = DOCTOR_FAULT,
                .page = SYSTEM("disk-not-booted"),
                .holds = disk_not_booted,
                .advice = { "See that its BOOT_ORDER names the disk behind the network: 0xf12 for a card, "
                            "0xf62 for "
                            "NVMe.",
                            "See that a system is on that disk. To put one there: bramble machine deploy "
                            "NAME "
                            "--image IMAGE --root disk.",
                            "To have it boot the network instead, give it an image: bramble machine set NAME "
                            "--image IMAGE." },
        },
        {
                .id = "no-warm-reboot",
                .title = "It does not come back from a restart",
                .weight = DOCTOR_WARNING,
                .page = SYSTEM("no-warm-reboot"),
                .holds = no_warm_reboot,
                .advice = { "Switch it off and on again.", "Update its EEPROM: on a Pi 4 of revision 1.1 "
                                                           "those before 2022-04-22 lose the network "
                                                           "on a restart." },
        },
};

const size_t doctor_n_signs = ARRAY_LEN(doctor_signs);
