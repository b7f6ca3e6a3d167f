/* Signature files of Raspberry Pi's firmware; see boot_sig.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "format/boot_sig.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { LINE_SIZE = 2 * BOOT_SIG_RSA_SIZE + 32, SOC_MAX = 9999 };

void boot_sig_write(const struct boot_sig *sig, struct text *out) {
        char hex[2 * BOOT_SIG_RSA_SIZE + 1];

        text_printf(out, "%s\n", text_hex(sig->digest, sizeof(sig->digest), hex));
        if (sig->has_ts)
                text_printf(out, "ts: %" PRIu64 "\n", sig->ts);
        if (sig->target_soc)
                text_printf(out, "target-soc: %u\n", sig->target_soc);
        if (sig->has_rsa)
                text_printf(out, "rsa2048: %s\n", text_hex(sig->rsa, sizeof(sig->rsa), hex));
}

static int read_ts(struct boot_sig *sig, const char *value) {
        sig->has_ts = text_parse_u64(value, UINT64_MAX, &sig->ts) == 0;
        return sig->has_ts ? 0 : -EBADMSG;
}

static int read_soc(struct boot_sig *sig, const char *value) {
        uint64_t soc;

        if (text_parse_u64(value, SOC_MAX, &soc) < 0)
                return -EBADMSG;
        sig->target_soc = (unsigned)soc;
        return 0;
}

static int read_rsa(struct boot_sig *sig, const char *value) {
        sig->has_rsa = text_parse_hex(value, sig->rsa, sizeof(sig->rsa)) == 0;
        return sig->has_rsa ? 0 : -EBADMSG;
}

static const struct {
        const char *key; /* with what stands between it and its value */
        int (*read)(struct boot_sig *sig, const char *value);
} lines[] = {
        { "ts: ", read_ts },
        { "target-soc: ", read_soc },
        { "rsa2048: ", read_rsa },
};

static int read_line(struct boot_sig *sig, const char *line) {
        for (size_t i = 0; i < ARRAY_LEN(lines); i++)
                if (text_starts_with(line, lines[i].key))
                        return lines[i].read(sig, line + strlen(lines[i].key));
        return 0;
}

/* The next line of @text as a string, without what ends it and blanks before that; false: there is none, or
 * it is too long. */
static bool next_line(const char **text, const char *end, char line[static LINE_SIZE]) {
        const char *newline = *text < end ? memchr(*text, '\n', (size_t)(end - *text)) : NULL;
        size_t len = (size_t)((newline ? newline : end) - *text);

        if (*text == end || len >= LINE_SIZE || memchr(*text, 0, len))
                return false;
        memcpy(line, *text, len);
        while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == ' '))
                len--;
        line[len] = 0;
        *text = newline ? newline + 1 : end;
        return true;
}

int boot_sig_parse(const char *text, size_t len, struct boot_sig *ret) {
        const char *end = text + len;
        struct boot_sig sig = {};
        char line[LINE_SIZE];

        if (len > BOOT_SIG_SIZE_MAX || !next_line(&text, end, line) ||
            text_parse_hex(line, sig.digest, sizeof(sig.digest)) < 0)
                return -EBADMSG;
        while (text < end)
                if (!next_line(&text, end, line) || read_line(&sig, line) < 0)
                        return -EBADMSG;
        *ret = sig;
        return 0;
}
