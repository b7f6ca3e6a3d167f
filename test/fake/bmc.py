# SPDX-License-Identifier: Apache-2.0
"""A BMC that speaks IPMI: OpenIPMI's ipmi_sim on a free port, with a chassis that keeps its power in a file.

`on_change` is a command that is run with "on" or "off" after each change, for who wants a machine behind it. A password has
no spaces; whatever else is in it stands in the simulator's file as it is.
"""
import os
import pathlib
import shlex
import socket
import subprocess
import time

CONFIG = """name "bmc"
set_working_mc 0x20
  startlan 1
    addr 127.0.0.1 {port}
    priv_limit admin
    allowed_auths_callback none md2 md5 straight
    allowed_auths_user none md2 md5 straight
    allowed_auths_operator none md2 md5 straight
    allowed_auths_admin none md2 md5 straight
    guid a123456789abcdefa123456789abcdef
  endlan
  chassis_control "{chassis}"
  user 1 true "" "test" user 10 none md2 md5 straight
  user 2 true "admin" "{password}" admin 10 none md2 md5 straight
"""
EMULATOR = """mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02
mc_enable 0x20
"""
# A cycle reaches it as "set power 0" alone; Bramble makes its own of off and on.
CHASSIS = """#!/bin/sh
cd {folder} || exit 1
case "$1 $2" in
"get power") echo "power:$(cat power)" ;;
"set power")
        echo "set power $3" >>log
        [ -e deaf ] || echo "$3" >power
        {on_change}
        ;;
"get boot") echo "boot:$(cat boot)" ;;
"set boot") echo "$3" >boot ;;
esac
"""
# "Get channel authentication capabilities", without a session: whoever is there answers it.
HELLO = bytes.fromhex("0600ff07" "00" "00000000" "00000000" "09" "2018c8" "810038" "8e04b5")


def free_port():
    """A UDP port that nobody has now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Bmc:
    def __init__(self, folder, password="s3cret", on_change=None):
        self.folder = pathlib.Path(folder)
        (self.folder / "state").mkdir(parents=True)
        (self.folder / "power").write_text("0\n")
        (self.folder / "boot").write_text("none\n")
        (self.folder / "log").touch()
        (self.folder / "sim.emu").write_text(EMULATOR)
        chassis = self.folder / "chassis.sh"
        command = f'{on_change} "$([ "$3" = 1 ] && echo on || echo off)"' if on_change else ":"
        chassis.write_text(CHASSIS.format(folder=shlex.quote(str(self.folder)), on_change=command))
        chassis.chmod(0o755)
        self.password = password
        self.process = None
        # Somebody else may take the port before the simulator does.
        for _ in range(5):
            if self.start(free_port()):
                return
        raise RuntimeError(f"ipmi_sim does not start: {(self.folder / 'out').read_text()}")

    def start(self, port):
        self.address = f"127.0.0.1:{port}"
        (self.folder / "lan.conf").write_text(
            CONFIG.format(port=port, chassis=self.folder / "chassis.sh", password=self.password))
        with open(self.folder / "out", "wb") as out:
            self.process = subprocess.Popen(
                ["ipmi_sim", "-c", self.folder / "lan.conf", "-f", self.folder / "sim.emu", "-s", self.folder / "state",
                 "-n"], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.answers(port):
                return True
        self.close()
        return False

    @staticmethod
    def answers(port):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(0.05)
            s.connect(("127.0.0.1", port))
            try:
                s.send(HELLO)
                return bool(s.recv(100))
            except TimeoutError:
                return False
            except ConnectionRefusedError:
                time.sleep(0.02)
                return False

    @property
    def is_on(self):
        return (self.folder / "power").read_text().strip() == "1"

    @property
    def log(self):
        words = {"set power 1": "on", "set power 0": "off"}
        return [words[line] for line in (self.folder / "log").read_text().splitlines()]

    @property
    def boot(self):
        return (self.folder / "boot").read_text().strip()

    def be_deaf(self):
        """From now on it says yes and does nothing."""
        (self.folder / "deaf").touch()

    def close(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, 15)
        self.process.wait(10)
