"""bramble-agent beside a stand-in for its server: the conversation, with a server that goes away, refuses, is not the right one.

The agent runs as an ordinary process (--no-init): it looks at a machine that is a folder, and changes nothing here.
"""
# SPDX-License-Identifier: Apache-2.0
import subprocess

import pytest

from fake.agent_server import AgentServer
from lab.daemon import BUILD
from lab.namespace import Namespace, read_text, wait_until


class Agent:
    """A namespace, a stand-in server in it, and an agent."""

    def __init__(self, folder, certificate=None):
        self.folder, self.log = folder, folder / "agent.log"
        self.log.unlink(missing_ok=True)
        self.root = folder / "machine"
        self.put("proc/meminfo", "MemTotal: 1000 kB\n")
        self.namespace = Namespace("agent")
        self.server = AgentServer(self.namespace, certificate=certificate)
        self.process = None

    def start(self, *options, url=None):
        self.process = self.namespace.start(BUILD / "bramble-agent", "--no-init", "--root", self.root, "--url",
                                            url or self.server.url, *options, log=self.log)
        return self

    def put(self, path, text):
        """A file of the machine that the agent looks at."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def says(self, words, timeout_s=20):
        wait_until(lambda: words in read_text(self.log), timeout_s, f"the agent says \"{words}\":\n{read_text(self.log)}")

    def close(self):
        self.namespace.close()
        self.server.close()
        assert "Sanitizer" not in read_text(self.log), read_text(self.log)


@pytest.fixture
def agent(folder):
    agent = Agent(folder)
    yield agent
    agent.close()


def test_a_quiet_life(agent):
    """Hello, an inventory, parked with a heartbeat, and away."""
    server = agent.start().server
    hello = server.wait(lambda: server.hellos[:1], 10, "a hello")[0]
    assert hello["agent"] and hello["arch"] == "amd64" and hello["serial"] is None
    found = server.do("inventory")
    assert found["ok"] and {"cpu", "memory", "network", "storage", "board"} <= found["data"].keys()
    assert server.do("park")["ok"]
    parked = server.task["id"]
    beats = len(server.progress)
    server.wait(lambda: len(server.progress) >= beats + 2, 15, "two heartbeats")
    assert server.progress[-1] == {"task": parked, "phase": "idle", "done": 0, "total": 0, "rate": 0}
    assert server.do("reboot")["ok"]
    assert agent.process.wait(10) == 10  # what its init would take for a reboot


def test_a_task_that_it_does_not_know(agent):
    result = agent.start().server.do("levitate")
    assert not result["ok"] and "levitate" in result["error"]
    assert agent.server.do("park")["ok"], "and goes on"


def test_a_server_that_goes_away_and_comes_back(agent):
    server = agent.server
    server.is_down = True
    agent.start()
    agent.says("hello: ")
    server.is_down = False
    assert server.do("park", 40)["ok"]
    server.is_down = True
    agent.says("task: ")
    server.is_down = False
    assert server.do("inventory", 60)["ok"]
    assert len(server.hellos) == 1, "who is known needs no second hello"


def test_a_server_that_has_forgotten_it(agent):
    server = agent.start().server
    assert server.do("park")["ok"]
    server.refuses = True
    server.give("inventory")
    agent.says("the server says 403: this token is of another machine\n")
    server.refuses = False
    assert server.result(2, 40)["ok"]
    assert len(server.hellos) == 2
    assert agent.process.poll() is None, "it never leaves by itself"


def make_certificates(folder, name, address):
    """A CA, and a certificate of it for an address; gives the file for the server and the CA's hash."""
    def openssl(*argv):
        subprocess.run(["openssl", *map(str, argv)], check=True, capture_output=True)
    ca, key, request, leaf = (folder / f"{name}-{part}" for part in ("ca.pem", "key.pem", "request.pem", "leaf.pem"))
    extensions = folder / f"{name}.ext"
    extensions.write_text(f"subjectAltName=IP:{address}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *curve, "-keyout", folder / f"{name}-ca.key", "-out", ca, "-days", 2, "-subj", "/CN=Bramble CA",
            "-addext", "basicConstraints=critical,CA:TRUE")
    openssl("req", *curve, "-keyout", key, "-out", request, "-subj", "/CN=server")
    openssl("x509", "-req", "-in", request, "-CA", ca, "-CAkey", folder / f"{name}-ca.key", "-CAcreateserial", "-out", leaf,
            "-days", 2, "-extfile", extensions)
    whole = folder / f"{name}.pem"
    whole.write_text(key.read_text() + leaf.read_text() + ca.read_text())
    der = subprocess.run(["openssl", "x509", "-in", ca, "-outform", "DER"], check=True, capture_output=True).stdout
    digest = subprocess.run(["sha256sum"], input=der, check=True, capture_output=True).stdout.decode().split()[0]
    return whole, f"sha256:{digest}"


def test_the_right_server_over_https(folder):
    certificate, pin = make_certificates(folder, "right", "127.0.0.1")
    agent = Agent(folder, certificate)
    try:
        agent.start("--ca", pin)
        assert agent.server.do("inventory")["ok"]
        agent.server.is_down = True  # a connection that broke is made anew, with its own handshake
        agent.says("task: ")
        agent.server.is_down = False
        assert agent.server.do("park", 40)["ok"]
    finally:
        agent.close()


@pytest.mark.parametrize("name,address", [("another-ca", "127.0.0.1"), ("another-address", "127.0.0.2")])
def test_the_wrong_server_over_https(folder, name, address):
    """One that another CA vouches for, and one of the same CA that sits at another address."""
    certificate, pin = make_certificates(folder, "served", address)
    if name == "another-ca":
        pin = make_certificates(folder, "wanted", address)[1]
    agent = Agent(folder, certificate)
    try:
        agent.start("--ca", pin)
        agent.says("its certificate is not vouched for")
        assert not agent.server.hellos
    finally:
        agent.close()


@pytest.mark.parametrize("options,says", [
    (["--url", "https://127.0.0.1/a/0"], "cannot be checked"),
    (["--url", "http://server/a/0"], "no address of a server"),
    ([], "no bramble.url="),
])
def test_what_it_cannot_begin_with(folder, options, says):
    (folder / "machine/proc").mkdir(parents=True, exist_ok=True)
    done = subprocess.run([BUILD / "bramble-agent", "--no-init", "--root", folder / "machine", *options], capture_output=True,
                          text=True, timeout=30)
    assert done.returncode == 1 and says in done.stderr
