"""What an operator waits for: the program's size, its start, and the first page of ten thousand machines."""
# SPDX-License-Identifier: Apache-2.0
import subprocess
import time

import peers
import rig as ground
from lab.daemon import BUILD
from lab.namespace import Failed

TITLE = "start, size, lists"
MACHINES = 10_000
QUERIES = {"first page, filtered by part of the name": "q=board-09", "first page, filtered by image": "image=card",
           "one machine, by MAC": "mac=dc:a6:32:00:20:00", "first page, no filter": ""}


def _ask(socket, query):
    """Milliseconds for one answer of the API, and its octets."""
    done = subprocess.run(["curl", "-sS", "-f", "-o", "/dev/null", "-w", "%{time_total} %{size_download}", "--unix-socket", socket,
                           f"http://localhost/api/v1/machines?{query}"], capture_output=True, text=True, check=True)
    seconds, size = done.stdout.split()
    return float(seconds) * 1000, int(size)


def _restart(daemon):
    """Seconds from exec until the API answers."""
    daemon.stop()
    began = time.monotonic()
    daemon.process = daemon.namespace.start(BUILD / "brambled", "--config", daemon.config, log=daemon.log)
    while subprocess.run(["curl", "-sS", "-f", "-o", "/dev/null", "--unix-socket", daemon.socket, "http://localhost/api/v1/status"],
                         capture_output=True, check=False).returncode != 0:
        if daemon.process.poll() is not None or time.monotonic() - began > 30:
            raise Failed("brambled did not start again")
        time.sleep(0.002)
    return time.monotonic() - began


def _start_times(table, what, server, times):
    seconds = sorted(_restart(server.daemon) for _ in range(times))
    rss, anon = ground.memory_mib([server.pid])
    table.add(what, "s", "brambled", {"value": seconds[times // 2], "lower_is_better": True, "rss_mib": rss, "anon_mib": anon})


def measure(rig, table, quick):
    if not table.wants("brambled"):
        return
    machines, times = (1000, 3) if quick else (MACHINES, 7)
    stripped = rig.folder / "stripped"
    subprocess.run(["strip", "-o", stripped, BUILD / "brambled"], check=True)
    table.add("the program without debug information", "MiB", "brambled",
              {"value": stripped.stat().st_size / ground.MIB, "lower_is_better": True,
               "note": f"{(BUILD / 'brambled').stat().st_size / ground.MIB:.1f} MiB with it"})
    server = peers.Brambled(rig)
    _start_times(table, "start, nobody registered", server, times)
    began = time.monotonic()
    peers.add_machines(server.daemon.socket, machines)
    table.add(f"adding {machines:,} machines, 50 requests at once", "machines/s", "brambled",
              {"value": machines / (time.monotonic() - began)})
    for what, query in QUERIES.items():
        took = sorted(_ask(server.daemon.socket, query) for _ in range(times * 3))
        table.add(f"{machines:,} machines: {what}", "ms", "brambled",
                  {"value": took[len(took) // 2][0], "p50_ms": took[len(took) // 2][0], "p99_ms": took[-1][0], "lower_is_better": True,
                   "note": f"{took[0][1]:,} octets"})
    _start_times(table, f"start, {machines:,} machines registered", server, times)
    server.stop()
