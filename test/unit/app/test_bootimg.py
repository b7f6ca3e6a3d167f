#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""bramble bootimg make: which files of a folder go into the volume, what is said of the others, and where the volume goes.

usage: test_bootimg.py BRAMBLE
"""
import os
import pathlib
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import unittest

BRAMBLE = None
OK, LOCAL = 0, 5


class Volumes(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="bootimg-"))
        self.addCleanup(shutil.rmtree, self.dir)
        self.boot = self.dir / "boot"
        self.boot.mkdir()
        (self.boot / "config.txt").write_text("kernel=kernel8.img\n")
        self.out = self.dir / "boot.img"

    def make(self, folder=None, out=None, code=OK, said="", cwd=None):
        done = subprocess.run([BRAMBLE, "bootimg", "make", str(folder or self.boot), "--out", str(out or self.out)], capture_output=True,
                              text=True, timeout=60, cwd=cwd, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        if said:
            self.assertIn(said, done.stderr)
        else:
            self.assertEqual(done.stderr, "")

    def files(self):
        """What is in the volume: name -> octets."""
        read = pathlib.Path(tempfile.mkdtemp(dir=self.dir))
        subprocess.run(["mcopy", "-i", self.out, "-s", "-n", "-Q", "::/*", read], check=True)
        return {str(path.relative_to(read)): path.read_bytes() for path in read.rglob("*") if path.is_file()}

    def test_a_link_is_the_file_that_it_leads_to(self):
        (self.boot / "overlays").mkdir()
        (self.boot / "overlays/real.dtbo").write_bytes(b"overlay")
        (self.boot / "kernel-6.12.img").write_bytes(b"kernel")
        (self.boot / "kernel8.img").symlink_to("kernel-6.12.img")
        (self.boot / "overlays/last.dtbo").symlink_to(self.boot / "overlays/real.dtbo")
        (self.dir / "by-link").symlink_to("boot")
        self.make(f"{self.dir}/by-link//")
        self.assertEqual(self.files(), {"config.txt": b"kernel=kernel8.img\n", "kernel8.img": b"kernel", "kernel-6.12.img": b"kernel",
                                        "overlays/real.dtbo": b"overlay", "overlays/last.dtbo": b"overlay"})

    def test_what_is_no_file_is_refused(self):
        odd = self.boot / "odd"
        (self.dir / "outside").write_text("secret")
        for make, said in [
                (lambda: odd.symlink_to("../outside"), "odd is a link that leads out of the folder"),
                (lambda: odd.symlink_to("nothing"), "odd is a link that leads nowhere"),
                (lambda: odd.symlink_to("."), "odd is a link that leads out of the folder"),
                (lambda: odd.symlink_to("sub"), "odd is a link to something that is no file"),
                (lambda: os.mkfifo(odd), "odd is no file"),
                (lambda: socket.socket(socket.AF_UNIX).bind(str(odd)), "odd is no file")]:
            (self.boot / "sub").mkdir(exist_ok=True)
            make()
            self.make(code=LOCAL, said=f"{self.boot}: {said}")
            odd.unlink()
        self.make(self.boot / "config.txt", code=LOCAL, said="config.txt: is no folder")
        self.make(self.dir / "none", code=LOCAL, said="none: No such file")
        self.make(self.boot / "sub", code=LOCAL, said="there is no file in it")
        self.assertFalse(self.out.exists())

    def test_names_with_a_dot_before_them_are_said(self):
        (self.boot / ".git").mkdir()
        (self.boot / ".git/HEAD").write_text("ref")
        (self.boot / "overlays").mkdir()
        (self.boot / "overlays/.stamp").write_text("")
        self.make(said=f"{self.boot}: 2 names that begin with a dot are left out, as in .git")
        self.assertEqual(list(self.files()), ["config.txt"])

    def test_the_volume_is_none_of_its_files(self):
        self.out = self.boot / "boot.img"
        octets = set()
        for _ in range(3):
            self.make(".", "boot.img", cwd=self.boot)
            octets.add(self.out.read_bytes())
        self.assertEqual(len(octets), 1)
        self.assertEqual(list(self.files()), ["config.txt"])

    def test_where_it_goes(self):
        pipe, victim, link = self.dir / "pipe", self.dir / "victim", self.dir / "link.img"
        os.mkfifo(pipe)
        self.make(out=pipe, code=LOCAL, said=f"{pipe}: is a device or the like, and no file")
        self.assertTrue(stat.S_ISFIFO(pipe.stat().st_mode))
        self.make(out=self.boot, code=LOCAL, said="is a folder")
        victim.write_text("mine")
        (self.dir / "boot.img.new").symlink_to(victim)
        self.make()
        self.assertEqual((victim.read_text(), (self.dir / "boot.img.new").readlink()), ("mine", victim))
        link.symlink_to("boot.img")
        (self.boot / "more").write_text("")
        self.make(out=link)
        self.assertTrue(link.is_symlink())
        self.assertIn("more", self.files())
        self.assertEqual([path.name for path in self.dir.iterdir() if path.name.endswith(".part")], [])


if __name__ == "__main__":
    BRAMBLE = os.path.abspath(sys.argv.pop())
    unittest.main(verbosity=0)
