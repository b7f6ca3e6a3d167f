/*
 * What bramble-helper works on: the directory of all volumes, which it has made its working directory, and
 * who runs what.
 *
 *     nfs/m-7/root/           a tree; root.about beside it says what it is made of
 *     nfs/base/SHA256/        what trees are cloned from, where the file system shares octets
 *     nbd/m-7/root.qcow2      a disk; root.about likewise
 *     nbd/base/SHA256-MIB     what disks stand on
 *     KIND/at-10.77.0.1/      an exporter: what it offers, its log, and what it needs to run
 *     KIND/tmp/               what is being made or removed; emptied at start
 *
 * All of it belongs to root, and nobody else can put anything at a name in it; the disks are bramble-nbd's.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "core/export/request.h"

struct helper {
        const char *dir;   /* absolute: the working directory */
        const char *store; /* absolute: where blobs are */
        uid_t nbd_uid;     /* who serves disks, and owns them */
        gid_t nbd_gid;
};

/** helper_join() - an own path of parts with '/' between, NULL at the end: the caller's. Ends the process
 * without memory, as there is nothing left to be done then. */
char *helper_join(const char *first, ...) __attribute__((sentinel));

/** helper_read_file() - a small file, NUL-terminated, the caller's; NULL when it is not there, or larger than
 * @max. */
char *helper_read_file(const char *path, size_t max, size_t *ret_len);

/** helper_write_file() - whole or not at all. */
MUST_CHECK int helper_write_file(const char *path, const char *text, size_t len, struct error *reterr);

/** helper_lock() - a lock on a file that is made for it; waits. @how: LOCK_SH or LOCK_EX. The descriptor, or
 * -errno. */
MUST_CHECK int helper_lock(const char *path, int how);
void helper_unlock(int *fd); /* the CLEANUP() function; negative is a no-op */
