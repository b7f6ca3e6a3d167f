"""`bramble card make`: cards of every kind from made-up firmware, read back by mtools and judged by fsck.vfat.

The firmware is packed as it is published: a Debian package, a zip, a folder. Octets stand for programs.
"""
# SPDX-License-Identifier: Apache-2.0
import hashlib
import io
import json
import os
import pathlib
import shutil
import stat
import struct
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zipfile

BRAMBLE = ""
MIB = 1 << 20
OWN_CONFIG = "[all]\nBOOT_UART=0\nBOOT_ORDER=0xf41\n[pi400]\nWAKE_ON_GPIO=0\n"
GPU = "usr/lib/raspi-firmware/"
EEPROM = "lib/firmware/raspberrypi/bootloader-2711/"


def eeprom(size=512 << 10, config=OWN_CONFIG, stamp=b""):
    """An image of an EEPROM: code, a place for a key, and the configuration in its slot."""
    def section(name, data):
        body = struct.pack(">II", 0x55AAF11F, len(data) + 16) + name.encode().ljust(12, b"\0") + bytes(4) + data
        return body + b"\xff" * (-len(body) % 8)

    def padded(octets, end):
        return octets + struct.pack(">II", 0x55AAFEEF, end - len(octets) - 8) + b"\xff" * (end - len(octets) - 8)
    image = padded(section("bootmain", b"code " + stamp), 0x10000)
    image = padded(image + section("pubkey.bin", b""), 0x11000)
    image = padded(image + section("bootconf.txt", config.encode()), 0x12000)
    return (image + section("cacert.der", b"")).ljust(size, b"\xff")


def config_of(image):
    at = image.index(b"bootconf.txt") + 16
    (length,) = struct.unpack(">I", image[at - 20:at - 16])
    return image[at:at + length - 16].decode()


