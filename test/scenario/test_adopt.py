"""`bramble eeprom adopt`: a board that runs a system, played by this machine behind a real SSH server, with stand-ins for
Raspberry Pi's programs."""
# SPDX-License-Identifier: Apache-2.0
import os
import platform
import socket
import subprocess
import threading

import pytest

from lab import foreign
from lab.daemon import BUILD

ARCH = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
OWN = "[all]\nBOOT_UART=1\nBOOT_ORDER=0xf41\n"
STAND_INS = {
    "vcgencmd": "#!/bin/sh\n[ \"$1\" = bootloader_version ] && printf '2026/05/17 12:00:00\\nversion 0123\\ntimestamp 1779019200\\n'\n",
    "rpi-eeprom-config": "#!/bin/sh\nif [ \"$1\" = --apply ]; then cp \"$2\" ~/eeprom; else cat ~/eeprom; fi\n"}


def programs():
    """dropbear and what makes its key, with the libraries that they were linked with."""
    libraries = ":".join(str(foreign.one(f"{package}-{ARCH}", f"usr/lib/*-linux-gnu/{name}").parent) for package, name in
                         (("libtomcrypt1", "libtomcrypt.so.1"), ("libtommath1", "libtommath.so.1"), ("libgmp10", "libgmp.so.10")))
    return {name: ["env", f"LD_LIBRARY_PATH={libraries}", foreign.one(f"dropbear-bin-{ARCH}", f"usr/*bin/{name}")]
            for name in ("dropbear", "dropbearkey")}


def put(path, text, mode=0o600):
    path.write_text(text)
    path.chmod(mode)
    return path


class SshServer:
    """Gives each connection to a dropbear of its own, as inetd would."""

    def __init__(self, argv, log):
        self.argv, self.log, self.children = argv, log, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with open(self.log, "ab") as log, connection:
                self.children.append(subprocess.Popen(list(map(str, self.argv)), stdin=connection, stdout=connection, stderr=log))

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for child in self.children:
            child.kill()
            child.wait(10)


@pytest.fixture
def board(folder):
    """What is root's home, on both sides of the connection; "board" is a host that ssh knows."""
    if not os.environ.get("BRAMBLE_ISOLATED"):
        pytest.skip("it changes what root's home is: run through tools/isolate")
    home, tools, mounts = folder / "home", folder / "tools", []
    (home / ".ssh").mkdir(parents=True, mode=0o700)
    tools.mkdir()
    for name, script in STAND_INS.items():
        put(tools / name, script, 0o755)
    dropbear = programs()
    subprocess.run([*dropbear["dropbearkey"], "-t", "ed25519", "-f", folder / "host"], check=True, capture_output=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", home / ".ssh/id_ed25519"], check=True)
    put(home / ".ssh/authorized_keys", (home / ".ssh/id_ed25519.pub").read_text())
    server = SshServer([*dropbear["dropbear"], "-i", "-s", "-r", folder / "host"], folder / "dropbear.log")
    put(home / ".ssh/config", f"Host board\n  HostName 127.0.0.1\n  Port {server.port}\n  StrictHostKeyChecking no\n"
                              "  LogLevel ERROR\nHost nobody\n  ProxyCommand false\n")
    put(home / "eeprom", OWN)
    others = [line for line in open("/etc/passwd", encoding="utf-8") if not line.startswith("root:")]
    put(folder / "passwd", f"root:x:0:0:root:{home}:/bin/sh\n" + "".join(others), 0o644)
    put(folder / "cpuinfo", "processor : 0\n\nModel\t\t: Raspberry Pi 4 Model B Rev 1.2\n", 0o644)
    try:
        for source, target in ((folder / "passwd", "/etc/passwd"), (folder / "cpuinfo", "/proc/cpuinfo"), (tools, "/usr/local/bin")):
            subprocess.run(["mount", "--bind", source, target], check=True)
            mounts.append(target)
        yield home
    finally:
        server.close()
        for target in reversed(mounts):
            subprocess.run(["umount", target], check=True)


def adopt(*argv):
    return subprocess.run([BUILD / "bramble", "--socket", "/nonexistent", "eeprom", "adopt", *argv], capture_output=True, text=True,
                          timeout=60, stdin=subprocess.DEVNULL, check=False)


def test_a_running_board_is_adopted(board):
    done = adopt("root@board", "--server", "10.77.0.1")
    assert done.returncode != 0 and "--yes" in done.stderr, done.stderr
    assert "root@board: Raspberry Pi 4, EEPROM 0123" in done.stdout and "+BOOT_ORDER=0xf412" in done.stdout, done.stdout
    assert "-BOOT_ORDER=0xf41\n" in done.stdout and (board / "eeprom").read_text() == OWN, "nothing was done yet"

    done = adopt("root@board", "--server", "10.77.0.1", "--set", "DHCP_TIMEOUT=20000", "--yes")
    assert done.returncode == 0 and "from its next start on" in done.stdout, done.stderr
    assert (board / "eeprom").read_text() == "[all]\nBOOT_UART=1\nBOOT_ORDER=0xf412\nTFTP_IP=10.77.0.1\nDHCP_TIMEOUT=20000\n"

    done = adopt("root@board", "--server", "10.77.0.1", "--yes")
    assert done.returncode == 0 and "nothing to do" in done.stdout, done.stdout


def test_a_board_that_checks_its_boots_keeps_its_key(board):
    own = "[all]\nBOOT_ORDER=0xf7\nHTTP_HOST=10.77.0.1\n"
    put(board / "eeprom", own)
    done = adopt("root@board", "--server", "10.77.0.1", "--yes")
    assert done.returncode != 0 and "root@board: its configuration has HTTP_HOST" in done.stderr, done.stderr
    assert "eeprom apply" in done.stderr and (board / "eeprom").read_text() == own


def test_one_that_fails_keeps_no_other_from_being_adopted(board):
    done = adopt("root@nobody", "root@board", "--server", "dhcp", "--yes")
    assert done.returncode != 0 and done.stderr.startswith("bramble: root@nobody: "), done.stderr
    assert "BOOT_ORDER=0xf412" in (board / "eeprom").read_text()
