/*
 * Which hardware a script is for: for_hardware of its metadata, held against what the machine has. Forms are
 * MAAS'.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

#include "app/bramble-agent/io/tree.h"

enum { HARDWARE_WHY_SIZE = 200 };

/**
 * hardware_is_there() - whether the machine has any of it
 * @for_hardware: a text or a list of them: "modalias:PATTERN", "pci:VENDOR:PRODUCT", "usb:VENDOR:PRODUCT",
 * "system_vendor:TEXT", "system_product:", "system_version:", "mainboard_vendor:", "mainboard_product:"; what
 * follows may be a pattern of the shell's. NULL, null or an empty list: any machine will do.
 * @why:        when it has not: a sentence
 *
 * What is written otherwise is nowhere: a script that writes firmware is not to run by a slip of the pen.
 */
bool hardware_is_there(const struct tree *t, const json_t *for_hardware, char why[static HARDWARE_WHY_SIZE]);
