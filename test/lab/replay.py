"""Replay what a client sent, from a capture or a report, to a server that is running now.

DHCP goes out as it was, but that a REQUEST takes up what this server offered; TFTP requests are asked for their first
answer. What the capture's server said is not looked at.
"""
# SPDX-License-Identifier: Apache-2.0
import base64
import dataclasses
import json
import pathlib
import socket
import struct

from lab import dhcp

KINDS = {1: "DISCOVER", 2: "OFFER", 3: "REQUEST", 4: "DECLINE", 5: "ACK", 6: "NAK", 7: "RELEASE", 8: "INFORM"}


@dataclasses.dataclass
class Step:
    """One request of the capture; @answer: what came, once replayed (a Message, octets, or None)."""
    what: str  # "dhcp", "4011" or "tftp"
    mac: str
    payload: bytes
    answer: object = None

    @property
    def name(self):
        """The file that a TFTP request names, or the kind of a DHCP message."""
        if self.what == "tftp":
            return self.payload[2:].split(b"\0")[0].decode("ascii", "replace")
        return KINDS.get(dhcp.parse(self.payload).kind, "?")


def frames(path):
    """The Ethernet frames of a pcap file."""
    data = pathlib.Path(path).read_bytes()
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">"}.get(data[:4])
    if order is None or struct.unpack_from(order + "I", data, 20)[0] != 1:
        raise ValueError(f"{path} is no pcap file of Ethernet frames")
    at = 24
    while at + 16 <= len(data):
        size = struct.unpack_from(order + "I", data, at + 8)[0]
        yield data[at + 16:at + 16 + size]
        at += 16 + size


def report_steps(path):
    """The requests in what `bramble report` wrote: DHCP as it was said, and files by the trail, in their order."""
    report = json.loads(pathlib.Path(path).read_text())
    mac, requests = report["boot"]["mac"], []
    for message in report["messages"]:
        requests.append((message["at_ms"], Step("dhcp", mac, base64.b64decode(message["octets"]))))
    for step in report["boot"]["steps"]:
        if step["kind"] == "tftp":
            options = f"\0tsize\x000\0blksize\0{step['blksize']}\0".encode() if step["blksize"] > 512 else b"\0"
            requests.append((step["at_ms"], Step("tftp", mac, b"\0\1" + step["what"].encode() + b"\0octet" + options)))
    for _, step in sorted(requests, key=lambda row: row[0]):
        yield step


def steps(path, mac=None):
    """The requests in a capture or a report, of one client or of all."""
    if pathlib.Path(path).suffix == ".json":
        yield from report_steps(path)
        return
    for frame in frames(path):
        if frame[12:14] != b"\x08\x00" or frame[23] != 17:
            continue
        at = 14 + (frame[14] & 15) * 4
        dport, size = struct.unpack_from("!HH", frame, at + 2)
        payload, sender = frame[at + 8:at + size], frame[6:12].hex(":")
        if mac and sender != mac.lower():
            continue
        if dport in (67, 4011) and dhcp.parse(payload) and payload[0] == 1:
            yield Step("dhcp" if dport == 67 else "4011", sender, payload)
        elif dport == 69 and payload[:2] == b"\0\1":
            yield Step("tftp", sender, payload)


def _taking_up(payload, offer):
    """A REQUEST whose address and server are those of @offer."""
    out, at = bytearray(payload[:240]), 240
    while at < len(payload) and payload[at] != 255:
        if payload[at] == 0:
            out.append(0)
            at += 1
            continue
        number, size = payload[at], payload[at + 1]
        value = payload[at + 2:at + 2 + size]
        if number == 50:
            value = dhcp.packed(offer.yiaddr)
        elif number == 54:
            value = offer.options[54]
        out += dhcp.option(number, value)
        at += 2 + size
    return bytes(out) + b"\xff"


def _by_now(payload, address):
    """A request to port 4011 of who has @address by now."""
    return payload[:12] + dhcp.packed(address) + payload[16:]


def first_answer(namespace, address, server, rrq, timeout_s=3):
    """The first packet that a TFTP request is answered with; the transfer is given up at once."""
    with namespace.entered():
        asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        asker.bind((address, 0))
        asker.settimeout(timeout_s)
        asker.sendto(rrq, (server, 69))
        answer, where = asker.recvfrom(70000)
        if answer[1] != 5:
            asker.sendto(b"\0\5\0\0Early terminate\0", where)
        return answer
    except TimeoutError:
        return None
    finally:
        asker.close()


def _answers(wire, asked, wanted, timeout_s):
    """The first answer of each server, until the @wanted ones have answered."""
    got = {}
    for answer in wire.received(timeout_s, ports=(68, 4011)):
        if answer.mac == asked.mac and answer.xid == asked.xid:
            got.setdefault(answer.source, answer)
        if wanted <= set(got):
            break
    return got


def replay(namespace, path, mac=None, interface="eth0", server="10.77.0.1", giver=None, timeout_s=3):
    """Send it all, in order, and give the steps with @server's answers. @giver: who gives the addresses, when another does."""
    wire = dhcp.Wire(namespace, interface)
    giver = giver or server
    offer, address, played = None, None, []
    for step in steps(path, mac):
        if step.what == "tftp":
            step.answer = first_answer(namespace, address or "0.0.0.0", server, step.payload, timeout_s)
        else:
            asked = dhcp.parse(step.payload)
            payload = _taking_up(step.payload, offer) if asked.kind == dhcp.REQUEST and offer else step.payload
            port = 67 if step.what == "dhcp" else 4011
            if port == 4011 and address:
                payload = _by_now(payload, address)
            target = "255.255.255.255" if step.what == "dhcp" else server
            wire.send(dhcp.frame(payload, step.mac, dport=port, source=address if port == 4011 and address else "0.0.0.0",
                                 target=target))
            got = _answers(wire, asked, {server, giver} if step.what == "dhcp" else {server}, timeout_s)
            step.answer, given = got.get(server), got.get(giver)
            if given and given.kind == dhcp.OFFER:
                offer = given
            if given and given.kind == dhcp.ACK and step.what == "dhcp" and given.yiaddr != "0.0.0.0":
                address = given.yiaddr
                namespace.run("ip", "address", "replace", f"{address}/24", "dev", interface)
        played.append(step)
    wire.close()
    return played
