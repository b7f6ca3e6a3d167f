"""DHCP: new clients as fast as they come, more than can be served, and perfdhcp's view of the same."""
# SPDX-License-Identifier: Apache-2.0
import re

import peers
import rig as ground
from lab.daemon import BUILD

LOAD = BUILD / "test/bench/dhcp-load"
TITLE = "DHCP"
SERVERS = {"brambled": peers.Brambled, "Kea": peers.kea, "Kea, 2 threads": lambda rig: peers.kea(rig, 2), "dnsmasq": peers.dnsmasq,
           "ISC dhcpd": peers.dhcpd}
SLOW = ("dnsmasq", "ISC dhcpd")
RATES = {"brambled": 30000, "Kea": 8000, "Kea, 2 threads": 15000, "dnsmasq": 400, "ISC dhcpd": 900}  # where no run told one


def _load(rig, server, *options):
    """Runs the load tool against a server that runs; gives its numbers and what the server used."""
    with ground.Watch(server.pid) as watch:
        done = rig.client.run(LOAD, "eth0", *options, check=False, timeout_s=400)
    numbers = re.search(r"started (\d+) served (\d+) .*doubles (\d+)\nbegan/s (\d+) exchanges/s (\d+)  latency ms p50 ([\d.]+) "
                        r"p99 ([\d.]+)", done.stdout)
    if not numbers:
        return {"note": f"the load tool said: {(done.stdout + done.stderr).strip()[-200:]}"}
    started, served, doubles, began, rate = map(int, numbers.groups()[:5])
    p50, p99 = map(float, numbers.groups()[5:])
    notes = [f"{began:,} a second began"] if "--rate" in options else []
    notes += [f"{served:,} of {started:,} served"] if served < started else []
    notes += [f"{doubles} addresses given twice"] if doubles else []
    return {"value": rate, "p50_ms": p50, "p99_ms": p99, "note": "; ".join(notes), **watch.facts()}


def _perfdhcp(rig, server, rate, seconds):
    with ground.Watch(server.pid) as watch:
        done = rig.client.run("perfdhcp", "-4", "-r", rate, "-R", 500000, "-p", seconds, "-l", ground.CLIENT, "-W", "1000000",
                              ground.SERVER, check=False, timeout_s=seconds + 60)
    parts = done.stdout.split("***Statistics for: REQUEST-ACK***")
    if len(parts) < 2:
        return {"note": f"perfdhcp said: {(done.stdout + done.stderr).strip()[-200:]}"}
    offers = int(re.search(r"sent packets: (\d+)", parts[0]).group(1))
    acks = int(re.search(r"received packets: (\d+)", parts[1]).group(1))
    mean = re.search(r"avg delay: ([\d.]+)", parts[1])
    return {"value": acks / seconds, "p50_ms": float(mean.group(1)) if mean else None, "p99_ms": None,
            "note": f"{acks} of {offers} came to an ACK", **watch.facts()}


def _fresh(rig, start, run):
    """run() against a server that has given no lease yet."""
    server = start(rig)
    try:
        return run(server)
    finally:
        server.stop()


def measure(rig, table, quick):
    clients, seconds = (3000, 2) if quick else (20000, 5)
    slow = 1000 if quick else 5000  # for those that would take minutes, and grow slower with every lease
    for name, start in SERVERS.items():
        if not table.wants(name):
            continue
        n = slow if name in SLOW else clients
        rows = [(f"{clients:,} new clients, 64 outstanding", lambda s: _load(rig, s, "--clients", n, "--outstanding", 64)),
                ("ten times that rate", lambda s: _load(rig, s, "--rate", 10 * rate, "--seconds", seconds, "--first", 1 << 24)),
                ("perfdhcp, 5,000 a second offered (its mean delay)", lambda s: _perfdhcp(rig, s, 5000, seconds))]
        rate = RATES[name]
        for row, run in rows:
            found = table.measure(row, "exchanges/s", name, lambda: _fresh(rig, start, run))
            if n != clients and run is rows[0][1]:
                found["note"] = "; ".join(filter(None, (found.get("note"), f"{n:,} clients only")))
            if run is rows[0][1] and found.get("value"):
                rate = found["value"]
