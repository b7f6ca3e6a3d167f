"""TFTP: blocks in lock-step, windows, misses, small files, and a cable that loses one packet in a hundred each way."""
# SPDX-License-Identifier: Apache-2.0
import json

import peers
import rig as ground
from lab.daemon import BUILD

LOAD = BUILD / "test/bench/tftp-load"
TITLE = "TFTP"
SERVERS = {"brambled": lambda rig: peers.Brambled(rig, machines=peers.BOARDS), "dnsmasq": peers.dnsmasq, "atftpd": peers.atftpd,
           "tftpd-hpa": peers.tftpd_hpa}
BIG = ("load/big.bin",)
SMALL = tuple(f"load/{n:02}.bin" for n in range(32))
# row, unit, which number counts, clients, options, files, servers that cannot do it and why
NO_WINDOWS = {"dnsmasq": "knows no windowsize and answers without it", "tftpd-hpa": "knows no windowsize and answers without it"}
ROWS = [(f"blksize {size}, lock-step, {n:,} client{'s' if n > 1 else ''}", "MB/s", "mb_per_s", n, ("--blksize", size), BIG, {})
        for size in (1468, 512) for n in (1, 64, 256, 1000)]
ROWS += [(f"blksize 1468, windowsize {w}, 64 clients", "MB/s", "mb_per_s", 64, ("--blksize", 1468, "--windowsize", w), BIG,
          NO_WINDOWS) for w in (16, 64)]
ROWS += [("blksize 1468, windowsize 64, 64 clients that take segments uncut (UDP GRO)", "MB/s", "mb_per_s", 64,
          ("--blksize", 1468, "--windowsize", 64, "--gro"), BIG, NO_WINDOWS),
         ("names that are not there, 256 clients", "misses/s", "misses_per_s", 256, ("--miss",), ("not/there.bin",), {}),
         ("files of 2 KiB, 256 clients", "files/s", "files_per_s", 256, ("--blksize", 1468), SMALL, {}),
         ("1 % lost each way, blksize 1468, 64 clients", "MB/s", "mb_per_s", 64, ("--blksize", 1468, "--loss", 1), BIG, {})]


def _load(rig, server, counts, n, options, files, seconds):
    wanted = [f"{name}={rig.tree}/{name}" if (rig.tree / name).exists() else name for name in files]
    argv = [part for name in wanted for part in ("--file", name)]
    with ground.Watch(server.pid) as watch:
        done = rig.client.run(LOAD, "--server", ground.SERVER, "--from", ground.BOARDS_FIRST, "--clients", n, "--seconds", seconds,
                              "--json", *options, *argv, check=False, timeout_s=seconds + 60)
    if not done.stdout.startswith("{"):
        return {"note": f"the load tool said: {(done.stdout + done.stderr).strip()[-200:]}"}
    numbers = json.loads(done.stdout)
    errors = int(numbers["errors"])
    said = done.stderr.strip().rpartition(": ")[2]
    return {"value": numbers[counts], "p50_ms": numbers["answer_p50_ms"], "p99_ms": numbers["answer_p99_ms"],
            "note": f"{errors} transfers failed: {said}" if errors else "", **watch.facts()}


def measure(rig, table, quick):
    seconds = 1 if quick else 3
    for _ in range(table.rounds):
        for name, start in SERVERS.items():
            if not table.wants(name):
                continue
            server = start(rig)
            for row, unit, counts, n, options, files, cannot in ROWS:
                if name in cannot:
                    table.add(row, unit, name, {"note": cannot[name]})
                    continue
                if server.process_is_gone():
                    server.stop()
                    server = start(rig)
                table.measure(row, unit, name, lambda: _load(rig, server, counts, n, options, files, seconds))
                ground.quiet()
            server.stop()
