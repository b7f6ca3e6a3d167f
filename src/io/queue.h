/*
 * A bounded queue of fixed-size messages between threads.
 *
 * Many senders, one receiver. A full queue refuses, and counts what it refused: nobody waits on the path of a
 * packet.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct queue;

/** queue_new() - room for @n messages of @size octets; NULL with errno. The queue's descriptor becomes
 * readable when messages wait. */
struct queue *queue_new(size_t n, size_t size);
void queue_free(struct queue *q);
DEFINE_CLEANUP(struct queue, queue_free)

int queue_fd(const struct queue *q);                   /* an eventfd to poll; queue_receive() clears it */
bool queue_send(struct queue *q, const void *message); /* false: full, the message is lost and counted */
size_t queue_receive(struct queue *q, void *messages, size_t max); /* up to @max at once, in order */
uint64_t queue_lost(struct queue *q);
