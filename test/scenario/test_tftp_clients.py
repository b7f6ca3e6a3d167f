"""TFTP clients that people really run, fetching a machine's tree."""
# SPDX-License-Identifier: Apache-2.0
import hashlib
import socket
import struct

import pytest


@pytest.mark.parametrize("options", [[], ["--tftp-blksize", "1468"], ["--tftp-blksize", "65464"], ["--tftp-no-options"]],
                         ids=["512", "1468", "65464", "no-options"])
def test_curl(served, folder, options):
    world, client, boot = served
    client.run("curl", "-sS", *options, "-o", folder / "got", "tftp://10.77.0.1/kernel8.img")
    assert digest(folder / "got") == digest(boot / "kernel8.img")


@pytest.mark.parametrize("name", ["kernel8.img", "start4.elf", "fixup4.dat"])
def test_tftp_hpa(served, folder, name):
    world, client, boot = served
    client.run("tftp", "10.77.0.1", "-m", "binary", "-c", "get", name, folder / "got")
    assert digest(folder / "got") == digest(boot / name)


def test_tftp_hpa_reads_text_as_netascii(served, folder):
    world, client, boot = served
    client.run("tftp", "10.77.0.1", "-m", "netascii", "-c", "get", "config.txt", folder / "got")
    binary = client.run("curl", "-sS", "tftp://10.77.0.1/config.txt").stdout
    assert (folder / "got").read_text() == binary and "kernel=kernel8.img" in binary


@pytest.mark.parametrize("path", ["no-such-file", "../../etc/passwd", "/etc/passwd", "..\\..\\etc\\passwd",
                                  "a/../../../etc/passwd"], ids=range(5))
def test_what_is_not_in_the_tree_is_missed_at_once(served, path):
    world, client, _ = served
    with client.entered():
        asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asker.settimeout(2)
    asker.sendto(struct.pack("!H", 1) + path.encode() + b"\0octet\0", ("10.77.0.1", 69))
    answer = asker.recv(600)  # to the one packet: nothing was repeated
    assert answer[:4] == b"\0\5\0\1", answer
    asker.close()


def test_strangers_are_not_answered(served):
    world, _, _ = served
    client = world.client("stranger")
    world.server.run("ip", "address", "add", "192.0.2.1/24", "dev", "br0")
    client.run("ip", "address", "add", "192.0.2.7/24", "dev", "eth0")
    with client.entered():
        asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asker.bind(("192.0.2.7", 0))
    asker.settimeout(0.5)
    for path in (b"no-such-file", b"config.txt"):
        asker.sendto(struct.pack("!H", 1) + path + b"\0octet\0", ("192.0.2.1", 69))
        with pytest.raises(TimeoutError):
            asker.recv(600)
    asker.close()
    said = client.run("curl", "-sS", "-w", "%{http_code}", "http://192.0.2.1:5248/no-such-file").stdout
    assert "in no subnet" in said and said.endswith("403"), said


def test_writing_is_refused(served, folder):
    world, client, _ = served
    (folder / "mine").write_text("x")
    done = client.run("curl", "-sS", "-T", folder / "mine", "tftp://10.77.0.1/mine", check=False)
    assert done.returncode != 0


@pytest.mark.parametrize("options", [{"blksize": 1428, "windowsize": 16}, {"blksize": 512, "windowsize": 64},
                                     {"blksize": 1428, "windowsize": 16, "rollover": 1}])
def test_windows(served, options):
    world, client, boot = served
    with client.entered():
        asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asker.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    got = fetch(asker, "kernel8.img", options)
    assert hashlib.sha256(got).hexdigest() == digest(boot / "kernel8.img")
    asker.close()


def fetch(asker, name, options):
    """A whole transfer with windows (RFC 7440), which no client at hand does."""
    rrq = struct.pack("!H", 1) + name.encode() + b"\0octet\0" + b"".join(f"{k}\0{v}\0".encode()
                                                                           for k, v in options.items())
    asker.settimeout(3)
    asker.sendto(rrq, ("10.77.0.1", 69))
    answer, server = asker.recvfrom(70000)
    assert answer[:2] == b"\0\6", answer
    assert server[0] == "10.77.0.1"
    got, last, in_window = bytearray(), 0, 0
    asker.sendto(b"\0\4\0\0", server)
    while True:
        packet = asker.recv(70000)
        number = struct.unpack("!H", packet[2:4])[0]
        if packet[:2] != b"\0\3" or number != (last + 1) & 0xFFFF:
            continue
        got += packet[4:]
        last, in_window = number, in_window + 1
        is_end = len(packet) - 4 < options["blksize"]
        if in_window == options["windowsize"] or is_end:
            asker.sendto(b"\0\4" + struct.pack("!H", last), server)
            in_window = 0
        if is_end:
            return bytes(got)


def test_boot_http_serves_the_same_tree(served, folder):
    world, client, boot = served
    client.run("curl", "-sSf", "-o", folder / "got", "http://10.77.0.1:5248/kernel8.img")
    assert digest(folder / "got") == digest(boot / "kernel8.img")
    head = client.run("curl", "-sSfI", "http://10.77.0.1:5248/kernel8.img").stdout.lower()
    assert "content-length: 6000123" in head and "etag:" in head
    part = client.run("curl", "-sSf", "-r", "100-199", "-o", folder / "part", "-w", "%{http_code}",
                      "http://10.77.0.1:5248/kernel8.img").stdout
    assert part == "206" and (folder / "part").read_bytes() == (boot / "kernel8.img").read_bytes()[100:200]
    assert client.run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--path-as-is",
                      "http://10.77.0.1:5248/../../etc/passwd").stdout == "404"
    assert client.run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}",
                      "http://10.77.0.1:5248/api/v1/status").stdout == "404", "the boot port never serves the API"


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()
