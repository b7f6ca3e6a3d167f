/* The simulated boards' network card: whole frames on one interface (AF_PACKET), in batches. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"

struct wire;

/** wire_open() - NULL with one sentence on stderr. The interface hears frames for all MACs while it is open.
 */
struct wire *wire_open(const char *interface);
void wire_close(struct wire *w);
DEFINE_CLEANUP(struct wire, wire_close)

/** wire_send() - queue a frame; sent with others at the next wire_flush() or when the batch is full. */
void wire_send(struct wire *w, const void *frame, size_t len);
void wire_flush(struct wire *w);

/** wire_receive() - wait up to @wait_ms, then hand over every frame that is there. */
void wire_receive(struct wire *w, int wait_ms, void (*fn)(void *ctx, const void *frame, size_t len),
                  void *ctx);
