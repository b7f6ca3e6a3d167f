"""Many agents that wait for their next task: each boots by DHCP, as if behind a relay, reads in its script what its kernel would be
told, says hello, and asks for a task that is not there yet. Says so, and when they are answered how long each had waited for it.

usage: park_agents.py RELAY SERVER COUNT     (RELAY: an address of ours; those of the agents must be ours too)
"""
# SPDX-License-Identifier: Apache-2.0
import json
import pathlib
import re
import selectors
import socket
import ssl
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1])]
from lab import dhcp  # noqa: E402

IPXE = ((60, b"PXEClient:Arch:00000:UNDI:002001"), (93, b"\0\0"), (77, b"iPXE"), (55, bytes([1, 3, 6, 66, 67])))
WINDOW, RETRY_S = 64, 1.0


def mac_of(i):
    return f"02:a6:00:{i >> 16:02x}:{i >> 8 & 255:02x}:{i & 255:02x}"


def lease_all(relay, server, count):
    """The addresses that they are given, by number."""
    wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    wire.bind((relay, 67))
    wire.settimeout(0.05)
    waiting, under_way, leases = list(range(count))[::-1], {}, {}

    def send(i, kind, *more):
        under_way[i] = (time.monotonic(), kind, more)
        wire.sendto(dhcp.message(kind, mac_of(i), 0x10000 + i, giaddr=relay, hops=1, options=(*IPXE, *more)), (server, 67))

    while len(leases) < count:
        while waiting and len(under_way) < WINDOW:
            send(waiting.pop(), dhcp.DISCOVER)
        try:
            answer = dhcp.parse(wire.recv(2000))
        except TimeoutError:
            answer = None
        i = answer.xid - 0x10000 if answer else -1
        if i in under_way and answer.kind == dhcp.OFFER and under_way[i][1] == dhcp.DISCOVER:
            send(i, dhcp.REQUEST, (50, dhcp.packed(answer.yiaddr)), (54, answer.options[54]))
        elif i in under_way and answer.kind == dhcp.ACK:
            del under_way[i]
            leases[i] = answer.yiaddr
        for i, (sent, kind, more) in [*under_way.items()] if answer is None else []:
            if time.monotonic() - sent > RETRY_S:
                send(i, kind, *more)
    wire.close()
    return [leases[i] for i in range(count)]


def connect(address, server, port=5248):
    one = socket.create_connection((server, port), timeout=10, source_address=(address, 0))
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return one


def ask(one, method, path, body=""):
    one.sendall(f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())


def answer(one):
    """The whole answer, which has a length."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += one.recv(4096)
    head, _, body = got.partition(b"\r\n\r\n")
    length = int(re.search(rb"(?i)content-length: (\d+)", head)[1]) if b" 204 " not in head[:16] else 0
    while len(body) < length:
        body += one.recv(4096)
    return body.decode()


def park(address, server, trust):
    one = connect(address, server)
    ask(one, "GET", "/boot.ipxe")
    script = answer(one)
    url = re.search(r"bramble\.url=(https?)://[^/:]+:(\d+)(/a/[0-9a-f]{32})", script)
    if not url:
        raise SystemExit(f"no agent is booted: {script[:400]}")
    if url[1] == "https":
        one.close()
        one = trust.wrap_socket(connect(address, server, int(url[2])))
    ask(one, "POST", f"{url[3]}/hello", json.dumps({"agent": "0", "arch": "amd64", "boot_id": "b", "mac": "x", "serial": None, "uptime_s": 1}))
    answer(one)
    return one, url[3]


def main(relay, server, count):
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE  # what it costs is measured, not whom it is with
    parked = [park(address, server, trust) for address in lease_all(relay, server, count)]
    for one, base in parked:  # last, and quickly: each waits for 50 s at most
        ask(one, "GET", f"{base}/task?after=1&wait=50")
    print("parked", flush=True)
    sys.stdin.readline()
    began, took = time.monotonic(), []
    with selectors.DefaultSelector() as selector:
        for one, _ in parked:
            selector.register(one, selectors.EVENT_READ)
        while len(took) < count:
            for key, _ in selector.select():
                key.fileobj.recv(4096)
                took.append(time.monotonic() - began)
                selector.unregister(key.fileobj)
    took.sort()
    print(json.dumps({"p50_ms": took[count // 2] * 1000, "p99_ms": took[count * 99 // 100] * 1000, "all_s": took[-1]}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
