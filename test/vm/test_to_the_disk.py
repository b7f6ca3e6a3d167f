"""Machines whose system is on their disk ask the network first, and their real firmware is sent there at once."""
# SPDX-License-Identifier: Apache-2.0
import pytest

from lab import agent, disk, machine

MAC = "52:54:00:77:0d:01"


# GRUB starts the disk's loader; over HTTP it cannot, and firmware is left to find the disk by itself.
@pytest.mark.parametrize("firmware,arch,client,served", [(machine.x64_uefi_pxe, "amd64", "uefi-amd64", "grub/grub.cfg"),
                                                         (machine.x64_uefi_http, "amd64", "uefi-http-amd64", "bramble-exit.efi"),
                                                         (machine.arm64_uefi_pxe, "arm64", "uefi-arm64", "grub/grub.cfg")],
                         ids=["x64-pxe", "x64-http", "arm64-pxe"])
def test_uefi_goes_on_to_its_disk(world, folder, firmware, arch, client, served):
    daemon = world.start_daemon()
    agent.environment(daemon, arch, folder)
    daemon.cli("machine", "add", "box", "--mac", MAC, "--arch", arch)
    assert served in daemon.cli("boot", "files", "box", "--client", client)
    board = world.machine("box", MAC)
    board.power_on(firmware, disks=[disk.build(arch, folder / "disk")])
    assert board.says("BRAMBLE-DISK", 300), board.console()[-2000:]
    board.power_off()
    told = " ".join(daemon.trail("box").split())
    assert "is sent to its disk" in told and served in told, told
