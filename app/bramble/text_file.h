/* Files of the caller that go into a request as texts. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "base/cleanup.h"

/** text_file_read() - the whole file as text, the caller's; NULL with a complaint. */
char *text_file_read(const char *path);

/** text_file_put() - the same as a member of a request. Return: an exit code. */
MUST_CHECK int text_file_put(json_t *body, const char *field, const char *path);
