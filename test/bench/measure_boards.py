"""A thousand boards that are switched on at once: simulated Raspberry Pi 4s, DHCP and a boot set of 6.3 MB each."""
# SPDX-License-Identifier: Apache-2.0
import json

import peers
import rig as ground
from lab.daemon import BUILD

TITLE = "1,000 boards at once"
SERVERS = ("brambled", "dnsmasq")
SERIAL = 0xA1B2C3D4
PATIENCE_S = 180


def _dnsmasq_for_pis(rig, n):
    """dnsmasq as Raspberry Pi's own documentation sets it up; a folder for each board, which all are the one tree."""
    for i in range(n):
        link = rig.tree / f"{SERIAL + i:08x}"
        if not link.exists():
            link.symlink_to(".")
    return peers.dnsmasq(rig, "--pxe-service=0,Raspberry Pi Boot", f"--dhcp-option=66,{ground.SERVER}")


def _start(rig, name, n):
    return peers.Brambled(rig) if name == "brambled" else _dnsmasq_for_pis(rig, n)


def _wrong_files(rig, fetched, own_texts):
    """How many files of the first board are not octet for octet the tree's; texts that brambled makes are its own."""
    wrong = 0
    for path in (p for p in fetched.rglob("*") if p.is_file()):
        name = str(path.relative_to(fetched)).removeprefix(f"{SERIAL:08x}/")
        if own_texts and name in ("config.txt", "cmdline.txt"):
            continue
        original = rig.tree / name
        wrong += not original.exists() or original.read_bytes() != path.read_bytes()
    return wrong


def storm(rig, server, name, n):
    """All boards at once; the facts of the run."""
    folder = rig.new_folder("boards")
    (folder / "fetched").mkdir()
    with ground.Watch(server.pid) as watch:
        done = rig.client.run(BUILD / "bramble-sim", "pi4", "--interface", "eth0", "--count", n, "--serial", f"{SERIAL:08x}",
                              "--seed", 3, "--timeout", PATIENCE_S, "--out", folder / "fetched", "--report", folder / "report.json",
                              "--quiet", check=False, timeout_s=PATIENCE_S + 60)
    if not (folder / "report.json").exists():
        return {"note": f"bramble-sim said: {(done.stdout + done.stderr).strip()[-200:]}"}
    report = json.loads((folder / "report.json").read_text())
    summary, boards = report["summary"], report["boards"]
    seconds = sorted(board["seconds"] for board in boards)
    failed = [board for board in boards if board["outcome"] != "booted"]
    wrong = _wrong_files(rig, folder / "fetched", name == "brambled")
    notes = [f"{summary['booted']:,} of {n:,} booted", f"{summary['octets'] / n / 1e6:.1f} MB and {len(boards[0]['files'])} requests each",
             f"{summary['differences'] + wrong} files differ"]
    notes += [f"first failure: {failed[0]['why'] or failed[0]['outcome']}"] if failed else []
    return {"value": summary["seconds"], "p50_ms": seconds[len(seconds) // 2] * 1000, "p99_ms": seconds[len(seconds) * 99 // 100] * 1000,
            "note": "; ".join(notes), "lower_is_better": True, **watch.facts()}


def _fresh_storm(rig, name, n):
    server = _start(rig, name, n)
    rig.forget_neighbours()
    try:
        return storm(rig, server, name, n)
    finally:
        server.stop()


def measure(rig, table, quick):
    n = 1000
    for _ in range(table.rounds):
        for name in SERVERS:
            if not table.wants(name):
                continue
            table.measure(f"until {n:,} boards have everything", "s", name, lambda: _fresh_storm(rig, name, n))
