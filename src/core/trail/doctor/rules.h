/* The rules of the signs, by what they look at; signs.c puts them into the table. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/trail/doctor/boot_view.h"

/* asking.c: DHCP, and whom it turns to then */
bool offer_not_taken(const struct boot_view *v, struct doctor_finding *f);
bool other_server(const struct boot_view *v, struct doctor_finding *f);
bool rom_gave_up(const struct boot_view *v, struct doctor_finding *f);
bool never_seen(const struct boot_view *v, struct doctor_finding *f);
bool rom_collision(const struct boot_view *v, struct doctor_finding *f);
bool wrong_tftp_server(const struct boot_view *v, struct doctor_finding *f);
bool no_lease(const struct boot_view *v, struct doctor_finding *f);

/* tree.c: which files it asks for */
bool no_tree(const struct boot_view *v, struct doctor_finding *f);
bool prefix_fell_back(const struct boot_view *v, struct doctor_finding *f);
bool config_ignored(const struct boot_view *v, struct doctor_finding *f);
bool firmware_mismatch(const struct boot_view *v, struct doctor_finding *f);
bool no_device_tree(const struct boot_view *v, struct doctor_finding *f);
bool wrong_loader(const struct boot_view *v, struct doctor_finding *f);

/* transfer.c: how files come across */
bool file_timeout(const struct boot_view *v, struct doctor_finding *f);
bool block_wall(const struct boot_view *v, struct doctor_finding *f);
bool lossy_path(const struct boot_view *v, struct doctor_finding *f);
bool pi5_hang(const struct boot_view *v, struct doctor_finding *f);

/* trusted.c: signatures, certificates, updates, and who it is */
bool signed_boot(const struct boot_view *v, struct doctor_finding *f);
bool https_failed(const struct boot_view *v, struct doctor_finding *f);
bool eeprom_loop(const struct boot_view *v, struct doctor_finding *f);
bool wrong_identity(const struct boot_view *v, struct doctor_finding *f);

/* system.c: what was started */
bool no_root(const struct boot_view *v, struct doctor_finding *f);
bool no_network(const struct boot_view *v, struct doctor_finding *f);
bool disk_not_booted(const struct boot_view *v, struct doctor_finding *f);
bool no_warm_reboot(const struct boot_view *v, struct doctor_finding *f);
