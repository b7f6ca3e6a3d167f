"""Boots run two at a time, beginning with the first test; each test waits for its own."""
# SPDX-License-Identifier: Apache-2.0
import concurrent.futures
import pathlib

import pytest

from lab.daemon import BUILD

AT_ONCE = 2


@pytest.fixture(scope="session")
def boots(request):
    """Give boots(function, name): the result of function(folder), which was begun when its turn came."""
    if not (BUILD / "brambled").exists():
        pytest.skip(f"{BUILD}/brambled is not built")
    logs = pathlib.Path(request.config.getoption("--lab-logs")).absolute()
    wanted = dict(row for item in request.session.items for row in [item.callspec.params.get("boot", None)
                                                                     if hasattr(item, "callspec") else None] if row)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        futures = {name: pool.submit(function, logs / name) for name, function in wanted.items()}
        yield lambda name: futures[name].result()
        for future in futures.values():
            future.cancel()
