/*
 * Tokens: what a boot's client, its agent and its system are known by in URLs.
 *
 * Each is 128 bits that are made of a secret key, the boot session and the MAC, so that nothing need be kept
 * of them: after a restart the same boot has the same tokens. They are three because they are worth different
 * things, and are told to different programs: who can read the URL of a kernel must not speak for the agent.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "core/boot/plan.h"

enum { TOKEN_KEY_SIZE = 32 };

struct token_key {
        uint8_t octets[TOKEN_KEY_SIZE];
};

/** token_key_load() - the key of this rack, in @dir; a random one is made at the first start. 0, or -errno
 * with a sentence. */
MUST_CHECK int token_key_load(const char *dir, struct token_key *ret, struct error *reterr);

/** tokens_make() - fills in the tokens of @ask, of its session and MAC; none for no session. */
void tokens_make(const struct token_key *key, struct boot_ask *ask);

/** tokens_copy() - those of another question of the same session. */
void tokens_copy(const struct boot_ask *from, struct boot_ask *to);

/** token_is() - whether somebody who says @said knows @token; takes as long whatever is wrong. Nobody knows
 * "". */
bool token_is(const char *token, const char *said);
