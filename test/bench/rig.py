"""What a benchmark stands on: two namespaces on one cable, the files that all servers serve, and the eye on a server's
processes. Nothing is measured here."""
# SPDX-License-Identifier: Apache-2.0
import contextlib
import os
import pathlib
import random
import resource
import shutil
import tempfile
import threading
import time

from lab.namespace import Namespace, read_text, wait_until

SERVER, CLIENT, NET = "10.64.0.1", "10.64.0.2", "10.64.0.0/10"
BOARDS_FIRST, BOARDS_NET = "10.65.0.1", "10.65.0.0/16"  # of registered machines; the clients' side answers for all of them
NEIGHBOURS = pathlib.Path("/proc/sys/net/ipv4/neigh/default/gc_thresh3")
MIB = 1 << 20
TICKS = os.sysconf("SC_CLK_TCK")

# A Pi 4's boot set of 6.3 MB, and beside it what the load tools fetch.
BOOT_FILES = {"start4.elf": 2_250_000, "fixup4.dat": 5_400, "kernel8.img": 2_700_000, "initramfs8": 1_250_000,
              "bcm2711-rpi-4-b.dtb": 56_000, "overlays/overlay_map.dtb": 4_600}
OVERLAYS = ["disable-bt", "gpio-fan", "i2c-rtc", "vc4-kms-v3d", "dwc2", "spi1-1cs", "w1-gpio", "uart2", "uart3", "uart4", "uart5", "miniuart-bt"]
LOAD_FILES = {"load/big.bin": 4 * MIB, "load/large.bin": 32 * MIB} | {f"load/{n:02}.bin": 2048 for n in range(32)}
MAGIC = {"start4.elf": b"\x7fELF", "initramfs8": b"070701", ".dtb": b"\xd0\x0d\xfe\xed", ".dtbo": b"\xd0\x0d\xfe\xed"}


def boot_directory(folder):
    """Writes the tree: noise under the names and with the magic numbers that firmware expects."""
    noise = random.Random(7)
    sizes = BOOT_FILES | {f"overlays/{name}.dtbo": 1_800 for name in OVERLAYS} | LOAD_FILES
    for name, size in sizes.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        magic = MAGIC.get(path.name, MAGIC.get(path.suffix, b""))
        octets = bytearray(magic + noise.randbytes(size - len(magic)))
        if name == "kernel8.img":
            octets[56:60] = b"ARM\x64"
        path.write_bytes(octets)
    (folder / "config.txt").write_text("arm_64bit=1\ninitramfs initramfs8 followkernel\n" +
                                       "".join(f"dtoverlay={name}\n" for name in OVERLAYS))
    (folder / "cmdline.txt").write_text("console=serial0,115200 rootwait\n")
    for path in (folder, *folder.rglob("*")):  # servers read it as users of their own
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


class Rig:
    """The cable, the files and a folder; close() leaves nothing behind."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bramble-bench-"))
        self.folder.chmod(0o755)
        self.tree = boot_directory(self.folder / "tree")
        self.neighbours = NEIGHBOURS.read_text() if NEIGHBOURS.exists() else None
        if self.neighbours:  # one table for all namespaces; 1,000 boards do not fit into its default
            NEIGHBOURS.write_text("16384")
        self.server, self.client = Namespace("server"), Namespace("client")
        self.server.cable("eth0", self.client, "eth0")
        self.server.run("ip", "address", "add", f"{SERVER}/10", "dev", "eth0")
        self.client.run("ip", "address", "add", f"{CLIENT}/10", "dev", "eth0")
        self.client.run("ip", "route", "add", "local", BOARDS_NET, "dev", "lo")
        self.count = 0

    def new_folder(self, name):
        self.count += 1
        folder = self.folder / f"{self.count}-{name}"
        folder.mkdir()
        folder.chmod(0o777)
        return folder

    def source_of_user(self, uid, address):
        """What processes of that user send leaves from that address."""
        self.client.run("ip", "rule", "add", "uidrange", f"{uid}-{uid}", "table", uid)
        self.client.run("ip", "route", "add", NET, "dev", "eth0", "src", address, "table", uid)

    def forget_neighbours(self):
        for namespace in (self.server, self.client):
            namespace.run("ip", "neighbour", "flush", "dev", "eth0", check=False)

    def close(self):
        self.server.close()
        self.client.close()
        if self.neighbours:
            NEIGHBOURS.write_text(self.neighbours)
        shutil.rmtree(self.folder, ignore_errors=True)


class Program:
    """A server that runs in the server's namespace: its process and all that come from it."""

    def __init__(self, rig, name, *argv, ready, log, **kwargs):
        self.name, self.log = name, log
        self.process = rig.server.start(*argv, log=log, **kwargs)
        wait_until(lambda: ready() or self.process.poll() is not None, 20, f"{name} serves: {read_text(log)[-1500:]}")
        if self.process.poll() is not None:
            raise RuntimeError(f"{name} ended with status {self.process.returncode}: {read_text(log)[-1500:]}")

    @property
    def pid(self):
        return self.process.pid

    def process_is_gone(self):
        return self.process.poll() is not None

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except Exception:  # a peer that hangs must not keep the others from being measured
            self.process.kill()
            self.process.wait()


