"""Wrong input gives one clear sentence that names the thing, and leaves everything as it was."""
# SPDX-License-Identifier: Apache-2.0
import pytest

from lab.namespace import wait_until

MAC = "dc:a6:32:32:a7:ed"


@pytest.fixture
def site(world, folder):
    """A daemon with an image of a Pi and one machine."""
    boot = folder / "boot"
    boot.mkdir(exist_ok=True)
    kernel = bytearray(4096)
    kernel[56:60] = b"ARM\x64"
    (boot / "config.txt").write_text("arm_64bit=1\nkernel=kernel8.img\n")
    (boot / "cmdline.txt").write_text("console=tty1\n")
    (boot / "kernel8.img").write_bytes(kernel)
    (boot / "start4.elf").write_bytes(b"\x7fELF" + bytes(100))
    (boot / "fixup4.dat").write_bytes(bytes(100))
    (boot / "bcm2711-rpi-4-b.dtb").write_bytes(b"\xd0\x0d\xfe\xed" + bytes(100))
    daemon = world.start_daemon()
    daemon.cli("image", "import", "card", boot)
    daemon.cli("machine", "add", "pi", "--mac", MAC, "--image", "card", "--ip", "10.77.0.42")
    return daemon, boot


# arguments, words that the sentence has
REFUSALS = [
    (["machine", "add", "pi", "--mac", "dc:a6:32:00:00:01", "--image", "card"], ["pi"]),
    (["machine", "add", "other", "--mac", MAC, "--image", "card"], [MAC, "pi"]),
    (["machine", "add", "other", "--mac", "dc:a6:32:00:00:01", "--image", "cart"], ["cart"]),
    (["machine", "add", "other", "--mac", "dc:a6:32:00:00", "--image", "card"], ["dc:a6:32:00:00"]),
    (["machine", "add", "no name", "--mac", "dc:a6:32:00:00:01", "--image", "card"], ["no name"]),
    (["machine", "add", "other", "--mac", "dc:a6:32:00:00:01", "--image", "card", "--ip", "10.77.0.42"], ["10.77.0.42", "pi"]),
    (["machine", "add", "other", "--mac", "dc:a6:32:00:00:01", "--image", "card", "--ip", "192.0.2.1"], ["192.0.2.1"]),
    (["machine", "add", "other", "--mac", "dc:a6:32:00:00:01", "--image", "card", "--serial", "xyz"], ["xyz"]),
    (["machine", "add", "other", "--mac", "dc:a6:32:00:00:01", "--image", "card", "--arch", "vax"], ["vax"]),
    (["machine", "show", "nobody"], ["nobody"]),
    (["machine", "delete", "nobody"], ["nobody"]),
    (["image", "delete", "card"], ["card", "pi"]),
    (["image", "delete", "nothing"], ["nothing"]),
    (["subnet", "add", "10.77.0.0/24", "--interface", "br0", "--dhcp", "server"], ["10.77.0.0/24"]),
    (["subnet", "add", "10.99.0.0/33", "--interface", "br0", "--dhcp", "server"], ["10.99.0.0/33"]),
    (["subnet", "add", "10.99.0.0/24", "--interface", "br0", "--dhcp", "serve"], ["serve"]),
    (["subnet", "add", "10.99.0.0/24", "--dhcp", "server", "--range", "10.98.0.1-10.98.0.9"], ["10.98.0.1"]),
    (["subnet", "add", "10.99.0.0/24", "--dhcp", "server", "--option", "53=u8:1"], ["53"]),
    (["subnet", "add", "10.99.0.0/24", "--dhcp", "server", "--option", "12=teext:x"], ["12", "u8"]),
    (["subnet", "set", "10.77.0.0/24", "--unknown", "enroll"], ["enroll"]),
    (["subnet", "set", "10.77.0.0/24", "--allow", "dc:a6:32"], ["dc:a6:32"]),
    (["subnet", "set", "10.77.0.0/24", "--unknown", "boot=nothing"], ["nothing"]),
    (["boot", "explain", "no-such-machine"], ["no-such-machine"]),
    (["boot", "files", "pi", "no-such-file"], ["no-such-file"]),
]


@pytest.mark.parametrize("argv,words", REFUSALS, ids=[" ".join(row[0])[:60] for row in REFUSALS])
def test_one_sentence(site, argv, words):
    daemon, _ = site
    before = [daemon.items(noun) for noun in ("subnet", "image", "machine", "lease")]
    said = daemon.refused(*argv)
    assert all(word in said for word in words), said
    assert [daemon.items(noun) for noun in ("subnet", "image", "machine", "lease")] == before


