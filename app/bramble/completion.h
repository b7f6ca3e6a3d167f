/* What makes bash, zsh and fish complete `bramble`: scripts made from the table of commands. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

/** completion_print() - @shell is bash, zsh or fish; false for another. */
bool completion_print(FILE *out, const char *shell);

void completion_bash(FILE *out);
void completion_zsh(FILE *out);
void completion_fish(FILE *out);

/** completion_each_noun() - call @fn for each noun once. */
void completion_each_noun(FILE *out, void (*fn)(FILE *out, const char *noun));

/** completion_noun() - a blank and the noun, for completion_each_noun(). */
void completion_noun(FILE *out, const char *noun);

/** completion_choices() - "server|proxy|off" with blanks between them. */
void completion_choices(FILE *out, const char *choices);