def listens(namespace, port, kind="udp"):
    """A claim for wait_until: somebody has that port open in the namespace."""
    option = "-lun" if kind == "udp" else "-ltn"
    return lambda: f":{port} " in namespace.run("ss", "-H", option).stdout


def family(pid):
    """A process and all that descend from it."""
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError, IndexError):
                parent = pathlib.Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1]
                children.setdefault(int(parent), []).append(int(entry))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def _cpu_s(pid, with_children):
    """Its processor seconds; with those of its children that ended and were waited for."""
    with contextlib.suppress(OSError):
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15 if with_children else 13])) / TICKS
    return 0.0


def _machine_s():
    """Processor seconds of all processes of the machine so far; interrupts, which are the network's, apart."""
    user, nice, system = map(int, pathlib.Path("/proc/stat").read_text().split()[1:4])
    return (user + nice + system) / TICKS


def _our_s():
    """Those of this program and of the load tools that ended."""
    return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def memory_mib(pids):
    """Resident memory of processes, and the anonymous part of it."""
    rss = anon = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    rss += int(line.split()[1])
                elif line.startswith("RssAnon:"):
                    anon += int(line.split()[1])
    return rss / 1024, anon / 1024


class Watch:
    """Processor seconds and greatest memory of a server and its children while the block runs.

    Of children that come and go between two looks and are never waited for, the processor time is missing. @others: the
    part of the machine's processors that went to neither the server nor the load."""

    EVERY_S = 0.25

    def __init__(self, pid):
        self.pid, self.cpu_s, self.rss_mib, self.anon_mib, self.others = pid, 0.0, 0.0, 0.0, 0.0
        self._own = {}  # of every process that was seen: seconds at first and at last
        self._over = threading.Event()

    def _sample(self, is_first=False):
        pids = family(self.pid)
        for pid in pids:
            now = _cpu_s(pid, False)
            self._own[pid] = (self._own.get(pid, (now if is_first else 0.0,))[0], now)
        rss, anon = memory_mib(pids)
        self.rss_mib, self.anon_mib = max(self.rss_mib, rss), max(self.anon_mib, anon)

    def _follow(self):
        while not self._over.wait(self.EVERY_S):
            self._sample()

    def __enter__(self):
        self._began = _cpu_s(self.pid, True)
        self._before, self._began_s = _machine_s() - _our_s(), time.monotonic()
        self._sample(is_first=True)
        self._thread = threading.Thread(target=self._follow)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()
        self._sample()
        foreign, took = _machine_s() - _our_s() - self._before, time.monotonic() - self._began_s
        self.cpu_s = max(_cpu_s(self.pid, True) - self._began, sum(last - first for first, last in self._own.values()))
        self.others = max(0.0, foreign - self.cpu_s) / took / os.cpu_count()

    def facts(self):
        return {"cpu_s": self.cpu_s, "rss_mib": self.rss_mib, "anon_mib": self.anon_mib, "others": self.others}


def wait_for_quiet(patience_s, most, look_s=0.4):
    """Until others take no more than the part @most of the processors, or patience is over."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        before = _machine_s()
        time.sleep(look_s)
        if (_machine_s() - before) / look_s / os.cpu_count() <= most:
            return


def quiet(seconds=0.3):
    """Let what was sent last arrive before the next server is asked."""
    time.sleep(seconds)
