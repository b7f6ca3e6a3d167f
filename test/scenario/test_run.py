"""./run on a real network: who hands out addresses there decides, and nobody gets a second server by accident."""
# SPDX-License-Identifier: Apache-2.0
import importlib.util
import ipaddress
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from lab.daemon import BUILD, ROOT
from lab.dhcp import DISCOVER, OFFER, Wire
from lab.namespace import read_text, wait_until

MAC = "52:54:00:10:00:01"
_spec = importlib.util.spec_from_file_location("serve", ROOT / "tools/serve.py")
serve = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(serve)


@pytest.mark.parametrize("argv,words", [
    (["--onec"], "--onec"), (["--interface"], "--interface"), (["--interface", "none0"], "none0"),
    (["--dhcp", "server"], "--interface"), (["--interface", "lo", "--dhcp", "relay"], "relay"), (["--once", "--interface", "lo"], "--once"),
], ids=" ".join)
def test_a_typo_gives_one_sentence_and_the_usage(argv, words):
    done = subprocess.run([ROOT / "run", *argv], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    sentence, *usage = done.stderr.splitlines()
    assert words in sentence and usage[0].startswith("usage: ./run")


def test_check_refuses_what_it_does_not_know():
    done = subprocess.run([ROOT / "check", "unit", "nonsense"], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "nonsense" in done.stderr.splitlines()[0]


# servers found, the operator's wish, what is answered on the terminal (None: there is none), the outcome
@pytest.mark.parametrize("servers,wish,answer,mode", [
    (["192.0.2.1"], None, None, "proxy"),
    (["192.0.2.1"], None, "y", "proxy"),
    (["192.0.2.1"], "server", None, "server"),
    ([], "server", None, "server"),
    ([], "proxy", None, "proxy"),
    ([], None, "y", "server"),
    ([], None, "", None),
    ([], None, None, None),
])
def test_the_decision(servers, wish, answer, mode):
    asks = None if answer is None else lambda question: answer
    if mode:
        assert serve.decide("eth1", servers, wish, asks) == mode
    else:
        with pytest.raises(serve.Refused):
            serve.decide("eth1", servers, wish, asks)


@pytest.mark.parametrize("own,addresses", [
    ("192.168.1.1/24", "192.168.1.128-192.168.1.254"),
    ("192.168.1.200/24", "192.168.1.128-192.168.1.199"),
    ("192.168.1.130/24", "192.168.1.131-192.168.1.254"),
    ("10.0.0.1/30", "10.0.0.2-10.0.0.2"),
])
def test_the_range(own, addresses):
    assert serve.range_of(ipaddress.IPv4Interface(own)) == addresses


@pytest.fixture
def network(world):
    """A network that tools/serve.py is to serve, with one client on it."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bramble-", dir="/tmp"))  # a socket's path has 107 octets at most
    folder.chmod(0o755)
    environment = {**os.environ, "BRAMBLE_STATE": str(folder / "lib"), "BRAMBLE_RUN": str(folder / "run"),
                   "BRAMBLE_BUILD": str(BUILD), "PYTHONUNBUFFERED": "1"}

    def start(*argv):
        log = world.folder / "serve.log"
        return world.server.start("/usr/bin/python3", ROOT / "tools/serve.py", "br0", *argv, log=log, env=environment), log
    yield world, start
    shutil.rmtree(folder, ignore_errors=True)


def test_without_a_terminal_and_a_word_no_address_is_handed_out(network):
    world, start = network
    process, log = start()
    assert process.wait(30) != 0
    assert "--dhcp server" in read_text(log)
    wire = Wire(world.client("client"))
    assert wire.ask(DISCOVER, MAC, 1, timeout_s=0.5, tries=1) is None
    wire.close()


def test_with_the_operators_word_addresses_are_handed_out(network):
    world, start = network
    process, log = start("--dhcp", "server")
    wait_until(lambda: "serving 10.77.0.0/24" in read_text(log), 30, f"it serves: {read_text(log)}")
    wire = Wire(world.client("client"))
    assert wire.lease(MAC, 1).yiaddr.startswith("10.77.0.")
    process.terminate()
    assert process.wait(30) == 0
    wire.close()


def test_beside_another_server_it_is_a_proxy(network):
    world, start = network
    world.foreign_dhcp_server()
    process, log = start()
    wait_until(lambda: "as proxy" in read_text(log), 30, f"it serves as proxy: {read_text(log)}")
    assert "10.77.0.250" in read_text(log)
    wire = Wire(world.client("client"))
    offer = wire.ask(DISCOVER, MAC, 1, want=(OFFER,))
    assert offer.source == "10.77.0.250"
    process.terminate()
    assert process.wait(30) == 0
    wire.close()
