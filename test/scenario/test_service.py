"""brambled as a service: one for each state directory, a clean end, a reload, and a disk without room."""
# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import re
import signal
import socket
import subprocess

from lab.daemon import BUILD
from lab.dhcp import DISCOVER, Wire
from lab.namespace import read_text, wait_until

MAC = "52:54:00:10:00:01"


def test_it_serves_within_a_second_of_its_start(world):
    import time
    daemon = world.start_daemon()
    daemon.stop()
    began = time.monotonic()
    daemon.start()
    # The CLI's own start and the sanitizers are in it: an optimised build is far below its second.
    assert time.monotonic() - began < (1.5 if BUILD.name == "build" else 8)


def test_it_drops_its_privileges(world):
    daemon = world.start_daemon()
    status = dict(line.split(":\t", 1) for line in read_text(f"/proc/{daemon.process.pid}/status").splitlines() if ":\t" in line)
    assert "0" not in status["Uid"].split(), "it still runs as root"
    allowed = (1 << 10) | (1 << 12) | (1 << 13)  # NET_BIND_SERVICE, NET_ADMIN, NET_RAW
    assert int(status["CapEff"], 16) & ~allowed == 0 and int(status["CapPrm"], 16) & ~allowed == 0


def test_a_state_directory_changes_hands_without_the_roots_in_it(world):
    """Files of systems belong to whom these say; all else becomes the daemon's."""
    daemon = world.new_daemon()
    of_a_system, other = daemon.state / "roots/file", daemon.state / "other"
    of_a_system.parent.mkdir()
    for path in (of_a_system, other):
        path.write_text("x")
        os.chown(path, 1000, 1000)
    os.chown(daemon.state, 0, 0)
    daemon.start()
    assert of_a_system.stat().st_uid == 1000 and of_a_system.parent.stat().st_uid == 0
    assert other.stat().st_uid == daemon.state.stat().st_uid not in (0, 1000)


def test_systemd_hears_how_it_is(world, monkeypatch):
    """As a unit of Type=notify with a watchdog: ready when it answers, alive, reloading, stopping."""
    daemon = world.new_daemon("notifying")
    address = daemon.short / "notify"
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(str(address))
    address.chmod(0o777)
    listener.settimeout(5)
    monkeypatch.setenv("NOTIFY_SOCKET", str(address))
    monkeypatch.setenv("WATCHDOG_USEC", "400000")

    def hear(word):
        heard = ""
        while word not in heard.split("\n"):
            heard = listener.recv(4096).decode()
        return heard
    daemon.start()
    assert "STATUS=" in hear("READY=1")
    hear("WATCHDOG=1")
    hear("WATCHDOG=1")
    daemon.process.send_signal(signal.SIGHUP)
    assert "MONOTONIC_USEC=" in hear("RELOADING=1")
    hear("READY=1")
    daemon.stop()
    hear("STOPPING=1")
    listener.close()


def test_what_is_installed_is_a_unit_that_systemd_takes(folder):
    root = folder / "root"
    subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", root], check=True)
    (BUILD / "meson-logs/install-log.txt").unlink()
    units = root / "usr/local/lib/systemd/system"
    for name in ("bramble-helper.socket", "bramble-helper.service", "bramble.service"):
        text = (units / name).read_text()
        for page in re.findall(r"man:(\S+)\((\d)\)", text):
            assert (root / "usr/local/share/man/man{1}/{0}.{1}".format(*page)).exists()
        for program in re.findall(r"^ExecStart=(\S+)", text, re.M):
            assert os.access(f"{root}{program}", os.X_OK)
            (units / name).write_text(text.replace(program, f"{root}{program}"))
    unit = units / "bramble.service"
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit, units / "bramble-helper.socket", units / "bramble-helper.service"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr
    # What the unit leaves open, systemd counts from 0 (nothing) to 100.
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=30", "--no-pager", unit],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout.splitlines()[-1]


def test_what_keeps_it_from_starting_is_named_with_a_remedy(world):
    """A port that somebody else has, and a database that is none."""
    daemon = world.new_daemon("hindered")
    with world.server.entered():
        other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    other.bind(("0.0.0.0", 69))

    def says():
        done = world.server.run(BUILD / "brambled", "--config", daemon.config, check=False, timeout_s=20)
        assert done.returncode == 1
        return done.stderr.strip().splitlines()[-1]
    assert "port 69 is taken" in (said := says()) and "stop it" in said, said
    other.close()
    (daemon.state / "bramble.db").write_text("no database " * 100)
    assert str(daemon.state / "bramble.db") in (said := says()) and "move it away" in said, said


