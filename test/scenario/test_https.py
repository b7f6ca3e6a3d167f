"""HTTPS between agents and their rack: the real agent, told by its kernel's command line whom to believe, and curl."""
# SPDX-License-Identifier: Apache-2.0
import re

import pytest

from lab.daemon import BUILD
from lab.namespace import read_text, wait_until
from test_agent_server import MAC, Board, site, state_of  # noqa: F401: a fixture

HEX = "0123456789abcdef"


class RealAgent:
    """bramble-agent as a process on a board that booted it."""

    def __init__(self, board, folder):
        self.board, self.root = board, folder / "machine"
        (self.root / "proc").mkdir(parents=True, exist_ok=True)
        (self.root / "proc/meminfo").write_text("MemTotal: 1000 kB\n")
        self.words = dict(word.split("=", 1) for word in board.fetched.cmdline.split() if "=" in word)
        self.starts = 0

    def start(self, url=None, pin=None):
        self.starts += 1
        self.log = self.board.folder / f"agent-{self.starts}.log"
        pin = pin or self.words.get("bramble.ca")
        self.process = self.board.namespace.start(BUILD / "bramble-agent", "--no-init", "--root", self.root, "--url",
                                                  url or self.words["bramble.url"], *(["--ca", pin] if pin else []), log=self.log)
        return self

    def says(self, words, timeout_s=20):
        wait_until(lambda: words in read_text(self.log), timeout_s, f"the agent says \"{words}\":\n{read_text(self.log)}")

    def end(self):
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture
def agent(site, folder):  # noqa: F811
    """On a board that is being commissioned, in a subnet whose agents speak HTTPS."""
    world, daemon, _ = site
    daemon.cli("subnet", "set", "10.77.0.0/24", "--agent-https", "on")
    daemon.cli("machine", "add", "pi", "--mac", MAC)
    daemon.cli("machine", "commission", "pi", "--no-scripts")
    board = Board(world, folder)
    board.boot()
    return RealAgent(board, folder)


def test_an_agent_works_for_its_server(site, agent):  # noqa: F811
    """Its boot names the authority; what comes next reaches it while it waits; and the server may start anew."""
    _, daemon, _ = site
    assert re.fullmatch(r"https://10\.77\.0\.1:5249/a/[0-9a-f]{32}", agent.words["bramble.url"])
    assert agent.words["bramble.ca"] == daemon.json("ca", "show")["pin"]
    agent.start()
    wait_until(lambda: state_of(daemon, "pi") == "Ready", 30, f"it is Ready:\n{daemon.trail('pi')}\n{read_text(agent.log)}")
    waits = wait_until(lambda: daemon.json("status")["counters"]["agents.waiting"] == 1, 10, "it waits without a thread")
    assert waits
    daemon.cli("machine", "test", "pi", "--script", "throttling")
    agent.says("script throttling")
    wait_until(lambda: state_of(daemon, "pi") == "Ready", 30, "it is Ready again")
    daemon.stop()
    daemon.start()  # with another certificate of the same authority
    wait_until(lambda: daemon.json("machine", "show", "pi")["activity"]["agent_up"], 60, "it is heard again")


def test_an_agent_believes_nobody_else(site, agent):  # noqa: F811
    """A pin that is not this authority's, and an authority that is not the pinned one any more."""
    _, daemon, _ = site
    pin = agent.words["bramble.ca"]
    other = pin[:-1] + HEX[(HEX.index(pin[-1]) + 1) % 16]
    agent.start(pin=other).says("its certificate is not vouched for by the one that bramble.ca= names")
    agent.end()
    daemon.stop()
    (daemon.state / "ca.pem").unlink()
    daemon.start()
    assert daemon.json("ca", "show")["pin"] != pin
    agent.start().says("its certificate is not vouched for by the one that bramble.ca= names")
    agent.end()
    assert "hello" not in daemon.trail("pi"), "it said nothing to either"


def test_who_has_the_authority_can_check_the_server(site, agent, folder):  # noqa: F811
    """curl, at each address that the server has, also at one that it was given just now."""
    world, daemon, files = site
    ca = folder / "authority.pem"
    ca.write_text(daemon.cli("ca", "show"))

    def get(address, *options):
        done = agent.board.namespace.run("curl", "-sS", *options, f"https://{address}:5249/start4.elf", "-o", folder / "got",
                                         "-w", "%{http_code}", check=False)
        return done.stdout if done.returncode == 0 else done.stderr

    assert get("10.77.0.1", "--cacert", ca) == "200" and (folder / "got").read_bytes() == files["start4.elf"]
    assert get("10.77.0.1", "--cacert", ca, "--tlsv1.2", "--tls-max", "1.2") == "200"
    assert "certificate" in get("10.77.0.1"), "no public authority knows it"
    world.server.run("ip", "address", "add", "10.77.0.9/24", "dev", "br0")
    wait_until(lambda: get("10.77.0.9", "--cacert", ca) == "200", 10, "the certificate names the new address")
    assert (daemon.state / "ca.pem").stat().st_mode & 0o777 == 0o600
