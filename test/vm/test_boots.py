"""Real firmware in QEMU asks brambled for a boot, and reaches userspace of a real Debian kernel.

One boot proves several things: that the firmware took our answers, that the command line arrived whole, that the guest
has an address of ours and reaches our HTTP, that the trail tells all of it, and that the doctor finds nothing wrong.
"""
# SPDX-License-Identifier: Apache-2.0
import hashlib
import subprocess

import pytest

from lab import foreign, images, machine, pi
from lab.daemon import BUILD
from lab.namespace import wait_until

PROOF = b"fetched by the guest\n"
PI3, PI4 = ("b8:27:eb:c3:d4:03", "00c3d403"), ("40:a6:32:c3:d4:04", "a1b2c3d4")


class Story:
    """What one boot left behind."""

    def __init__(self, world, name):
        self.world, self.name = world, name
        self.report = self.fetched = None
        self.findings = []
        self.trail = self.console = ""

    def follow(self, board):
        """From power-on to the guest's end."""
        self.report = board.userspace()
        fetched = board.says(r"BRAMBLE-FETCHED \S+ (\S+)", 30)
        self.fetched = fetched and fetched.group(1)
        board.says("BRAMBLE-DONE", 30)
        self.console = board.console()
        board.power_off()
        self.trail = self.world.daemon.trail(self.name)
        self.findings = self.world.daemon.json("doctor", self.name)["findings"]
        return self


def prepare(world, name, arch, mac, *, kernel=None, dhcp="server", subnet_options=(), fetch=True):
    """A daemon with one image and one machine."""
    daemon = world.start_daemon(*subnet_options, dhcp=dhcp)
    argv = images.parts(arch, world.folder, kernel=kernel)
    extra = f"lab.name={name}"
    if "--boot-dir" in argv and fetch:
        (argv[argv.index("--boot-dir") + 1] / "proof.txt").write_bytes(PROOF)
        extra += " lab.fetch=http://10.77.0.1:5248/proof.txt"
    daemon.cli("image", "import", "debian", *argv)
    daemon.cli("machine", "add", name, "--mac", mac, "--arch", arch, "--image", "debian", "--cmdline-extra", extra)
    return daemon


def plain(name, firmware, arch, mac):
    """A machine on the server's own network."""
    def act(world):
        prepare(world, name, arch, mac)
        board = world.machine("board", mac)
        board.power_on(firmware)
        return Story(world, name).follow(board)
    return name, act


def simulated_pi(name, model, mac, serial):
    """Simulated firmware fetches; then exactly what it fetched starts in QEMU."""
    def act(world):
        daemon = world.start_daemon()
        boot = images.pi_boot(world.folder / "card")
        (boot / "proof.txt").write_bytes(PROOF)
        daemon.cli("image", "import", "card", boot)
        daemon.cli("machine", "add", name, "--mac", mac, "--serial", serial, "--image", "card",
                   "--cmdline-extra", f"lab.name={name} lab.fetch=http://10.77.0.1:5248/proof.txt")
        client = world.client("firmware")
        fetched = pi.fetch(client, "eth0", model, mac, serial, world.folder / "board")
        client.close()
        board = world.machine("board", mac)
        pi.start_fetched(board, model, fetched)
        return Story(world, name).follow(board)
    return name, act


def behind_proxy(name, firmware, arch, mac):
    """Another server gives the addresses; every file must still come from us."""
    def act(world):
        world.foreign_dhcp_server()
        prepare(world, name, arch, mac, dhcp="proxy")
        board = world.machine("board", mac)
        board.power_on(firmware)
        return Story(world, name).follow(board)
    return name, act


def uboot_card(folder):
    """A card for a Raspberry Pi 4, whose script is any U-Boot's: QEMU's is in its flash, so the rest of the card is made up."""
    (folder / "firmware").mkdir()
    for name in ("u-boot.bin", "start4.elf", "fixup4.dat", "bcm2711-rpi-4-b.dtb"):
        (folder / "firmware" / name).write_bytes(b"not read here")
    subprocess.run([BUILD / "bramble", "card", "make", "uboot", "--board", "pi4", "--firmware", folder / "firmware", "--out",
                    folder / "card.img"], check=True, stdout=subprocess.DEVNULL)


def behind_relay(name, firmware, arch, mac, card=None):
    """A network that reaches us through a router with a DHCP relay. @card: makes what is in the machine's slot."""
    def act(world):
        prepare(world, name, arch, mac)
        router = world.router()
        world.relay(router)
        board = machine.Machine(router, "far", "tap0", mac, world.folder / "board")
        if card:
            card(board.folder)
        board.power_on(firmware)
        return Story(world, name).follow(board)
    return name, act


