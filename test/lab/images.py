"""Folders to import, as an operator would have them: a Pi's boot directory, and the parts that other machines boot."""
# SPDX-License-Identifier: Apache-2.0
import pathlib
import shutil

from lab import foreign, guest

CONSOLES = {"amd64": "ttyS0", "arm64": "ttyAMA0", "armhf": "ttyAMA0"}
PI_CONFIG_TXT = """# As on a card: the operator's own lines stay.
arm_64bit=1
enable_uart=1
kernel=kernel8.img
initramfs initramfs8 followkernel

[pi4]
arm_boost=1

[all]
"""
# QEMU's Pi 3 has its console on the mini UART.
PI_CMDLINE_TXT = "console=ttyS1,115200 earlycon=uart8250,mmio32,0x3f215040 rootwait\n"


def _put(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def pi_boot(folder):
    """The boot directory of a 64-bit Pi 3 or Pi 4, from Debian's firmware and kernel."""
    folder = pathlib.Path(folder)
    firmware, trees = foreign.pi_firmware(), foreign.device_trees("arm64") / "broadcom"
    for name in ("bootcode.bin", "start.elf", "fixup.dat", "start4.elf", "fixup4.dat"):
        _put(firmware / name, folder / name)
    for name in ("bcm2711-rpi-4-b.dtb", "bcm2711-rpi-400.dtb"):
        _put(trees / name, folder / name)
    # The firmware asks for its own kernel's name of the tree; Debian's kernel calls the same board bcm2837.
    for name, source in (("bcm2710-rpi-3-b.dtb", "bcm2837-rpi-3-b.dtb"), ("bcm2837-rpi-3-b.dtb", "bcm2837-rpi-3-b.dtb"),
                         ("bcm2710-rpi-3-b-plus.dtb", "bcm2837-rpi-3-b-plus.dtb")):
        _put(trees / source, folder / name)
    _put(foreign.kernel("arm64"), folder / "kernel8.img")
    _put(guest.initramfs("arm64"), folder / "initramfs8")
    (folder / "config.txt").write_text(PI_CONFIG_TXT)
    (folder / "cmdline.txt").write_text(PI_CMDLINE_TXT)
    return folder


def loaders(arch, folder):
    """What firmware needs before a kernel, under the names that Debian's packages give them."""
    folder = pathlib.Path(folder)
    if arch in ("amd64", "arm64"):
        for source in (foreign.shim(arch), foreign.grub_net(arch), foreign.efi_stub(arch)):
            _put(source, folder / source.name)
    if arch == "amd64":
        _put(foreign.undionly(), folder / "undionly.kpxe")
    return folder


def parts(arch, folder, kernel=None):
    """The arguments of `bramble image import NAME` for a machine of an architecture; @kernel: another one than Debian's."""
    boot_dir = loaders(arch, pathlib.Path(folder) / f"loaders-{arch}")
    argv = ["--arch", arch, "--kernel", kernel or foreign.kernel(arch), "--initrd", guest.initramfs(arch),
            "--cmdline", f"console={CONSOLES[arch]},115200"]
    return argv + (["--boot-dir", boot_dir] if boot_dir.exists() else [])


def without_signature(kernel, target):
    """A copy of a signed kernel (a PE file) whose certificate table is cut off."""
    octets = bytearray(pathlib.Path(kernel).read_bytes())
    header = int.from_bytes(octets[0x3C:0x40], "little")
    is_64bit = octets[header + 24:header + 26] == b"\x0b\x02"
    entry = header + 24 + (112 if is_64bit else 96) + 4 * 8
    begin = int.from_bytes(octets[entry:entry + 4], "little")
    octets[entry:entry + 8] = bytes(8)
    pathlib.Path(target).write_bytes(octets[:begin] if begin else octets)
    return target
