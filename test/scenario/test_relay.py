"""A subnet that is only reached through a relay: giaddr says which, option 82 comes back as it was."""
# SPDX-License-Identifier: Apache-2.0
import pytest

from lab import foreign
from lab.dhcp import DISCOVER, OFFER, Wire, message, parse
from lab.namespace import read_text, wait_until

MAC = "52:54:00:10:00:01"
FAR = "10.88.0.0/24"


@pytest.fixture
def far(world, folder):
    """A router between the server's network and a far one, and a client there."""
    daemon = world.start_daemon()
    daemon.cli("subnet", "add", FAR, "--dhcp", "server", "--range", "10.88.0.50-10.88.0.99", "--gateway", "10.88.0.1")
    router, client = world.client("router"), world.namespace("client")
    router.run("ip", "address", "add", "10.77.0.254/24", "dev", "eth0")
    router.cable("far0", client, "eth0", MAC)
    router.run("ip", "address", "add", "10.88.0.1/24", "dev", "far0")
    router.run("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")
    world.server.run("ip", "route", "add", FAR, "via", "10.77.0.254")
    return world, router, client


def test_a_client_behind_isc_dhcp_relay(far, folder):
    world, router, client = far
    relay = foreign.one("isc-dhcp-relay-amd64", "usr/sbin/dhcrelay")
    router.start(relay, "-4", "-d", "-a", "-iu", "eth0", "-id", "far0", "10.77.0.1", log=folder / "relay.log")
    wait_until(lambda: "Sending on" in read_text(folder / "relay.log"), 5, "the relay listens")
    wire = Wire(client)
    got = wire.lease(MAC, 1)
    assert got is not None, read_text(folder / "relay.log")
    assert got.yiaddr.startswith("10.88.0.") and got.options[3] == bytes([10, 88, 0, 1])
    lease, = world.daemon.items("lease", "list")
    assert (lease["subnet"], lease["mac"]) == (FAR, MAC)
    # A renewal goes straight to the server, through the router.
    client.run("ip", "address", "add", f"{got.yiaddr}/24", "dev", "eth0")
    client.run("ip", "route", "add", "default", "via", "10.88.0.1")
    client.run("ping", "-c", "1", "-W", "3", "10.77.0.1")
    wire.close()


def ask_as_relay(router, source, packet):
    """Send as a relay does, from port 67 to port 67, and give the answer."""
    import socket
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
    _, router, _ = far
    information = bytes([1, 4]) + b"port" + bytes([2, 6]) + b"switch"
    answer = ask_as_relay(router, "10.88.0.1", message(DISCOVER, MAC, 1, giaddr="10.88.0.1", hops=1, options=((82, information),)))
    assert answer.kind == OFFER and answer.yiaddr.startswith("10.88.0.")
    assert answer.options[82] == information and answer.giaddr == "10.88.0.1"


@pytest.mark.parametrize("selection", [(82, bytes([5, 4, 10, 77, 0, 0])), (118, bytes([10, 77, 0, 0]))], ids=["82.5", "118"])
def test_link_selection_counts_more_than_giaddr(far, selection):
    _, router, _ = far
    answer = ask_as_relay(router, "10.88.0.1", message(DISCOVER, MAC, 1, giaddr="10.88.0.1", hops=1, options=(selection,)))
    assert answer.kind == OFFER and answer.yiaddr.startswith("10.77.0.")


def test_a_relay_of_no_subnet_of_ours_gets_no_answer(far):
    _, router, _ = far
    assert ask_as_relay(router, "10.77.0.254", message(DISCOVER, MAC, 1, giaddr="10.99.0.1", hops=1)) is None
