"""Machines in QEMU, one row for each kind of firmware: how it is started, on a tap of a bridge in a namespace.

Always without hardware virtualisation, so that every run anywhere is the same. Every quirk here was met.
"""
# SPDX-License-Identifier: Apache-2.0
import pathlib
import re
import shutil
import time

from lab import uboot_env
from lab.namespace import Failed, read_text
from lab.patience import AT_ONCE, deadline

OVMF = pathlib.Path("/usr/share/OVMF")
AAVMF = pathlib.Path("/usr/share/AAVMF")
U_BOOT = pathlib.Path("/usr/lib/u-boot")
# EDK2 tries PXEv4, PXEv6, HTTPv4, HTTPv6; these knobs take the ones before out.
EDK2_PXE4 = ["-fw_cfg", "name=opt/org.tianocore/IPv6PXESupport,string=n"]
EDK2_HTTP4 = [*EDK2_PXE4, "-fw_cfg", "name=opt/org.tianocore/IPv4PXESupport,string=n"]
X86_64 = ["qemu-system-x86_64", "-nodefaults", "-vga", "none", "-m", "1024"]
AARCH64 = ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72", "-m", "1024", "-nodefaults"]
ARM32 = ["qemu-system-arm", "-M", "virt", "-cpu", "cortex-a15", "-m", "1024", "-nodefaults"]
# Without its option ROM the card is EDK2's own to drive; it wants a source of randomness.
VIRTIO = ["-device", "virtio-net-pci,netdev=n0,mac={mac},romfile=,bootindex=0", "-device", "virtio-rng-pci"]


def _flash(code, variables, folder):
    shutil.copy(variables, folder / "vars.fd")
    return ["-drive", f"if=pflash,format=raw,readonly=on,file={code}", "-drive", f"if=pflash,format=raw,file={folder}/vars.fd"]


def bios_ipxe(mac, folder):
    """x86 BIOS: QEMU's option ROM is iPXE."""
    return [*X86_64, "-M", "pc", "-boot", "n", "-device", f"virtio-net-pci,netdev=n0,mac={mac}"]


def _x64(mac, folder, knobs):
    return [*X86_64, "-M", "q35", "-cpu", "qemu64", *_flash(OVMF / "OVMF_CODE_4M.fd", OVMF / "OVMF_VARS_4M.fd", folder),
            *_nic(mac), *knobs]


def _arm64(mac, folder, knobs):
    return [*AARCH64, *_flash(AAVMF / "AAVMF_CODE.fd", AAVMF / "AAVMF_VARS.fd", folder), *_nic(mac), *knobs]


def _nic(mac):
    return [part.format(mac=mac) for part in VIRTIO]


def x64_uefi_pxe(mac, folder):
    return _x64(mac, folder, EDK2_PXE4)


def x64_uefi_http(mac, folder):
    return _x64(mac, folder, EDK2_HTTP4)


def arm64_uefi_pxe(mac, folder):
    return _arm64(mac, folder, EDK2_PXE4)


def arm64_uefi_http(mac, folder):
    return _arm64(mac, folder, EDK2_HTTP4)


def _secure(mac, folder, knobs):
    """Secure Boot on, Microsoft's keys enrolled: the code with SMM and the variables that hold them."""
    return [*X86_64, "-M", "q35,smm=on", "-cpu", "qemu64", "-global", "driver=cfi.pflash01,property=secure,value=on",
            *_flash(OVMF / "OVMF_CODE_4M.secboot.fd", OVMF / "OVMF_VARS_4M.ms.fd", folder), *_nic(mac), *knobs]


def x64_secure_pxe(mac, folder):
    return _secure(mac, folder, EDK2_PXE4)


def x64_secure_http(mac, folder):
    return _secure(mac, folder, EDK2_HTTP4)


def _u_boot(binary, command, mac, folder, **variables):
    flash = uboot_env.write(folder / "env.img", **{**uboot_env.default(binary), "ethaddr": mac, **variables})
    return [*command, "-bios", binary, "-drive", f"if=pflash,unit=1,format=raw,file={flash}",
            "-device", f"virtio-net-pci,netdev=n0,mac={mac}"]


PXE_COMMAND = "pci enum; setenv autoload no; dhcp; pxe get; pxe boot"


def uboot_arm64_pxe(mac, folder):
    return _u_boot(U_BOOT / "qemu_arm64/u-boot.bin", AARCH64, mac, folder, bootcmd=PXE_COMMAND, localcmd="run bootcmd_virtio0")


