/* ATA commands to a disk, inside SCSI ones, as libata takes them. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble-agent/erase/ata.h"
#include "app/bramble-agent/io/block.h"

/** ata_wire_to() - a wire for ata_erase(); as long as @b is open. */
struct ata_wire ata_wire_to(struct block *b);
