"""Interfaces that are not as they were at the start, and several subnets at once."""
# SPDX-License-Identifier: Apache-2.0
import pytest

from lab.daemon import Daemon
from lab.dhcp import ACK, DISCOVER, OFFER, REQUEST, Wire
from lab.namespace import wait_until

MAC = "52:54:00:10:00:01"


@pytest.fixture
def daemon(world, folder):
    """One that serves every interface which has a subnet."""
    daemon = Daemon(world.server, folder / "brambled", interfaces=())
    world.daemons.append(daemon)
    world.daemon = daemon
    return daemon.start()


def serve(daemon, net, interface, *options, dhcp="server"):
    return daemon.cli("subnet", "add", net, "--interface", interface, "--dhcp", dhcp, *options)


def cable(world, interface, address, mac=None):
    """A cable from an interface of the server's to a client of its own; gives the client's end."""
    client = world.namespace(f"at {interface}")
    world.server.cable(interface, client, "eth0", mac)
    if address:
        world.server.run("ip", "address", "add", address, "dev", interface)
    return client


def answer_of(wire, mac, xid):
    return wire.ask(DISCOVER, mac, xid, want=(OFFER,), timeout_s=0.5, tries=1)


def test_an_interface_appears_later_and_changes_its_address(world, daemon):
    serve(daemon, "10.78.0.0/24", "late0")
    wire = Wire(cable(world, "late0", None))
    assert answer_of(wire, MAC, 1) is None
    world.server.run("ip", "address", "add", "10.78.0.1/24", "dev", "late0")
    wait_until(lambda: answer_of(wire, MAC, 2), 5, "it is served")
    first = wire.lease(MAC, 3)
    assert first.kind == ACK and first.server == "10.78.0.1"

    world.server.run("ip", "address", "add", "10.78.0.254/24", "dev", "late0")
    world.server.run("ip", "address", "delete", "10.78.0.1/24", "dev", "late0")
    # Without promote_secondaries the other address went with it.
    world.server.run("ip", "address", "replace", "10.78.0.254/24", "dev", "late0")
    wait_until(lambda: (answer_of(wire, MAC, 4) or first).server == "10.78.0.254", 5, "it speaks by its new address")
    again = wire.lease(MAC, 5)
    assert (again.kind, again.yiaddr, again.server) == (ACK, first.yiaddr, "10.78.0.254")
    wire.close()


def test_an_interface_goes_and_comes_back_under_another_number(world, daemon):
    serve(daemon, "10.78.0.0/24", "late0")
    wire = Wire(cable(world, "late0", "10.78.0.1/24"))
    wait_until(lambda: answer_of(wire, MAC, 1), 5, "it is served")
    first = wire.lease(MAC, 2)
    wire.close()
    world.server.run("ip", "link", "delete", "late0")
    wire = Wire(cable(world, "late0", "10.78.0.1/24"))
    wait_until(lambda: answer_of(wire, MAC, 3), 5, "it is served again")
    assert wire.lease(MAC, 4).yiaddr == first.yiaddr
    wire.close()


def test_two_subnets_on_one_interface(world, daemon):
    """The second is for whom the first has no address left."""
    world.server.run("ip", "address", "add", "10.79.0.1/24", "dev", "br0")
    serve(daemon, "10.77.0.0/24", "br0", "--range", "10.77.0.10-10.77.0.11")
    serve(daemon, "10.79.0.0/24", "br0", "--range", "10.79.0.10-10.79.0.19")
    client = world.client("client")
    wire = Wire(client)
    macs = [f"52:54:00:10:00:{n:02x}" for n in range(4)]
    got = [wire.lease(mac, 10 + n) for n, mac in enumerate(macs)]
    assert [answer.kind for answer in got] == [ACK] * 4
    assert sorted(answer.yiaddr.rsplit(".", 1)[0] for answer in got) == ["10.77.0"] * 2 + ["10.79.0"] * 2
    # Each knows us by our address in its own subnet, and renews there.
    assert all(answer.server == answer.yiaddr.rsplit(".", 1)[0] + ".1" for answer in got)
    for number, (mac, lease) in enumerate(zip(macs, got)):
        client.run("ip", "address", "replace", f"{lease.yiaddr}/24", "dev", "eth0")
        renewed = wire.ask(REQUEST, mac, 20 + number, ciaddr=lease.yiaddr, source=lease.yiaddr)
        assert (renewed.kind, renewed.yiaddr) == (ACK, lease.yiaddr)
    wire.close()


def test_a_relays_subnet_that_names_the_interface_takes_nobody_from_the_link(world, daemon):
    serve(daemon, "10.88.0.0/24", "br0")  # comes first, and we have no address in it
    serve(daemon, "10.77.0.0/24", "br0")
    wire = Wire(world.client("client"))
    wait_until(lambda: answer_of(wire, MAC, 1), 5, "the link is served")
    assert wire.lease(MAC, 2).yiaddr.startswith("10.77.0.")
    wire.close()


def test_server_on_one_interface_and_proxy_on_the_other(world, daemon):
    serve(daemon, "10.77.0.0/24", "br0")
    serve(daemon, "10.78.0.0/24", "other0", dhcp="proxy")
    here, there = Wire(world.client("client")), Wire(cable(world, "other0", "10.78.0.1/24"))
    pxe = ((60, b"PXEClient:Arch:00007:UNDI:003000"), (93, b"\0\7"), (94, b"\1\3\0"), (97, b"\0" + bytes(range(16))))
    wait_until(lambda: answer_of(here, MAC, 1), 5, "the one is served")
    assert here.lease(MAC, 2).kind == ACK
    assert there.ask(DISCOVER, MAC, 3, timeout_s=0.5, tries=1, options=pxe) is None, "nobody registered it: nothing to boot"
    assert there.ask(REQUEST, MAC, 4, timeout_s=0.5, tries=1, options=((50, b"\x0a\x4e\0\7"),)) is None
    here.close()
    there.close()
