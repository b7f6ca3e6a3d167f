/* All of some octets into a file. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/** write_all() - however many writes it takes. Return: 0, or -errno; then a part may be written. */
int write_all(int fd, const void *data, size_t len);
