/* Tokens; see token.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/token.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/writer.h"
#include "io/crypto.h"
#include "io/fd.h"

enum { TOKEN_OCTETS = (BOOT_TOKEN_SIZE - 1) / 2 };

static_assert((int)TOKEN_OCTETS <= (int)SHA256_SIZE, "a token is the beginning of a hash");

/* ---- the key ---- */

/* 0, -ENOENT, or -errno. */
static int read_key(const char *path, struct token_key *ret) {
        struct stat st;
        CLEANUP(fd_close_at) int fd = open(path, O_RDONLY | O_CLOEXEC);

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (st.st_size != TOKEN_KEY_SIZE)
                return -EBADMSG;
        ssize_t n = pread(fd, ret->octets, TOKEN_KEY_SIZE, 0);
        return n == TOKEN_KEY_SIZE ? 0 : n < 0 ? -errno : -EBADMSG;
}

/* Written whole under another name first: a key that was cut short would end every boot that is under way. */
static int write_key(const char *path, const char *fresh, const struct token_key *key) {
        CLEANUP(fd_close_at) int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        if (fd < 0)
                return -errno;
        int r = fd_write(fd, key->octets, sizeof(key->octets), 0);
        if (r < 0)
                return r;
        return fsync(fd) < 0 || rename(fresh, path) < 0 ? -errno : 0;
}

int token_key_load(const char *dir, struct token_key *ret, struct error *reterr) {
        CLEANUP(text_free) struct text path = {}, fresh = {};

        text_printf(&path, "%s/token.key", dir);
        text_printf(&fresh, "%s/token.key.new", dir);
        if (path.failed || fresh.failed)
                return error_set(reterr, -ENOMEM, "out of memory");
        int r = read_key(path.octets, ret);
        if (r == -EBADMSG)
                return error_set(reterr, r,
                                 "%s is no key of %d octets: remove it, and machines that boot just now must "
                                 "begin again",
                                 path.octets, TOKEN_KEY_SIZE);
        if (r == -ENOENT) {
                random_octets(ret->octets, sizeof(ret->octets));
                r = write_key(path.octets, fresh.octets, ret);
        }
        return r < 0 ? error_set(reterr, r, "cannot keep the key of boot tokens in %s: %s", path.octets,
                                 strerror(-r))
                     : 0;
}

/* ---- tokens ---- */

static void make_one(const struct token_key *key, const char *use, const struct boot_ask *ask,
                     char ret[static BOOT_TOKEN_SIZE]) {
        uint8_t message[64], hash[SHA256_SIZE];
        struct writer w = writer_of(message, sizeof(message));

        write_u64(&w, ask->session);
        write_octets(&w, ask->mac.octets, sizeof(ask->mac.octets));
        write_octets(&w, use, strlen(use));
        assert(!w.full);
        hmac_sha256(key->octets, sizeof(key->octets), message, writer_len(&w), hash);
        (void)text_hex(hash, TOKEN_OCTETS, ret);
}

void tokens_make(const struct token_key *key, struct boot_ask *ask) {
        ask->token[0] = ask->agent_token[0] = ask->seed_token[0] = 0;
        if (!ask->session)
                return;
        make_one(key, "files", ask, ask->token);
        make_one(key, "agent", ask, ask->agent_token);
        make_one(key, "seed", ask, ask->seed_token);
}

void tokens_copy(const struct boot_ask *from, struct boot_ask *to) {
        memcpy(to->token, from->token, sizeof(to->token));
        memcpy(to->agent_token, from->agent_token, sizeof(to->agent_token));
        memcpy(to->seed_token, from->seed_token, sizeof(to->seed_token));
}

bool token_is(const char *token, const char *said) {
        unsigned difference = 0;

        if (!token[0] || strlen(said) != strlen(token))
                return false;
        for (size_t i = 0; token[i]; i++)
                difference |= (unsigned)(token[i] ^ said[i]);
        return difference == 0;
}