def import_of(folder, **files):
    folder.mkdir(parents=True)
    for name, octets in files.items():
        (folder / name.replace("_", ".")).write_bytes(octets)
    return folder


def test_an_import_of_what_is_no_kernel(site, folder):
    daemon, _ = site
    bad = import_of(folder / "bad", config_txt=b"arm_64bit=1\nkernel=kernel8.img\n", kernel8_img=b"<html>404</html>" * 100)
    said = daemon.refused("image", "import", "bad", bad)
    assert "kernel8.img" in said, said
    (folder / "initrd").write_bytes(b"070701")
    said = daemon.refused("image", "import", "bad", "--arch", "arm64", "--kernel", bad / "kernel8.img", "--initrd", folder / "initrd")
    assert "kernel" in said, said
    assert [row["name"] for row in daemon.items("image")] == ["card"]


def test_an_import_of_another_architecture(site, folder):
    daemon, boot = site
    (folder / "initrd").write_bytes(b"070701")
    said = daemon.refused("image", "import", "bad", "--arch", "amd64", "--kernel", boot / "kernel8.img", "--initrd", folder / "initrd")
    assert "amd64" in said and "arm64" in said, said


def test_an_import_of_nothing(site, folder):
    daemon, _ = site
    (folder / "empty").mkdir()
    assert "config.txt" in daemon.refused("image", "import", "bad", folder / "empty")
    assert "no-such-folder" in daemon.refused("image", "import", "bad", folder / "no-such-folder")
    assert [row["name"] for row in daemon.items("image")] == ["card"]


def test_an_architecture_that_we_cannot_serve(site, world):
    """No first file, and a line that says so."""
    from lab.dhcp import DISCOVER, OFFER, Wire
    daemon, _ = site
    wire = Wire(world.client("itanium"))
    offer = wire.ask(DISCOVER, "52:54:00:10:00:77", 1, want=(OFFER,), options=(
        (60, b"PXEClient:Arch:00002:UNDI:002001"), (93, b"\0\2"), (94, b"\1\2\1"), (55, bytes([1, 3, 60, 66, 67]))))
    assert offer is None or not offer.file.rstrip(b"\0") and 67 not in offer.options
    said = daemon.trail("52:54:00:10:00:77")
    assert "architecture" in said or "Itanium" in said, said
    wire.close()


def test_an_unknown_machine_is_listed_with_what_it_told(site, world):
    from lab.dhcp import DISCOVER, Wire
    daemon, _ = site
    wire = Wire(world.client("stranger"))
    wire.ask(DISCOVER, "dc:a6:32:b0:23:c3", 1, options=(
        (55, bytes([1, 3, 43, 60, 66, 67, *range(128, 136)])), (60, b"PXEClient:Arch:00000:UNDI:002001"), (93, b"\0\0"),
        (94, b"\1\2\1"), (97, b"\0RPi4" + bytes.fromhex("1431d000" "32b023c3" "d80092e0"))))
    seen = daemon.discovered()["dc:a6:32:b0:23:c3"]
    assert seen["pi"] == {"model": "Raspberry Pi 4B", "memory_mib": 8192, "revision": "d03114", "serial": "e09200d8",
                          "stepping": "1.4"}
    assert seen["client"] == "pi4" and seen["why"], seen
    wire.close()


def test_a_file_that_an_unknown_machine_asks_for_is_told_in_its_trail(site, world):
    daemon, _ = site
    client = world.client("stranger", "dc:a6:32:b0:23:c3")
    client.run("ip", "address", "add", "10.77.0.99/24", "dev", "eth0")
    done = client.run("curl", "-sS", "tftp://10.77.0.1/config.txt", check=False)
    assert done.returncode != 0
    done = client.run("curl", "-sS", "http://10.77.0.1:5248/config.txt")
    assert "unknown=discover" in done.stdout, done.stdout

    def told():
        return " ".join(daemon.trail("dc:a6:32:b0:23:c3").split()).count("(unknown=discover)")
    wait_until(lambda: told() == 2, 5, "the trail says why, by TFTP and HTTP")


def test_a_reservation_of_our_own_address(site, world):
    """It is told where it was made, and kept by nobody."""
    from lab.dhcp import Wire
    daemon, _ = site
    added = daemon.try_cli("machine", "add", "greedy", "--mac", "52:54:00:10:00:78", "--ip", "10.77.0.1")
    assert added.returncode == 0 and "machine greedy has 10.77.0.1 reserved" in added.stderr, added.stderr
    wire = Wire(world.client("greedy"))
    assert wire.lease("52:54:00:10:00:78", 1).yiaddr not in ("10.77.0.1", "0.0.0.0")
    wire.close()
