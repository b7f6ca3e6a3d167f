"""Network namespaces that nobody else sees: held by a descriptor, gone with the process, whatever ends it."""
# SPDX-License-Identifier: Apache-2.0
import contextlib
import ctypes
import os
import pathlib
import signal
import subprocess
import time

CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
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
        ready_r, ready_w = os.pipe()
        hold_r, hold_w = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(hold_w)
            status = 0 if _libc.unshare(CLONE_NEWNET) == 0 else 1
            os.write(ready_w, bytes([status]))
            os.read(hold_r, 1)
            os._exit(0)
        os.close(hold_r)
        os.close(ready_w)
        refused = os.read(ready_r, 1) != b"\0"
        fd = -1 if refused else os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        os.close(hold_w)
        os.close(ready_r)
        os.waitpid(pid, 0)
        if refused:
            raise Failed("may not make a network namespace: needs root")
        return fd

    def _enter(self):
        _checked(_libc.setns(self._fd, CLONE_NEWNET))
        _checked(_libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))

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
        done = subprocess.run([str(a) for a in argv], preexec_fn=self._enter, stdin=kwargs.pop("stdin", subprocess.DEVNULL),
                              capture_output=True, text=True, timeout=timeout_s, **kwargs)
        if check and done.returncode != 0:
            raise Failed(f"{self.name}: {' '.join(map(str, argv))}: status {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def start(self, *argv, log, **kwargs):
        """Start a command that goes on; what it writes goes to the file @log."""
        with open(log, "ab") as out:
            child = subprocess.Popen([str(a) for a in argv], preexec_fn=self._enter, stdin=subprocess.DEVNULL,
                                     stdout=out, stderr=subprocess.STDOUT, start_new_session=True, **kwargs)
        self.children.append(child)
        return child

    def bridge(self, name, address=None):
        self.run("ip", "link", "add", name, "type", "bridge", "stp_state", "0", "forward_delay", "0", "mcast_snooping", "0")
        if address:
            self.run("ip", "address", "add", address, "dev", name)
        self.run("ip", "link", "set", name, "up")

    def tap(self, name, bridge):
        self.run("ip", "tuntap", "add", name, "mode", "tap")
        self.run("ip", "link", "set", name, "master", bridge)
        self.run("ip", "link", "set", name, "up")

    def cable(self, name, other, other_name, mac=None):
        """A veth pair from here to the namespace @other; both ends up."""
        self.run("ip", "link", "add", name, "type", "veth", "peer", "name", other_name, "netns", f"/proc/{os.getpid()}/fd/{other._fd}")
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
    deadline = time.monotonic() + timeout_s
    while True:
        value = claim()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_s} s: {what}")
        time.sleep(every_s)


def read_text(path):
    """What stands in a file by now; nothing when it is not there yet."""
    try:
        return pathlib.Path(path).read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
