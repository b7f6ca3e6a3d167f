/* Memory in large pieces, for a test of it. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/** memory_map() - zeroed octets of the kernel's; NULL: it has no more. */
void *memory_map(size_t len);
void memory_unmap(void *at, size_t len);
