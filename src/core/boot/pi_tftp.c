/*
 * Raspberry Pi firmware over TFTP: a tree of its own for each board, whatever prefix it puts in front.
 *
 * config.txt and cmdline.txt are made: the image's own are the base, ours is laid over. Everything else is
 * the image's. Sources: raspberry-pi.md sections 1.6, 2 and 3.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "core/boot/method.h"
#include "core/boot/methods.h"
#include "core/boot/pi_eeprom.h"
#include "core/boot/pi_files.h"
#include "core/boot/pi_offer.h"
#include "core/boot/pi_ramdisk.h"
#include "core/boot/pi_verdict.h"

enum { FIXED_PREFIX_MAX = 32 }; /* octets of TFTP_PREFIX_STR, its slash included */

static bool match(const struct boot_plan *p) {
        return boot_plan_starts_kernel(p) && boot_client_is_pi(p->client->id) &&
               (p->image->arch == ARCH_ARM64 || p->image->arch == ARCH_ARMHF || p->image->arch == ARCH_NONE);
}

/* What this family cannot start without, and what it means that it is not there. */
static const struct {
        enum config_txt_family family;
        const char *file, *sentence;
} needed[] = {
        { CONFIG_TXT_ROM, "bootcode.bin", "has no bootcode.bin, which the boot ROM asks for first" },
        { CONFIG_TXT_ROM, "start.elf", "has no start.elf: the firmware stops with \"not found\"" },
        { CONFIG_TXT_2711, "start4.elf",
          "has no start4.elf: the EEPROM says \"Firmware not found\" and goes on" },
};

static void note_missing(struct boot_plan *p, enum config_txt_family family) {
        for (size_t i = 0; i < ARRAY_LEN(needed); i++) {
                if (needed[i].family == family && !image_find_folded(p->image, needed[i].file))
                        boot_plan_say(p, "image %s %s", p->image->name, needed[i].sentence);
        }
}

static void plan(struct boot_plan *p) {
        enum config_txt_family family = pi_files_family(p);

        if (pi_verdict_refuse(p))
                return;
        pi_offer_fill(p);
        boot_plan_say_fixed(
                p, "it gets a tree of its own by TFTP, with or without a prefix of serial, MAC or text");
        if (boot_plan_has_netconsole(p))
                boot_plan_say_fixed(p, "its console is heard here: for that of its firmware its EEPROM wants "
                                       "the line " MACHINE_NETCONSOLE_LINE);
        note_missing(p, family);
        pi_verdict_note(p);
        pi_eeprom_say(p);
        if (boot_plan_is_proxy(p) && family == CONFIG_TXT_ROM)
                boot_plan_say_fixed(
                        p,
                        "behind another DHCP server a Pi 3 fetches from that server and not from here; an SD "
                        "card that holds only bootcode.bin helps");
}

/* A prefix that the operator set in the EEPROM: any text, and so known only by not being a folder of the
 * image. */
static const char *strip_fixed_prefix(const struct boot_plan *p, const char *path) {
        const char *at = path;

        for (const char *slash; (slash = strchr(at, '/')); at = slash + 1) {
                size_t len = (size_t)(slash - at);
                if (slash - path >= FIXED_PREFIX_MAX || image_has_folder(p->image, at, len) ||
                    (len == 8 && strncasecmp(at, "overlays", 8) == 0))
                        break;
        }
        return at;
}

static const char *resolve(const struct boot_plan *p, const char *path) {
        const char *below = boot_path_below_prefix(p, path);

        return below == path ? strip_fixed_prefix(p, path) : below;
}

/*
 * Names that firmware asks for in the hope that they are not there: a recovery program replaces the firmware,
 * an update writes the EEPROM. Files that a card had left lying are not meant, unless config.txt speaks of
 * them.
 */
static bool is_recovery(const char *name) {
        static const char *const names[] = {
                "recovery.elf",     "recover4.elf",  "recovery4.elf",  "recovery.bin",
                "recovery.img",     "recovery7.img", "recovery7l.img", "recovery8.img",
                "recovery8-32.img", "fixup4rc.dat",  "fixup_rc.dat",
        };
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                if (strcasecmp(name, names[i]) == 0)
                        return true;
        }
        return false;
}

static bool hides(const struct boot_plan *p, const char *path) {
        if (strncasecmp(path, "pieeprom.", 9) == 0 || strncasecmp(path, "vl805.", 6) == 0)
                return true;
        if (!is_recovery(path))
                return false;
        const struct image_file *config = boot_plan_role(p, IMAGE_FILE_CONFIG_TXT);
        return !config || !config->octets || !strcasestr((const char *)config->octets, path);
}

static size_t generate(const struct boot_plan *p, struct boot_generated list[static BOOT_GENERATED_MAX]) {
        size_t n = pi_files_generate(p, list);
        n += pi_eeprom_generate(p, list + n);
        return pi_ramdisk_generate(p, list, n);
}

const struct boot_method boot_method_pi_tftp = {
        .name = "pi-tftp",
        .title = "Raspberry Pi firmware over TFTP",
        .match = match,
        .plan = plan,
        .generate = generate,
        .resolve = resolve,
        .hides = hides,
        .is_laid_over = pi_files_is_laid_over,
        .lay_over = pi_files_lay_over,
};
