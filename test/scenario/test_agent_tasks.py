"""bramble-agent at its other work: scripts and checks, erasing, blinking, and what its switch says of itself."""
# SPDX-License-Identifier: Apache-2.0
import base64
import os
import socket
import struct
import subprocess

import pytest
from lab.namespace import read_text, wait_until

from test_agent import Agent

MIB = 1 << 20


@pytest.fixture
def agent(folder):
    agent = Agent(folder)
    yield agent
    agent.close()
    for disk in ("vda", "mmcblk0"):
        (folder / "machine/dev" / disk).unlink(missing_ok=True)


def script(name, body, **more):
    return {"name": name, "body_base64": base64.b64encode(body.encode()).decode(), **more}


def run(agent, *scripts, timeout_s=40):
    """Start, run, and give (result, what was told of each script by name)."""
    if agent.process is None:
        agent.start()
    result = agent.server.do("scripts", timeout_s, scripts=list(scripts))
    return result, {told["name"]: told for told in agent.server.scripts if told["task"] == result["task"]}


def with_disk(agent, size=16 * MIB):
    agent.put("sys/block/vda/size", f"{size // 512}\n")
    agent.put("sys/block/vda/queue/logical_block_size", "512\n")
    agent.put("sys/block/vda/serial", "LAB0\n")
    agent.put("dev/vda", "")
    disk = agent.root / "dev/vda"
    disk.write_bytes(os.urandom(size))
    return disk


def test_scripts_in_maas_format(agent):
    """Environment, results, exit status and time, as scripts that exist expect them."""
    agent.put("proc/cpuinfo", "vendor_id : X\n")
    result, told = run(
        agent,
        script("good", "#!/bin/sh\necho out; echo err >&2\nprintf 'result: degraded\\nresults: {speed: 7}\\n' >$RESULT_PATH\n"),
        script("bad", "#!/bin/sh\nexit 3\n"),
        script("environment", "#!/bin/sh -e\n"
               "test -d $DOWNLOAD_PATH; test $RUNTIME = 20; test $HAS_STARTED = False\n"
               "grep -q board $MAAS_RESOURCES_FILE; test ! -s $OUTPUT_STDOUT_PATH; echo said\n"
               "until grep -q said $OUTPUT_STDOUT_PATH; do sleep 0.1; done\n"
               "case $MAAS_BASE_URL in http://127.0.0.1:*) ;; *) exit 1 ;; esac\n"
               "echo 'power_type: ipmi' >$BMC_CONFIG_PATH\n", timeout_s=20),
        script("slow", "#!/bin/sh\ntrap 'echo ending; exit 0' TERM\nwhile :; do sleep 0.1; done\n", timeout_s=1),
        script("other", "#!/usr/bin/env no-such-interpreter\nprint(1)\n"),
        script("garbage", "# --- Start MAAS 1.0 script metadata ---\n# a: [\n# --- End MAAS 1.0 script metadata ---\n"),
        script("noisy", "#!/bin/sh\nhead -c 200000 /dev/zero | tr '\\0' x; echo the end\n"),
    )
    assert result["ok"] and result["data"]["status"] == "timedout"
    statuses = {name: entry["status"] for name, entry in told.items()}
    assert statuses == {"good": "degraded", "bad": "failed", "environment": "passed", "slow": "timedout", "other": "failed",
                        "garbage": "failed", "noisy": "passed"}, {name: entry["output"] for name, entry in told.items()}
    assert set(told["good"]["output"].split()) == {"out", "err"} and told["good"]["results"] == {"speed": 7}
    assert told["bad"]["exit"] == 3
    assert told["environment"]["results"]["bmc"] == {"power_type": "ipmi"}
    assert "ending" in told["slow"]["output"] and 0.9 < told["slow"]["runtime_s"] < 4, "it was asked before it was killed"
    assert "no-such-interpreter" in told["other"]["output"]
    assert len(told["noisy"]["output"]) <= 65536 and told["noisy"]["output"].endswith("the end\n")


