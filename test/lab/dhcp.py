"""A DHCP client for tests: makes and reads packets (RFC 2131), and drives any number of clients over one raw socket.

Written from the RFC, not from the server: what both get wrong in the same way would not be seen.
"""
# SPDX-License-Identifier: Apache-2.0
import dataclasses
import ipaddress
import select
import socket
import struct
import time

DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE, INFORM = range(1, 9)
MAGIC = b"\x63\x82\x53\x63"
BROADCAST = b"\xff" * 6


def octets(mac):
    return bytes.fromhex(mac.replace(":", ""))


def packed(ip):
    return ipaddress.IPv4Address(ip).packed


def option(number, value):
    return bytes([number, len(value)]) + value


@dataclasses.dataclass
class Message:
    """A DHCP message as it came."""
    op: int
    xid: int
    flags: int
    ciaddr: str
    yiaddr: str
    siaddr: str
    giaddr: str
    mac: bytes
    sname: bytes
    file: bytes
    options: dict
    source: str = ""
    port: int = 0
    ethernet_to: bytes = b""
    ip_to: str = ""

    @property
    def kind(self):
        return self.options.get(53, b"\0")[0]

    @property
    def server(self):
        return str(ipaddress.IPv4Address(self.options[54]))


def message(kind, mac, xid, *, ciaddr="0.0.0.0", giaddr="0.0.0.0", flags=0, hops=0, options=()):
    """A client's message; @options: rows of (number, octets) after option 53."""
    fixed = struct.pack("!BBBBIHH4s4s4s4s16s64s128s", 1, 1, 6, hops, xid, 0, flags, packed(ciaddr), bytes(4), bytes(4),
                        packed(giaddr), octets(mac), b"", b"")
    return fixed + MAGIC + option(53, bytes([kind])) + b"".join(option(*o) for o in options) + b"\xff"


def parse(data):
    """Read a message; None when it is none. Long options are put together again (RFC 3396)."""
    if len(data) < 240 or data[236:240] != MAGIC:
        return None
    op, _, _, _, xid, _, flags, ciaddr, yiaddr, siaddr, giaddr, chaddr, sname, file = struct.unpack_from(
        "!BBBBIHH4s4s4s4s16s64s128s", data)
    options = {}
    areas = [data[240:]]
    while areas:
        area, at = areas.pop(0), 0
        while at < len(area) and area[at] != 255:
            if area[at] == 0:
                at += 1
                continue
            number, size = area[at], area[at + 1]
            options[number] = options.get(number, b"") + area[at + 2:at + 2 + size]
            at += 2 + size
        if 52 in options and len(areas) == 0 and area is not file and area is not sname:
            areas = [part for bit, part in ((1, file), (2, sname)) if options[52][0] & bit]
    text = [str(ipaddress.IPv4Address(a)) for a in (ciaddr, yiaddr, siaddr, giaddr)]
    return Message(op, xid, flags, *text, chaddr[:6], sname, file, options)


def frame(payload, mac, *, source="0.0.0.0", target="255.255.255.255", sport=68, dport=67, to=BROADCAST):
    """An Ethernet frame that carries a UDP datagram."""
    udp = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, packed(source), packed(target))
    total = sum(struct.unpack("!10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    checksum = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    return to + octets(mac) + b"\x08\x00" + head[:10] + struct.pack("!H", checksum) + head[12:] + udp


class Wire:
    """A raw socket on an interface: sends as any MAC, and hears what any client would."""

    def __init__(self, namespace, interface="eth0"):
        with namespace.entered():
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
            self.socket.bind((interface, 0))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)

    def send(self, data):
        self.socket.send(data)

    def received(self, timeout_s, ports=(68,)):
        """The DHCP messages that arrive until nothing came for @timeout_s."""
        deadline = time.monotonic() + timeout_s
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.socket], [], [], left)[0]:
                return
            data, where = self.socket.recvfrom(65535)
            if where[2] == socket.PACKET_OUTGOING or len(data) < 42 or data[23] != 17:
                continue
            header = 14 + (data[14] & 15) * 4
            sport, dport, size, _ = struct.unpack_from("!HHHH", data, header)
            found = parse(data[header + 8:header + size]) if dport in ports else None
            if found:
                found.source, found.port, found.ethernet_to = str(ipaddress.IPv4Address(data[26:30])), sport, data[:6]
                found.ip_to = str(ipaddress.IPv4Address(data[30:34]))
                yield found

    def ask(self, kind, mac, xid, *, timeout_s=2, tries=3, want=(OFFER, ACK, NAK), source="0.0.0.0", **fields):
        """Send and wait for the answer to this client; None when there is none."""
        for _ in range(tries):
            self.send(frame(message(kind, mac, xid, **fields), mac, source=source))
            for answer in self.received(timeout_s):
                if answer.xid == xid and answer.mac == octets(mac) and answer.kind in want:
                    return answer
        return None

    def lease(self, mac, xid, options=(), **fields):
        """A whole exchange; gives the ACK, or None."""
        offer = self.ask(DISCOVER, mac, xid, options=options, want=(OFFER,), **fields)
        if offer is None:
            return None
        chosen = ((50, packed(offer.yiaddr)), (54, offer.options[54]))
        return self.ask(REQUEST, mac, xid, options=(*options, *chosen), want=(ACK, NAK), **fields)

    def close(self):
        self.socket.close()


def exchange_many(wire, macs, outstanding=32, timeout_s=60, on_ack=None, retry_s=1.0):
    """Whole exchanges for many clients, some at once; gives {mac: address} of every ACK that arrived.

    @on_ack: called with the number of ACKs so far; when it says True, no more is sent or read.
    """
    waiting, acked = list(reversed(macs)), {}
    under_way = {}  # mac -> (frame, sent at)
    by_mac = {octets(mac): (mac, 0x10000 + number) for number, mac in enumerate(macs)}
    deadline = time.monotonic() + timeout_s

    def send(mac, data):
        wire.send(data)
        under_way[mac] = (data, time.monotonic())

    while (waiting or under_way) and time.monotonic() < deadline:
        while waiting and len(under_way) < outstanding:
            mac = waiting.pop()
            send(mac, frame(message(DISCOVER, mac, by_mac[octets(mac)][1]), mac))
        for answer in wire.received(0.02):
            mac, xid = by_mac.get(answer.mac, (None, None))
            if mac is None or answer.xid != xid or mac in acked:
                continue
            if answer.kind == OFFER:
                chosen = ((50, packed(answer.yiaddr)), (54, answer.options[54]))
                send(mac, frame(message(REQUEST, mac, xid, options=chosen), mac))
            elif answer.kind == ACK:
                acked[mac] = answer.yiaddr
                under_way.pop(mac, None)
                if on_ack and on_ack(len(acked)):
                    return acked
                if len(under_way) < outstanding // 2:
                    break
        now = time.monotonic()
        for mac, (data, sent) in list(under_way.items()):
            if now - sent > retry_s:
                send(mac, data)
    return acked
