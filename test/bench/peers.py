"""The servers that are measured, each started with a configuration of its own: brambled and its peers.

Every one is as its manual says for many clients, and what it does less than others (say, no sync of its leases) is said
in its note. A start function takes the rig and gives a Program; its stop() ends it."""
# SPDX-License-Identifier: Apache-2.0
import functools
import json
import os
import pathlib
import shutil
import subprocess

import rig as ground
from lab.daemon import Daemon
from lab.namespace import Failed

SERVER, CLIENT = ground.SERVER, ground.CLIENT
RANGE = ("10.96.0.0", "10.127.255.254")        # two million addresses
SMALL_RANGE = ("10.96.0.0", "10.96.127.254")   # for ISC dhcpd, which grows slow with the free addresses that it knows
BOARDS = 1000


class Brambled:
    """brambled with the tree as image `card`, which every machine of the subnet boots."""

    name = "brambled"

    def __init__(self, rig, machines=0, folder=None):
        self.rig = rig
        self.daemon = Daemon(rig.server, folder or rig.new_folder("brambled"), interfaces=("eth0",))
        self.daemon.start()
        self.daemon.cli("subnet", "add", ground.NET, "--interface", "eth0", "--dhcp", "server", "--range", "-".join(RANGE))
        self.daemon.cli("image", "import", "card", rig.tree, timeout_s=120)
        self.daemon.cli("subnet", "set", ground.NET, "--unknown", "boot=card")
        if machines:
            add_machines(self.daemon.socket, machines)

    @property
    def pid(self):
        return self.daemon.process.pid

    def process_is_gone(self):
        return self.daemon.is_gone()

    def stop(self):
        self.daemon.stop()
        shutil.rmtree(self.daemon.short, ignore_errors=True)


def add_machines(socket, n, at_once=50):
    """Registers machines with addresses from BOARDS_FIRST on."""
    wants = []
    for i in range(n):
        mac = f"dc:a6:32:{i >> 16:02x}:{i >> 8 & 255:02x}:{i & 255:02x}"
        body = {"name": f"board-{i:05}", "macs": [mac], "ip": f"10.65.{(i + 1) >> 8}.{(i + 1) & 255}", "image": "card"}
        wants.append(f'url = "http://localhost/api/v1/machines"\nunix-socket = "{socket}"\n'
                     f'header = "Content-Type: application/json"\ndata = {json.dumps(json.dumps(body))}\n'
                     "fail\nsilent\nshow-error\noutput = /dev/null\n")
    done = subprocess.run(["curl", "--parallel", "--parallel-max", str(at_once), "--config", "-"], input="next\n".join(wants), text=True,
                          capture_output=True, check=False)
    if done.returncode != 0:
        raise Failed(f"machines could not be added: {done.stderr[-500:]}")


def dnsmasq(rig, *extra):
    """DHCP and TFTP. Rewrites its lease file after every change, and never syncs it."""
    folder = rig.new_folder("dnsmasq")
    argv = ["dnsmasq", "-k", "--port=0", "--conf-file=/dev/null", "--interface=eth0", "--bind-interfaces", "--user=root",
            "--no-ping", "--dhcp-authoritative", f"--dhcp-range={RANGE[0]},{RANGE[1]},255.192.0.0,1h", "--dhcp-lease-max=2000000",
            f"--dhcp-leasefile={folder}/leases", f"--pid-file={folder}/pid", "--enable-tftp", f"--tftp-root={rig.tree}",
            "--tftp-max=4000", "--quiet-dhcp", "--quiet-tftp", "--log-facility=-", *extra]
    return ground.Program(rig, "dnsmasq", *argv, ready=ground.listens(rig.server, 69), log=folder / "log")


