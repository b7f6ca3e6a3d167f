#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""bramble eeprom on files, without a daemon: an image made here, what is written of it, and every sentence for bad input.

usage: test_eeprom_files.py BRAMBLE
"""
import contextlib
import hashlib
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from lab import eeprom  # noqa: E402

BRAMBLE = None
OK, DIFFERENT, USAGE, LOCAL = 0, 1, 2, 5
CONFIG = b"[all]\nBOOT_UART=0\n"
SIGNATURE = b"0" * 64 + b"\nts: 1\nrsa2048: " + b"0" * 512 + b"\n"


def make_image(config=CONFIG):
    return eeprom.image("2711", config)


class Files(unittest.TestCase):
    def setUp(self):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.dir = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bramble-")))
        self.image = self.write("pieeprom.bin", make_image())
        self.out = str(self.dir / "out")

    def write(self, name, octets):
        path = self.dir / name
        path.write_bytes(octets)
        return str(path)

    def run_bramble(self, *words, code=OK, said="", env=None):
        done = subprocess.run([BRAMBLE, "eeprom", *words], env=dict(os.environ, LC_ALL="C.UTF-8", **(env or {})), capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=60)
        self.assertEqual(done.returncode, code, f"{words}: {done.stdout}{done.stderr}")
        if said:
            self.assertIn(said, done.stderr.decode())
        else:
            self.assertEqual(done.stderr, b"")
        return done.stdout

    def key(self, bits=2048):
        path = str(self.dir / f"key-{bits}.pem")
        subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}", "-out", path], check=True,
                       capture_output=True)
        return path

    def test_shows(self):
        self.assertEqual(self.run_bramble("show", self.image, "--config"), CONFIG)
        self.assertEqual(self.run_bramble("show", self.image, "--extract", "pubkey.bin"), bytes(512))
        self.assertEqual(self.run_bramble("show", self.image, "--config", "--out", self.out), b"")
        self.assertEqual(pathlib.Path(self.out).read_bytes(), CONFIG)
        self.assertIn(b"0x010800\tfile\tbootconf.txt\t18\troom for 4076\n", self.run_bramble("show", self.image))
        shown = json.loads(self.run_bramble("show", self.image, "--json"))
        self.assertEqual((shown["soc"], shown["ab"], shown["version"]), (2711, False, "2026-05-17 (1779045198, 224877da)"))
        self.assertEqual(shown["config"].encode(), CONFIG)
        self.assertEqual([(s["name"], s["empty"]) for s in shown["sections"] if s["kind"] == "file"],
                         [("pubkey.bin", True), ("bootconf.sig", True), ("bootconf.txt", False)])

    def test_edits(self):
        new = b"[all]\nBOOT_ORDER=0xf412\n"
        self.run_bramble("edit", self.image, "--out", self.out, "--config", self.write("new", new))
        self.assertEqual(pathlib.Path(self.out).read_bytes(), make_image(new))
        # Back again, over itself: octet for octet what it was.
        self.run_bramble("edit", self.out, "--out", self.out, "--config", self.write("old", CONFIG), "--remove", "pubkey.bin")
        self.assertEqual(pathlib.Path(self.out).read_bytes(), make_image())
        self.run_bramble("edit", self.image, "--out", self.out, "--timestamp", "1700000000")
        self.assertEqual(pathlib.Path(self.out).read_bytes()[-8:], struct.pack("<LL", ~1700000000 & 0xFFFFFFFF, 1700000000))
        self.assertEqual(sorted(p.name for p in self.dir.iterdir()), ["new", "old", "out", "pieeprom.bin"])

    def test_tells_what_is_odd_about_a_configuration(self):
        odd = self.write("odd", b"[all]\nBOOT_ODER=0xf1\n")
        self.run_bramble("edit", self.image, "--out", self.out, "--config", odd,
                         said=f"{odd}: line 2: the bootloader has no key BOOT_ODER, did you mean BOOT_ORDER?")
        self.run_bramble("show", self.out, said="bootconf.txt: line 2: the bootloader has no key BOOT_ODER")
        self.assertEqual(len(json.loads(self.run_bramble("show", self.out, "--json"))["remarks"]), 1)

    def test_signs_what_openssl_verifies(self):
        key, config = self.key(), self.write("bootconf.txt", b"[all]\nSIGNED_BOOT=1\n")
        digest = hashlib.sha256(pathlib.Path(config).read_bytes()).hexdigest()
        self.run_bramble("sig", config, "--out", self.out, "--timestamp", "17", "--soc", "2712")
        self.assertEqual(pathlib.Path(self.out).read_text(), f"{digest}\nts: 17\ntarget-soc: 2712\n")
        self.run_bramble("sig", config, "--out", self.out, "--key", key, env={"SOURCE_DATE_EPOCH": "18"})
        first, when, rsa = pathlib.Path(self.out).read_text().splitlines()
        self.assertEqual((first, when), (digest, "ts: 18"))
        public = str(self.dir / "public.pem")
        subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out", public], check=True)
        subprocess.run(["openssl", "dgst", "-sha256", "-verify", public, "-signature",
                        self.write("raw", bytes.fromhex(rsa.removeprefix("rsa2048: "))), config], check=True, capture_output=True)

        signed = str(self.dir / "signed")
        self.run_bramble("edit", self.image, "--out", signed, "--config", config, "--config-sig", self.out, "--pubkey", public)
        self.run_bramble("edit", self.image, "--out", str(self.dir / "other"), "--config-sig", self.out,
                         said=f"{self.out}: is the signature of another configuration than the image has")
        self.assertEqual(self.run_bramble("show", signed, "--extract", "bootconf.sig"), pathlib.Path(self.out).read_bytes())
        modulus = subprocess.run(["openssl", "rsa", "-in", key, "-noout", "-modulus"], check=True, capture_output=True, text=True).stdout
        self.assertEqual(self.run_bramble("show", signed, "--extract", "pubkey.bin"),
                         bytes.fromhex(modulus.strip().removeprefix("Modulus="))[::-1] + (65537).to_bytes(8, "little"))

    def test_tells_differences(self):
        other = self.write("other", make_image(b"[all]\nBOOT_UART=1\n"))
        self.assertEqual(self.run_bramble("diff", self.image, self.image), b"")
        self.assertEqual(self.run_bramble("diff", self.image, other, code=DIFFERENT), b"bootconf.txt\n  - BOOT_UART=0\n  + BOOT_UART=1\n")
        self.assertEqual(json.loads(self.run_bramble("diff", self.image, other, "--json", code=DIFFERENT)),
                         [{"what": "bootconf.txt", "a": CONFIG.decode(), "b": "[all]\nBOOT_UART=1\n"}])

    def test_says_what_is_wrong(self):
        pathlib.Path(self.out).write_text("kept")
        damaged = bytearray(make_image())
        damaged[0x10000] = 0
        damaged[0x10001] = 1
        cut = self.write("cut", make_image()[:-1])
        padded = self.write("padded", make_image()[:0x10500].ljust(512 * 1024, b"\xff"))
        zeros = self.write("zeros", bytes(2 << 20))
        edit = ["edit", self.image, "--out", self.out]
        for words, code, said in [
                (["show", str(self.dir / "none")], LOCAL, "none: No such file or directory"),
                (["show", cut], LOCAL, "cut: is no image of a Raspberry Pi's EEPROM: these have 512 KiB (2711) or 2 MiB (2712)"),
                (["show", padded], LOCAL, "padded: has no bootconf.txt, which every image of an EEPROM has: it was cut off"),
                (["show", zeros, "--json"], LOCAL, "zeros: has no bootconf.txt"),
                (["edit", zeros, "--out", self.out, "--config", self.write("conf", CONFIG)], LOCAL, "zeros: has no bootconf.txt"),
                (["diff", self.image, zeros], LOCAL, "zeros: has no bootconf.txt"),
                (["show", self.write("damaged", damaged)], LOCAL, "damaged: is a damaged image"),
                (["show", self.image, "--extract", "vl805.bin"], LOCAL, "has no file vl805.bin"),
                (["show", self.image, "--config", "--extract", "x"], USAGE, "one at a time"),
                (["show", self.image, "--out", self.out], USAGE, "--out is for --config and --extract"),
                (edit, USAGE, "nothing is to be changed"),
                (["edit", self.image, "--config", self.image], USAGE, "--out FILE is missing"),
                (edit + ["--config", self.write("large", bytes(4077))], LOCAL, "large: has 4077 octets, and bootconf.txt of the image has room for 4076"),
                (edit + ["--config-sig", self.write("long", SIGNATURE + 200 * b"note\n")], LOCAL, "has room for 1256"),
                (edit + ["--config-sig", "/dev/null"], LOCAL, "null: is no signature file"),
                (edit + ["--config-sig", self.write("other", b"0" * 64 + b"\nrsa2048: 00\n")], LOCAL, "other: is no signature file"),
                (edit + ["--config-sig", self.write("digest", b"0" * 64 + b"\n")], LOCAL, "digest: has no signature: bramble eeprom sig --key"),
                (edit + ["--cacert", "/dev/null"], LOCAL, "null: is no certificate in DER: bramble ca export"),
                (edit + ["--cacert", self.write("ca", b"-----BEGIN CERTIFICATE-----\n")], LOCAL, "openssl x509 -outform DER"),
                (edit + ["--cacert", self.write("der", bytes.fromhex("30053003020101"))], LOCAL, "has no place for cacert.der: take an image of a later release"),
                (edit + ["--pubkey", self.image], LOCAL, "cannot be what it should be"),
                (edit + ["--pubkey", self.key(1024)], LOCAL, "the key has 1024 bits, and the firmware knows only RSA of 2048"),
                (edit + ["--remove", "bootcode.bin"], USAGE, "is none of bootconf.txt|bootconf.sig"),
                (edit + ["--timestamp", "-1"], USAGE, "--timestamp: '-1' is not a number from 0 to 4294967295"),
                (edit + ["--timestamp", "5000000000"], USAGE, "is not a number from 0 to 4294967295"),
                (["sig", self.image, "--out", self.out, "--key", cut], LOCAL, "cannot be what it should be"),
                (["sig", self.image, "--out", self.out, "--soc", "2710"], USAGE, "is none of 2711|2712")]:
            self.run_bramble(*words, code=code, said=said)
        self.assertEqual(pathlib.Path(self.out).read_text(), "kept")


if __name__ == "__main__":
    BRAMBLE = os.path.abspath(sys.argv.pop())
    unittest.main(verbosity=0)
