"""What the scenario and vm suites share: where logs go, and what they need of the machine."""
# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import re
import shutil
import signal
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from lab.daemon import BUILD  # noqa: E402
from lab.namespace import read_text  # noqa: E402
from lab.world import World  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--lab-logs", default="build/logs/lab", help="the folder for the logs of every test")


def pytest_configure(config):
    config.addinivalue_line("markers", "full: too long for every day; runs in ./check full")
    config.addinivalue_line("markers", "early(nth): takes long; the nth to begin, so that nobody waits for it at the end. Each worker "
                                       "takes two at the beginning: behind the longest belongs a short one")
    # Ended by a signal, the fixtures still take everything down.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    if not hasattr(config, "workerinput"):  # one of several processes at work: who began them did it
        shutil.rmtree(config.getoption("--lab-logs"), ignore_errors=True)


def nth(item):
    mark = item.get_closest_marker("early")
    return mark.args[0] if mark else float("inf")


def pytest_collection_modifyitems(items):
    items.sort(key=nth)
    if os.geteuid() != 0 or "BRAMBLE_ISOLATED" not in os.environ:
        why = "needs root and namespaces of its own: run through ./check, or tools/isolate /usr/bin/python3 -m pytest"
        for item in items:
            item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture
def folder(request):
    """Where this test keeps its logs."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", request.node.name)
    path = pathlib.Path(request.config.getoption("--lab-logs")).absolute() / request.node.path.stem / name
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture
def world(folder):
    """A server's namespace with a bridge; the test starts the daemon as it wants it."""
    if not (BUILD / "brambled").exists():
        pytest.skip(f"{BUILD}/brambled is not built")
    world = World(folder)
    yield world
    world.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """A failure shows the end of the daemon's log, and says where everything lies."""
    outcome = yield
    report = outcome.get_result()
    path = item.funcargs.get("folder") if hasattr(item, "funcargs") else None
    if report.failed and path:
        for log in sorted(path.rglob("*.log")):
            tail = "\n".join(read_text(log).splitlines()[-25:])
            if tail:
                report.sections.append((f"the end of {log}", tail))
