"""A Raspberry Pi whose card carries the firmware that it starts from: refused, and one of the two ways on that the refusal names.

The Pi is played by files; the agent, the kernel that reads its card and the card are real: not every kernel that tests run on
knows FAT.
"""
# SPDX-License-Identifier: Apache-2.0
import gzip
import os
import stat

from fake.agent_server import AgentServer
from lab import agent, foreign, guest
from lab.frames import make as make_frames
from lab.pi_with_card import MIB, PiWithCard
from lab.world import SERVER

MAC = "52:54:00:77:64:0e"
MODULES = [*guest.MODULES["arm64"], "virtio_blk", "vfat", "nls_cp437", "nls_ascii"]
RUN_AGENT = r"""for name in vda vda1; do mknod /machine/dev/$name b $(tr : ' ' </sys/class/block/$name/dev); done
/bramble/agent --no-init --root /machine --url "$(said lab.agent)"
echo "BRAMBLE-ENDED $?"
echo "BRAMBLE-DONE"
"""


def rows_of(folder, name):
    """A folder for an initramfs, without what is a card."""
    rows = [(name, 0o040755, b"")]
    for path in sorted(folder.rglob("*")):
        place = f"{name}/{path.relative_to(folder)}"
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            rows.append((place, mode, os.readlink(path).encode()))
        elif path.is_dir():
            rows.append((place, mode, b""))
        elif path.stat().st_size < MIB:
            rows.append((place, mode, path.read_bytes()))
    return rows


def initramfs(folder, pi):
    """A guest that runs the agent on the machine that files play."""
    init = guest.INIT.replace('echo "BRAMBLE-DONE"\n', RUN_AGENT)
    guest.write_initramfs("arm64", folder / "guest", init, MODULES)
    octets = b""
    for part in (folder / "guest").read_bytes(), gzip.compress(guest.cpio(rows_of(pi.root, "machine")), 1), agent.archive("arm64").read_bytes():
        octets += bytes(-len(octets) % 4) + part
    (folder / "initramfs").write_bytes(octets)
    return folder / "initramfs"


def small_image(folder):
    image = folder / "image.img"
    with open(image, "wb") as out:
        out.truncate(4 * MIB)
        out.seek(MIB)
        out.write(os.urandom(MIB))
    return make_frames(image)


def test_a_card_with_the_firmware_is_spared_and_the_eeprom_told_to_boot_from_the_network(world, folder):
    world.start_daemon()
    pi, server, machine = PiWithCard(folder / "machine"), AgentServer(world.server, SERVER), world.machine("board", MAC)

    def firmware(mac, _):
        return ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72", "-smp", "2", "-m", "512", "-nodefaults", "-kernel",
                foreign.kernel("arm64"), "-initrd", initramfs(folder, pi), "-append", f"console=ttyAMA0 lab.agent={server.url}",
                "-device", f"virtio-net-pci,netdev=n0,mac={mac},romfile="]
    try:
        machine.power_on(firmware, disks=[pi.card])
        server.wait(lambda: server.hellos, 90, "a hello")
        blob_map, frames = small_image(folder)
        refused = server.do("deploy", disk={"hint": "", "overwrite_boot_medium": False, "keep_firmware": False}, seed={},
                            map=server.blob(blob_map), frames=server.blob(frames), hostname="vm1")
        assert not refused["ok"]
        for words in ("UEFI for Raspberry Pi lies on it", "--keep-firmware", "bramble machine convert --to eeprom"):
            assert words in refused["error"], refused["error"]
        assert pi.names() == {"RPI_EFI.fd"}, "and nothing is written"

        result = pi.convert(server)
        assert result["ok"] and result["data"] == {"disk": "vda", "boot_order": "0xf12"}, result
        assert machine.says(r"BRAMBLE-ENDED 10\b", 20), "it reboots, so that the EEPROM finds the update"
        machine.power_off()
        pi.check_update()
    finally:
        machine.power_off()
        server.close()
        pi.card.unlink(missing_ok=True)