def deb(path, files):
    """A Debian package: an ar with a tar in it."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:xz") as out:
        for name, octets in files.items():
            info = tarfile.TarInfo("./" + name)
            info.size = len(octets)
            out.addfile(info, io.BytesIO(octets))
    with open(path, "wb") as out:
        out.write(b"!<arch>\n")
        for name, octets in (("debian-binary", b"2.0\n"), ("control.tar.xz", b""), ("data.tar.xz", tar.getvalue())):
            out.write(f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(octets):<10}`\n".encode() + octets + b"\n" * (len(octets) % 2))
    return path


class Cards(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="card-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.out = self.folder / "card.img"
        self.gpu = deb(self.folder / "raspi-firmware.deb", {
            GPU + name: name.encode() * 1000 for name in ("bootcode.bin", "start.elf", "fixup.dat", "start4.elf", "fixup4.dat",
                                                          "start4x.elf")})

    def run_bramble(self, *argv, ok=True, epoch="1700000000"):
        done = subprocess.run([BRAMBLE, "--socket", "/nonexistent", *map(str, argv)], capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, env={**os.environ, "SOURCE_DATE_EPOCH": epoch}, check=False)
        self.assertEqual(done.returncode == 0, ok, done.stderr)
        return done.stdout if ok else done.stderr

    def make(self, kind, board, *argv, **more):
        return self.run_bramble("card", "make", kind, "--board", board, "--out", self.out, *argv, **more)

    def files(self):
        """What lies on the card: name -> octets."""
        read = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        subprocess.run(["mcopy", "-i", f"{self.out}@@1M", "-s", "-n", "-Q", "::/*", read], check=True)
        return {str(path.relative_to(read)): path.read_bytes() for path in read.rglob("*") if path.is_file()}

    def check_volume(self):
        """The table has one FAT32 partition, and fsck.vfat has nothing to say about it."""
        image = self.out.read_bytes()
        self.assertEqual(image[510:512], b"\x55\xaa")
        kind, first, sectors = image[450], *struct.unpack("<II", image[454:462])
        self.assertEqual((kind, first * 512, (first + sectors) * 512), (0x0C, MIB, len(image)))
        (self.folder / "volume").write_bytes(image[MIB:])
        done = subprocess.run(["/usr/sbin/fsck.vfat", "-n", self.folder / "volume"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def eeprom_package(self):
        return deb(self.folder / "rpi-eeprom.deb", {
            EEPROM + "default/pieeprom-2026-01-01.bin": eeprom(stamp=b"older"),
            EEPROM + "default/pieeprom-2026-05-17.bin": eeprom(stamp=b"the newest of its channel"),
            EEPROM + "latest/pieeprom-2026-08-04.bin": eeprom(stamp=b"of another channel"),
            EEPROM + "default/recovery.bin": b"recovery for 2711",
            EEPROM.replace("2711", "2712") + "default/pieeprom-2026-06-01.bin": eeprom(2 << 20, stamp=b"another chip's"),
            EEPROM.replace("2711", "2712") + "default/recovery.bin": b"recovery for 2712"})

    def test_an_eeprom_for_board_after_board(self):
        self.make("eeprom", "pi4", "--firmware", self.eeprom_package(), "--server", "192.168.77.1", "--set", "DHCP_TIMEOUT=20000")
        self.check_volume()
        files = self.files()
        self.assertEqual(sorted(files), ["pieeprom.bin", "pieeprom.sig", "recovery.bin"])
        self.assertEqual(files["recovery.bin"], b"recovery for 2711")
        image = files["pieeprom.bin"]
        self.assertIn(b"the newest of its channel", image)
        self.assertEqual(config_of(image), "[all]\nBOOT_UART=0\n[pi400]\nWAKE_ON_GPIO=0\n[all]\nBOOT_ORDER=0xf412\n"
                                           "TFTP_IP=192.168.77.1\nDHCP_TIMEOUT=20000\n")
        self.assertEqual(len(image), 512 << 10)
        self.assertEqual(files["pieeprom.sig"].decode(), f"{hashlib.sha256(image).hexdigest()}\nts: 1700000000\ntarget-soc: 2711\n")

    def test_an_eeprom_once(self):
        self.make("eeprom", "pi5", "--firmware", self.eeprom_package(), "--server", "dhcp", "--once", "--boot-order", "0xf12")
        files = self.files()
        self.assertEqual(sorted(files), ["pieeprom.sig", "pieeprom.upd", "recovery.bin"])
        self.assertEqual(files["recovery.bin"], b"recovery for 2712")
        self.assertIn("BOOT_ORDER=0xf12\n", config_of(files["pieeprom.upd"]))
        self.assertNotIn("TFTP_IP", config_of(files["pieeprom.upd"]))

    def test_a_key_for_signed_boots(self):
        subprocess.run(["openssl", "genrsa", "-out", self.folder / "key.pem", "2048"], capture_output=True, check=True)
        self.make("eeprom", "pi4", "--firmware", self.eeprom_package(), "--server", "192.168.77.1", "--pubkey", self.folder / "key.pem",
                  "--boot-order", "0xf7")
        image = self.files()["pieeprom.bin"]
        self.assertIn("HTTP_HOST=192.168.77.1\nHTTP_PORT=5248\nHTTP_PATH=boot\n", config_of(image))
        at = image.index(b"pubkey.bin")
        self.assertEqual(image[at - 4:at], struct.pack(">I", 264 + 16))
        self.assertEqual(image[at + 16 + 256:at + 16 + 264], (65537).to_bytes(8, "little"))

    def test_a_certificate_for_https(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=lab",
                        "-keyout", self.folder / "key.pem", "-outform", "DER", "-out", self.folder / "ca.der"], capture_output=True, check=True)
        subprocess.run(["openssl", "genrsa", "-out", self.folder / "sign.pem", "2048"], capture_output=True, check=True)
        der = (self.folder / "ca.der").read_bytes()
        argv = ("eeprom", "pi4", "--firmware", self.eeprom_package(), "--server", "192.168.77.1", "--cacert", self.folder / "ca.der")
        self.assertIn("give --pubkey PEM", self.make(*argv, ok=False))
        self.make(*argv, "--pubkey", self.folder / "sign.pem")
        image = self.files()["pieeprom.bin"]
        self.assertIn(f"HTTP_PORT=5249\nHTTP_PATH=boot\nHTTP_CACERT_HASH={hashlib.sha256(der).hexdigest()}\n", config_of(image))
        self.assertIn(der, image)
        subprocess.run(["openssl", "pkey", "-in", self.folder / "key.pem", "-outform", "DER", "-out", self.folder / "key.der"], check=True)
        subprocess.run(["openssl", "pkey", "-in", self.folder / "key.pem", "-pubout", "-outform", "DER", "-out", self.folder / "pub.der"],
                       check=True)
        (self.folder / "cut.der").write_bytes(der[:-1])
        for other in ("sign.pem", "key.der", "pub.der", "cut.der"):
            said = self.make(*argv[:-1], self.folder / other, "--pubkey", self.folder / "sign.pem", ok=False)
            self.assertIn("no certificate in DER", said, other)

    def test_a_folder_for_rpiboot(self):
        self.run_bramble("card", "make", "eeprom", "--board", "cm4", "--firmware", self.eeprom_package(), "--server", "dhcp",
                         "--rpiboot", self.folder / "usb")
        self.assertEqual(sorted(path.name for path in (self.folder / "usb").iterdir()),
                         ["bootcode4.bin", "config.txt", "pieeprom.bin", "pieeprom.sig"])
        again = self.run_bramble("card", "make", "eeprom", "--board", "cm4", "--firmware", self.eeprom_package(), "--server", "dhcp",
                                 "--rpiboot", self.folder / "usb", ok=False)
        self.assertIn("is not empty", again)

    def test_the_one_file_for_a_pi_3(self):
        self.make("bootcode", "pi3", "--firmware", self.gpu)
        self.check_volume()
        self.assertEqual(self.files(), {"bootcode.bin": b"bootcode.bin" * 1000})

    def test_uefi_as_it_is_published(self):
        with zipfile.ZipFile(self.folder / "RPi4.zip", "w") as out:
            for name in ("RPI_EFI.fd", "start4.elf", "fixup4.dat", "bcm2711-rpi-4-b.dtb", "config.txt", "overlays/miniuart-bt.dtbo",
                         "firmware/brcm/readme.txt"):
                out.writestr(name, "its own " + name)
        self.make("uefi", "pi4", "--firmware", self.folder / "RPi4.zip")
        self.check_volume()
        files = self.files()
        self.assertEqual(files["config.txt"], b"its own config.txt")
        self.assertEqual(files["overlays/miniuart-bt.dtbo"], b"its own overlays/miniuart-bt.dtbo")
        self.assertEqual(len(files), 7)

    def test_uefi_from_its_parts(self):
        """The bare flash has no configuration and no firmware of the GPU: these come from elsewhere."""
        (self.folder / "parts").mkdir()
        (self.folder / "parts/bcm2711-rpi-4-b.dtb").write_text("tree")
        (self.folder / "RPI_EFI.fd").write_bytes(b"flash" * 100)
        self.make("uefi", "pi4", "--firmware", self.folder / "RPI_EFI.fd", "--firmware", self.gpu, "--firmware", self.folder / "parts")
        files = self.files()
        self.assertEqual(sorted(files), ["RPI_EFI.fd", "bcm2711-rpi-4-b.dtb", "config.txt", "fixup4.dat", "start4.elf"])
        self.assertIn(b"armstub=RPI_EFI.fd\n", files["config.txt"])

    def test_u_boot(self):
        u_boot = deb(self.folder / "u-boot-rpi.deb", {"usr/lib/u-boot/rpi_4/u-boot.bin": b"for a Pi 4",
                                                      "usr/lib/u-boot/rpi_3/u-boot.bin": b"for a Pi 3"})
        kernel = deb(self.folder / "linux-image.deb", {"usr/lib/linux-image-6.1/broadcom/bcm2837-rpi-3-b.dtb": b"tree of 3",
                                                       "usr/lib/linux-image-6.1/broadcom/bcm2711-rpi-4-b.dtb": b"tree of 4"})
        sources = ["--firmware", u_boot, "--firmware", self.gpu, "--firmware", kernel]
        self.make("uboot", "pi4", *sources)
        self.check_volume()
        files = self.files()
        self.assertEqual(sorted(files), ["bcm2711-rpi-4-b.dtb", "boot.scr", "config.txt", "fixup4.dat", "start4.elf", "u-boot.bin"])
        self.assertEqual((files["u-boot.bin"], files["bcm2711-rpi-4-b.dtb"]), (b"for a Pi 4", b"tree of 4"))
        self.assertEqual(files["boot.scr"][:4], b"\x27\x05\x19\x56")
        self.assertIn(b"pxe get", files["boot.scr"])
        self.make("uboot", "pi3", *sources)
        self.assertEqual((self.files()["u-boot.bin"], self.files()["bcm2710-rpi-3-b.dtb"]), (b"for a Pi 3", b"tree of 3"))

    def test_the_same_octets_each_time(self):
        digests = set()
        for zone in ("UTC", "Pacific/Auckland"):
            os.environ["TZ"] = zone
            self.make("bootcode", "pi3", "--firmware", self.gpu)
            digests.add(hashlib.sha256(self.out.read_bytes()).hexdigest())
        del os.environ["TZ"]
        self.assertEqual(len(digests), 1)

    def test_what_is_written_is_told(self):
        told = json.loads(self.make("bootcode", "pi3", "--firmware", self.gpu, "--json"))
        self.assertEqual(told, {"kind": "bootcode", "board": "pi3", "files": [{"name": "bootcode.bin", "size": 12000}]})

    def test_what_cannot_be_made_leaves_nothing(self):
        empty = self.folder / "empty"
        empty.mkdir()
        package, before = self.eeprom_package(), set(self.folder.iterdir())
        for argv, sentence in [
                (("eeprom", "pi3", "--firmware", empty), "card make bootcode"),
                (("bootcode", "pi4", "--firmware", empty), "card make eeprom"),
                (("uboot", "pi5", "--firmware", empty), "no driver for the Ethernet"),
                (("uefi", "cm5", "--firmware", empty), "written over USB"),
                (("eeprom", "cm4", "--firmware", package, "--server", "dhcp"), "rpiboot"),
                (("eeprom", "pi4", "--firmware", empty, "--server", "dhcp"), "needs pieeprom.bin"),
                (("eeprom", "pi4", "--firmware", self.gpu, "--server", "dhcp"), "package rpi-eeprom"),
                (("uboot", "pi4", "--firmware", self.gpu), "u-boot-rpi"),
                (("eeprom", "pi4", "--firmware", package, "--server", "bramble.lan"), "an EEPROM knows no names"),
                (("eeprom", "pi4", "--firmware", package, "--server", "dhcp", "--set", "boot_order=1"), "no key of an EEPROM"),
                (("eeprom", "pi4", "--firmware", package, "--server", "dhcp", "--set", "A=b c"), "no spaces"),
                (("eeprom", "pi4", "--firmware", package, "--server", "dhcp", "--set", "A=" + 4100 * "x"), "room for 4076"),
                (("eeprom", "pi4", "--firmware", package, "--server", "dhcp", "--boot-order", "first"), "0xf12"),
                (("eeprom", "pi4", "--firmware", package, "--server", "dhcp", "--pubkey", "/dev/null"), "--server ADDRESS"),
                (("eeprom", "pi4", "--firmware", package), "without it say which server"),
                (("bootcode", "pi3", "--firmware", self.gpu, "--once"), "a setting of the EEPROM"),
                (("bootcode", "pi3", "--firmware", self.folder / "none"), "No such file"),
                (("bootcode", "pi3", "--firmware", self.gpu, "--device", "/dev/sdz"), "where to?"),
                (("bootcode", "pi3"), "--firmware PATH is missing")]:
            self.assertIn(sentence, self.make(*argv, ok=False), argv)
        self.assertEqual(set(self.folder.iterdir()), before)
        self.assertIn("is no device", self.run_bramble("card", "make", "bootcode", "--board", "pi3", "--firmware", self.gpu, "--device",
                                                       "/dev/null", "--yes", ok=False))

    def test_what_is_no_file_is_not_replaced_by_one(self):
        os.mkfifo(self.out)
        said = self.make("bootcode", "pi3", "--firmware", self.gpu, ok=False)
        self.assertIn("card.img: is a device or the like, and no file: --out writes a file, and --device a card", said)
        self.assertTrue(stat.S_ISFIFO(self.out.stat().st_mode))
        self.out.unlink()
        self.out.symlink_to("other.img")
        (self.folder / "other.img").write_text("before")
        self.make("bootcode", "pi3", "--firmware", self.gpu)
        self.assertTrue(self.out.is_symlink() and (self.folder / "other.img").stat().st_size > MIB)

    def test_what_is_odd_about_the_settings_is_said(self):
        done = subprocess.run([BRAMBLE, "card", "make", "eeprom", "--board", "pi4", "--out", self.out, "--firmware", self.eeprom_package(),
                               "--server", "dhcp", "--set", "BOOT_UART=maybe", "--set", "TFTP_PREFX=1", "--set", "BOOT_ORDER=412"],
                              capture_output=True, text=True, timeout=60, check=True)
        self.assertEqual(done.stderr.splitlines(), [
            "bootconf.txt of the card: line 5: BOOT_ORDER takes 0x and up to eight hexadecimal digits, as in 0xf412",
            "bootconf.txt of the card: line 6: BOOT_UART takes 0 or 1",
            "bootconf.txt of the card: line 7: the bootloader has no key TFTP_PREFX, did you mean TFTP_PREFIX?"])
        self.assertIn("BOOT_UART=maybe\n", config_of(self.files()["pieeprom.bin"]))

    def test_a_boot_order_is_of_hexadecimal_digits(self):
        argv = ("eeprom", "pi4", "--firmware", self.eeprom_package(), "--server", "dhcp", "--boot-order")
        for order in ("f412", "0xf412", "F412"):
            self.make(*argv, order)
            self.assertIn("BOOT_ORDER=0xf412\n", config_of(self.files()["pieeprom.bin"]))
        for order, sentence in [("f82", "has a '8', which is no way to boot"), ("0xg", "has a 'g'"), ("first", "has a 'i'"),
                                ("", "up to 8 digits"), ("0x", "up to 8 digits"), ("0", "up to 8 digits"), ("f12345671", "up to 8 digits"),
                                ("f\u00e9", "up to 8 digits")]:
            self.assertIn(sentence, self.make(*argv, order, ok=False))

    def test_another_port_of_the_server(self):
        subprocess.run(["openssl", "genrsa", "-out", self.folder / "key.pem", "2048"], capture_output=True, check=True)
        argv = ("eeprom", "pi4", "--firmware", self.eeprom_package(), "--server", "192.168.77.1", "--http-port")
        self.make(*argv, "8080", "--pubkey", self.folder / "key.pem")
        self.assertIn("HTTP_HOST=192.168.77.1\nHTTP_PORT=8080\n", config_of(self.files()["pieeprom.bin"]))
        self.assertIn("ports are 1 to 65535", self.make(*argv, "65536", "--pubkey", self.folder / "key.pem", ok=False))
        self.assertIn("give --pubkey PEM", self.make(*argv, "8080", ok=False))

    def test_a_package_that_is_cut_short(self):
        octets = self.gpu.read_bytes()
        self.gpu.write_bytes(octets[:len(octets) - 40])
        self.assertIn("cannot read", self.make("bootcode", "pi3", "--firmware", self.gpu, ok=False))
        self.assertFalse(self.out.exists())


if __name__ == "__main__":
    BRAMBLE = os.path.abspath(sys.argv.pop(1))
    unittest.main()
