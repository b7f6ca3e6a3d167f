/* What the LED says; see led.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trail/doctor/led.h"

#include "base/cleanup.h"

const struct doctor_led doctor_leds[] = {
        { 0, 3, "it failed to boot, for no reason of its own",
          "Look at the doctor's other findings, or attach a screen: newer firmware writes the reason "
          "there." },
        { 0, 4, "start*.elf is not found",
          "Use an image that has the firmware of this board: start4.elf on a Pi 4, start.elf on a Pi 3." },
        { 0, 7, "the kernel is not found",
          "See which name config.txt gives it, and whether the image has it: bramble boot files NAME." },
        { 0, 8, "its memory does not work",
          "The board is broken, or its EEPROM older than it: update that." },
        { 0, 9, "it has too little memory for what it shall load", "Use a smaller boot image or initramfs." },
        { 0, 10, "it has halted", "It was told to: wake it by its GPIO, or switch it off and on again." },
        { 2, 1, "its boot partition is no FAT file system",
          "Write its card anew, or take the card out to boot from the network." },
        { 2, 2, "its boot partition cannot be read", "The card is broken: write another one." },
        { 2, 4, "a signature or hash does not fit what was loaded",
          "Sign boot.img with the key in its EEPROM, and see that it is not longer than 96 MiB." },
        { 3, 1, "its EEPROM cannot be read", "Write it anew with a rescue card." },
        { 3, 2, "its EEPROM is write-protected", "Take the write protection off, or leave the update." },
        { 3, 4, "its configuration of secure boot is not valid",
          "Write an EEPROM whose configuration, signature and key belong together." },
        { 4, 3, "its I/O chip RP1 does not answer", "The board is broken, or its power too weak." },
        { 4, 4, "its firmware does not know this board",
          "Use newer firmware: start*.elf and fixup*.dat of one release, or a newer EEPROM." },
        { 4, 5, "its firmware ended with an error", "Use another release of the firmware." },
        { 4, 6, "its power failed (kind A)", "Use the power supply that is made for it." },
        { 4, 7, "its power failed (kind B)", "Use the power supply that is made for it." },
};

const size_t doctor_n_leds = ARRAY_LEN(doctor_leds);

const struct doctor_led *doctor_led_find(unsigned long_flashes, unsigned short_flashes) {
        for (size_t i = 0; i < doctor_n_leds; i++)
                if (doctor_leds[i].long_flashes == long_flashes &&
                    doctor_leds[i].short_flashes == short_flashes)
                        return &doctor_leds[i];
        return NULL;
}
