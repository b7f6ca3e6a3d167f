/*
 * A boot of the agent: under which kernel it runs, with which initrd, and with which words on its command
 * line.
 *
 * The agent brings no kernel. It is a small archive that is appended to the initrd of a kernel that boots the
 * machine anyway: of the machine's image, of any image with boot files for its board, or of the agent's own
 * environment.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/boot/method.h"

/* Where the agent's initrd lies in a tree. In no folder: a Pi may have put a prefix in front. */
#define BOOT_AGENT_INITRD "bramble-initrd"

/**
 * boot_agent_choose() - sets the plan's image and agent
 *
 * Without either the plan becomes one that refuses, and says what is missing.
 */
void boot_agent_choose(struct boot_plan *p);

/**
 * boot_agent_start_system() - sets the plan's agent, which is to start the system of the plan's image
 *
 * Without one the plan becomes one that refuses, and says what is missing.
 */
void boot_agent_start_system(struct boot_plan *p);

/** boot_agent_words() - "rdinit=/bramble/agent bramble.url=…", in the arena; NULL when that is full. */
const char *boot_agent_words(const struct boot_plan *p);

/**
 * boot_agent_cmdline() - a command line that starts the agent
 * @base:       an image's text, of which what says how to speak to the hardware is kept: consoles and the
 * like. Where the agent starts the machine's own system, all is that does not say where its root is
 *
 * Return: its length, or -E2BIG, or -ENOMEM.
 */
int boot_agent_cmdline(const struct boot_plan *p, const char *base, char *buf, size_t size);
