"""Several of these run at once, each in a process of its own: most of a boot is one core, and waiting."""
# SPDX-License-Identifier: Apache-2.0
import pytest

from lab.board import Board


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
