"""Leases outlive the daemon's sudden death: what was acknowledged stays, and no address is given twice."""
# SPDX-License-Identifier: Apache-2.0
import pytest

from lab.dhcp import Wire, exchange_many



@pytest.fixture
def wide(folder):
    from lab.daemon import BUILD
    from lab.world import World
    if not (BUILD / "brambled").exists():
        pytest.skip(f"{BUILD}/brambled is not built")
    world = World(folder, "10.77.0.1/20")
    world.start_daemon("--range", "10.77.1.0-10.77.7.255", subnet="10.77.0.0/20")
    yield world
    world.close()


def macs(count, tail=0x30):
    return [f"52:54:{tail:02x}:00:{n >> 8:02x}:{n & 255:02x}" for n in range(count)]


@pytest.mark.parametrize("killed_at", [137, 250, 391])
def test_killed_in_the_middle_of_500_exchanges(wide, killed_at):
    daemon, wire = wide.daemon, Wire(wide.client("client"))
    clients = macs(500)
    before = exchange_many(wire, clients, outstanding=64, on_ack=lambda n: n == killed_at and not daemon.kill())
    assert killed_at <= len(before) < 500
    # What was on its way when it died counts too: the client has its acknowledgement.
    before |= late_acks(wire, clients)
    daemon.start()
    bound = {row["mac"]: row["ip"] for row in daemon.items("lease") if row["state"] == "bound"}
    lost = {mac: ip for mac, ip in before.items() if bound.get(mac) != ip}
    assert not lost, f"acknowledged leases that were lost: {lost}"
    others = exchange_many(wire, macs(300, tail=0x31), outstanding=64)
    assert len(others) == 300 and not set(others.values()) & set(before.values()), "an address was given twice"
    after = exchange_many(wire, clients, outstanding=64)
    assert len(after) == 500 and all(after[mac] == ip for mac, ip in before.items()), "a client lost its address"
    everybody = [*after.values(), *others.values()]
    assert len(set(everybody)) == len(everybody)
    wire.close()


def late_acks(wire, clients):
    from lab.dhcp import ACK, octets
    names = {octets(mac): mac for mac in clients}
    return {names[a.mac]: a.yiaddr for a in wire.received(0.3) if a.kind == ACK and a.mac in names}


def test_killed_and_started_again_and_again(wide):
    """Recovery itself is cut short too: the journal that one start leaves is what the next one reads."""
    daemon, wire = wide.daemon, Wire(wide.client("client"))
    held = {}
    for turn in range(4):
        held |= exchange_many(wire, macs(60, tail=0x40 + turn), outstanding=16)
        daemon.kill()
        daemon.start()
    bound = {row["mac"]: row["ip"] for row in daemon.items("lease") if row["state"] == "bound"}
    assert {mac: bound.get(mac) for mac in held} == held and len(held) == 240
    wire.close()


def test_a_pi_roms_offer_counts_as_a_lease(wide):
    """The boot ROM of a Pi 3 never sends a REQUEST: what it was offered is its address."""
    from lab.dhcp import DISCOVER, OFFER
    daemon, wire = wide.daemon, Wire(wide.client("client"))
    mac = "b8:27:eb:10:00:01"
    rom = ((55, bytes([43, 60, 67, *range(128, 136), 66])), (93, b"\0\0"), (94, b"\1\2\1"), (97, b"\0" + b"\x44" * 16),
           (60, b"PXEClient:Arch:00000:UNDI:002001"))
    offer = wire.ask(DISCOVER, mac, 0x26F30339, options=rom, want=(OFFER,), timeout_s=5)
    assert offer
    daemon.kill()
    daemon.start()
    others = exchange_many(wire, macs(50), outstanding=16)
    assert offer.yiaddr not in others.values()
    again = wire.ask(DISCOVER, mac, 0x26F30339, options=rom, want=(OFFER,), timeout_s=5)
    assert again.yiaddr == offer.yiaddr
    wire.close()
