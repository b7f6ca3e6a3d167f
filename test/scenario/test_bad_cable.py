"""Everything works over a cable that loses, delays, reorders and repeats frames: slower, and right."""
# SPDX-License-Identifier: Apache-2.0
import socket
import struct
import time

import pytest

from lab.dhcp import Wire, exchange_many

FAR_MAC, FAR_ADDRESS = "dc:a6:32:c3:d4:05", "10.77.0.43"
CABLES = {
    "loss": {"loss": 50},
    "delay": {"delay_us": 20000, "jitter_us": 5000},
    "reordering": {"reorder": 100, "delay_us": 500},
    "repetition": {"repeat": 150},
    "all": {"loss": 20, "repeat": 30, "reorder": 30, "delay_us": 2000, "jitter_us": 1000},
}


@pytest.mark.parametrize("cable", CABLES)
def test_leases(world, cable):
    daemon = world.start_daemon()
    wire = Wire(world.client_behind_bad_cable("client", seed=7, **CABLES[cable]))
    clients = [f"52:54:00:50:00:{n:02x}" for n in range(50)]
    got = exchange_many(wire, clients, outstanding=16)
    assert len(got) == 50 and len(set(got.values())) == 50
    assert {row["mac"]: row["ip"] for row in daemon.items("lease") if row["state"] == "bound"} == got
    wire.close()


def far_board(world, **faults):
    """A second board with the same image, at the end of a bad cable."""
    client = world.client_behind_bad_cable("board", FAR_MAC, **faults)
    client.run("ip", "address", "add", f"{FAR_ADDRESS}/24", "dev", "eth0")
    world.daemon.cli("machine", "add", "far", "--mac", FAR_MAC, "--ip", FAR_ADDRESS, "--image", "card")
    return client


@pytest.mark.parametrize("blksize,windowsize", [(512, 1), (1468, 1), (1428, 16)])
@pytest.mark.parametrize("cable", CABLES)
def test_tftp(served, cable, blksize, windowsize):
    """By a client of our own: curl 7.88 writes a first block twice that comes twice."""
    world, _, boot = served
    client = far_board(world, seed=11, **CABLES[cable])
    name = "start4.elf" if cable in ("delay", "loss", "all") and windowsize == 1 else "bcm2711-rpi-4-b.dtb"
    asker = asker_in(client)
    assert fetch_patiently(asker, name, blksize, windowsize) == (boot / name).read_bytes()
    asker.close()


def asker_in(client):
    with client.entered():
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def test_a_window_is_sent_again_from_where_it_broke(served):
    """Go-back-N over a lossy cable: a client with windows gets the right octets without a second's wait for each loss."""
    world, _, boot = served
    client = far_board(world, seed=3, loss=10)
    asker = asker_in(client)
    began = time.monotonic()
    got = fetch_patiently(asker, "kernel8.img", blksize=1428, windowsize=8)
    assert got == (boot / "kernel8.img").read_bytes()
    assert time.monotonic() - began < 60
    asker.close()


def fetch_patiently(asker, name, blksize, windowsize):
    """A client with windows that says again what it has when something is missing (RFC 7440 section 4)."""
    rrq = struct.pack("!H", 1) + name.encode() + f"\0octet\0blksize\0{blksize}\0windowsize\0{windowsize}\0".encode()
    asker.settimeout(1)
    server = None
    while server is None:
        asker.sendto(rrq, ("10.77.0.1", 69))
        try:
            packet, where = asker.recvfrom(70000)
            assert packet[:2] != b"\0\5", packet
            server = where if packet[:2] == b"\0\6" else None
        except socket.timeout:
            continue
    asker.connect(server)
    got, last, in_window, told = bytearray(), 0, 0, None

    def acknowledge():
        asker.send(b"\0\4" + struct.pack("!H", last))

    acknowledge()
    while True:
        try:
            packet = asker.recv(70000)
        except socket.timeout:
            acknowledge()
            in_window = 0
            continue
        if packet[:2] != b"\0\3":
            continue
        number = struct.unpack("!H", packet[2:4])[0]
        if number != (last + 1) & 0xFFFF:
            if told != last:  # once for each gap
                told = last
                acknowledge()
                in_window = 0
            continue
        got += packet[4:]
        last, in_window = number, in_window + 1
        is_end = len(packet) - 4 < blksize
        if in_window >= windowsize or is_end:
            acknowledge()
            in_window = 0
        if is_end:
            return bytes(got)
