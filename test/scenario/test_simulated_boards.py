"""Simulated Raspberry Pis of each family boot: they ask as firmware does, and fail where a real board would."""
# SPDX-License-Identifier: Apache-2.0
import json
import random

import pytest

from lab import disk
from lab.daemon import BUILD

FAMILIES = {"pi3": "b8:27:eb:10:00:01", "pi4": "dc:a6:32:10:00:01", "pi5": "2c:cf:67:10:00:01"}
SERIAL = "10000001"


def boot_directory(folder):
    """What one card carries for all families, small and told apart by its octets."""
    noise = random.Random(5)
    kernel = bytearray(noise.randbytes(400_000))
    kernel[56:60] = b"ARM\x64"
    tree = b"\xd0\x0d\xfe\xed" + noise.randbytes(9_000)
    files = {"config.txt": b"arm_64bit=1\nauto_initramfs=0\ninitramfs initramfs8 followkernel\n",
             "cmdline.txt": b"console=serial0,115200 rootwait\n",
             "bootcode.bin": noise.randbytes(52_000), "start.elf": b"\x7fELF" + noise.randbytes(120_000),
             "fixup.dat": noise.randbytes(7_000), "start4.elf": b"\x7fELF" + noise.randbytes(120_000),
             "fixup4.dat": noise.randbytes(5_000), "kernel8.img": bytes(kernel), "kernel_2712.img": bytes(kernel),
             "initramfs8": b"070701" + noise.randbytes(200_000), "overlays/overlay_map.dtb": tree}
    files |= {f"{name}.dtb": tree + name.encode() for name in
              ("bcm2710-rpi-3-b", "bcm2710-rpi-3-b-plus", "bcm2711-rpi-4-b", "bcm2712-rpi-5-b", "bcm2712d0-rpi-5-b")}
    for name, octets in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(octets)
    return files


@pytest.fixture
def site(world, folder):
    """A subnet whose unknown boards all get the one image, as on a bench."""
    files = boot_directory(folder / "boot")
    daemon = world.start_daemon()
    daemon.cli("image", "import", "card", folder / "boot")
    daemon.cli("subnet", "set", "10.77.0.0/24", "--unknown", "boot=card")
    return world, daemon, files


def simulate(world, folder, family, *options, mac=None, timeout_s=120):
    """Power simulated boards on; gives the report."""
    client = world.client("boards")
    (folder / "fetched").mkdir(exist_ok=True)
    done = client.run(BUILD / "bramble-sim", family, "--interface", "eth0", "--mac", mac or FAMILIES[family], "--serial", SERIAL,
                      "--seed", "5", "--out", folder / "fetched", "--report", folder / "report.json", *options,
                      check=False, timeout_s=timeout_s)
    assert (folder / "report.json").exists(), done.stdout + done.stderr
    return json.loads((folder / "report.json").read_text())


def whys(report):
    return {row["name"]: row["why"] for row in report["boards"] if row["outcome"] != "booted"}


@pytest.mark.parametrize("family", FAMILIES)
def test_one_of_each_family(site, folder, family):
    world, daemon, files = site
    report = simulate(world, folder, family)
    assert report["summary"]["booted"] == 1, whys(report)
    board, = report["boards"]
    kernel = board["kernel"].rsplit("/", 1)[-1]
    assert kernel == ("kernel_2712.img" if family == "pi5" else "kernel8.img")
    assert (folder / "fetched" / board["kernel"].lstrip("/")).read_bytes() == files[kernel]
    assert "console=serial0,115200" in board["cmdline"]
    assert kernel in daemon.trail(FAMILIES[family])
    assert daemon.json("doctor", FAMILIES[family])["findings"] == []


@pytest.mark.parametrize("prefix", ["mac", "none", "classroom/"])
def test_every_prefix_leads_to_the_boards_own_tree(site, folder, prefix):
    world, _, _ = site
    report = simulate(world, folder, "pi4", "--prefix", prefix)
    assert report["summary"]["booted"] == 1, whys(report)


def test_two_roms_with_one_xid(site, folder):
    """Every Pi 3 ROM uses the same transaction number: each must get its own address all the same."""
    world, daemon, _ = site
    report = simulate(world, folder, "pi3", "--count", "2")
    assert report["summary"]["booted"] == 2, whys(report)
    assert len({row["ip"] for row in report["boards"]}) == 2
    leases = {row["mac"]: row["ip"] for row in daemon.items("lease") if row["state"] == "bound"}
    assert {row["mac"]: row["ip"] for row in report["boards"]} == leases


def test_forty_boards_at_once(site, folder):
    world, daemon, _ = site
    report = simulate(world, folder, "pi4", "--count", "40")
    assert report["summary"]["booted"] == 40 and report["summary"]["differences"] == 0, whys(report)
    assert len(daemon.discovered()) == 40


@pytest.mark.parametrize("family", ["pi4", "pi5"])
def test_with_one_frame_in_a_hundred_lost(site, folder, family):
    world, _, _ = site
    report = simulate(world, folder, family, "--loss", "10", "--count", "4")
    assert report["summary"]["booted"] == 4 and report["summary"]["differences"] == 0, whys(report)


