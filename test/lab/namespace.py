"""Network namespaces that nobody else sees: held by a descriptor, gone with the process, whatever ends it."""
# SPDX-License-Identifier: Apache-2.0
import contextlib
import ctypes
import os
import pathlib
import subprocess
import time

from lab.patience import AT_ONCE, deadline

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


class Failed(Exception):
    """A command in a namespace ended with an error; says which, and what it wrote."""


class Namespace:
    """One network namespace with its loopback up, and the processes that were started in it."""

    def __init__(self, name):
        self.name = name
        self.children = []
        self._fd = self._make()
        self.run("ip", "link", "set", "lo", "up")

    @staticmethod
    def _make():
        """Hold the namespace that a short-lived program makes for itself."""
        with subprocess.Popen(["unshare", "--net", "sh", "-c", "echo made && exec cat"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as maker:
            if maker.stdout.readline() != b"made\n":
                raise Failed("may not make a network namespace: needs root")
            return os.open(f"/proc/{maker.pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)

    @property
    def path(self):
        """The namespace as a file, for programs that enter it."""
        return f"/proc/{os.getpid()}/fd/{self._fd}"

    def _inside(self, argv):
        return ["nsenter", f"--net={self.path}", "--", *map(str, argv)]

    @contextlib.contextmanager
    def entered(self):
        """This thread inside the namespace: for sockets that the tests open themselves."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            _checked(_libc.setns(self._fd, CLONE_NEWNET))
            yield self
        finally:
            _checked(_libc.setns(home, CLONE_NEWNET))
            os.close(home)

    def run(self, *argv, timeout_s=60, check=True, **kwargs):
        """Run a command to its end; its output comes back as text."""
        done = subprocess.run(self._inside(argv), stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                              timeout=timeout_s * AT_ONCE, **kwargs)
        if check and done.returncode != 0:
            raise Failed(f"{self.name}: {' '.join(map(str, argv))}: status {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def start(self, *argv, log, **kwargs):
        """Start a command that goes on; what it writes goes to the file @log."""
        with open(log, "ab") as out:
            child = subprocess.Popen(self._inside(argv), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                     start_new_session=True, **kwargs)
        self.children.append(child)
        return child

    def bridge(self, name, address=None):
        # A bridge without an address of its own takes its ports' lowest, and another one when that port goes: firmware that
        # asked for our MAC before would talk to nobody from then on.
        self.run("ip", "link", "add", name, "address", "02:4d:00:00:00:01", "type", "bridge", "stp_state", "0", "forward_delay", "0", "mcast_snooping", "0")
        if address:
            self.run("ip", "address", "add", address, "dev", name)
        self.run("ip", "link", "set", name, "up")

    def tap(self, name, bridge):
        self.run("ip", "tuntap", "add", name, "mode", "tap")
        self.run("ip", "link", "set", name, "master", bridge)
        self.run("ip", "link", "set", name, "up")

    def cable(self, name, other, other_name, mac=None):
        """A veth pair from here to the namespace @other; both ends up."""
        self.run("ip", "link", "add", name, "type", "veth", "peer", "name", other_name, "netns", other.path)
        if mac:
            other.run("ip", "link", "set", other_name, "address", mac)
        self.run("ip", "link", "set", name, "up")
        other.run("ip", "link", "set", other_name, "up")

    def plug(self, port, bridge):
        self.run("ip", "link", "set", port, "master", bridge)

    def close(self):
        """End what was started here, politely first, and let the namespace go."""
        running = [c for c in self.children if c.poll() is None]
        for child in running:
            child.terminate()
        deadline = time.monotonic() + 5
        for child in running:
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self.children = []
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def wait_until(claim, timeout_s, what, every_s=0.05):
    """Wait for claim() to be true and give its value; AssertionError says what never came."""
    end = deadline(timeout_s)
    while True:
        value = claim()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout_s} s: {what}")
        time.sleep(every_s)


def read_text(path):
    """What stands in a file by now; nothing when it is not there yet."""
    try:
        return pathlib.Path(path).read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
