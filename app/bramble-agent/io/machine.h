/* The machine as a whole: its mounts, its tools, its end. Only for an agent that is the machine's init. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** machine_prepare() - mounts, a console, tools, and the kernel's way to ask for modules. */
void machine_prepare(void);

/** machine_hand_over() - what machine_prepare() told the kernel of this place is taken back. */
void machine_hand_over(void);

/** machine_reboot(), machine_poweroff() - after what was written is on its disks; they do not come back. */
void machine_reboot(void) __attribute__((noreturn));
void machine_poweroff(void) __attribute__((noreturn));
