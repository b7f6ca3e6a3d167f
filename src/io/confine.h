/*
 * Giving up rights for good: in a child about to handle a stranger's data sockets, network and most of the
 * file system, in a daemon the files that it has no business with.
 *
 * Best effort by what the kernel has: each layer that is missing leaves the others. Makes system calls only,
 * so that it may run between fork and exec. Sources: kernel documentation,
 * userspace-api/{landlock,seccomp_filter}.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/** confine_privileges() - no program that is started from now on gets more rights than there are; call first.
 * 0 or -errno. */
MUST_CHECK int confine_privileges(void);

/** confine_network() - no sockets from now on, and a network namespace of its own. */
void confine_network(void);

/** confine_capabilities() - what runs from the next exec on has none, and cannot get any, not even as root.
 */
void confine_capabilities(void);

/** confine_capabilities_to() - the same, but for root's programs @kept stay: bits 1 << CAP_... */
void confine_capabilities_to(uint64_t kept);

/**
 * confine_files() - see only what is named from now on (Landlock)
 * @work_dir:   may be read and written; NULL: nothing may be written
 * @readable:   NULL-terminated list of files and directories that may be read (and run); those that are not
 * there are skipped
 *
 * Call after the others.
 */
void confine_files(const char *work_dir, const char *const *readable);

/** confine_tree() - as confine_files(), for who makes a whole tree of files of every kind below @work_dir,
 * with links between them. Return: whether it holds. */
bool confine_tree(const char *work_dir, const char *const *readable);

struct confine_path {
        const char *path; /* NULL, or not there: skipped */
        bool may_write;   /* also make files, folders and sockets below it, and remove them */
};

/**
 * confine_process() - this thread, and all that it starts, see only what lies at or below @paths (Landlock)
 *
 * What is open already stays so. Kernels before 5.19 cannot let files be moved between folders: nothing
 * changes there. Return: whether it holds.
 */
bool confine_process(const struct confine_path *paths, size_t n);
