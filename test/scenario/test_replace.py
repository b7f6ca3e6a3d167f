"""A board dies, another takes its place: the machine stays what it was, and the old board is refused when somebody finds it in a drawer."""
# SPDX-License-Identifier: Apache-2.0
import subprocess

import pytest

from fake.agent_client import AgentClient
from lab import pi
from lab.namespace import wait_until
from test_agent_server import Board, enlist, site, state_of  # noqa: F401

OLD, NEW = ("dc:a6:32:10:00:01", "10000001"), ("dc:a6:32:10:00:02", "10000002")
INVENTORY = {"network": {"cards": [{"ports": [{"address": NEW[0]}]}]}, "board": {"boot_first": "network-first", "model": "the new one"}}


def test_another_board_for_a_machine(site, folder):  # noqa: F811
    world, daemon, _ = site
    old = Board(world, folder, "old", *OLD)
    agent = old.boot()
    daemon.cli("machine", "set", enlist(daemon, agent), "--name", "shelf-1", "--tag", "kept")

    new = Board(world, folder, "new", *NEW)
    successor = new.boot()
    assert successor.hello().json["machine"] is None
    assert successor.result(1, data=INVENTORY).status == 204
    wait_until(lambda: len(daemon.items("machine")) == 2, 10, "the new board is enlisted")

    daemon.cli("machine", "replace", "shelf-1", "--with", NEW[0])
    shown = daemon.json("machine", "show", "shelf-1")
    assert shown["macs"] == [NEW[0]] and shown["serial"] == NEW[1] and shown["tags"] == ["kept"]
    assert shown["ip"] == old.address, "the address is kept, though it was only leased"
    assert shown["inventory"]["board"]["model"] == "the new one" and shown["boot_order_found"] == "network-first"
    assert {row["name"] for row in daemon.items("machine")} == {"shelf-1", "shelf-1-replaced"}

    # The old board's agent is still up: what it knows opens nothing any more. The new one's goes on, as shelf-1.
    refused = agent.hello()
    assert refused.status == 403 and "shelf-1-replaced is Retired" in refused.text, refused.text
    assert agent.ask("GET", "task?after=0&wait=0").status == 403
    assert successor.hello().json["machine"] == "shelf-1"

    # Somebody plugs the old one in again.
    with pytest.raises(subprocess.TimeoutExpired):  # refused, it asks again and again
        pi.fetch(old.namespace, "eth0", "pi4", *OLD, folder / "returned", timeout_s=4)
    told = " ".join(daemon.trail("shelf-1-replaced").split())
    assert "its place as shelf-1 was taken by another board, " + NEW[0] in told, told

    # And after a restart of the daemon it is all as it was.
    daemon.stop()
    daemon.start()
    assert daemon.json("machine", "show", "shelf-1")["macs"] == [NEW[0]]
    assert state_of(daemon, "shelf-1-replaced") == "Retired"
    assert isinstance(new.boot(), AgentClient)
