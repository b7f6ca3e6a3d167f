"""`bramble boot selftest` with a simulated board, which is switched as the command asks for it."""
# SPDX-License-Identifier: Apache-2.0
import json

from lab.daemon import BUILD
from lab.namespace import read_text, wait_until
from test_simulated_boards import FAMILIES, boot_directory, simulate


def test_a_board_is_led_through_it(world, folder):
    files = boot_directory(folder / "boot")
    (folder / "boot/kernel8.img").write_bytes(files["kernel8.img"] * 12)  # of more than 4 MiB
    daemon = world.start_daemon()
    daemon.cli("image", "import", "card", folder / "boot")
    daemon.cli("machine", "add", "pi", "--mac", FAMILIES["pi4"], "--image", "card")
    log = folder / "selftest.log"
    selftest = world.server.start(BUILD / "bramble", "--socket", daemon.socket, "--json", "boot", "selftest", "pi", "--quiet", "5",
                                  "--patience", "60", log=log)
    for told in ("wait five seconds", "without switching it off", "nothing for it"):
        wait_until(lambda told=told: told in read_text(log) or selftest.poll() is not None, 60, f"it says {told!r}")
        simulate(world, folder, "pi4", "--timeout", "10")
    status = selftest.wait(60)
    said = read_text(log)
    results = {row["step"]: row for row in json.loads(said[said.index("[\n"):])}
    assert {name: row["passed"] for name, row in results.items()} == {
        "first-boot": True, "large-file": True, "reboot": True, "hand-over": True}, said
    assert status == 0 and "kernel8.img" in results["large-file"]["detail"]
    assert daemon.items("machine")[0]["image"] == "card@1", "the machine has its image again"
