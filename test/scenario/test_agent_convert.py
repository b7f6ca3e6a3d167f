"""What cannot be told to boot by its EEPROM, and is left as it is. test/vm/test_convert.py has what can."""
# SPDX-License-Identifier: Apache-2.0
import os

import pytest

from lab import eeprom, pi_with_card
from test_agent import Agent


@pytest.fixture
def agent(folder):
    agent = Agent(folder)
    yield agent
    agent.close()
    (agent.root / "dev/vda").unlink(missing_ok=True)


def test_what_cannot_be_converted(agent):
    pi = pi_with_card.PiWithCard(agent.root)
    pi.put(pi_with_card.OWN_CONFIG, pi_with_card.CONFIG.replace("0xf21", "0xf12").encode())
    server = agent.start().server
    result = pi.convert(server)
    assert result["ok"] and not result["data"], "the network is first already"

    pi.put(pi_with_card.OWN_CONFIG, pi_with_card.CONFIG.encode())
    result = pi.convert(server, image=os.urandom(512 * 1024))
    assert not result["ok"] and "is none" in result["error"]
    result = server.do("eeprom", eeprom=server.blob(eeprom.image()), config="[all]\n", ts=1)
    assert not result["ok"] and "/dev/spidev0.0: No such file" in result["error"], result
    pi.put(pi_with_card.DT + "chosen/bootloader/signed", b"\0\0\0\1")
    result = pi.convert(server)
    assert not result["ok"] and "signed updates only" in result["error"]
    pi.put(pi_with_card.DT + "compatible", b"some,board\0")
    result = pi.convert(server)
    assert not result["ok"] and "no Raspberry Pi" in result["error"]
    assert pi.names() == {"RPI_EFI.fd"}