def refused(name, firmware, console, kernel=None):
    """Secure Boot is on and what we serve is not signed: the firmware must refuse, and the trail must say so."""
    def act(world):
        mac = "52:54:00:77:05:" + ("01" if kernel else "02")
        unsigned = kernel and kernel(world.folder)
        prepare(world, name, "amd64", mac, kernel=unsigned)
        board = world.machine("board", mac)
        board.power_on(firmware)
        story = Story(world, name)
        assert board.says(console, 120), "\n".join(board.console().splitlines()[-20:])
        try:
            wait_until(lambda: "refused" in world.daemon.trail(name), 90, "the trail says that it was refused", every_s=1)
        finally:
            story.trail = world.daemon.trail(name)
            story.console = board.console()
            board.power_off()
        return story
    return name, act


def unsigned_kernel(folder):
    return images.without_signature(foreign.kernel("amd64"), folder / "unsigned")


BOOTS = [
    plain("uboot-arm64-pxe", machine.uboot_arm64_pxe, "arm64", "52:54:00:77:64:01"),
    plain("bios-ipxe", machine.bios_ipxe, "amd64", "52:54:00:77:00:61"),
    plain("x64-uefi-http", machine.x64_uefi_http, "amd64", "52:54:00:77:00:7f"),
    plain("arm64-uefi-http", machine.arm64_uefi_http, "arm64", "52:54:00:77:00:ae"),
    plain("uboot-arm64-efi", machine.uboot_arm64_default, "arm64", "52:54:00:77:64:02"),
    plain("uboot-arm32-pxe", machine.uboot_arm32_pxe, "armhf", "52:54:00:77:32:32"),
    simulated_pi("pi3-simulated", "pi3", *PI3),
    simulated_pi("pi4-simulated", "pi4", *PI4),
    behind_proxy("x64-uefi-pxe-behind-proxy", machine.x64_uefi_pxe, "amd64", "52:54:00:77:01:01"),
    behind_relay("uboot-arm64-card-behind-relay", machine.uboot_arm64_card, "arm64", "52:54:00:77:01:02", uboot_card),
    plain("x64-secure-boot", machine.x64_secure_pxe, "amd64", "52:54:00:77:05:00"),
]
REFUSALS = [
    refused("x64-secure-boot-unsigned-kernel", machine.x64_secure_pxe, "bad shim signature", unsigned_kernel),
    refused("x64-secure-boot-uki", machine.x64_secure_http, "Access Denied"),
]
# Every day this firmware boots as well: x64 behind a proxy and with Secure Boot, arm64 in test_life.py.
LONG = [
    plain("x64-uefi-pxe", machine.x64_uefi_pxe, "amd64", "52:54:00:77:00:7e"),
    plain("arm64-uefi-pxe", machine.arm64_uefi_pxe, "arm64", "52:54:00:77:00:f0"),
    behind_proxy("bios-ipxe-behind-proxy", machine.bios_ipxe, "amd64", "52:54:00:77:01:03"),
    behind_proxy("arm64-uefi-pxe-behind-proxy", machine.arm64_uefi_pxe, "arm64", "52:54:00:77:01:04"),
    behind_proxy("x64-uefi-http-behind-proxy", machine.x64_uefi_http, "amd64", "52:54:00:77:01:05"),
    behind_relay("x64-uefi-pxe-behind-relay", machine.x64_uefi_pxe, "amd64", "52:54:00:77:01:06"),
    behind_relay("arm64-uefi-http-behind-relay", machine.arm64_uefi_http, "arm64", "52:54:00:77:01:07"),
]


def names(rows):
    return [name for name, _ in rows]


def tell(world, boot):
    """One row carried out."""
    world.capture()
    return boot[1](world)


def check(story):
    assert story.report["name"] == story.name, "the machine's own words are on the command line"
    assert story.report["kernel"].startswith("6."), story.report
    assert story.report["ip"].startswith("10."), "the guest has an address"
    if "lab.fetch=" in story.report["cmdline"]:
        assert story.fetched == hashlib.sha256(PROOF).hexdigest(), "what it fetched over HTTP"
    assert story.trail, "the boot has a trail"
    assert story.findings == [], "the doctor finds nothing wrong with a healthy boot"


@pytest.mark.parametrize("boot", BOOTS, ids=names(BOOTS))
def test_reaches_userspace(world, boot):
    story = tell(world, boot)
    check(story)
    if boot[0] == "x64-secure-boot":
        assert "Secure boot enabled" in story.console or "Secure Boot is enabled" in story.console
    if boot[0].endswith("behind-relay"):
        assert story.report["ip"].startswith("10.88.0.")


@pytest.mark.parametrize("boot", REFUSALS, ids=names(REFUSALS))
def test_secure_boot_refuses_what_is_not_signed(world, boot):
    story = tell(world, boot)
    assert "BRAMBLE-USERSPACE" not in story.console
    said = " ".join(story.trail.split())  # the lines are broken where the terminal ends
    assert "refused" in said and "Secure Boot" in said, story.trail


@pytest.mark.full
@pytest.mark.parametrize("boot", LONG, ids=names(LONG))
def test_the_rest_reaches_userspace(world, boot):
    check(tell(world, boot))
