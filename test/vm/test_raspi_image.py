"""A real Debian for Raspberry Pis, as `image build --variant raspi` makes it: imported from its .img.xz, fetched by a simulated Pi 3
and Pi 4, every file compared with the card's, and what the Pi 3 fetched started in QEMU. Minutes: only in ./check full."""
# SPDX-License-Identifier: Apache-2.0
import pathlib
import shutil
import subprocess

import pytest

from lab import built, machine, pi

pytestmark = [pytest.mark.full, pytest.mark.early(5)]
IMPORT_S, BOOT_S = 1500, 400
PIS = {"pi3": ("b8:27:eb:c3:d4:03", "00c3d403"), "pi4": ("dc:a6:32:c3:d4:04", "a1b2c3d4")}
CONSOLE = "console=ttyS1,115200 earlycon=uart8250,mmio32,0x3f215040"
MADE = {"config.txt", "cmdline.txt"}


def on_card(disk, folder):
    """The files of its FAT partition."""
    folder.mkdir()
    first = int(subprocess.run(["sfdisk", "--dump", disk], check=True, capture_output=True, text=True).stdout
                .split("start=")[1].split(",")[0])
    subprocess.run(["mcopy", "-s", "-n", "-i", f"{disk}@@{first * 512}", "::/", folder], check=True)
    return {path.relative_to(folder).as_posix().lower(): path for path in folder.rglob("*") if path.is_file()}


def test_debian_for_raspberry_pis(world, folder):
    if not shutil.which("mcopy"):
        pytest.skip("mtools not installed: run through ./check full")
    daemon = world.start_daemon()
    disk, packed = built.debian(daemon, "arm64", "built", "raspi"), folder / "raspi.img.xz"
    with packed.open("wb") as out:
        subprocess.run(["xz", "-0", "-T0", "-c", disk], check=True, stdout=out)
    daemon.cli("image", "import", "raspi", packed, timeout_s=IMPORT_S)
    packed.unlink()
    image = daemon.json("image", "show", "raspi")
    assert {"pi3b", "pi3b-plus", "pi4b"} <= set(image["boards"]), image["boards"]
    assert {"disk", "ram", "nfs", "nbd"} <= set(image["roots"]), image["why_not"]
    assert image["os"].startswith("Debian") and "fstab" in {tie["name"] for tie in image["changed_over_network"]}

    card = on_card(disk, folder / "card")
    for model, (mac, serial) in PIS.items():
        daemon.cli("machine", "add", model, "--mac", mac, "--serial", serial, "--image", "raspi", "--cmdline-extra", CONSOLE)
        (folder / model).mkdir()
        fetched = pi.fetch(world.client(model), "eth0", model, mac, serial, folder / model)
        rows = [pathlib.PurePosixPath(row["path"].lstrip("/")) for row in fetched.board["files"]]
        same = 0
        for path in rows:
            name = path.as_posix().removeprefix(f"{serial}/").lstrip("/").lower()
            here = fetched.folder / path
            if name in card and name not in MADE and here.is_file():
                assert here.read_bytes() == card[name].read_bytes(), name
                same += 1
        assert same >= 5, rows
        assert CONSOLE in fetched.cmdline
        if model != "pi3":
            continue
        board = world.machine("board", mac)
        board.power_on(machine.raspi3b, kernel=fetched.file("kernel"), device_tree=fetched.file("device_tree"),
                       initramfs=fetched.file("initramfs"), cmdline=fetched.cmdline)
        assert board.says(r"Linux version 6\.1", BOOT_S), board.console()[-2000:]
        assert board.says(r"Run /init as init process|Loading, please wait", BOOT_S), board.console()[-2000:]
        board.power_off()
