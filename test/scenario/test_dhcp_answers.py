"""What single packets are answered with, seen from the wire: the cases of RFC 2131 that no ordinary client shows."""
# SPDX-License-Identifier: Apache-2.0
import pytest

from lab.dhcp import ACK, BROADCAST, DECLINE, DISCOVER, INFORM, NAK, OFFER, REQUEST, Wire, frame, message, octets, packed

MAC = "52:54:00:10:00:01"


@pytest.fixture
def wire(world):
    world.start_daemon()
    wire = Wire(world.client("client"))
    yield wire
    wire.close()


def test_the_broadcast_flag_is_honoured(wire):
    to_all = wire.ask(DISCOVER, MAC, 1, flags=0x8000, want=(OFFER,))
    assert (to_all.ethernet_to, to_all.ip_to) == (BROADCAST, "255.255.255.255")
    to_one = wire.ask(DISCOVER, "52:54:00:10:00:02", 2, want=(OFFER,))
    assert (to_one.ethernet_to, to_one.ip_to) == (octets("52:54:00:10:00:02"), to_one.yiaddr), "a raw frame, and no ARP"


def test_an_address_of_another_network_is_refused(wire):
    """INIT-REBOOT on the wrong network: NAK at once, so that the client begins anew (RFC 2131 section 4.3.2)."""
    answer = wire.ask(REQUEST, MAC, 1, options=((50, packed("192.0.2.7")),))
    assert answer.kind == NAK and answer.ethernet_to == BROADCAST


def test_nothing_is_said_to_a_request_that_another_server_won(wire):
    offer = wire.ask(DISCOVER, MAC, 1, want=(OFFER,))
    assert wire.ask(REQUEST, MAC, 1, options=((50, packed(offer.yiaddr)), (54, packed("10.77.0.250"))), timeout_s=0.5,
                    tries=1) is None


def test_a_declined_address_is_given_to_nobody(world, wire):
    first = wire.lease(MAC, 1)
    wire.send(frame(message(DECLINE, MAC, 2, options=((50, packed(first.yiaddr)), (54, first.options[54]))), MAC))
    others = [wire.lease(f"52:54:00:10:01:{n:02x}", 16 + n).yiaddr for n in range(4)]
    assert first.yiaddr not in others and wire.lease(MAC, 3).yiaddr != first.yiaddr
    assert [row["ip"] for row in world.daemon.items("lease") if row["state"] == "declined"] == [first.yiaddr]


def test_inform_tells_options_and_leases_nothing(world):
    world.start_daemon()
    asker = world.client("asker", MAC)
    asker.run("ip", "address", "add", "10.77.0.77/24", "dev", "eth0")
    wire = Wire(asker)
    answer = wire.ask(INFORM, MAC, 1, ciaddr="10.77.0.77", source="10.77.0.77", options=((55, bytes([1, 3, 6])),))
    wire.close()
    assert answer.kind == ACK and answer.yiaddr == "0.0.0.0" and 51 not in answer.options and 1 in answer.options
    assert world.daemon.items("lease") == []


def test_a_client_id_counts_more_than_a_mac(wire):
    """Two boots of one machine under two MACs are one client (RFC 2131 section 4.2); the identifier comes back (RFC 6842)."""
    identity = (61, b"\xff" + bytes(range(8)))
    one = wire.lease(MAC, 1, options=(identity,))
    two = wire.lease("52:54:00:10:00:02", 2, options=(identity,))
    assert one.yiaddr == two.yiaddr and two.options[61] == identity[1]


def test_a_full_pool_is_said_once_and_answers_nobody(world, folder):
    daemon = world.start_daemon("--range", "10.77.0.100-10.77.0.101")
    wire = Wire(world.client("client"))
    for n in range(2):
        assert wire.lease(f"52:54:00:10:02:{n:02x}", n + 1)
    assert wire.ask(DISCOVER, MAC, 9, timeout_s=1, tries=2) is None
    log = daemon.log.read_text()
    assert "10.77.0.0/24" in log and ("full" in log or "no free address" in log), log[-800:]
    wire.close()


def test_malformed_packets_change_nothing(world, wire):
    whole = message(DISCOVER, MAC, 1)
    for cut in (0, 1, 43, 235, 239, 241):
        wire.send(frame(whole[:cut], MAC))
    wire.send(frame(whole[:236] + b"\0\0\0\0" + whole[240:], MAC))           # another cookie
    wire.send(frame(whole[:2] + b"\x10" + whole[3:], MAC))                   # an address of 16 octets
    wire.send(frame(whole[:-1] + bytes([12, 255]) + b"x", MAC))              # an option longer than the packet
    wire.send(frame(b"\x02" + whole[1:], MAC))                               # a reply sent to a server
    assert list(wire.received(0.5)) == []
    assert world.daemon.items("lease") == []
    assert wire.lease(MAC, 2).kind == ACK


def test_every_client_has_its_own_address(world, wire):
    from lab.dhcp import exchange_many
    macs = [f"52:54:00:20:00:{n:02x}" for n in range(90)]
    got = exchange_many(wire, macs)
    assert len(got) == 90 and len(set(got.values())) == 90
    again = exchange_many(wire, macs)
    assert again == got, "stable per client"
