/* Random octets; see random.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdint.h>
#include <sys/random.h>

#include "app/bramble-agent/io/random.h"

int random_octets(void *buf, size_t len) {
        for (size_t done = 0; done < len;) {
                ssize_t n = getrandom((uint8_t *)buf + done, len - done, 0);
                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n > 0)
                        done += (size_t)n;
        }
        return 0;
}
