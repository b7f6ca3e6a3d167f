/* What makes bash, zsh and fish complete `bramble`: scripts made from the table of commands. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdio.h>

/** completion_print() - @shell is bash, zsh or fish; false for another. */
bool completion_print(FILE *out, const char *shell);
