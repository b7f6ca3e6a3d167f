/*
 * Regular expressions of operators, run over the answers of strangers: PCRE2 with a limit on its work,
 * because some expressions take an age on some texts. Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"

enum power_match { POWER_NO_MATCH = 0, POWER_MATCH = 1 };

/** power_regex_check() - whether @pattern is one; 0 or -EINVAL. */
MUST_CHECK int power_regex_check(const char *pattern);

/** power_regex_find() - whether @pattern matches anywhere in the text; an enum power_match, -EINVAL, -ENOMEM,
 * or -E2BIG when it took too much work to say. */
MUST_CHECK int power_regex_find(const char *pattern, const char *text, size_t len);
