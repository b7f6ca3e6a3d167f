"""Machines' power through the daemon: told by the command line, and by a machine's life; what is found out is kept, what is
secret is shown nowhere, and a power cycle that was begun ends with the machine on."""
# SPDX-License-Identifier: Apache-2.0
import pathlib
import sys
import time

import pytest

from lab.namespace import read_text, wait_until
from test_agent_server import Board, enlisted, site  # noqa: F401: a fixture

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fake"))
import plug  # noqa: E402
import poe_switch  # noqa: E402
import power_http  # noqa: E402

MAC = "dc:a6:32:01:02:03"
SECRET = "s3cret"


@pytest.fixture
def fakes(world):
    """Makes devices that the daemon can reach, and ends them."""
    made = []

    def make(device, *args):
        with world.server.entered():
            made.append(device(*args))
        return made[-1]

    yield make
    for device in made:
        device.close()


@pytest.fixture
def daemon(world):
    daemon = world.start_daemon()
    daemon.cli("machine", "add", "pi", "--mac", MAC, "--ip", "10.77.0.42")
    return daemon


def hang_on_plug(daemon, device, *keys):
    words = [word for key in keys for word in ("--key", key)]
    daemon.cli("machine", "power", "pi", "--driver", "tasmota", "--key", f"address={device.address}", "--key", "outlet=2",
               "--key", f"password={SECRET}", "--key", "off_s=1", *words)


def test_a_machine_is_switched(daemon, fakes):
    assert "turn pi on by hand" in daemon.refused("machine", "power", "pi", "on")
    device = fakes(plug.Tasmota)
    hang_on_plug(daemon, device)
    for turn, state in (("on", "on"), ("query", "on"), ("cycle", "on"), ("off", "off"), ("boot", "on")):
        assert daemon.json("machine", "power", "pi", turn)["state"] == state
    assert device.power.log == ["on", "off", "on", "off", "on"]
    daemon.cli("machine", "power", "pi", "--key", "outlet=3")
    sentence = daemon.refused("machine", "power", "pi", "off")
    assert f"power driver tasmota: plug {device.address} outlet 3: it has no outlet 3" in sentence
    daemon.cli("machine", "lock", "pi")
    assert "is locked" in daemon.refused("machine", "power", "pi", "off")


def test_a_secret_is_shown_nowhere(daemon, fakes):
    hang_on_plug(daemon, fakes(plug.Tasmota), "settle_s=2")
    shown = daemon.cli("machine", "power", "pi") + daemon.cli("--json", "machine", "show", "pi")
    assert "(hidden)" in shown and SECRET not in shown
    daemon.cli("machine", "power", "pi", "--key", "off_s=0")  # the others stay, the hidden one too
    assert daemon.json("machine", "power", "pi", "on")["state"] == "on"
    daemon.cli("machine", "power", "pi", "--key", f"password=wrong-{SECRET}")
    assert "wrong user or password" in daemon.refused("machine", "power", "pi", "off")
    assert SECRET not in read_text(daemon.log)


def test_a_port_that_was_found_is_kept(daemon, fakes, folder):
    switch = fakes(poe_switch.PoeSwitch, folder / "switch")
    switch.learn(MAC, 3)
    daemon.cli("machine", "power", "pi", "--driver", "snmp_poe", "--key", f"address={switch.address}", "--key",
               "community=s3cret-write", "--key", "off_s=0", "--key", "timeout_s=60")
    assert daemon.json("machine", "power", "pi", "on")["state"] == "on"
    assert "port\t1.3\n" in daemon.cli("machine", "power", "pi")
    assert switch.log == ["on"]
    daemon.kill()
    daemon.start()
    assert daemon.json("machine", "power", "pi", "off")["state"] == "off"
    assert switch.log == ["on", "off"]


