/* Options of EEPROMs, cards, keys and boot volumes; see options.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/options.h"

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
                  of "BOOT_ORDER, in hexadecimal digits, the last one first, as in 0xf12: network, card, " \
                     "and again. " \
                     "Default: as the firmware has it, with the network first." }, \
        { \
                "set", "KEY=VALUE", VALUE_TEXT, NULL, NULL, FORM_LIST, \
                        of \
                        "Another setting of its bootconf.txt, as in DHCP_TIMEOUT=20000. May be given more " \
                        "than once." \
        }

const struct option adopt_options[] = {
        EEPROM_SETTINGS(""),
        { "yes", NULL, VALUE_NONE, NULL, NULL, FORM_NONE,
          "Do not ask before a board gets its configuration." },
        {},
};

const struct option card_options[] = {
        { "board", "BOARD", VALUE_CHOICE, CARD_BOARDS, NULL, FORM_NONE,
          "Board that the card is for: pi3 (3B, 3B+, CM3), pi4 (4B, 400), pi5 (5, 500), cm4 or cm5." },
        { "firmware", "PATH", VALUE_FILE_OR_DIR, NULL, NULL, FORM_LIST,
          "Where its firmware is: a folder, an archive, a Debian package or a file. May be given more than "
          "once; what an "
          "earlier one has is taken from it." },
        { "out", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE, "Write the image of the card to this file." },
        { "device", "DEV", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Write it onto this card, as in /dev/sdb; a device that cannot be taken out is refused." },
        { "rpiboot", "DIR", VALUE_DIR, NULL, NULL, FORM_NONE,
          "Write a folder that rpiboot sends to a board over USB; the way for compute modules." },
        EEPROM_SETTINGS("eeprom: "),
        { "pubkey", "PEM", VALUE_FILE, NULL, NULL, FORM_NONE,
          "eeprom: key that boots by HTTP must be signed with; its public part is enough. HTTP is asked "
          "first "
          "then, of this server." },
        { "http-port", "PORT", VALUE_NUMBER, NULL, NULL, FORM_NONE,
          "eeprom: with --pubkey, port that this server is asked at: boot_http.port of its configuration, "
          "with --cacert boot_http.tls_port. Default: 5248, and 5249." },
        { "cacert", "DER", VALUE_FILE, NULL, NULL, FORM_NONE,
          "eeprom: certificate that this server is known by, as bramble ca export writes it: HTTP becomes "
          "HTTPS. With --pubkey." },
        { "once", NULL, VALUE_NONE, NULL, NULL, FORM_NONE,
          "eeprom: write one board, which starts again afterwards, instead of board after board." },
        { "yes", NULL, VALUE_NONE, NULL, NULL, FORM_NONE, "Do not ask before a device is written over." },
        {},
};

const struct option key_import_options[] = {
        { "signer", "PROGRAM", VALUE_TEXT, NULL, NULL, FORM_NONE,
          "The private key is not handed over: this program of the folder signers_dir signs with it." },
        { "pubkey", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE, "With --signer: the public key, in PEM." },
        {},
};

const struct option ca_export_options[] = {
        { "out", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE,
          "File that is written, in DER, whole or not at all. Must be given." },
        {},
};

const struct option key_export_options[] = {
        { "out", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE,
          "File to write, which must not be there yet. Must be given." },
        { "public", NULL, VALUE_NONE, NULL, NULL, FORM_NONE,
          "The public part, as pubkey.bin of an EEPROM, in place of the private key in PEM." },
        {},
};

const struct option eeprom_show_options[] = {
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

const struct option eeprom_edit_options[] = {
        FILE_OUT,
        { "config", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE, "Configuration: its new bootconf.txt." },
        { "config-sig", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Signature of that, as bramble eeprom sig makes it: its new bootconf.sig." },
        { "pubkey", "PEM", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Key of RSA-2048 that boots are signed with; only its public part goes in: its new pubkey.bin." },
        { "boot-key", "KEY", VALUE_KEY, NULL, NULL, FORM_NONE,
          "Key that the server keeps: its public part is the new pubkey.bin, and its signature of the "
          "configuration the new bootconf.sig." },
        { "cacert", "DER", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Certificate that servers of HTTPS are known by: its new cacert.der." },
        { "remove", "NAME", VALUE_CHOICE, "bootconf.txt|bootconf.sig|pubkey.bin|cacert.der", NULL, FORM_LIST,
          "Empty one of its files. May be given more than once." },
        { "timestamp", "T", VALUE_NUMBER, NULL, NULL, FORM_NONE,
          "Unix time that it says it was made, for who writes it to the flash directly." },
        {},
};

const struct option eeprom_sig_options[] = {
        FILE_OUT,
        { "key", "PEM", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Private key of RSA-2048 to sign with. Default: no signature." },
        { "timestamp", "T", VALUE_NUMBER, NULL, NULL, FORM_NONE,
          "Unix time that it says. Default: $SOURCE_DATE_EPOCH, or now." },
        { "soc", "CHIP", VALUE_CHOICE, "2711|2712", NULL, FORM_NONE,
          "Chip that the file is for, when it is an EEPROM's image." },
        {},
};

const struct option eeprom_plan_options[] = {
        SELECTION,
        { "config", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Only boards whose configuration is another one than this file, with the lines that would go and "
          "come." },
        { "server", "ADDRESS", VALUE_HOST, NULL, NULL, FORM_NONE,
          "Only boards whose TFTP_IP or HTTP_HOST names another server." },
        {},
};

const struct option eeprom_profile_options[] = {
        { "firmware", "FIRMWARE", VALUE_TEXT, NULL, NULL, FORM_NONE,
          "Firmware that is wanted with it: an image as in eeprom-2711@2, its day as in 2026-05-17, or "
          "newest. "
          "Default: what others say, or the newest." },
        {},
};

const struct option eeprom_apply_options[] = {
        SELECTION,
        { "config", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE,
          "The bootconf.txt that they get; what is odd about it is said. Default: what their profiles want, "
          "and those that have it already "
          "are "
          "left as they are." },
        { "canaries", "N", VALUE_NUMBER, NULL, NULL, FORM_NONE, "Machines of the first wave. Default: 1." },
        { "wave", "N", VALUE_NUMBER, NULL, NULL, FORM_NONE, "Machines of every wave after it. Default: 5." },
        { "within", "HOURS", VALUE_NUMBER, NULL, NULL, FORM_NONE,
          "How long each is offered its update; then it has failed. Default: 24." },
        { "by", "WAY", VALUE_CHOICE, "network|agent|auto", NULL, FORM_NONE,
          "How it is written: network, by the board itself; agent, by its agent, where its kernel lets it; "
          "auto: by "
          "the agent where one is up, else by the network. Default: network." },
        { "roll-back", NULL, VALUE_NONE, NULL, NULL, FORM_NONE,
          "When one fails, offer what they had before to those that took the update." },
        {},
};

const struct option bootimg_make_options[] = { FILE_OUT, {} };

const struct option bootimg_sign_options[] = {
        FILE_OUT,
        { "key", "PEM", VALUE_FILE, NULL, NULL, FORM_NONE,
          "Private key of RSA-2048 to sign with. Must be given." },
        { "timestamp", "T", VALUE_NUMBER, NULL, NULL, FORM_NONE,
          "Unix time that it says. Default: $SOURCE_DATE_EPOCH, or now." },
        {},
};
