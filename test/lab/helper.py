"""bramble-helper without brambled: its requests, and an end to the exporters that outlive it."""
# SPDX-License-Identifier: Apache-2.0
import hashlib
import os
import pathlib
import shutil
import socket
import struct
import subprocess

from lab.daemon import BUILD, SANITIZERS
from lab.namespace import Failed, wait_until

VERSION = 3
HELLO, LIST, CHECK, MAKE, RESET, REMOVE, OFFER, WITHDRAW, TAKE = range(9)
NFS, NBD = range(2)
ROOT, DATA, ROOT2 = range(3)
PROGRESS, LISTED, DONE = range(3)
REQUEST = struct.Struct("!BBIBBQ32sQQQ4s4s")
ANSWER = struct.Struct("!BBIiIQQBBQ300s")
MIB = 1 << 20
NAMES = ["nfs", "nbd"]


class Refused(Exception):
    """It could not; says why."""


class Helper:
    """One bramble-helper in a namespace, and the socket to it."""

    def __init__(self, namespace, folder):
        self.namespace, self.folder = namespace, pathlib.Path(folder)
        self.store, self.dir = self.folder / "store", self.folder / "roots"
        self.store.mkdir(parents=True, exist_ok=True)
        self.log = self.folder / "helper.log"
        self.serial = 0
        self.process = self.wire = None

    def _run(self, its):
        with self.namespace.entered(), open(self.log, "ab") as log:
            self.process = subprocess.Popen([BUILD / "app/bramble-helper/bramble-helper", "--dir", self.dir, "--store", self.store],
                                            stdin=its, stdout=log, stderr=log, env={**os.environ, **SANITIZERS})
        its.close()

    def start(self):
        """As brambled does."""
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._run(its)
        self.wire = ours
        self.wire.settimeout(60)
        return self

    def listen(self, path):
        """As systemd does: it waits for who connects."""
        its = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        its.bind(str(path))
        its.listen(4)
        self._run(its)

    def connect(self, path):
        self.wire = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.wire.settimeout(60)
        self.wire.connect(str(path))

    def blob(self, path):
        """A file into the store; its hash."""
        octets = pathlib.Path(path).read_bytes()
        digest = hashlib.sha256(octets)
        place = self.store / digest.hexdigest()[:2] / digest.hexdigest()[2:]
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(octets)
        return digest.digest()

    def ask(self, verb, kind=NFS, part=ROOT, machine=0, content=bytes(32), size=0, deployment=0, boot=0, server="0.0.0.0", client="0.0.0.0"):
        """Send one request and read to its end; gives the text of the end, or the volumes that were listed."""
        self.serial += 1
        self.wire.send(REQUEST.pack(VERSION, verb, self.serial, kind, part, machine, content, size, deployment, boot,
                                    socket.inet_aton(server), socket.inet_aton(client)))
        listed = []
        while True:
            octets = self.wire.recv(4096)
            if not octets:
                raise Failed(f"bramble-helper hung up: {self.log.read_text()}")
            _, what, serial, result, kinds, _, _, a_kind, a_part, a_machine, text = ANSWER.unpack(octets)
            assert serial == self.serial
            text = text.split(b"\0")[0].decode()
            if what == LISTED:
                listed.append((a_kind, a_part, a_machine))
            elif what == DONE and result < 0:
                raise Refused(text)
            elif what == DONE:
                return listed if verb == LIST else (kinds, text) if verb == HELLO else text

    def kill(self):
        self.process.kill()
        self.process.wait(10)
        self.wire.close()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.wire.close()
            self.process.wait(10)

    def exporters(self):
        return running(self.dir)

    def close(self):
        self.stop()
        end_exporters(self.dir)


def running(folder):
    """The numbers of the exporters below a folder of volumes, by kind and address."""
    found = {}
    for number in pathlib.Path(folder).glob("*/at-*/number"):
        pid = int(number.read_text())
        try:
            if pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
                found[(number.parent.parent.name, number.parent.name[3:])] = pid
        except FileNotFoundError:
            pass
    return found


def end_exporters(folder):
    """They outlive everybody by design: a test ends them itself."""
    for pid in running(folder).values():
        os.kill(pid, 9)
    wait_until(lambda: not running(folder), 5, "the exporters end")


def end_roots(world):
    """Likewise below all that its daemons keep, which they would start again: they end before."""
    for daemon in world.daemons:
        volumes = daemon.state / "roots"
        try:
            daemon.stop()
        finally:
            end_exporters(volumes)
            shutil.rmtree(volumes, ignore_errors=True)
