"""ProxyDHCP beside a DHCP server that stays: it gives the addresses, we give the boot."""
# SPDX-License-Identifier: Apache-2.0
import socket

import pytest

from lab import foreign, guest
from lab.dhcp import ACK, DISCOVER, OFFER, REQUEST, Wire, frame, message, packed, parse
from lab.images import loaders, parts
from lab.replay import replay, steps
from test_replay import CAPTURES
from test_simulated_boards import boot_directory
from lab.namespace import read_text, wait_until

MAC = "52:54:00:10:00:01"
PI = "dc:a6:32:c3:d4:04"
UEFI = ((60, b"PXEClient:Arch:00007:UNDI:003000"), (93, b"\0\7"), (94, b"\1\3\0"), (97, b"\0" + bytes(range(16))),
        (55, bytes([1, 3, 43, 60, 66, 67, 97])))
PI4 = ((55, bytes([1, 3, 43, 60, 66, 67, *range(128, 136)])), (60, b"PXEClient:Arch:00000:UNDI:002001"), (93, b"\0\0"),
       (94, b"\1\2\1"), (97, b"\0RPi4" + bytes.fromhex("1431d000") + bytes.fromhex("32c3d404") + bytes.fromhex("d4c3b2a1")))


@pytest.fixture
def beside(world, uefi_image):
    """dnsmasq as the network's own DHCP server, and brambled as proxy."""
    world.foreign_dhcp_server()
    daemon = world.start_daemon(dhcp="proxy")
    daemon.cli("image", "import", "parts", *uefi_image)
    daemon.cli("machine", "add", "pc", "--mac", MAC, "--arch", "amd64", "--image", "parts")
    wire = Wire(world.client("client"))
    yield world, wire
    wire.close()


@pytest.fixture
def uefi_image(folder):
    """Parts whose contents do not matter here, but that import takes for what they are."""
    return ["--arch", "amd64", "--kernel", foreign.kernel("amd64"), "--initrd", guest.initramfs("amd64"),
            "--boot-dir", loaders("amd64", folder / "loaders")]


def offers(wire, mac, xid, options):
    wire.send(frame(message(DISCOVER, mac, xid, options=options), mac))
    return {answer.source: answer for answer in wire.received(2) if answer.xid == xid and answer.kind == OFFER}


def test_two_offers_come_and_ours_has_no_address(beside):
    world, wire = beside
    got = offers(wire, MAC, 1, UEFI)
    assert set(got) == {"10.77.0.250", "10.77.0.1"}
    ours = got["10.77.0.1"]
    assert ours.yiaddr == "0.0.0.0" and ours.options[60] == b"PXEClient" and 51 not in ours.options
    assert ours.options[97] == b"\0" + bytes(range(16))
    assert world.daemon.items("lease") == []


def test_port_4011_names_the_first_file(beside):
    world, wire = beside
    client = world.client("booter", MAC)
    client.run("ip", "address", "add", "10.77.0.60/24", "dev", "eth0")
    with client.entered():
        asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asker.bind(("10.77.0.60", 68))
    asker.settimeout(3)
    asker.sendto(message(REQUEST, MAC, 5, ciaddr="10.77.0.60", options=UEFI), ("10.77.0.1", 4011))
    answer = parse(asker.recv(2000))
    asker.close()
    bootfile = (answer.file.rstrip(b"\0") or answer.options.get(67, b"")).decode()
    assert answer.siaddr == "10.77.0.1" and bootfile, answer
    got = client.run("curl", "-sS", f"tftp://10.77.0.1/{bootfile}", "-o", "/dev/null", "-w", "%{size_download}").stdout
    assert int(got) > 100_000, "the first file is there"


# capture, architecture; all of them went on to port 4011 when they were taken
@pytest.mark.parametrize("capture,arch", [("proxy-x64-uefi", "amd64"), ("proxy-a64-uefi", "arm64"), ("proxy-bios-ipxe", "amd64")])
def test_real_firmware_as_it_was_captured(world, folder, capture, arch):
    """Two offers, the other server's address, and the first file from us, as firmware really asks for it."""
    path = CAPTURES / f"{capture}.pcap"
    mac = next(steps(path)).mac
    world.foreign_dhcp_server()
    daemon = world.start_daemon(dhcp="proxy")
    daemon.cli("image", "import", "parts", *parts(arch, folder))
    daemon.cli("machine", "add", "board", "--mac", mac, "--arch", arch, "--image", "parts")
    client = world.client("board", mac)
    played = replay(client, path, mac, giver="10.77.0.250", timeout_s=1)
    discover, request, pxe = [step for step in played if step.what != "tftp"]
    assert discover.answer.yiaddr == "0.0.0.0" and discover.answer.options[60] == b"PXEClient"
    assert request.name == "REQUEST" and request.answer is None, "the address is the other server's to acknowledge"
    assert pxe.what == "4011" and pxe.answer.kind == ACK and pxe.answer.siaddr == "10.77.0.1"
    name = (pxe.answer.file.rstrip(b"\0") or pxe.answer.options[67]).decode()
    url = name if name.startswith("http") else f"tftp://10.77.0.1/{name}"
    assert int(client.run("curl", "-sS", "-f", "-o", "/dev/null", "-w", "%{size_download}", url).stdout) > 20
    assert [row["ip"] for row in daemon.items("lease")] == []


def test_a_pi_is_answered_from_port_67(beside, folder):
    """An EEPROM merges two offers and never asks 4011; it wants its boot menu and the server by option 66."""
    world, wire = beside
    boot_directory(folder / "card")
    world.daemon.cli("image", "import", "card", folder / "card")
    world.daemon.cli("machine", "add", "pi", "--mac", PI, "--image", "card")
    ours = offers(wire, PI, 2, PI4).get("10.77.0.1")
    assert ours and ours.port == 67 and ours.yiaddr == "0.0.0.0"
    assert b"Raspberry Pi Boot" in ours.options[43] and ours.options[66] == b"10.77.0.1"


def test_an_ordinary_client_hears_nothing_from_us(beside):
    _, wire = beside
    assert set(offers(wire, "52:54:00:10:00:09", 3, ((55, bytes([1, 3, 6])),))) == {"10.77.0.250"}


def test_a_reservation_on_a_proxy_subnet_is_refused_with_a_sentence(beside):
    world, _ = beside
    said = world.daemon.refused("machine", "add", "x", "--mac", "52:54:00:10:00:08", "--ip", "10.77.0.42", "--image", "parts")
    assert "10.77.0.42" in said and "proxy" in said, said
    assert [row["name"] for row in world.daemon.items("machine")] == ["pc"]


def test_a_foreign_server_on_our_own_subnet_is_noticed(world):
    """On a `server` subnet a second DHCP server is a fault that somebody should hear of."""
    daemon = world.start_daemon()
    world.foreign_dhcp_server()
    wire = Wire(world.client("client"))
    wire.send(frame(message(DISCOVER, MAC, 1, flags=0x8000), MAC))
    answers = [a for a in wire.received(1) if a.source == "10.77.0.250"]
    assert answers
    wire.send(frame(message(REQUEST, MAC, 1, flags=0x8000,
                             options=((50, packed(answers[0].yiaddr)), (54, packed("10.77.0.250")))), MAC))
    wait_until(lambda: "10.77.0.250" in read_text(daemon.log), 5, f"the log names it: {read_text(daemon.log)[-600:]}")
    wire.close()
