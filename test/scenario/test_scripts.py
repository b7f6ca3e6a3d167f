"""Scripts of an operator's, stored on the server, chosen by name or tag, given parameters, and run by the real agent."""
# SPDX-License-Identifier: Apache-2.0
import pytest

from lab.namespace import read_text, wait_until
from test_agent_server import MAC, Board, site, state_of  # noqa: F401: a fixture
from test_https import RealAgent

BURN_IN = """#!/bin/bash
# --- Start MAAS 1.0 script metadata ---
# name: 50-burn-in
# title: Burn it in
# script_type: commissioning
# timeout: 00:01:00
# tags: [long]
# packages: {apt: [stress-ng]}
# parameters:
#   rounds: {type: string, default: '1', argument_format: '{input}'}
# --- End MAAS 1.0 script metadata ---
echo "burnt $1 times"
echo "results: {rounds: $1}" >"$RESULT_PATH"
"""
WEAK = """#!/bin/sh
# --- Start MAAS 1.0 script metadata ---
# name: weak
# tags: [noauto, long]
# --- End MAAS 1.0 script metadata ---
echo "it is too hot"
exit 3
"""


@pytest.fixture
def machine(site, folder):  # noqa: F811
    """One that is registered, and its board; nothing was booted yet."""
    world, daemon, _ = site
    daemon.cli("machine", "add", "pi", "--mac", MAC)
    for name, text in (("burn.sh", BURN_IN), ("weak.sh", WEAK)):
        (folder / name).write_text(text)
    return daemon, Board(world, folder)


def boot(board, folder):
    board.boot()
    return RealAgent(board, folder).start()


def test_a_stored_script_runs_with_its_parameters(machine, folder):
    daemon, board = machine
    added = daemon.try_cli("script", "add", folder / "burn.sh")
    assert added.returncode == 0 and "not done: packages" in added.stderr
    assert [s["name"] for s in daemon.json("script", "list")] == ["50-burn-in"]
    assert daemon.json("script", "show", "50-burn-in")["parameters"] == ["rounds"]

    daemon.cli("machine", "commission", "pi", "--scripts", "50-burn-in,network", "--param", "rounds=7", "--param", "seconds=1")
    agent = boot(board, folder)
    wait_until(lambda: state_of(daemon, "pi") == "Ready", 40, f"it is Ready:\n{daemon.trail('pi')}\n{read_text(agent.log)}")
    results = {r["name"]: r for r in daemon.json("machine", "results", "pi")}
    assert results["50-burn-in"]["status"] == "passed" and results["50-burn-in"]["exit"] == 0
    assert results["50-burn-in"]["results"] == {"rounds": 7}
    assert daemon.cli("machine", "results", "pi", "50-burn-in") == "burnt 7 times\n"
    assert results["network"]["results"]["octets_per_s"] > 1_000_000, "the server named something to fetch"
    assert "Mbit/s from the rack" in daemon.cli("machine", "results", "pi", "network")


def test_scripts_by_tag_and_what_fails(machine, folder):
    daemon, board = machine
    for name in ("burn.sh", "weak.sh"):
        daemon.cli("script", "add", folder / name)
    assert "\"50-burn-in\" is probably meant" in daemon.refused("machine", "test", "pi", "--script", "50-burnin")
    daemon.cli("machine", "commission", "pi", "--script", "long")
    agent = boot(board, folder)
    wait_until(lambda: state_of(daemon, "pi") == "Failed commissioning", 40, f"one failed:\n{read_text(agent.log)}")
    shown = daemon.json("machine", "show", "pi")
    assert "scripts that did not pass: weak" in shown["reason"]
    assert {s["name"]: (s["status"], s["exit"]) for s in shown["scripts"]} == {"50-burn-in": ("passed", 0), "weak": ("failed", 3)}
    assert daemon.cli("machine", "results", "pi", "weak") == "it is too hot\n"

    daemon.stop()
    daemon.start()
    assert len(daemon.json("script", "list")) == 2, "they outlive the daemon"
    daemon.cli("script", "delete", "weak")
    assert "no script or tag" in daemon.refused("machine", "commission", "pi", "--script", "weak")


def test_metadata_that_is_wrong_is_named_by_its_line(machine, folder):
    daemon, _ = machine
    (folder / "broken.sh").write_text(WEAK.replace("tags: [noauto, long]", "timeout: soon"))
    assert "line 4: timeout: seconds are wanted" in daemon.refused("script", "add", folder / "broken.sh")
    (folder / "no-yaml.sh").write_text(WEAK.replace("name: weak", "name: a: b"))
    assert "line 3: its metadata is no YAML" in daemon.refused("script", "add", folder / "no-yaml.sh")