def test_a_board_that_nobody_registered_is_refused_at_once_where_it_shall_not_boot(site, folder):
    world, daemon, _ = site
    daemon.cli("subnet", "set", "10.77.0.0/24", "--unknown", "refuse")
    report = simulate(world, folder, "pi4", "--timeout", "20")
    assert report["summary"]["booted"] == 0
    assert daemon.discovered()[FAMILIES["pi4"]]["why"]


def test_an_image_without_its_device_tree_is_told(world, folder):
    """What the board lacks is in its trail, under the name that it asked for."""
    boot_directory(folder / "boot")
    (folder / "boot/bcm2712-rpi-5-b.dtb").unlink()
    (folder / "boot/bcm2712d0-rpi-5-b.dtb").unlink()
    daemon = world.start_daemon()
    daemon.cli("image", "import", "card", folder / "boot")
    daemon.cli("subnet", "set", "10.77.0.0/24", "--unknown", "boot=card")
    report = simulate(world, folder, "pi5", "--timeout", "20")
    assert report["summary"]["booted"] == 0
    assert "bcm2712" in daemon.trail(FAMILIES["pi5"])


def test_beside_a_foreign_server(world, folder):
    """Proxy: the EEPROM merges two offers, and everything it fetches comes from us."""
    world.foreign_dhcp_server()
    boot_directory(folder / "boot")
    daemon = world.start_daemon(dhcp="proxy")
    daemon.cli("image", "import", "card", folder / "boot")
    daemon.cli("machine", "add", "pi", "--mac", FAMILIES["pi4"], "--image", "card")
    report = simulate(world, folder, "pi4")
    assert report["summary"]["booted"] == 1, whys(report)
    assert report["boards"][0]["tftp"] == "10.77.0.1"
    assert daemon.items("lease") == []


# ---- cards ----

CARD_MIB = 4


def card(folder, without=()):
    """A card as an operator writes it: a table, and the boot directory on a FAT partition; and its files."""
    files = boot_directory(folder / "on-card")
    kept = {name: folder / "on-card" / name for name in files if name not in without}
    volume = disk.fat(folder / "card.fat", CARD_MIB, kept)
    return disk.join(folder / "card.img", "dos", [(volume, CARD_MIB, "c")]), files


@pytest.mark.parametrize("family", FAMILIES)
def test_from_its_card(world, folder, family):
    """The same files by the same rules, with nobody on the network."""
    image, files = card(folder)
    report = simulate(world, folder, family, "--card", image, "--boot-order", "e1", "--timeout", "30")
    board, = report["boards"]
    assert board["outcome"] == "booted" and board["mode"] == "SD card", board["why"]
    assert board["kernel"] == ("kernel_2712.img" if family == "pi5" else "kernel8.img")
    for name in (board["kernel"], board["device_tree"], board["initramfs"], "config.txt"):
        assert (folder / "fetched" / name).read_bytes() == files[name], name
    assert board["cmdline"] == "console=serial0,115200 rootwait"


def other_partitions(folder):
    (folder / "volume").write_bytes(b"ext4, say" + bytes(CARD_MIB * disk.MIB))
    return disk.join(folder / "card.img", "dos", [(folder / "volume", CARD_MIB + 1, "83")])


def cut_card(folder):
    image, _ = card(folder)
    with image.open("r+b") as out:
        out.truncate(disk.MIB + CARD_MIB * disk.MIB // 2)
    return image


def empty_card(folder):
    with (folder / "card.img").open("wb") as out:
        out.truncate(disk.MIB)
    return folder / "card.img"


@pytest.mark.parametrize("family,make,why", [
    ("pi4", lambda folder: folder / "none.img", "no card in its slot"),
    ("pi4", empty_card, "neither a partition table nor a FAT volume"),
    ("pi4", other_partitions, "no FAT partition"),
    ("pi4", cut_card, "behind the card's end"),
    ("pi4", lambda folder: card(folder, ("start4.elf", "start.elf"))[0], "firmware not found"),
    ("pi5", lambda folder: card(folder, ("config.txt",))[0], "config.txt is missing"),
    ("pi5", lambda folder: card(folder, ("kernel_2712.img", "kernel8.img"))[0], "no kernel"),
], ids=["none", "empty", "no-fat", "cut", "no-firmware", "no-config", "no-kernel"])
def test_a_card_that_boots_nothing(site, folder, family, make, why):
    """The next thing of its boot order is tried, and the report says why."""
    world, _, _ = site
    report = simulate(world, folder, family, "--card", make(folder), "--boot-order", "f21")
    board, = report["boards"]
    assert board["outcome"] == "booted" and board["mode"] == "network", board["why"]
    assert [row["mode"] for row in board["attempts"]] == ["SD card", "network"]
    assert why in board["attempts"][0]["why"], board["attempts"]


def test_sent_to_its_card_by_the_network(world, folder):
    """A machine whose system is on its card: every file is refused at once, so that nothing is waited for."""
    daemon = world.start_daemon()
    daemon.cli("machine", "add", "pi", "--mac", FAMILIES["pi4"])
    report = simulate(world, folder, "pi4", "--card", card(folder)[0], "--boot-order", "f12")
    board, = report["boards"]
    assert board["outcome"] == "booted" and board["mode"] == "SD card"
    assert [row["mode"] for row in board["attempts"]] == ["network", "SD card"]
    assert "firmware not found" in board["attempts"][0]["why"] and board["seconds"] < 10