def test_parameters_of_scripts(agent):
    """One run for each disk that is meant, with the arguments as the script's metadata wants them."""
    with_disk(agent, MIB)
    body = ("#!/bin/sh\n# --- Start MAAS 1.0 script metadata ---\n# parameters:\n#   storage: {type: storage, argument_format: "
            "'--disk={path}:{serial}'}\n#   speed: {type: string, default: fast}\n"
            "# --- End MAAS 1.0 script metadata ---\necho \"$@\"\n")
    _, told = run(agent, script("all", body), script("one", body, parameters={"storage": "LAB0", "speed": "slow"}),
                  script("none", body, parameters={"storage": "/dev/vdb"}))
    assert told["all"]["output"].strip() == "--disk=/dev/vda:LAB0 --speed=fast"
    assert told["one"]["output"].strip() == "--disk=/dev/vda:LAB0 --speed=slow"
    assert told["none"]["status"] == "skipped" and "storage" in told["none"]["output"]


def test_scripts_for_some_hardware(agent):
    """One that is for another machine's card is skipped there, whoever asked for it."""
    agent.put("sys/bus/pci/devices/0000:01:00.0/vendor", "0x15b3\n")
    agent.put("sys/bus/pci/devices/0000:01:00.0/device", "0x1017\n")

    def body(hardware):
        return (f"#!/bin/sh\n# --- Start MAAS 1.0 script metadata ---\n# for_hardware: {hardware}\n"
                "# --- End MAAS 1.0 script metadata ---\necho written\n")
    _, told = run(agent, script("mine", body("[pci:8086:1, pci:15b3:1017]")), script("others", body("pci:15b3:101d")),
                  script("odd", body("[firmware:5]")))
    assert told["mine"]["status"] == "passed" and told["mine"]["output"] == "written\n"
    for name in ("others", "odd"):
        assert told[name]["status"] == "skipped" and "not for this hardware" in told[name]["output"], told[name]


def test_what_a_script_starts_ends_with_it(agent):
    _, told = run(agent, script("fork", "#!/bin/sh\nsleep 600 & echo $! $DOWNLOAD_PATH\n"))
    pid, its_folder = told["fork"]["output"].split()

    def is_dead():  # nobody in these namespaces collects orphans: one that is dead stays as a zombie
        state = read_text(f"/proc/{pid}/stat")
        return not state or state.rsplit(")", 1)[1].split()[0] == "Z"
    wait_until(is_dead, 10, "what it started is dead")
    assert "/bramble-script-" in its_folder and not os.path.exists(its_folder), "its folder is gone, too"


def test_stopped_between_scripts(agent):
    task = agent.start().server.give("scripts", scripts=[script("long", "#!/bin/sh\nsleep 60\n"), script("never", "#!/bin/sh\n")])
    agent.server.wait(lambda: any("long" in p.get("text", "") for p in agent.server.progress), 20, "the first has begun")
    parked = agent.server.give("park")
    assert agent.server.result(task, 20)["error"] == "stopped: the server gave another task"
    assert agent.server.result(parked, 10)["ok"] and not agent.server.scripts


