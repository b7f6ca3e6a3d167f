/* Large pieces of memory; see memory.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/mman.h>

#include "app/bramble-agent/io/memory.h"

void *memory_map(size_t len) {
        void *at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return at == MAP_FAILED ? NULL : at;
}

void memory_unmap(void *at, size_t len) {
        (void)munmap(at, len);
}
