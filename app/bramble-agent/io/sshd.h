/* The SSH server of rescue mode: Debian's dropbear, with libraries of its own. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"

enum { SSHD_PORT = 22, SSHD_KEY_SIZE = 256 };

/**
 * sshd_start() - let @keys in; one that runs already goes on with these keys
 * @host_key:   set to the server's public key, "ssh-ed25519 AAAA…"
 */
MUST_CHECK int sshd_start(const char *keys, char host_key[static SSHD_KEY_SIZE], struct error *reterr);

/** sshd_stop() - nobody is let in any more, and who is in is sent out, with all that was started there. 0
 * also when none runs. */
MUST_CHECK int sshd_stop(struct error *reterr);

/** sshd_main() - a server for each who comes to the socket that is standard input: what the agent does under
 * the name sshd. */
int sshd_main(void);