def test_it_reaches_no_files_that_are_not_its_business(world, folder):
    """Its configuration becomes a link that leads elsewhere: whoever may read that, brambled may not."""
    daemon = world.start_daemon()
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "brambled.yaml").write_text(daemon.config.read_text())
    daemon.config.unlink()
    daemon.config.symlink_to(elsewhere / "brambled.yaml")
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "not reloaded" in read_text(daemon.log), 5, "it is refused")
    assert "Permission denied" in read_text(daemon.log) and daemon.answers()
    # At a start it is where the operator says that it is.
    daemon.stop()
    daemon.start()
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "brambled: reloaded" in read_text(daemon.log), 5, f"and read again: {read_text(daemon.log)[-500:]}")


def test_a_second_instance_on_one_state_directory_is_refused(world):
    daemon = world.start_daemon()
    second = world.server.run(BUILD / "brambled", "--config", daemon.config, check=False, timeout_s=20)
    assert second.returncode != 0 and str(daemon.state) in second.stderr, second.stderr
    assert daemon.answers()


def test_sigterm_ends_it_cleanly(world):
    daemon = world.start_daemon()
    daemon.process.send_signal(signal.SIGTERM)
    assert daemon.process.wait(20) == 0
    assert not daemon.socket.exists(), "the socket is gone"


def test_sighup_reads_the_configuration_again_and_disturbs_nobody(world):
    daemon = world.start_daemon()
    wire = Wire(world.client("client"))
    before = wire.lease(MAC, 1)
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "reload" in read_text(daemon.log).lower(), 5, f"the log tells of it: {read_text(daemon.log)[-500:]}")
    assert wire.lease(MAC, 2).yiaddr == before.yiaddr and daemon.answers()
    wire.close()


def test_a_broken_configuration_is_refused_with_its_line(world):
    daemon = world.new_daemon("broken")
    daemon.config.write_text(daemon.config.read_text() + "intrefaces: [eth1]\n")
    done = world.server.run(BUILD / "brambled", "--config", daemon.config, check=False, timeout_s=20)
    assert done.returncode != 0 and "6" in done.stderr and "intrefaces" in done.stderr, done.stderr


def test_an_api_that_listens_on_the_network_is_refused(world):
    daemon = world.new_daemon("open")
    daemon.config.write_text(daemon.config.read_text().replace("api: {", "api: { listen: 0.0.0.0:5240,"))
    done = world.server.run(BUILD / "brambled", "--config", daemon.config, check=False, timeout_s=20)
    assert done.returncode != 0 and "listen" in done.stderr, done.stderr


def test_a_reload_of_a_broken_configuration_goes_on_with_the_old_one(world):
    daemon = world.start_daemon()
    whole = daemon.config.read_text()
    daemon.config.write_text(whole + "nonsense: 1\n")
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "nonsense" in read_text(daemon.log), 5, "the log names what is wrong")
    assert daemon.answers()
    daemon.config.write_text(whole)


def test_a_full_disk_gives_no_lease_that_could_be_lost(folder, world):
    """Without room for the journal nothing is acknowledged; with room again, all goes on by itself."""
    daemon = world.new_daemon("small")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m,mode=0777", "none", daemon.state], check=True)
    daemon.start()
    daemon.cli("subnet", "add", "10.77.0.0/24", "--interface", "br0", "--dhcp", "server", "--range", "10.77.0.100-10.77.0.199")
    wire = Wire(world.client("client"))
    held = wire.lease(MAC, 1)
    fill = daemon.state / "fill"
    _fill_up(fill)
    said = daemon.try_cli("image", "import", "big", _big_image(folder))
    assert said.returncode != 0 and len(said.stderr.strip().splitlines()) == 1, said.stderr
    assert daemon.items("image") == []
    # The journal is preallocated: leases go on. Whatever is acknowledged now must be there after a power cut.
    later = {f"52:54:00:60:00:{n:02x}": wire.lease(f"52:54:00:60:00:{n:02x}", 100 + n, timeout_s=1) for n in range(5)}
    daemon.kill()
    fill.unlink()
    daemon.start()
    bound = {row["mac"]: row["ip"] for row in daemon.items("lease") if row["state"] == "bound"}
    assert bound[MAC] == held.yiaddr
    for mac, ack in later.items():
        assert ack is None or bound[mac] == ack.yiaddr
    assert wire.ask(DISCOVER, "52:54:00:60:00:99", 200) is not None
    daemon.stop()
    subprocess.run(["umount", daemon.state], check=True)
    wire.close()


def _fill_up(path):
    with open(path, "wb", buffering=0) as out:
        try:
            while True:
                out.write(bytes(1 << 16))
        except OSError:
            pass
        os.fsync(out.fileno())


def _big_image(folder):
    boot = pathlib.Path(folder) / "big"
    boot.mkdir()
    (boot / "config.txt").write_text("arm_64bit=1\n")
    (boot / "cmdline.txt").write_text("console=tty1\n")
    kernel = bytearray(os.urandom(20 << 20))
    kernel[56:60] = b"ARM\x64"
    (boot / "kernel8.img").write_bytes(kernel)
    return boot
