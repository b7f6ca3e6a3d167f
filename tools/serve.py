#!/usr/bin/python3
"""What ./run --interface does: find out who hands out addresses there, then serve that network until Ctrl-C.

State stays in /var/lib/bramble, and the API where the CLI looks for it by itself.
"""
# SPDX-License-Identifier: Apache-2.0
import argparse
import ipaddress
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("BRAMBLE_BUILD", ROOT / "build"))
STATE = pathlib.Path(os.environ.get("BRAMBLE_STATE", "/var/lib/bramble"))
SOCKET = pathlib.Path(os.environ.get("BRAMBLE_RUN", "/run/bramble")) / "api.sock"
NO_SERVER, FOUND = 0, 10  # how brambled --probe-dhcp ends
CONFIG = """role: all
state_dir: {state}
api: {{ socket: {socket} }}
boot_http: {{ port: 5248 }}
interfaces: [{interface}]
"""


class Refused(Exception):
    """A sentence for the operator; nothing was started."""


def address_of(interface):
    """The first IPv4 address of an interface with its network."""
    shown = json.loads(subprocess.run(["ip", "-j", "-4", "address", "show", "dev", interface], capture_output=True, text=True,
                                      check=True).stdout)
    for link in shown:
        for row in link.get("addr_info", []):
            return ipaddress.IPv4Interface(f"{row['local']}/{row['prefixlen']}")
    raise Refused(f"{interface} has no IPv4 address; give it one, as with: ip address add 192.168.77.1/24 dev {interface}")


def foreign_servers(interface):
    """The DHCP servers that answer there, asked once as a client; a line for each."""
    done = subprocess.run([BUILD / "brambled", "--probe-dhcp", interface], capture_output=True, text=True, check=False)
    if done.returncode not in (NO_SERVER, FOUND):
        raise Refused(f"could not ask {interface} for its DHCP server: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.split("\n")[:-1] if done.returncode == FOUND else []


def decide(interface, servers, wish, asks):
    """How to serve: "server" or "proxy". @asks: a question to the operator, or None without a terminal."""
    if servers:
        print("\n".join(f"on {interface}: {row}" for row in servers))
        if wish == "server":
            print("it hands out addresses already, and you asked for a second server: both will answer")
            return "server"
        print("so Bramble hands out none, and only boots (proxy)")
        return "proxy"
    if wish:
        return wish
    if asks is None:
        raise Refused(f"no DHCP server answers on {interface}: say --dhcp server to hand out addresses there, or --dhcp proxy")
    if asks(f"no DHCP server answers on {interface}. Hand out addresses there? [y/N] ").strip().lower() in ("y", "yes"):
        return "server"
    raise Refused("nothing was started")


def range_of(own):
    """The upper half of the network, without our own address and the broadcast's."""
    own_at, network = int(own.ip), own.network
    first = int(network.network_address) + network.num_addresses // 2
    last = int(network.broadcast_address) - 1
    if first <= own_at <= last:
        first, last = (own_at + 1, last) if last - own_at >= own_at - first else (first, own_at - 1)
    return f"{ipaddress.IPv4Address(first)}-{ipaddress.IPv4Address(last)}"


def cli(*argv):
    return subprocess.run([BUILD / "bramble", "--socket", SOCKET, *map(str, argv)], capture_output=True, text=True, check=False)


def start(interface):
    """brambled, once it answers."""
    for folder in (STATE, SOCKET.parent):
        folder.mkdir(parents=True, exist_ok=True)
    config = STATE / "run.yaml"
    config.write_text(CONFIG.format(state=STATE, socket=SOCKET, interface=interface))
    daemon = subprocess.Popen([BUILD / "brambled", "--config", config], start_new_session=True)
    while daemon.poll() is None and cli("subnet", "list").returncode != 0:
        time.sleep(0.1)
    if daemon.poll() is not None:
        raise Refused("brambled did not start: it says why above")
    return daemon


def serve(interface, own, mode):
    daemon = start(interface)
    try:
        known = cli("subnet", "show", own.network).returncode == 0
        options = ["--range", range_of(own)] if mode == "server" and not known else []
        done = cli("subnet", "set" if known else "add", own.network, "--interface", interface, "--dhcp", mode, *options)
        if done.returncode != 0:
            raise Refused(done.stderr.strip())
        print(f"serving {own.network} on {interface} as {mode}; in another terminal, for example:\n"
              f"  sudo {BUILD}/bramble machine list\nend with Ctrl-C; what happens:", flush=True)
        subprocess.run([BUILD / "bramble", "--socket", SOCKET, "boot", "watch"], check=False)
        daemon.wait()
    finally:
        daemon.terminate()
        daemon.wait(20)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("interface")
    parser.add_argument("--dhcp", choices=["server", "proxy"])
    arguments = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell had them ignored
        signal.signal(number, signal.default_int_handler)
    try:
        own = address_of(arguments.interface)
        print(f"asking on {arguments.interface} for a DHCP server (3 s)", flush=True)
        mode = decide(arguments.interface, foreign_servers(arguments.interface), arguments.dhcp,
                      input if sys.stdin.isatty() else None)
        serve(arguments.interface, own, mode)
    except Refused as why:
        sys.exit(f"run: {why}")
    except (KeyboardInterrupt, EOFError):
        pass


if __name__ == "__main__":
    main()
