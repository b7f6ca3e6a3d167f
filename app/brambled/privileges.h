/*
 * From root to a user that may do three things more than others: bind low ports, send raw frames, set
 * neighbour entries.
 *
 * In this order, before there are threads: privileges_user(), privileges_own_dir() for each directory,
 * privileges_drop(). Started as another user (from the systemd unit, or by hand) nothing can be given away;
 * what is missing is a sentence.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/error.h"

struct privileges_user {
        char name[64];
        uid_t uid;
        gid_t gid;
};

/**
 * privileges_user() - whom to become
 * @name:       as --user says; only root may become somebody else
 *
 * There is no silent second choice: a shared account such as nobody would own leases and keys that others
 * could then change, so it is taken only when somebody names it. Return: 0; -ENOENT with a sentence that says
 * how to make the user.
 */
MUST_CHECK int privileges_user(const char *name, struct privileges_user *ret, struct error *reterr);

/**
 * privileges_own_dir() - a directory that the user can write in
 * @path:       absolute; made when missing (its parents with 0755)
 * @mode:       when it is made
 *
 * As root, a directory that another user owns changes hands with all that is in it (other file systems and
 * what symbolic links lead to excepted), as StateDirectory= of systemd does.
 */
MUST_CHECK int privileges_own_dir(const char *path, mode_t mode, const struct privileges_user *user,
                                  struct error *reterr);

/**
 * privileges_drop() - become @user, keep CAP_NET_BIND_SERVICE, CAP_NET_RAW and CAP_NET_ADMIN and nothing else
 *
 * Programs that we start get none of the three (inheritable and ambient sets are empty), and nobody gains any
 * by executing a set-uid file (no_new_privs). The process must have one thread. Return: 0; -EPERM with a
 * sentence when a capability is missing; or -errno with a sentence.
 */
MUST_CHECK int privileges_drop(const struct privileges_user *user, struct error *reterr);

/**
 * privileges_raise_limits() - as many descriptors as we may have; before the drop
 *
 * Return: how many, 65536 at least where the kernel lets us; what needs more must do with less, or say so.
 */
unsigned privileges_raise_limits(void);
