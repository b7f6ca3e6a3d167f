/* A man page as plain text, for tests that hold it against a table. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

/* The page's source with `\-` written as '-' and font escapes and macros' quotes gone; free() it. NULL:
 * cannot be read. */
char *page_read(const char *path);

/* The same of a page below a folder; the test fails when it cannot be read. */
char *page_of(const char *folder, const char *name);

/* Whether a tagged paragraph of the page begins with @word, as `.B word` or `.BI word …`. */
bool page_has_tag(const char *page, const char *word);
