/* The architecture that this program was built for, as Debian and Bramble call it. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#if defined(__aarch64__)
#define ARCH_NAME "arm64"
#elif defined(__arm__)
#define ARCH_NAME "armhf"
#elif defined(__x86_64__)
#define ARCH_NAME "amd64"
#else
#error "bramble-agent is built for arm64, armhf and amd64"
#endif
