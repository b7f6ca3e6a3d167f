"""brambled in a namespace, with a state directory of its own, and the CLI that speaks to it."""
# SPDX-License-Identifier: Apache-2.0
import json
import os
import pathlib
import signal
import subprocess
import tempfile

from lab.namespace import Failed, read_text, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BRAMBLE_BUILD", ROOT / "build"))
CONFIG = """role: all
state_dir: {folder}/state
api: {{ socket: {folder}/run/api.sock }}
boot_http: {{ port: 5248 }}
interfaces: [{interfaces}]
"""
# What the sanitizers find must end the program, so that a test sees it.
SANITIZERS = {"ASAN_OPTIONS": "abort_on_error=1:detect_leaks=1", "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
              "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1"}


class Daemon:
    """One brambled. Its log, state and socket lie below @folder."""

    def __init__(self, namespace, folder, interfaces=("br0",)):
        self.namespace = namespace
        self.folder = pathlib.Path(folder)
        self.interfaces = interfaces
        self.log = self.folder / "brambled.log"
        # A socket's path may be 107 octets long; the folders of tests are longer.
        self.short = pathlib.Path(tempfile.mkdtemp(prefix="bramble-", dir="/tmp"))
        self.socket = self.short / "run" / "api.sock"
        self.config = self.folder / "brambled.yaml"
        self.state = self.short / "state"
        self.process = None
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in (self.short, self.socket.parent, self.state):
            path.mkdir(exist_ok=True)
            path.chmod(0o777)
        self.config.write_text(CONFIG.format(folder=self.short, interfaces=", ".join(interfaces)))

    def start(self, *extra, program=BUILD / "brambled"):
        """Start it and wait until it answers. @program: another brambled than the one that was built."""
        self.process = self.namespace.start(program, "--config", self.config, *extra, log=self.log,
                                            env={**os.environ, **SANITIZERS})
        wait_until(lambda: self.answers() or self.is_gone(), 20, f"brambled answers; its log:\n{read_text(self.log)[-2000:]}")
        if self.is_gone():
            raise Failed(f"brambled ended with status {self.process.returncode}:\n{read_text(self.log)[-3000:]}")
        return self

    def is_gone(self):
        return self.process.poll() is not None

    def answers(self):
        return self.socket.exists() and self.try_cli("subnet", "list").returncode == 0

    def try_cli(self, *argv, timeout_s=60, **kwargs):
        """Run the CLI and give back how it ended, whatever that was."""
        return self.namespace.run(BUILD / "bramble", "--socket", self.socket, *argv, check=False, timeout_s=timeout_s, **kwargs)

    def cli(self, *argv, **kwargs):
        """Run the CLI, which must succeed; gives what it printed."""
        done = self.try_cli(*argv, **kwargs)
        if done.returncode != 0:
            raise Failed(f"bramble {' '.join(map(str, argv))}: status {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def refused(self, *argv):
        """Run the CLI, which must fail with one sentence; gives that sentence."""
        done = self.try_cli(*argv)
        assert done.returncode not in (0, -signal.SIGSEGV, -signal.SIGABRT), f"bramble {argv} was not refused: {done.stdout}"
        lines = done.stderr.strip().splitlines()
        assert len(lines) == 1, f"not one sentence: {done.stderr}"
        return lines[0]

    def json(self, *argv):
        return json.loads(self.cli("--json", *argv))

    def items(self, noun):
        """All subnets, images, leases, or registered machines."""
        answer = self.json(noun, "list")
        return answer["machines"] if noun == "machine" else answer

    def api(self, method, path, *options):
        """One request to the API, for what has no command; @options: curl's. Gives what the answer's JSON says."""
        done = subprocess.run(["curl", "-sS", "--fail-with-body", "--unix-socket", str(self.socket), "-X", method,
                               f"http://localhost/api/v1{path}", *map(str, options)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failed(f"{method} {path}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def discovered(self):
        """What was seen on the wire and nobody registered, by MAC."""
        return {row["mac"]: row for row in self.json("machine", "list")["discovered"]}

    def trail(self, name):
        return self.try_cli("boot", "trail", name).stdout

    def kill(self):
        """As a power cut would: no chance to end cleanly."""
        self.process.kill()
        self.process.wait(10)

    def stop(self):
        """End it cleanly; an error when it does not, or when a sanitizer had something to say."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            status = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failed(f"brambled does not end on SIGTERM; its log ends:\n{read_text(self.log)[-2000:]}") from None
        if status != 0:
            raise Failed(f"brambled ended with status {status}:\n{read_text(self.log)[-4000:]}")