def test_built_in_checks(agent):
    """Each tells in words and numbers what it found; one that this machine cannot be asked for is skipped."""
    with_disk(agent)
    agent.put("proc/meminfo", f"MemTotal: {1 << 20} kB\nMemAvailable: {1 << 20} kB\n")
    agent.put("sys/class/thermal/thermal_zone0/temp", "51000\n")
    agent.put("sys/class/thermal/thermal_zone0/type", "cpu\n")
    blob = agent.server.blob(os.urandom(4 * MIB))
    _, told = run(
        agent,
        {"name": "memory", "builtin": "memory", "parameters": {"octets": 64 * MIB}, "timeout_s": 60},
        {"name": "storage", "builtin": "storage", "parameters": {"seconds": 1}},
        {"name": "network", "builtin": "network", "parameters": {"path": blob["path"], "seconds": 1}},
        {"name": "temperature", "builtin": "temperature", "parameters": {"seconds": 1}},
        {"name": "throttling", "builtin": "throttling"},
        {"name": "new", "builtin": "of-a-later-agent"},
    )
    statuses = {name: entry["status"] for name, entry in told.items()}
    assert statuses == {"memory": "passed", "storage": "passed", "network": "passed", "temperature": "passed", "throttling": "skipped",
                        "new": "skipped"}, told
    assert told["memory"]["results"] == {"tested_octets": 64 * MIB, "faults": 0}
    assert told["storage"]["results"]["vda"]["read_octets_per_s"] > MIB
    assert told["network"]["results"]["octets_per_s"] > MIB
    assert told["temperature"]["results"]["max_celsius"] == 51


def test_a_pi_that_is_not_well(agent):
    agent.put("sys/devices/platform/soc/soc:firmware/get_throttled", "50005\n")
    agent.put("sys/class/thermal/thermal_zone0/temp", "84000\n")
    _, told = run(agent, {"name": "throttling", "builtin": "throttling"},
                  {"name": "temperature", "builtin": "temperature", "parameters": {"seconds": 1}})
    assert told["throttling"]["status"] == "failed" and "supply" in told["throttling"]["output"]
    assert told["throttling"]["results"]["under_voltage_now"]
    assert told["temperature"]["status"] == "failed" and "fan" in told["temperature"]["output"]


def test_a_check_whose_time_is_up(agent):
    agent.put("proc/meminfo", f"MemTotal: {1 << 22} kB\nMemAvailable: {1 << 22} kB\n")
    _, told = run(agent, {"name": "memory", "builtin": "memory", "timeout_s": 1, "parameters": {"octets": 256 * MIB, "passes": 500}})
    assert told["memory"]["status"] == "timedout" and told["memory"]["exit"] == 1


def test_erase(agent):
    """quick takes what makes content be found, full takes all of it, none takes nothing."""
    disk = with_disk(agent)
    before = disk.read_bytes()
    assert agent.start().server.do("erase", how="none", disks=[])["ok"]
    assert disk.read_bytes() == before
    result = agent.server.do("erase", how="quick", disks=[])
    assert result["ok"] and result["data"]["disks"] == {"vda": "quick"}, result
    assert disk.read_bytes()[:2 * MIB].count(0) == 2 * MIB and disk.read_bytes()[-2 * MIB:].count(0) == 2 * MIB
    disk.write_bytes(before)
    result = agent.server.do("erase", how="full", disks=["LAB0"])
    assert result["ok"] and result["data"]["disks"] == {"vda": "zeros"}, result
    assert disk.read_bytes().count(0) == len(before)
    wrong = agent.server.do("erase", how="full", disks=["/dev/vdb"])
    assert not wrong["ok"] and wrong["error"] == 'there is no disk "/dev/vdb" to erase'
    odd = agent.server.do("erase", how="gently", disks=[])
    assert not odd["ok"] and "gently" in odd["error"]


def test_nothing_to_erase(agent):
    """A disk that its kernel does not show is not erased, and nobody is told that it was."""
    for how in ("quick", "full"):
        result = agent.start().server.do("erase", how=how, disks=[])
        assert not result["ok"] and "there is no disk to erase" in result["error"] and "--erase none" in result["error"], result
        agent.process.terminate()
        agent.process.wait(10)
    assert agent.start().server.do("erase", how="none", disks=[])["ok"]


