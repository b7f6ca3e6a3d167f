"""DHCP clients that people really run, each against brambled alone on a network."""
# SPDX-License-Identifier: Apache-2.0
import re

from lab.dhcp import ACK, REQUEST, Wire
from lab.namespace import wait_until

MAC = "52:54:00:10:00:01"
LEASE_SCRIPT = """#!/bin/sh
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
ip address flush dev "$interface"
ip address add "$ip/$mask" dev "$interface"
echo "event=$1 ip=$ip mask=$mask router=$router dns=$dns domain=$domain ntp=$ntpsrv lease=$lease mtu=$mtu"
"""
OPTIONS = ("--range", "10.77.0.100-10.77.0.199", "--gateway", "10.77.0.1", "--dns", "10.77.0.2", "--dns", "10.77.0.3",
           "--option", "150=ip:10.77.0.9")


def address_of(client):
    found = re.search(r"inet (\S+)/", client.run("ip", "-4", "address", "show", "dev", "eth0").stdout)
    return found and found.group(1)


def lease_script(folder):
    script = folder / "udhcpc.sh"
    script.write_text(LEASE_SCRIPT)
    script.chmod(0o755)
    return script


def udhcpc(client, folder, *extra):
    return client.run("udhcpc", "-i", "eth0", "-n", "-q", "-t", "5", "-T", "1", "-s", lease_script(folder), *extra,
                      timeout_s=30).stdout


def dhclient(client, folder, *extra):
    config = folder / "dhclient.conf"
    config.write_text("timeout 20;\nrequest subnet-mask, routers, domain-name-servers;\n")
    script = folder / "dhclient.sh"
    script.write_text('#!/bin/sh\n[ -n "$new_ip_address" ] && ip address replace '
                      '"$new_ip_address/$new_subnet_mask" dev "$interface"\nexit 0\n')
    script.chmod(0o755)
    return client.run("dhclient", "-4", "-v", "-1", "-cf", config, "-lf", folder / "dhclient.leases", "-pf",
                      folder / "dhclient.pid", "-sf", script, *extra, "eth0", timeout_s=60)


def test_udhcpc_gets_what_the_subnet_says(world, folder):
    daemon = world.start_daemon(*OPTIONS)
    client = world.client("client", MAC)
    said = udhcpc(client, folder, "-O", "mtu")
    assert "ip=10.77.0.1" in said and "mask=24" in said, said
    assert "router=10.77.0.1 " in said and "dns=10.77.0.2 10.77.0.3 " in said and "lease=3600" in said, said
    client.run("ping", "-c", "1", "-W", "3", "10.77.0.1")
    lease, = daemon.items("lease")
    assert (lease["mac"], lease["ip"]) == (MAC, address_of(client))


def test_udhcpc_keeps_its_address_over_a_restart(world, folder):
    daemon = world.start_daemon()
    client = world.client("client", MAC)
    udhcpc(client, folder)
    before = address_of(client)
    daemon.stop()
    daemon.start()
    udhcpc(client, folder)
    assert address_of(client) == before


def test_a_released_address_is_free_but_stays_its_clients(world, folder):
    daemon = world.start_daemon()
    client = world.client("client", MAC)
    asker = client.start("udhcpc", "-f", "-i", "eth0", "-R", "-s", lease_script(folder), log=folder / "udhcpc.log")
    before = wait_until(lambda: address_of(client), 10, "it has an address")
    asker.terminate()
    asker.wait(10)
    wait_until(lambda: not [row for row in daemon.items("lease") if row["state"] == "bound"], 3, "the address is free")
    udhcpc(client, folder)
    assert address_of(client) == before


def test_a_reservation_is_kept_for_its_machine(world, folder):
    daemon = world.start_daemon()
    daemon.cli("machine", "add", "printer", "--mac", MAC, "--ip", "10.77.0.42")
    udhcpc(world.client("client", MAC), folder)
    lease, = daemon.items("lease")
    assert (lease["ip"], lease["machine"]) == ("10.77.0.42", "printer")


def test_dhclient_gets_and_renews_a_lease(world, folder):
    world.start_daemon(*OPTIONS)
    client = world.client("client", MAC)
    first = dhclient(client, folder)
    address = address_of(client)
    assert address and address.startswith("10.77.0.1"), first.stderr
    # Started again it knows its lease and asks for it by INIT-REBOOT: no DISCOVER.
    client.run("dhclient", "-x", "-lf", folder / "dhclient.leases", "-pf", folder / "dhclient.pid", "eth0", check=False)
    again = dhclient(client, folder)
    assert "DHCPACK" in again.stderr and "DHCPDISCOVER" not in again.stderr, again.stderr
    assert address_of(client) == address
    client.run("dhclient", "-r", "-lf", folder / "dhclient.leases", "-pf", folder / "dhclient.pid", "-sf", "/bin/true", "eth0",
               check=False)


def test_dhcpcd_gets_a_lease(world, folder):
    world.start_daemon(*OPTIONS)
    client = world.client("client", MAC)
    config = folder / "dhcpcd.conf"
    config.write_text("noipv6\nnoarp\nclientid\noption routers, domain_name_servers\ntimeout 20\n")
    client.run("sh", "-c", "mkdir -p /run/dhcpcd /var/lib/dhcpcd && mount -t tmpfs none /var/lib/dhcpcd && "
               f"mount -t tmpfs none /run/dhcpcd && exec dhcpcd -4 -1 -B -f {config} -c /bin/true eth0", timeout_s=60)
    assert (address_of(client) or "").startswith("10.77.0.1")


def test_a_renewed_lease_keeps_its_address(world):
    """A client renews by unicast, with its address in ciaddr (RFC 2131 section 4.3.2)."""
    daemon = world.start_daemon()
    client = world.client("client", MAC)
    wire = Wire(client)
    first = wire.lease(MAC, 7)
    before = daemon.items("lease")
    client.run("ip", "address", "add", f"{first.yiaddr}/24", "dev", "eth0")
    renewed = wire.ask(REQUEST, MAC, 8, ciaddr=first.yiaddr, source=first.yiaddr)
    assert renewed.kind == ACK and renewed.yiaddr == first.yiaddr and renewed.ip_to == first.yiaddr
    after = daemon.items("lease")
    assert [row["ip"] for row in after] == [first.yiaddr] and after[0]["expires"] >= before[0]["expires"]
    wire.close()
