/*
 * What lies beside a kernel and tells what it can do: its configuration, and the lists of its modules.
 *
 * Pure; texts are NUL-terminated. Sources: Linux Documentation/kbuild/kconfig-language; modules.dep(5),
 * kmod's modules.builtin.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/** kconfig_value() - 'y' or 'm' as CONFIG_… is set in a configuration; 'n' when it is not, or is something
 * else. */
char kconfig_value(const char *config, const char *option);

/**
 * modules_find() - the line of a module
 * @list:       modules.dep or modules.builtin
 * @name:       as modprobe takes it: '-' and '_' are the same
 * @ret_len:    octets of its path, as in "kernel/fs/squashfs/squashfs.ko.xz"
 *
 * Return: the path, at the begin of its line, or NULL.
 */
const char *modules_find(const char *list, const char *name, size_t *ret_len);

/**
 * modules_next_dependency() - the paths behind a module's in modules.dep
 * @at:         behind the path before: at first where modules_find()'s ends; moved on
 *
 * All that a module needs, directly or not, what is needed first stands last. NULL at the end of the line.
 */
const char *modules_next_dependency(const char **at, size_t *ret_len);
