/*
 * The disks of a machine once all of them are there.
 *
 * Disks at USB, SAS and slow SATA appear seconds after their machine's network, and some only after the agent
 * has loaded a driver for them. Who chooses among disks, or says that there is none, asks here.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble-agent/disk.h"

struct job;

enum {
        DISKS_LOOK_MS = 250,
        DISKS_STILL_MS = 3000,  /* the list has not changed for so long: it is all of it … */
        DISKS_NONE_MS = 10000,  /* … but a list of none has to stay so longer */
        DISKS_SETTLE_MS = 30000 /* the longest wait */
};

/* How a list of disks came to rest. Zero-initialise. */
struct disks_watch {
        unsigned n;
        char names[DISKS_MAX][DISK_NAME_SIZE];
        uint64_t sizes[DISKS_MAX];
        uint64_t begin_ms, changed_ms;
        bool has_begun;
};

/**
 * disks_are_settled() - whether a list, just taken, is all there is to come. Pure.
 * @is_coming:  a device is there that will be a disk, and is none yet
 */
bool disks_are_settled(struct disks_watch *w, const struct disk *disks, unsigned n, bool is_coming,
                       uint64_t now_ms);

/** disks_is_one_coming() - whether some device was found to be a disk that its driver does not show yet. */
bool disks_is_one_coming(const struct tree *t);

/** disks_now() - those that are there just now, with drivers loaded for what has none yet. */
unsigned disks_now(struct job *job, struct disk ret[static DISKS_MAX]);

/**
 * disks_wait() - all disks of the machine, by name, with drivers loaded for what has none yet
 *
 * Where the agent is not the machine's init the machine is up since long: nothing is loaded or waited for.
 * Return: how many; also when the job was asked to stop meanwhile.
 */
unsigned disks_wait(struct job *job, struct disk ret[static DISKS_MAX]);
