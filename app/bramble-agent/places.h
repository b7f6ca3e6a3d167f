/* Where things are in the agent's own environment: all below one folder, so that nothing meets an initrd's.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#define PLACE_HOME "/bramble"
#define PLACE_MODULES "bramble/modules" /* as core/image/modules.c packs them; relative */
#define PLACE_AGENT PLACE_HOME "/agent"
#define PLACE_BUSYBOX PLACE_HOME "/busybox"
#define PLACE_LEASE PLACE_HOME "/lease"       /* the agent, as udhcpc's event program */
#define PLACE_MODPROBE PLACE_HOME "/modprobe" /* the agent, as the kernel's modprobe */
#define PLACE_SSHD PLACE_HOME "/sshd"         /* the agent, as the listener of rescue mode */
#define PLACE_ROOT PLACE_HOME "/root"         /* of the system that the agent starts */
#define PLACE_LAYERS PLACE_HOME "/layers"     /* what a root in memory is made of */
#define PLACE_INIT PLACE_HOME "/init"         /* a text: what starts in that root */
#define PLACE_NIC PLACE_HOME "/nic"           /* a text: the card that must stay up then; empty: none */
#define PLACE_TOOLS PLACE_HOME "/bin"         /* busybox' applets; made at start */
#define PLACE_RESCUE PLACE_HOME "/rescue"     /* an SSH server with the libraries that it needs */
#define PLACE_LOADER PLACE_RESCUE "/ld.so"    /* which start it from there */
