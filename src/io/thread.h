/* Threads beside the control thread. They take no signals: those are the loop's. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <pthread.h>

#include "base/cleanup.h"

/** thread_start() - 0 or -errno. */
MUST_CHECK int thread_start(pthread_t *ret, void *(*run)(void *arg), void *arg);

/**
 * thread_be_patient() - this thread takes the processor from nobody when it wakes up (SCHED_BATCH, Linux)
 *
 * For threads that serve many at once: beside clients or servers on the same processors each wake-up would
 * bring one packet, and the next ones wait while the caches fill again; so it finds several. On a processor
 * that is free it starts as soon as ever. No harm where it is refused. Threads that it starts are like it.
 */
void thread_be_patient(void);
void thread_be_prompt(void); /* as threads begin */