def test_the_port_that_its_agent_heard_is_switched(site, fakes, folder):  # noqa: F811
    """The switch has learnt nothing of it: its inventory says which port of which switch it is plugged into."""
    world, daemon, _ = site
    switch = fakes(poe_switch.PoeSwitch, folder / "switch")
    agent = Board(world, folder, mac=MAC).boot()
    heard = {"interface": "eth0", "chassis": "lab-switch", "port": "Gi5"}
    card = {"ports": [{"id": "eth0", "address": MAC}]}
    assert agent.hello().status == 200
    assert agent.result(1, data={"network": {"cards": [card]}, "board": {"neighbours": [heard]}}).status == 204
    name = enlisted(daemon, MAC)["name"]
    daemon.cli("machine", "power", name, "--driver", "snmp_poe", "--key", f"address={switch.address}", "--key",
               "community=s3cret-write", "--key", "off_s=0", "--key", "timeout_s=60")
    assert daemon.json("machine", "power", name, "on")["state"] == "on"
    assert switch.is_on(5) and switch.log == ["on"]
    assert "port\t1.5\n" in daemon.cli("machine", "power", name), "and kept: a machine that is off cannot be found again"


def test_a_machine_that_survives_is_named(world, daemon, fakes):
    device = fakes(plug.Tasmota)
    hang_on_plug(daemon, device)
    board = world.client("board", MAC)  # which has another supply
    board.run("ip", "address", "add", "10.77.0.42/24", "dev", "eth0")
    sentence = daemon.refused("machine", "power", "pi", "cycle")
    assert "pi went on answering while its power was off here: it is still powered from elsewhere" in sentence
    assert device.power.is_on


def test_a_life_is_switched(daemon, fakes):
    device = fakes(plug.Tasmota)
    hang_on_plug(daemon, device)
    daemon.cli("machine", "commission", "pi", "--no-scripts")
    wait_until(lambda: device.power.log == ["on"], 20, "it is switched on for its agent")
    state = daemon.json("machine", "show", "pi")
    assert state["state"] == "Commissioning"
    daemon.cli("machine", "abort", "pi")
    wait_until(lambda: device.power.log[-1] == "off", 20, "and off again when that is given up")


def test_a_life_whose_power_fails_says_why(daemon, fakes):
    hang_on_plug(daemon, fakes(plug.Tasmota), f"password=wrong-{SECRET}")
    daemon.cli("machine", "commission", "pi", "--no-scripts")
    wait_until(lambda: daemon.json("machine", "show", "pi")["state"] == "Failed commissioning", 20, "it fails")
    assert "wrong user or password" in daemon.json("machine", "show", "pi")["reason"]


def test_killed_while_the_power_is_off(daemon, fakes):
    device = fakes(plug.Tasmota)
    device.power.is_on = True
    hang_on_plug(daemon, device, "off_s=300")
    daemon.cli("machine", "commission", "pi", "--no-scripts")
    wait_until(lambda: device.power.log == ["off"], 20, "the cycle has begun")
    daemon.kill()
    daemon.start()
    wait_until(lambda: device.power.is_on, 20, "what was begun is ended by switching it on")
    assert device.power.log == ["off", "on"]


def test_the_end_waits_for_nobody(daemon, fakes, world):
    """Neither for a plug that hangs nor for the time without power: what is off is switched on first."""
    device = fakes(plug.Tasmota)
    device.power.is_on = True
    hang_on_plug(daemon, device, "off_s=300")
    rude = fakes(power_http.Rude)
    daemon.cli("machine", "add", "other", "--mac", "dc:a6:32:01:02:04")
    daemon.cli("machine", "power", "other", "--driver", "tasmota", "--key", f"address={rude.address}", "--key", "timeout_s=600")
    logs = daemon.folder / "cycle.log", daemon.folder / "hang.log"
    for name, turn, log in (("pi", "cycle", logs[0]), ("other", "query", logs[1])):
        world.server.start(daemon_cli(), "--socket", daemon.socket, "machine", "power", name, turn, log=log)
    wait_until(lambda: device.power.log == ["off"] and rude.open, 20, "both have begun")
    begun = time.monotonic()
    daemon.stop()
    assert time.monotonic() - begun < 20
    assert device.power.is_on
    wait_until(lambda: read_text(logs[1]), 10, "who waited is let go")


def daemon_cli():
    from lab.daemon import BUILD
    return BUILD / "bramble"