def dhcpd(rig):
    """ISC dhcpd: syncs its lease file once for each lease."""
    folder = rig.new_folder("dhcpd")
    (folder / "leases").touch()
    (folder / "conf").write_text(f"authoritative; ping-check false; default-lease-time 3600; max-lease-time 3600;\n"
                                 f"subnet 10.64.0.0 netmask 255.192.0.0 {{ range {SMALL_RANGE[0]} {SMALL_RANGE[1]}; }}\n")
    return ground.Program(rig, "ISC dhcpd", "dhcpd", "-4", "-f", "-q", "-cf", folder / "conf", "-lf", folder / "leases", "-pf",
                          folder / "pid", "eth0", ready=ground.listens(rig.server, 67), log=folder / "log")


def kea(rig, threads=0):
    """Kea: writes each lease to its CSV file and never syncs. Threads: 0 as Debian ships it, else its thread pool."""
    folder = rig.new_folder("kea")
    (folder / "conf").write_text(json.dumps({"Dhcp4": {
        "interfaces-config": {"interfaces": ["eth0"], "dhcp-socket-type": "raw"},
        "lease-database": {"type": "memfile", "persist": True, "name": str(folder / "leases"), "lfc-interval": 0},
        "multi-threading": {"enable-multi-threading": threads > 0, "thread-pool-size": threads, "packet-queue-size": 64},
        "valid-lifetime": 3600, "loggers": [{"name": "kea-dhcp4", "severity": "ERROR", "output_options": [{"output": "stdout"}]}],
        "subnet4": [{"subnet": ground.NET, "pools": [{"pool": " - ".join(RANGE)}]}]}}))
    places = {"KEA_LOCKFILE_DIR": str(folder), "KEA_PIDFILE_DIR": str(folder), "KEA_LOGGER_DESTINATION": "stdout"}
    return ground.Program(rig, f"Kea, {threads} threads" if threads else "Kea", "kea-dhcp4", "-c", folder / "conf",
                          ready=ground.listens(rig.server, 67), log=folder / "log", env={**os.environ, **places})


def tftpd_hpa(rig):
    """One process for each transfer."""
    folder = rig.new_folder("tftpd-hpa")
    return ground.Program(rig, "tftpd-hpa", "in.tftpd", "--listen", "--foreground", "--address", f"{SERVER}:69", "--user", "root",
                          "--secure", rig.tree, ready=ground.listens(rig.server, 69), log=folder / "log")


@functools.cache
def atftpd_program():
    """It cannot be installed beside tftpd-hpa: unpacked below the cache of ./check."""
    cache = pathlib.Path(os.environ.get("BRAMBLE_CACHE", "/var/cache/bramble")) / "bench"
    program = cache / "atftpd/usr/sbin/atftpd"
    if not program.exists():
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", "atftpd"], cwd=cache, check=True,
                       capture_output=True)
        subprocess.run(["dpkg-deb", "-x", *map(str, cache.glob("atftpd_*.deb")), str(cache / "atftpd")], check=True)
    return program


def atftpd(rig):
    """One thread for each transfer."""
    folder = rig.new_folder("atftpd")
    return ground.Program(rig, "atftpd", atftpd_program(), "--daemon", "--no-fork", "--user", "root.root", "--logfile",
                          folder / "messages", "--verbose=1", "--bind-address", SERVER, "--port", "69", "--maxthread", "4000",
                          "--tftpd-timeout", "3600", rig.tree, ready=ground.listens(rig.server, 69), log=folder / "log")


def nginx(rig):
    """Static files by sendfile; no access log, while brambled keeps a trail of every request."""
    folder = rig.new_folder("nginx")
    (folder / "conf").write_text(
        f"daemon off; user root; worker_processes {os.cpu_count()}; worker_rlimit_nofile 20000; pid {folder}/pid; error_log stderr;\n"
        "events { worker_connections 16000; }\n"
        f"http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; keepalive_timeout 600;\n"
        f"open_file_cache max=1000; server {{ listen {SERVER}:5248 backlog=4096; root {rig.tree}; }} }}\n")
    return ground.Program(rig, "nginx", "nginx", "-c", folder / "conf", "-e", folder / "error",
                          ready=ground.listens(rig.server, 5248, "tcp"), log=folder / "log")


@functools.cache
def version(package):
    """What Debian calls the version of a package."""
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else "not installed"
