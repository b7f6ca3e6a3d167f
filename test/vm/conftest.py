"""Boots run two at a time, beginning with the first test; each test waits for its own."""
# SPDX-License-Identifier: Apache-2.0
import concurrent.futures
import pathlib

import pytest

from lab.board import Board
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


@pytest.fixture
def board(world):
    """Give board(ARCH): a machine in QEMU that boots the agent, with a stand-in for its server."""
    boards = []

    def make(arch):
        boards.append(Board(world, arch))
        return boards[-1]
    yield make
    for made in boards:
        made.close()