def with_card(agent, partitions, files, size=64 * MIB):
    """A Pi 3's card: its first partition is a FAT with @files, the rest is full of somebody's octets."""
    agent.put("sys/firmware/devicetree/base/compatible", "raspberrypi,3-model-b\0brcm,bcm2837\0")
    agent.put("sys/block/mmcblk0/size", f"{size // 512}\n")
    agent.put("sys/block/mmcblk0/device/type", "SD\n")
    agent.put("dev/mmcblk0", "")
    card = agent.root / "dev/mmcblk0"
    with card.open("wb") as out:
        out.write(MIB * b"\0" + (size - MIB) // 4 * b"his.")
    if partitions:
        subprocess.run(["/usr/sbin/sfdisk", "-q", card], input=f"label: dos\n{partitions}", text=True, check=True)
        fat = agent.folder / "fat"
        fat.unlink(missing_ok=True)
        subprocess.run(["/usr/sbin/mkfs.vfat", "-C", fat, str(16 * 1024)], check=True, stdout=subprocess.DEVNULL)
        for name in files:
            (agent.folder / name).write_text(f"octets of {name}")
            subprocess.run(["mcopy", "-i", fat, agent.folder / name, f"::{name}"], check=True)
        with card.open("r+b") as out:
            out.seek(MIB)
            out.write(fat.read_bytes())
    return card


@pytest.mark.parametrize("how", ["quick", "full"])
def test_erase_of_the_card_that_it_boots_from(agent, how):
    """All but the firmware's own partition goes, out of the table too, and the result says so."""
    card = with_card(agent, "start=2048, size=32768, type=c\nstart=40960, size=32768, type=83\nsize=16384, type=83\n", ["bootcode.bin"])
    before = card.read_bytes()
    result = agent.start().server.do("erase", 60, how=how, disks=[])
    assert result["ok"] and result["data"]["disks"] == {"mmcblk0": "partitions"}, result
    # What cloud-init was told lies in that partition; where its kernel has no vfat nobody can say that it is gone.
    assert result["data"].get("kept", []) == ["mmcblk0"] * any("cloud-init" in note for note in result["data"]["notes"]), result
    assert any("bootcode.bin" in note for note in result["data"]["notes"]), result
    after = card.read_bytes()
    assert after[MIB:17 * MIB] == before[MIB:17 * MIB], "the machine starts from it as before"
    table = subprocess.run(["/usr/sbin/sfdisk", "-d", card], capture_output=True, text=True, check=True).stdout
    assert "mmcblk0p1 : start=        2048" in table and table.count("start=") == 1, table
    assert after[20 * MIB:22 * MIB].count(0) == 2 * MIB and after[36 * MIB:38 * MIB].count(0) == 2 * MIB
    assert b"his." not in (after[17 * MIB:] if how == "full" else after[-2 * MIB:])


def test_erase_of_a_card_that_nobody_understands(agent):
    """It stays as it is, and is named: a server that is told nothing would believe that it was erased."""
    card = with_card(agent, "start=2048, size=32768, type=c\n", ["bootcode.bin"])
    with card.open("r+b") as out:  # the root directory of the FAT leads out of it
        out.seek(MIB + 22)
        out.write(b"\xff\xff")
    before = card.read_bytes()
    result = agent.start().server.do("erase", how="quick", disks=[])
    assert result["ok"] and result["data"]["disks"] == {} and result["data"]["kept"] == ["mmcblk0"], result
    assert "is not erased, or not all of it: it cannot be read" in result["data"]["notes"][0] and card.read_bytes() == before
    hinted = agent.server.do("erase", how="quick", disks=["mmcblk0"])
    assert hinted["ok"] and hinted["data"]["disks"] == {"mmcblk0": "quick"}, hinted


def test_erase_of_a_locked_card(agent):
    with_disk(agent)
    agent.put("sys/block/vda/ro", "1\n")
    result = agent.start().server.do("erase", how="quick", disks=[])
    assert result["ok"] and result["data"]["disks"] == {} and result["data"]["kept"] == ["vda"], result


def test_erase_around_a_disk_for_data(agent):
    """Kept where it is said, and alone where nothing else is; by what stands on it, whatever it is called now."""
    uuid, disk = "00112233445546778899aabbccddeeff", with_disk(agent, 64 * MIB)
    disk.unlink()
    with disk.open("wb") as file:
        file.truncate(64 * MIB)
    subprocess.run(["/usr/sbin/mke2fs", "-q", "-t", "ext4", "-U", "00112233-4455-4677-8899-aabbccddeeff", disk], check=True)
    before = disk.read_bytes()
    agent.start()
    for order in ({"how": "full", "keep": [uuid]}, {"how": "quick", "volumes": ["ff" * 16], "is_made": False}):
        kept = agent.server.do("erase", disks=[], **order)
        assert kept["ok"] and kept["data"]["disks"] == {} and disk.read_bytes() == before, kept
    missed = agent.server.do("erase", how="quick", disks=[], volumes=["ff" * 16], is_made=True)
    assert not missed["ok"] and "is not there" in missed["error"] and disk.read_bytes() == before, missed
    gone = agent.server.do("erase", how="quick", disks=[], volumes=[uuid])
    assert gone["ok"] and gone["data"]["disks"] == {"vda": "quick"} and disk.read_bytes()[:2 * MIB].count(0) == 2 * MIB, gone


def test_blink(agent):
    """The light of a Pi, and afterwards it does again what it did before."""
    for name, trigger in (("ACT", "none [mmc0] timer\n"), ("mmc0::", "[none]\n")):
        agent.put(f"sys/class/leds/{name}/trigger", trigger)
        agent.put(f"sys/class/leds/{name}/brightness", "0\n")
    assert agent.start().server.do("blink", seconds=1)["data"] == {"light": "ACT"}
    assert (agent.root / "sys/class/leds/ACT/trigger").read_text().startswith("mmc0")
    assert (agent.root / "sys/class/leds/mmc0::/brightness").read_text() == "0\n"


def test_nothing_to_blink_with(agent):
    result = agent.start().server.do("blink", seconds=1)
    assert not result["ok"] and "no light" in result["error"]


def test_rescue_is_for_whole_machines(agent):
    result = agent.start().server.do("rescue", authorized_keys=["ssh-ed25519 AAAA me"])
    assert not result["ok"] and "init" in result["error"]
    result = agent.server.do("rescue", authorized_keys=[])
    assert not result["ok"] and "no SSH keys" in result["error"] and "bramble machine rescue NAME --ssh-key" in result["error"]


def test_what_its_switch_says(agent):
    """A frame of LLDP on the cable is a neighbour in the inventory."""
    agent.namespace.run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "switch")
    for name in ("eth0", "switch"):
        agent.namespace.run("ip", "link", "set", name, "up")
    for path, text in (("type", "1"), ("address", "52:54:00:00:00:01"), ("carrier", "1"), ("device/vendor", "0x1af4")):
        agent.put(f"sys/class/net/eth0/{path}", text + "\n")
    tlv = lambda kind, octets: struct.pack(">H", kind << 9 | len(octets)) + octets  # noqa: E731
    frame = (bytes.fromhex("0180c200000e" "001122334455" "88cc") + tlv(1, b"\x04\x00\x11\x22\x33\x44\x55") + tlv(2, b"\x05Gi0/7")
             + tlv(3, b"\x00\x78") + tlv(5, b"sw-lab") + tlv(0, b""))
    with agent.namespace.entered():
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        wire.bind(("switch", 0))
    task = agent.start().server.give("inventory", lldp_s=20)

    def is_heard():  # again and again, as switches do: it says that it listens before it does
        wire.send(frame)
        return agent.server.results.get(task)
    result = wait_until(is_heard, 40, "it heard its switch", every_s=0.2)
    wire.close()
    assert any(p["phase"] == "listen" for p in agent.server.progress)
    assert result["data"]["board"]["neighbours"] == [{"interface": "eth0", "chassis": "00:11:22:33:44:55", "port": "Gi0/7",
                                                      "system": "sw-lab"}], result["data"]["board"]
