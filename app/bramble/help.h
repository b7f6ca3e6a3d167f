/* Help, printed from the table of commands. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdio.h>

#include "app/bramble/commands.h"

/** help_all() - what there is; @noun: only its commands; NULL: all. */
void help_all(FILE *out, const char *noun);

/** help_command() - one command with its words and options. */
void help_command(FILE *out, const struct command *c);
