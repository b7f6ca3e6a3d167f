"""Boot HTTP: small and large files, and ten thousand connections that say nothing."""
# SPDX-License-Identifier: Apache-2.0
import contextlib
import pathlib
import re
import subprocess
import sys

import peers
import rig as ground

TITLE = "boot HTTP"
SERVERS = {"brambled": lambda rig: peers.Brambled(rig, machines=peers.BOARDS), "nginx": peers.nginx}
URL = f"http://{ground.SERVER}:5248"
USERS = {3001: "10.65.0.1", 3002: "10.65.0.2"}  # wrk chooses no source address: one user for each half of the connections
IDLE, PER_ADDRESS = 10_000, 100
HOLDER = pathlib.Path(__file__).with_name("hold_connections.py")
UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def _percentile(text, which):
    found = re.search(rf"{which}%\s+([\d.]+)(us|ms|s)", text)
    return float(found.group(1)) * UNITS_MS[found.group(2)] if found else 0.0


def _wrk(rig, server, path, connections, seconds, in_octets=False):
    with ground.Watch(server.pid) as watch:
        running = [subprocess.Popen(["nsenter", f"--net={rig.client.path}", "--", "setpriv", f"--reuid={uid}", "--clear-groups", "wrk",
                                     "-t1", f"-c{connections // len(USERS)}", f"-d{seconds}s", "--timeout", "10s", "--latency",
                                     URL + path], stdout=subprocess.PIPE, text=True) for uid in USERS]
        said = [one.communicate()[0] for one in running]
    pattern = r"Transfer/sec:\s+([\d.]+)([KMGT]?)B" if in_octets else r"Requests/sec:\s+([\d.]+)()"
    rates = [re.search(pattern, text) for text in said]
    if not all(rates):
        return {"note": "wrk said: " + " / ".join(text.strip()[-100:] for text in said)}
    faults = [line.strip() for text in said for line in text.splitlines() if "Non-2xx" in line or "Socket errors" in line]
    value = sum(float(rate.group(1)) * UNITS[rate.group(2)] for rate in rates)
    return {"value": value / 1e6 if in_octets else value, "p50_ms": max(_percentile(t, 50) for t in said),
            "p99_ms": max(_percentile(t, 99) for t in said), "note": "; ".join(faults), **watch.facts()}


@contextlib.contextmanager
def _idle_connections(rig, n):
    """A process that holds connections and says nothing; gives how many it got."""
    argv = ["nsenter", f"--net={rig.client.path}", "--", sys.executable, HOLDER, ground.SERVER, "5248", str(n), str(PER_ADDRESS)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        try:
            yield int(holder.stdout.readline())
        finally:
            holder.stdin.close()
            holder.wait(30)


def measure(rig, table, quick):
    seconds = 2 if quick else 5
    for uid, address in USERS.items():
        rig.source_of_user(uid, address)
    for _ in range(table.rounds):
        for name, start in SERVERS.items():
            if not table.wants(name):
                continue
            server = start(rig)
            table.measure("files of 2 KiB, 256 connections", "requests/s", name,
                          lambda: _wrk(rig, server, "/load/00.bin", 256, seconds))
            table.measure("files of 32 MiB, 16 connections", "MB/s", name,
                          lambda: _wrk(rig, server, "/load/large.bin", 16, seconds, True))
            server.stop()
            server = start(rig)
            before = _memory(server)
            with _idle_connections(rig, IDLE) as held:
                ground.quiet(1)
                table.add("memory that 10,000 idle connections add (anonymous)", "MiB", name,
                          {"value": _memory(server) - before, "note": f"{held:,} held", "lower_is_better": True})
                table.measure("files of 2 KiB, 256 connections, beside 10,000 idle ones", "requests/s", name,
                              lambda: _wrk(rig, server, "/load/00.bin", 256, seconds))
            server.stop()


def _memory(server):
    return ground.memory_mib(ground.family(server.pid))[1]
