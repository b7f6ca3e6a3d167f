"""Where the packages lie that tools/fetch-foreign unpacked: kernels, loaders, firmware of other architectures."""
# SPDX-License-Identifier: Apache-2.0
import os
import pathlib

CACHE = pathlib.Path(os.environ.get("BRAMBLE_CACHE")
                     or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "bramble")
KERNELS = {"amd64": "linux-image-amd64-amd64", "arm64": "linux-image-arm64-arm64", "armhf": "linux-image-armmp-armhf"}


def one(package, pattern):
    """The one file of an unpacked package that fits a pattern."""
    found = sorted((CACHE / "foreign" / package).glob(pattern))
    if not found:
        raise FileNotFoundError(f"no {pattern} in {package}: run tools/fetch-foreign foreign foreign-test")
    return found[-1]


def kernel(arch):
    return one(KERNELS[arch], "boot/vmlinuz-*")


def modules(arch):
    return one(KERNELS[arch], "lib/modules/*")


def device_trees(arch):
    return one(KERNELS[arch], "usr/lib/linux-image-*")


def busybox(arch):
    return one(f"busybox-static-{arch}", "bin/busybox")


def shim(arch):
    return one(f"shim-signed-{arch}", "usr/lib/shim/shim*.efi.signed")


def grub_net(arch):
    return one(f"grub-efi-{arch}-signed-{arch}", "usr/lib/grub/*-efi-signed/grubnet*[4].efi.signed")


def efi_stub(arch):
    return one(f"systemd-boot-efi-{arch}", "usr/lib/systemd/boot/efi/linux*.efi.stub")


def undionly():
    return one("ipxe-all", "usr/lib/ipxe/undionly.kpxe")


def pi_firmware():
    return one("raspi-firmware-all", "usr/lib/raspi-firmware")
