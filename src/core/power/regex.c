/* Regular expressions with an end; see regex.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <errno.h>
#include <pcre2.h>
#include <string.h>

#include "core/power/regex.h"

/* Steps and KiB of backtracking: some milliseconds, where an innocent expression takes microseconds. */
enum { STEPS_MAX = 200000, HEAP_KIB_MAX = 4096 };

DEFINE_CLEANUP(pcre2_code, pcre2_code_free)
DEFINE_CLEANUP(pcre2_match_data, pcre2_match_data_free)
DEFINE_CLEANUP(pcre2_match_context, pcre2_match_context_free)

static pcre2_code *compile(const char *pattern, int *reterror) {
        size_t at;

        /* Not UTF: an answer need not be UTF-8. \C and (*LIMIT_MATCH) are nobody's need here. */
        return pcre2_compile((PCRE2_SPTR)pattern, strlen(pattern), PCRE2_NEVER_BACKSLASH_C | PCRE2_NEVER_UTF,
                             reterror, &at, NULL);
}

int power_regex_check(const char *pattern) {
        int error = 0;
        CLEANUP(pcre2_code_free_at) pcre2_code *code = compile(pattern, &error);

        return code && *pattern ? 0 : -EINVAL;
}

int power_regex_find(const char *pattern, const char *text, size_t len) {
        int error = 0;
        CLEANUP(pcre2_code_free_at) pcre2_code *code = compile(pattern, &error);
        if (!code)
                return -EINVAL;
        CLEANUP(pcre2_match_data_free_at) pcre2_match_data *match = pcre2_match_data_create(1, NULL);
        CLEANUP(pcre2_match_context_free_at) pcre2_match_context *limits = pcre2_match_context_create(NULL);
        if (!match || !limits)
                return -ENOMEM;
        (void)pcre2_set_match_limit(limits, STEPS_MAX);
        (void)pcre2_set_heap_limit(limits, HEAP_KIB_MAX);

        const int r = pcre2_match(code, (PCRE2_SPTR)text, len, 0, 0, match, limits);
        if (r == PCRE2_ERROR_NOMATCH)
                return POWER_NO_MATCH;
        if (r == PCRE2_ERROR_NOMEMORY)
                return -ENOMEM;
        return r >= 0 ? POWER_MATCH : -E2BIG;
}
