/* Threads beside the control thread. They take no signals: those are the loop's. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <pthread.h>

#include "base/cleanup.h"

/** thread_start() - 0 or -errno. */
MUST_CHECK int thread_start(pthread_t *ret, void *(*run)(void *arg), void *arg);
