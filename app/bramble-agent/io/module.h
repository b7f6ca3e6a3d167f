/* Loading the kernel's modules, where the image brings them. See modules.h for which. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "app/bramble-agent/io/tree.h"

struct module_set;

/** module_set_open() - the modules of the running kernel below lib/modules of a root, and those that import kept beside
 * its image; NULL: there are none. */
struct module_set *module_set_open(const struct tree *t);
void module_set_free(struct module_set *s);
DEFINE_CLEANUP(struct module_set, module_set_free)

/** module_load_by_name() - a module or what an alias stands for, whatever it needs first. True when something
 * was loaded or was there already. */
bool module_load_by_name(struct module_set *s, const char *name);

/** module_load_for_devices() - for every device that asks for one and did not ask before. Returns how many
 * files were loaded. */
unsigned module_load_for_devices(struct module_set *s);
