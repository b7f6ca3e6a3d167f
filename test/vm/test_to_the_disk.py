"""Machines whose system is on their disk ask the network first, and their real firmware is sent there at once."""
# SPDX-License-Identifier: Apache-2.0
import pytest

from lab import disk, machine

MAC = "52:54:00:77:0d:01"


# A minute each: firmware tries all else before the disk. One is looked at every day.
@pytest.mark.parametrize("firmware,arch", [
    pytest.param(machine.x64_uefi_pxe, "amd64", id="x64-pxe"),
    pytest.param(machine.x64_uefi_http, "amd64", id="x64-http", marks=pytest.mark.full),
    pytest.param(machine.arm64_uefi_pxe, "arm64", id="arm64-pxe", marks=pytest.mark.full)])
def test_uefi_goes_on_to_its_disk(world, folder, firmware, arch):
    daemon = world.start_daemon()
    daemon.cli("machine", "add", "box", "--mac", MAC, "--arch", arch)
    assert "bramble-exit.efi" in daemon.cli("boot", "explain", "box", "--client", f"uefi-{arch}")
    board = world.machine("box", MAC)
    board.power_on(firmware, disks=[disk.build(arch, folder / "disk")])
    assert board.says("BRAMBLE-DISK", 300), board.console()[-2000:]
    board.power_off()
    told = " ".join(daemon.trail("box").split())
    assert "is sent to its disk" in told and "bramble-exit.efi" in told, told