def uboot_arm64_card(mac, folder):
    """What U-Boot does by itself with the card of `bramble card make` in its slot: the script on it."""
    return [*_u_boot(U_BOOT / "qemu_arm64/u-boot.bin", AARCH64, mac, folder), "-drive",
            f"if=none,id=card,format=raw,file={folder}/card.img", "-device", "virtio-blk-pci,drive=card"]


def uboot_arm64_default(mac, folder):
    """What U-Boot does by itself: a script, then an EFI program by a second DHCP round."""
    return _u_boot(U_BOOT / "qemu_arm64/u-boot.bin", AARCH64, mac, folder)


def uboot_arm32_pxe(mac, folder):
    return _u_boot(U_BOOT / "qemu_arm/u-boot.bin", ARM32, mac, folder, bootcmd=PXE_COMMAND)


def uboot_arm32_disk(mac, folder):
    """What U-Boot does by itself with a disk: the EFI program on it."""
    return _u_boot(U_BOOT / "qemu_arm/u-boot.bin", ARM32, mac, folder, bootcmd="run bootcmd_virtio0")


def raspi3b(mac, folder, *, kernel, device_tree, initramfs, cmdline, card=None):
    """A Pi 3 started with files that simulated firmware fetched, and a card in its slot (an image whose size is a power of
    two). Its console is the mini UART, QEMU's second."""
    slot = ["-drive", f"if=sd,format=raw,file={card}"] if card else []
    return ["qemu-system-aarch64", "-M", "raspi3b", "-smp", "4", "-nodefaults", "-kernel", kernel, "-dtb", device_tree,
            "-initrd", initramfs, "-append", cmdline, "-serial", "null", "-device", f"usb-net,netdev=n0,mac={mac}", *slot]


class Machine:
    """One machine in QEMU: power it on, and read what it says."""

    def __init__(self, namespace, bridge, tap, mac, folder):
        self.namespace, self.tap, self.mac = namespace, tap, mac
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.serial = self.folder / "serial.log"
        self.process = None
        self.started_s = 0.0
        namespace.tap(tap, bridge)

    def power_on(self, firmware, *, disks=(), reboots=False, **parts):
        """@firmware: one of the rows above. @disks: image files; a machine with one tries the network first. @reboots: a
        reset starts it again, as on a real one; else it ends it."""
        argv = [*firmware(self.mac, self.folder, **parts), "-accel", "tcg",
                "-netdev", f"tap,id=n0,ifname={self.tap},script=no,downscript=no", "-display", "none", "-monitor", "none",
                "-serial", f"file:{self.serial}", *([] if reboots else ["-no-reboot"])]
        for number, disk in enumerate(disks):
            argv += ["-drive", f"if=none,format=raw,id=d{number},file={disk},discard=unmap,detect-zeroes=unmap",
                     "-device", f"virtio-blk-pci,drive=d{number},serial=LAB{number},bootindex={number + 1}"]
        self.serial.unlink(missing_ok=True)  # what an earlier run's machine said is no news
        self.started_s = time.monotonic()
        self.process = self.namespace.start(*argv, log=self.folder / "qemu.log")

    def says(self, pattern, timeout_s):
        """Wait for a line on the console; gives the match, or None when the machine went off or time ran out."""
        end = deadline(timeout_s)
        while True:
            gone = self.process.poll() is not None
            found = re.search(pattern, self.console())
            if found or gone or time.monotonic() > end:
                return found
            time.sleep(0.1)

    def console(self):
        return re.sub(r"\x1b\[[0-9;?=]*[A-Za-z]|\r", "", read_text(self.serial))

    def userspace(self, timeout_s=150):
        """Wait for the guest's report: what it says of itself, and the seconds since power-on."""
        found = self.says(r"BRAMBLE-USERSPACE name=(\S*) kernel=(\S*) ip=(\S*) cmdline=(.*)\n", timeout_s)
        if not found:
            raise Failed(f"{self.folder.name} did not reach userspace in {timeout_s} s; its console ends:\n"
                         + "\n".join(self.console().splitlines()[-15:]) + "\n" + read_text(self.folder / "qemu.log")[-600:])
        name, kernel, ip, cmdline = found.groups()
        return {"name": name, "kernel": kernel, "ip": ip, "cmdline": cmdline, "seconds": time.monotonic() - self.started_s}

    def ends(self):
        """Wait until it is gone; gives QEMU's status, 0 at a reset where that ends it."""
        return self.process.wait(30 * AT_ONCE)

    def is_on(self):
        return self.process is not None and self.process.poll() is None

    def power_off(self):
        if self.is_on():
            self.process.terminate()
            self.process.wait(10)
