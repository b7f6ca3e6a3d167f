"""A subnet that is only reached through a relay: giaddr says which, option 82 comes back as it was."""
# SPDX-License-Identifier: Apache-2.0
import socket

import pytest

from lab.dhcp import ACK, DISCOVER, OFFER, REQUEST, Wire, message, parse
from lab.namespace import read_text
from lab.world import FAR_SUBNET

MAC = "52:54:00:10:00:01"


@pytest.fixture
def far(world):
    """A router between the server's network and a far one."""
    world.start_daemon()
    return world, world.router()


def test_a_client_behind_isc_dhcp_relay(far):
    world, router = far
    world.relay(router)
    client = world.namespace("client")
    router.cable("far0", client, "eth0", MAC)
    router.plug("far0", "far")
    wire = Wire(client)
    got = wire.lease(MAC, 1)
    assert got is not None, read_text(world.folder / "relay.log")
    assert got.yiaddr.startswith("10.88.0.") and got.options[3] == bytes([10, 88, 0, 1])
    lease, = world.daemon.items("lease")
    assert (lease["subnet"], lease["mac"]) == (FAR_SUBNET, MAC)
    # A renewal goes straight to the server, through the router.
    client.run("ip", "address", "add", f"{got.yiaddr}/24", "dev", "eth0")
    client.run("ip", "route", "add", "default", "via", "10.88.0.1")
    with client.entered():
        asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asker.bind((got.yiaddr, 68))
    asker.settimeout(3)
    asker.sendto(message(REQUEST, MAC, 2, ciaddr=got.yiaddr), ("10.77.0.1", 67))
    renewed = parse(asker.recv(2000))
    assert renewed.kind == ACK and renewed.yiaddr == got.yiaddr
    asker.close()
    wire.close()


def ask_as_relay(router, source, packet):
    """Send as a relay does, from port 67 to port 67, and give the answer."""
    with router.entered():
        relay = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    relay.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    relay.bind((source, 67))
    relay.settimeout(3)
    relay.sendto(packet, ("10.77.0.1", 67))
    try:
        return parse(relay.recv(2000))
    except TimeoutError:
        return None
    finally:
        relay.close()


def test_option_82_comes_back_octet_by_octet(far):
    _, router = far
    information = bytes([1, 4]) + b"port" + bytes([2, 6]) + b"switch"
    answer = ask_as_relay(router, "10.88.0.1", message(DISCOVER, MAC, 1, giaddr="10.88.0.1", hops=1, options=((82, information),)))
    assert answer.kind == OFFER and answer.yiaddr.startswith("10.88.0.")
    assert answer.options[82] == information and answer.giaddr == "10.88.0.1"


@pytest.mark.parametrize("selection", [(82, bytes([5, 4, 10, 77, 0, 0])), (118, bytes([10, 77, 0, 0]))], ids=["82.5", "118"])
def test_link_selection_counts_more_than_giaddr(far, selection):
    _, router = far
    answer = ask_as_relay(router, "10.88.0.1", message(DISCOVER, MAC, 1, giaddr="10.88.0.1", hops=1, options=(selection,)))
    assert answer.kind == OFFER and answer.yiaddr.startswith("10.77.0.")


def test_a_relay_of_no_subnet_of_ours_gets_no_answer(far):
    _, router = far
    assert ask_as_relay(router, "10.77.0.254", message(DISCOVER, MAC, 1, giaddr="10.99.0.1", hops=1)) is None
