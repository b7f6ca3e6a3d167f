"""Ten thousand agents that wait in RAM for what comes next: what they cost, and how soon they hear of it."""
# SPDX-License-Identifier: Apache-2.0
import json
import pathlib
import resource
import subprocess
import sys

import peers
import rig as ground
from lab.namespace import wait_until

TITLE = "parked agents"
AGENTS = 10_000
LEASES = "10.96.0.0/11"  # what brambled gives addresses from: the clients' side answers for all of them
PARKER = pathlib.Path(__file__).with_name("park_agents.py")


def _import_agent(socket, folder):
    """The agent's environment, of which only the names are looked at."""
    def api(method, path, *more):
        done = subprocess.run(["curl", "-sS", "--fail-with-body", "-X", method, "--unix-socket", socket, *more, f"http://localhost/api/v1{path}"],
                              capture_output=True, text=True, check=True)
        return json.loads(done.stdout) if done.stdout else None

    part = folder / "part"
    part.write_bytes(b"070701" + bytes(4096))
    kernel = folder / "kernel"
    octets = bytearray(8192)
    octets[0x1FE:0x200], octets[0x202:0x208], octets[0x236:0x237] = b"\x55\xaa", b"HdrS\x0f\x02", b"\x01"  # Linux' boot protocol
    kernel.write_bytes(octets)
    number = api("POST", "/imports", "-H", "Content-Type: application/json", "-d",
                 json.dumps({"name": "agent-amd64", "kind": "parts", "arch": "amd64"}))["id"]
    for path, role, file in (("vmlinuz", "kernel", kernel), ("agent-amd64.cpio", "agent", part)):
        api("PUT", f"/imports/{number}/files?path={path}&role={role}", "--data-binary", f"@{file}", "-H", "Content-Type: application/octet-stream")
    api("POST", f"/imports/{number}/finish")


def _park(rig, server, count):
    """The parked agents' program, once all wait."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (count + 1000, max(count + 1000, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
    parker = subprocess.Popen(["nsenter", f"--net={rig.client.path}", "--", sys.executable, str(PARKER), ground.CLIENT, ground.SERVER,
                               str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    said = parker.stdout.readline()
    if said != "parked\n":
        parker.kill()
        raise RuntimeError(f"the agents do not park: {said}")
    return parker


def _measure(rig, table, count, how, *subnet):
    server = peers.Brambled(rig)
    try:
        _import_agent(server.daemon.socket, rig.new_folder("agents"))
        server.daemon.cli("subnet", "set", ground.NET, "--unknown", "enlist", *subnet)
        before = ground.memory_mib(ground.family(server.pid))[1]
        parker = _park(rig, server, count)
        wait_until(lambda: server.daemon.json("status")["counters"]["agents.waiting"] == count, 20, f"all agents wait{how}")
        after = ground.memory_mib(ground.family(server.pid))[1]
        table.add(f"memory of {count:,} parked agents{how}", "MiB", "brambled",
                  {"value": after - before, "lower_is_better": True, "note": f"{(after - before) * 1024 / count:.1f} KiB each, with boot and trail"})
        with ground.Watch(server.pid) as watch:
            parker.stdin.write("\n")
            parker.stdin.flush()
            server.daemon.cli("subnet", "set", ground.NET, "--unknown", "refuse")  # which is news to every one of them
            took = json.loads(parker.stdout.readline())
        table.add(f"until {count:,} parked agents have heard{how}", "s", "brambled",
                  {"value": took["all_s"], "p50_ms": took["p50_ms"], "p99_ms": took["p99_ms"], "lower_is_better": True, **watch.facts()})
        parker.wait(10)
    finally:
        server.stop()


def measure(rig, table, quick):
    if not table.wants("brambled"):
        return
    count = 500 if quick else AGENTS
    rig.client.run("ip", "route", "add", "local", LEASES, "dev", "lo")
    try:
        _measure(rig, table, count, "")
        _measure(rig, table, count // 5, ", HTTPS", "--agent-https", "on")  # who shakes hands is as busy as the server
    finally:
        rig.client.run("ip", "route", "delete", "local", LEASES, "dev", "lo", check=False)
