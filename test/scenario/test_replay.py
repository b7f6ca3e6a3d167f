"""What real firmware sent, replayed from captures: every stage finds what it asks for, and misses what it should."""
# SPDX-License-Identifier: Apache-2.0
import pathlib
import re

import pytest

from lab import dhcp, images
from lab.replay import first_answer, replay, steps

CAPTURES = pathlib.Path(__file__).parent / "captures"
# capture, architecture, what the first file looks like (None: none is named, as U-Boot asks by itself), names that must
# be there, names that must be missed at once
ROWS = [
    ("x64-uefi-pxe4", "amd64", r"\.efi$", [], ["revocations_sku.efi", "shim_certificate_0.efi"]),
    ("a64-uefi-pxe4", "arm64", r"\.efi$", [], ["revocations_sku.efi", "shim_certificate_0.efi"]),
    ("x64-uefi-http4", "amd64", r"^http://10\.77\.0\.1:5248/.*", [], []),
    ("a64-uefi-http4", "arm64", r"^http://10\.77\.0\.1:5248/.*", [], []),
    ("uboot-arm64-pxe", "arm64", None, [], ["pxelinux.cfg/default-x86"]),
    ("uboot-arm64-default", "arm64", r"\.efi$", [], ["boot.scr.uimg", "dtb/"]),
    ("uboot-arm32-pxe", "armhf", None, ["pxelinux.cfg/01-52-54-00-77-32-32"], []),
    ("bios-ipxe", "amd64", r"^(http://10\.77\.0\.1:5248/|.*ipxe)", [], []),
    ("x64-uefi-ipxe", "amd64", r"^(http://10\.77\.0\.1:5248/|.*ipxe)", [], []),
]


@pytest.mark.parametrize("capture,arch,first,found,missed", ROWS, ids=[row[0] for row in ROWS])
def test_replay(world, folder, capture, arch, first, found, missed):
    path = CAPTURES / f"{capture}.pcap"
    mac = next(steps(path)).mac
    daemon = world.start_daemon()
    daemon.cli("image", "import", "parts", *images.parts(arch, folder))
    daemon.cli("machine", "add", "board", "--mac", mac, "--arch", arch, "--image", "parts")
    client = world.client("board", mac)
    played = replay(client, path, mac)
    asked = [step for step in played if step.what == "dhcp"]
    assert asked and all(step.answer for step in asked), [(s.name, s.answer) for s in asked]
    assert all(step.answer.kind == (dhcp.OFFER if step.name == "DISCOVER" else dhcp.ACK) for step in asked)
    firmware = [step.answer for step in asked if step.answer.options.get(60) or named(step.answer)]
    if first:
        names = [named(answer) for answer in firmware if named(answer)]
        assert names and any(re.search(first, name) for name in names), names
        assert is_there(client, firmware[-1], next(n for n in names if re.search(first, n)))
    by_name = {step.name: step.answer for step in played if step.what == "tftp"}
    for name in found:
        assert by_name[name] and by_name[name][1] in (3, 6), (name, by_name[name])
    address = [s.answer.yiaddr for s in asked if s.answer.kind == dhcp.ACK][-1]
    for name in missed:
        answer = by_name[name] if name in by_name else \
            first_answer(client, address, "10.77.0.1", b"\0\1" + name.encode() + b"\0octet\0")
        assert answer and answer[:4] == b"\0\5\0\1", (name, answer)


def named(answer):
    return (answer.file.rstrip(b"\0") or answer.options.get(67, b"")).decode().rstrip("\0")


def is_there(client, answer, name):
    """Whether the first file can be had, as the client would get it."""
    url = name if name.startswith("http") else f"tftp://{answer.siaddr}/{name}"
    return int(client.run("curl", "-sS", "-f", "-o", "/dev/null", "-w", "%{size_download}", url).stdout) > 20
