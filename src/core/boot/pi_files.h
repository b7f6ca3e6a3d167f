/* config.txt and cmdline.txt as one Raspberry Pi gets them: the image's own, with ours laid over. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "core/boot/method.h"
#include "format/config_txt.h"

/** pi_files_family() - how the plan's board loads: by its board, else by the firmware that asks, else by its
 * MAC. */
enum config_txt_family pi_files_family(const struct boot_plan *p);

/** pi_files_board() - what filters of config.txt are compared with. */
struct config_txt_board pi_files_board(const struct boot_plan *p);

/** pi_files_serve() - whether import found in @image what starts the plan's board; where that is not known,
 * one that loads as the firmware that asks. */
bool pi_files_serve(const struct boot_plan *p, const struct image *image);

/** pi_files_arch() - in which mode the plan's board starts the kernel of the plan's image. */
enum arch pi_files_arch(const struct boot_plan *p);

/**
 * pi_files_choose() - what the plan's board loads because of the config.txt that it is served
 * @ret:        set on success only
 *
 * Return: 0, or -errno as boot_plan_why() knows it.
 */
MUST_CHECK int pi_files_choose(const struct boot_plan *p, const struct blob_source *blobs,
                               struct config_txt_choice *ret);

/** pi_files_has_lines() - whether an operator's lines are laid over the plan's config.txt. */
bool pi_files_has_lines(const struct boot_plan *p);

/** pi_files_check_config() - whether the config.txt of the plan's board can be made, as far as that can be
 * said without a look at content; as pi_files_choose(). */
MUST_CHECK int pi_files_check_config(const struct boot_plan *p);

/** pi_files_generate() - the two files where the image has none; as boot_method.generate(). */
size_t pi_files_generate(const struct boot_plan *p, struct boot_generated list[static BOOT_GENERATED_MAX]);

/* The image's own with ours laid over; as the members of struct boot_method. */
bool pi_files_is_laid_over(const struct boot_plan *p, const struct image_file *f);
int pi_files_lay_over(const struct boot_plan *p, const struct image_file *f, const struct blob_source *blobs,
                      struct boot_file **ret);
