/* Every command and option of `bramble`, the one list. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/bramble/cmd.h"
#include "app/bramble/commands.h"
#include "app/bramble/options.h"
#include "base/cleanup.h"

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

#define SCOPE \
        { "board=BOARD|tag=TAG", VALUE_TEXT, NULL, false }

#define PROFILE_SCOPE \
        { "board=BOARD|tag=TAG|machine=NAME", VALUE_TEXT, NULL, false }

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
          "Each is checked by what its list says. What the folder has already stays in it, and in its list.",
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
          "KIND is eeprom: sets the EEPROM of one board after another to boot from the network first, of "
          "this server; bootcode: a Raspberry Pi 3 without the errors of its boot ROM; uefi or uboot: other "
          "firmware, with the configuration that it needs. One of --out, --device and --rpiboot says where "
          "it "
          "goes. Bramble brings no firmware: --firmware names what was downloaded, for eeprom the package "
          "rpi-eeprom, for bootcode raspi-firmware.",
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
        { "machine",
          "claim-code",
          { { "NAME|SERIAL...", VALUE_TEXT, NULL, false } },
          claim_code_options,
          false,
          "Make the codes by which machines are taken up that are not approved yet.",
          "A serial that is not known is registered, as those of a delivery are. Nothing is done with such a "
          "machine until "
          "somebody brings its code, or approves it. Only the code's hash is kept: it is printed once.",
          cmd_machine_claim_code },
        { "machine",
          "claim",
          { MACHINE },
          claim_options,
          false,
          "Take a machine up by its claim code.",
          NULL,
          cmd_machine_act },
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
        ACTION("rescue", rescue_options,
               "Boot a machine into its agent, and let in who has one of the keys that are given.", NULL),
        ACTION("exit-rescue", waited_options, "Send a machine back to what it was before its rescue.", NULL),
        ACTION("abort", waited_options, "Stop what is under way with a machine.", NULL),
        ACTION("blink", blink_options, "Let a light of a machine blink, so that somebody finds it.",
               "Its agent does it while it waits and has nothing else to do: by a light of the board, or "
               "that of "
               "the network card."),
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
          "and written behind that of each disk that is deployed. machine set --config-txt gives one machine "
          "its own. Filters may stand in them; each set of lines begins under [all].",
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
          "Refused while machines are booted with it: those that name it, and for the oldest key those that "
          "require trust and name none.",
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
          "start on. A board that goes by a key or a certificate in its EEPROM (SIGNED_BOOT, HTTP_HOST, "
          "HTTP_CACERT_HASH) is refused: rpi-eeprom-config would take these out.",
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
          "import",
          { { "SOURCE...", VALUE_FILE_OR_DIR, NULL, false } },
          NULL,
          false,
          "Make images of the firmware that updates of EEPROMs are made of.",
          "A SOURCE is the package rpi-eeprom, another archive, or a folder that has pieeprom*.bin and "
          "recovery.bin. The newest "
          "firmware of the steadiest channel for each chip becomes image eeprom-2711 or eeprom-2712.",
          cmd_eeprom_import },
        { "eeprom",
          "plan",
          { MACHINE_OR_SELECTION },
          eeprom_plan_options,
          false,
          "Show what machines have in their EEPROMs, as their agents reported it, and what would change.",
          "What is wanted are the lines of eeprom-profile, and a machine with --netconsole on wants that of "
          "its "
          "console too. A line "
          "with a - would go, one with a + would come.",
          cmd_eeprom_plan },
        { "eeprom",
          "apply",
          { MACHINE_OR_SELECTION },
          eeprom_apply_options,
          false,
          "Roll an update of EEPROMs out to machines, wave by wave.",
          "The firmware is that of an image eeprom-2711 or eeprom-2712, the configuration is put into it. A "
          "board "
          "finds the update in its tree when it boots from the network next, fetches it once, writes it and "
          "restarts. It is done when its agent tells that it has what it was offered; where no agent runs, "
          "when it reads its tree again. A wave begins when all before it are done; when one "
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
        { "eeprom",
          "rollback",
          { { "NAME", VALUE_MACHINE, NULL, true } },
          NULL,
          false,
          "Offer boards that took an update what they had before it.",
          "All of the newest roll-out, or one machine. Its agent must have told what it had, and that "
          "firmware must "
          "be an image here: where it is not, that is said. What of the roll-out was not fetched yet is "
          "stopped.",
          cmd_eeprom_rollback },

        { "eeprom-profile",
          "list",
          {},
          NULL,
          false,
          "List what boards, tags and machines want in EEPROMs, in the order in which it is laid over what "
          "is "
          "there.",
          NULL,
          cmd_eeprom_profile_list },
        { "eeprom-profile",
          "show",
          { PROFILE_SCOPE },
          NULL,
          false,
          "Show what a board, a tag or a machine wants in EEPROMs.",
          NULL,
          cmd_eeprom_profile_show },
        { "eeprom-profile",
          "set",
          { PROFILE_SCOPE, { "FILE", VALUE_FILE, NULL, false } },
          eeprom_profile_options,
          false,
          "Give a board, a tag or a machine a profile, in the place of the one it has.",
          "FILE has settings as bootconf.txt has them, without filters. They are laid over the configuration "
          "that a "
          "board has: a machine's line counts more than a tag's, a tag's more than a board's, and what "
          "nobody "
          "says stays. Nothing is written before eeprom apply.",
          cmd_eeprom_profile_set },
        { "eeprom-profile",
          "delete",
          { PROFILE_SCOPE },
          NULL,
          false,
          "Forget the profile of a board, a tag or a machine.",
          NULL,
          cmd_eeprom_profile_delete },

        { "bootimg",
          "make",
          { { "DIR", VALUE_DIR, NULL, false } },
          bootimg_make_options,
          false,
          "Put the files of a folder into one volume that a Raspberry Pi boots from memory.",
          "It is a FAT volume, boot.img. The same files give the same octets. A link to a file of the folder "
          "is that file under another name; names that begin with a dot are left out, and so is FILE itself.",
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
          "A first boot, a large file, a reboot, and the hand-over to its disk: when it is told that there "
          "is nothing for it, and when it is offered nothing. Each step says what is to be done, waits for "
          "the boot, and says what it proves. All of it wants a machine that was added with its image "
          "(machine add --image): where another system was deployed, the hand-over is left out; one whose "
          "system is on its disk is served nothing and refused, before the first step.",
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
          "It has the trail, the board's DHCP messages, what is known of its firmware, and what the doctor "
          "says. MACs, serials, names and keys are replaced by stand-ins, also other boards'; IP addresses "
          "stay. The messages are put together again from what was read of them: the report is no packet "
          "capture. All of it is shown, and a yes is waited for.",
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
        { "ca",
          "export",
          {},
          ca_export_options,
          false,
          "Write that certificate down for an EEPROM: its cacert.der.",
          "bramble eeprom edit --cacert takes the file. The line that bootconf.txt has to have with it is "
          "printed.",
          cmd_ca_export },
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
} required[] = {
        { deploy_options, "image" },         { convert_options, "to" },       { replace_options, "with" },
        { catalog_export_options, "image" }, { report_options, "out" },       { card_options, "board" },
        { card_options, "firmware" },        { eeprom_edit_options, "out" },  { eeprom_sig_options, "out" },
        { key_export_options, "out" },       { bootimg_make_options, "out" }, { bootimg_sign_options, "out" },
        { bootimg_sign_options, "key" },     { ca_export_options, "out" },    { claim_options, "code" }
};

bool option_is_required(const struct command *c, const struct option *o) {
        for (size_t i = 0; i < ARRAY_LEN(required); i++) {
                if (required[i].of == c->options && strcmp(required[i].name, o->name) == 0)
                        return true;
        }
        return false;
}
