"""A world to test in: a server's namespace with a bridge, brambled on it, and clients on cables of their own."""
# SPDX-License-Identifier: Apache-2.0
import contextlib
import ctypes
import fcntl
import pathlib
import shutil
import socket
import struct

from lab import foreign
from lab.daemon import BUILD, Daemon
from lab.machine import Machine
from lab.namespace import Namespace, read_text, wait_until

SERVER = "10.77.0.1"
SUBNET = "10.77.0.0/24"
FAR_SUBNET = "10.88.0.0/24"
SIOCETHTOOL = 0x8946
ETHTOOL_OFF = (0x17, 0x15, 0x1F, 0x24, 0x2C)  # tx and rx checksums, TSO, GSO, GRO


class World:
    """Everything in it ends with close(), in whatever state it is."""

    def __init__(self, folder, address=SERVER + "/24"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.namespaces, self.daemons = [], []
        self.server = self.namespace("server")
        self.server.bridge("br0", address)
        self.daemon = None
        self.cables = 0

    def namespace(self, name):
        self.namespaces.append(Namespace(name))
        return self.namespaces[-1]

    def new_daemon(self, name="brambled"):
        """One that is not started yet; it ends, and its state goes, with this world."""
        self.daemons.append(Daemon(self.server, self.folder / name))
        return self.daemons[-1]

    def start_daemon(self, *subnet_options, dhcp="server", subnet=SUBNET):
        """brambled with the one subnet; without options a range to give addresses from."""
        self.daemon = self.new_daemon()
        self.daemon.start()
        if not subnet_options and dhcp == "server":
            subnet_options = ("--range", "10.77.0.100-10.77.0.199")
        self.daemon.cli("subnet", "add", subnet, "--interface", "br0", "--dhcp", dhcp, *subnet_options)
        return self.daemon

    def client(self, name, mac=None):
        """A namespace whose eth0 is plugged into the bridge."""
        client = self.namespace(name)
        self.cables += 1
        self.server.cable(f"port{self.cables}", client, "eth0", mac)
        self.server.plug(f"port{self.cables}", "br0")
        return client

    def client_behind_bad_cable(self, name, mac=None, **faults):
        """Likewise, but what goes to and fro meets the faults of test/fake/bad_cable.c."""
        client, middle = self.namespace(name), self.namespace(f"{name}'s cable")
        self.cables += 1
        self.server.cable(f"port{self.cables}", middle, "left")
        client.cable("eth0", middle, "right")
        if mac:
            client.run("ip", "link", "set", "eth0", "address", mac)
        self.server.plug(f"port{self.cables}", "br0")
        without_offloads(self.server, f"port{self.cables}")
        without_offloads(client, "eth0")
        log = self.folder / f"{name}-cable.log"
        options = [part for key, value in faults.items() for part in (f"--{key.replace('_', '-')}", value)]
        middle.start(BUILD / "test/fake/bad-cable", *options, "left", "right", log=log)
        wait_until(lambda: "ready" in read_text(log), 5, f"the bad cable is ready: {read_text(log)}")
        return client

    def foreign_dhcp_server(self):
        """dnsmasq at 10.77.0.250, as the DHCP server that a network already has."""
        other = self.client("foreign")
        other.run("ip", "address", "add", "10.77.0.250/24", "dev", "eth0")
        log = self.folder / "dnsmasq.log"
        other.start("dnsmasq", "-k", "--port=0", "--conf-file=/dev/null", "--interface=eth0", "--bind-interfaces",
                    "--no-ping", "--dhcp-range=10.77.0.50,10.77.0.99", "--dhcp-authoritative", "--log-dhcp",
                    "--log-facility=-", "--user=root", "--leasefile-ro", log=log)
        wait_until(lambda: "IP range" in read_text(log), 5, "dnsmasq listens")
        return other

    def router(self):
        """A router to a bridge `far` with 10.88.0.0/24, a subnet of the daemon's that is only reached through it."""
        self.daemon.cli("subnet", "add", FAR_SUBNET, "--dhcp", "server", "--range", "10.88.0.50-10.88.0.99",
                        "--gateway", "10.88.0.1")
        router = self.client("router")
        router.run("ip", "address", "add", "10.77.0.254/24", "dev", "eth0")
        router.bridge("far", "10.88.0.1/24")
        router.run("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")
        self.server.run("ip", "route", "add", FAR_SUBNET, "via", "10.77.0.254")
        return router

    def relay(self, router):
        """ISC's relay agent on it, which adds option 82."""
        log = self.folder / "relay.log"
        router.start(foreign.one("isc-dhcp-relay-amd64", "usr/sbin/dhcrelay"), "-4", "-d", "-a", "-iu", "eth0",
                     "-id", "far", SERVER, log=log)
        wait_until(lambda: "Sending on" in read_text(log), 5, f"the relay listens: {read_text(log)}")

    def machine(self, name, mac):
        """A machine in QEMU, on a tap of the bridge."""
        self.cables += 1
        return Machine(self.server, "br0", f"tap{self.cables}", mac, self.folder / name)

    def capture(self, interface="br0"):
        """Record what passes, for the reader of a failure."""
        if shutil.which("tcpdump"):
            self.server.start("tcpdump", "-U", "-i", interface, "-s", "700", "-w", self.folder / "traffic.pcap", "udp",
                              log=self.folder / "tcpdump.log")

    def close(self):
        """Ends all; only then speaks of a daemon that did not end well."""
        faults = []
        for daemon in self.daemons:
            try:
                daemon.stop()
            except Exception as fault:  # every other part must still end
                faults.append(fault)
            shutil.rmtree(daemon.short, ignore_errors=True)
        for namespace in reversed(self.namespaces):
            with contextlib.suppress(OSError):
                namespace.close()
        if faults:
            raise faults[0]


def without_offloads(namespace, interface):
    """Make the kernel finish checksums and segments before a frame leaves, so that a relay in user space can carry it."""
    with namespace.entered(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for command in ETHTOOL_OFF:
            value = ctypes.create_string_buffer(struct.pack("II", command, 0))
            fcntl.ioctl(control, SIOCETHTOOL, struct.pack("16sP", interface.encode(), ctypes.addressof(value)))
