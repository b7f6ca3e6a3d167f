"""`bramble boot selftest` with a simulated board, which is switched as the command asks for it."""
# SPDX-License-Identifier: Apache-2.0
import json

from lab.daemon import BUILD
from lab.namespace import read_text, wait_until
from test_agent_server import site  # noqa: F401 - a fixture
from test_simulated_boards import FAMILIES, boot_directory, simulate
from test_taken_back import deployed  # noqa: F401 - a fixture

OTHER = "dc:a6:32:00:5e:1f"


def lead(world, daemon, folder, boots, *argv, machine="pi", mac=None):
    """Runs the command; for each step of @boots, as (what it says, the board's options), a board does what is said. Gives status,
    results by their steps, and all that was said."""
    log = folder / "selftest.log"
    selftest = world.server.start(BUILD / "bramble", "--socket", daemon.socket, "--json", "boot", "selftest", machine, "--quiet", "5",
                                  "--patience", "60", *argv, log=log)
    for told, options in boots:
        wait_until(lambda told=told: told in read_text(log) or selftest.poll() is not None, 60, f"it says {told!r}")
        simulate(world, folder, "pi4", "--timeout", "10", *options, mac=mac)
    status = selftest.wait(60)
    said = read_text(log)
    return status, {row["step"]: row for row in json.loads(said[said.rindex("[\n"):])}, said


def test_a_board_is_led_through_it(world, folder):
    files = boot_directory(folder / "boot")
    (folder / "boot/kernel8.img").write_bytes(files["kernel8.img"] * 12)  # of more than 4 MiB
    daemon = world.start_daemon()
    daemon.cli("image", "import", "card", folder / "boot")
    daemon.cli("machine", "add", "pi", "--mac", FAMILIES["pi4"], "--image", "card", "--netconsole", "on")
    steps = ("first-boot", "large-file", "reboot", "hand-over", "netconsole")
    status, results, said = lead(world, daemon, folder, (
        ("wait five seconds", ["--system"]), ("without switching it off", ["--system"]),
        ("has a netconsole", ["--system", "--netconsole"]), ("nothing for it", [])), *(word for step in steps for word in ("--step", step)))
    assert {name: row["passed"] for name, row in results.items()} == {name: True for name in steps}, said
    assert status == 0 and "kernel8.img" in results["large-file"]["detail"]
    assert "its system is up" in results["first-boot"]["detail"] and "lines of its console" in results["netconsole"]["detail"]
    # Another board, because this one would go on with the boot that came to nothing.
    daemon.cli("machine", "add", "other", "--mac", OTHER, "--image", "card")
    status, results, said = lead(world, daemon, folder, (("offered nothing", ["--dhcp-timeout", "5000"]),), "--step", "dropped-options",
                                 machine="other", mac=OTHER)
    assert status == 0 and "it asked no more" in results["dropped-options"]["detail"], said
    for machine in daemon.items("machine"):
        assert machine["image"] == "card@1" and not machine["drop_options"], "the machine is as it was"


def test_a_board_beside_another_server(world, folder):
    """And one that shows nothing of what it is asked for does not pass."""
    world.foreign_dhcp_server()
    boot_directory(folder / "boot")
    daemon = world.start_daemon(dhcp="proxy")
    daemon.cli("image", "import", "card", folder / "boot")
    daemon.cli("machine", "add", "pi", "--mac", FAMILIES["pi4"], "--image", "card")
    status, results, said = lead(world, daemon, folder, (("another server gives", ["--system"]), ("has a netconsole", ["--system"])),
                                 "--step", "proxy", "--step", "netconsole")
    assert {name: row["passed"] for name, row in results.items()} == {"proxy": True, "netconsole": False}, said
    assert status != 0


def test_what_cannot_be_tried_is_left_out(world, folder):
    """A machine that nothing may be done to keeps its image: the steps that take it are skipped, or refused where they are named."""
    boot_directory(folder / "boot")
    daemon = world.start_daemon()
    daemon.cli("image", "import", "card", folder / "boot")
    daemon.cli("machine", "add", "pi", "--mac", FAMILIES["pi4"], "--image", "card")
    daemon.cli("machine", "lock", "pi")
    assert "hand-over: pi is locked: bramble machine unlock pi" in daemon.refused("boot", "selftest", "pi", "--step", "hand-over")
    status, results, said = lead(world, daemon, folder, (("wait five seconds", ["--system"]), ("without switching it off", ["--system"])))
    assert {name: row["passed"] for name, row in results.items()} == {
        "first-boot": True, "large-file": False, "reboot": True, "hand-over": None, "dropped-options": None}, said
    assert status != 0 and "machine unlock pi" in results["hand-over"]["detail"]


def test_a_board_whose_system_is_on_its_disk(site, deployed):  # noqa: F811
    """It would be sent there, and served nothing: that is said before anybody switches it."""
    _, daemon, _ = site
    _, name = deployed("f12", "network-first")
    assert f"machine release {name}" in daemon.refused("boot", "selftest", name)
    daemon.cli("machine", "add", "bare", "--mac", "dc:a6:32:00:5e:20")
    assert "machine set bare --image" in daemon.refused("boot", "selftest", "bare")
