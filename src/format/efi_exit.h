/*
 * The smallest EFI program: it ends at once with "not found", so that firmware goes on to its next boot
 * option.
 *
 * Made here octet for octet, for x64 and arm64 (writer only); there is nothing in it that could be
 * configured. Source: Microsoft PE format specification, revision 11; UEFI specification 2.10 sections 2.1.1
 * and 3.1.1 (a boot option that fails is followed by the next one), 7.4 EFI_BOOT_SERVICES.Exit(), appendix D
 * for the number.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "format/pe.h"

enum { EFI_EXIT_SIZE = 1024 };

/** efi_exit_make() - @machine: PE_MACHINE_AMD64 or PE_MACHINE_ARM64. */
void efi_exit_make(enum pe_machine machine, uint8_t ret[static EFI_EXIT_SIZE]);
