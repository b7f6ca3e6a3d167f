"""How long is waited for what should come: longer where other tests run at the same time, on the same cores."""
# SPDX-License-Identifier: Apache-2.0
import os
import time

AT_ONCE = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))


def deadline(timeout_s):
    """When, by time.monotonic(), it has taken too long; @timeout_s: for a test that has the machine for itself."""
    return time.monotonic() + timeout_s * AT_ONCE
