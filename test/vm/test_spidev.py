"""The agent's way to an EEPROM, through a real kernel's spidev: Debian's armhf kernel on QEMU's SABRE Lite, whose SPI flash has the
size of a Raspberry Pi 5's and takes the same commands. No board that QEMU has joins a Raspberry Pi's own flash to its bus.
"""
# SPDX-License-Identifier: Apache-2.0
import subprocess

from lab import eeprom, foreign, guest
from lab.daemon import BUILD

TIMESTAMP = 1796000000
CONFIG = "[all]\nBOOT_UART=1\nBOOT_ORDER=0xf241\n"
INIT = f"""#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev
/bin/busybox --install -s /bin
mount -t sysfs none /sys
mount -t devtmpfs none /dev
while read -r module; do insmod "/modules/$module"; done </modules/order
flash=/sys/bus/spi/devices/spi0.0
tries=0
while [ ! -e $flash ] && [ $tries -lt 100 ]; do tries=$((tries + 1)); usleep 100000; done
echo spidev >$flash/driver_override
echo spi0.0 >/sys/bus/spi/drivers/spidev/bind
for turn in 1 2; do
        /flash-on-spidev /dev/spidev0.0 /firmware.bin /bootconf.txt {TIMESTAMP}
done
echo BRAMBLE-DONE
exec sleep 1000000
"""


def sabrelite(_, folder, *, initrd, flash):
    """Its console is the second UART."""
    return ["qemu-system-arm", "-M", "sabrelite", "-smp", "2", "-m", "512", "-nodefaults", "-kernel", foreign.kernel("armhf"),
            "-dtb", foreign.device_trees("armhf") / "imx6q-sabrelite.dtb", "-initrd", initrd, "-append", "console=ttymxc1 rdinit=/init",
            "-drive", f"if=mtd,format=raw,file={flash}", "-serial", "null"]


def test_an_eeprom_is_written_through_spidev(world):
    """What differs is written and nothing else, as the octets say that `bramble eeprom edit` makes; a second time finds nothing to do."""
    files = {name: world.folder / name for name in ("flash.img", "firmware.bin", "bootconf.txt", "wanted.bin")}
    files["flash.img"].write_bytes(eeprom.image("2712"))
    files["firmware.bin"].write_bytes(eeprom.image("2712", b"[all]\n"))
    files["bootconf.txt"].write_text(CONFIG)
    subprocess.run([BUILD / "bramble", "eeprom", "edit", files["firmware.bin"], "--out", files["wanted.bin"], "--config",
                    files["bootconf.txt"], "--timestamp", str(TIMESTAMP)], check=True)
    initrd = world.folder / "initrd.cpio.gz"
    program = BUILD.parent / "build/agent/armhf/test/vm/flash-on-spidev"
    guest.write_initramfs("armhf", initrd, INIT, ["gpio_mxc", "spi_imx"], [
        ("flash-on-spidev", 0o100755, program.read_bytes()),
        *((name, 0o100644, files[name].read_bytes()) for name in ("firmware.bin", "bootconf.txt"))])
    board = world.machine("sabrelite", "52:54:00:77:64:09")
    board.power_on(sabrelite, initrd=initrd, flash=files["flash.img"])
    done = board.says(r"FLASHED r=0 sectors=2 \nFLASHED r=0 sectors=0 \nBRAMBLE-DONE", 40)
    board.power_off()
    assert done, board.console()[-3000:]
    assert files["flash.img"].read_bytes() == files["wanted.bin"].read_bytes()
