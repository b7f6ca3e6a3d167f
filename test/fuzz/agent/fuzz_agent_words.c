/* Texts that the agent reads before it knows its server: command lines, leases, lists of modules. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "app/bramble-agent/boot_words.h"
#include "app/bramble-agent/lease.h"
#include "app/bramble-agent/modules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int visit(void *ctx, const char *word) {
        const struct modules *m = ctx;
        assert(strlen(word) < MODULES_PATH_SIZE);
        return m ? modules_files(m, word, visit, NULL) : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        CLEANUP(free_at) char *text = calloc(1, len + 1);
        struct boot_words words;
        struct error error;
        struct lease lease;

        if (len > 0)
                memcpy(text, data, len);
        if (boot_words_parse(text, &words, &error) == 0) {
                struct ip_addr address;
                assert(ip_parse(words.server.address, &address) == 0 && words.server.port > 0);
        }
        if (lease_parse(text, &lease) == 0)
                assert(lease.event == LEASE_LOST || lease.address != 0);

        /* The first line is what is asked for, the rest are the lists. */
        size_t line = strcspn(text, "\n");
        const char *rest = text[line] ? text + line + 1 : "";
        struct modules m = { .alias = rest, .dep = rest };
        text[line] = '\0';
        (void)modules_for_alias(&m, text, visit, &m);
        return 0;
}
