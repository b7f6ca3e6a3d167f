/* What files of a root file system say of it. Pure; texts are NUL-terminated and a stranger's. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/machine/machine.h"

/** root_os_name() - "Debian GNU/Linux 12 (bookworm)" of an os-release, the caller's; NULL when it does not
 * say. */
char *root_os_name(const char *os_release);

/** root_console_words() - the console words of the first kernel that a grub.cfg would start, the caller's;
 * NULL when there are none. What else stands there, its root above all, is of that disk. */
char *root_console_words(const char *grub_cfg);

/** root_program_arch() - what an ELF program runs on; ARCH_NONE when that is not known. */
enum arch root_program_arch(const uint8_t *elf, size_t len);
