"""The catalog: lists of images that lie on a web server, imported by their names, and carried to a site without one."""
# SPDX-License-Identifier: Apache-2.0
import hashlib
import json
import lzma
import os

import pytest

from lab import disk
from lab.namespace import read_text, wait_until
from test_simulated_boards import boot_directory

PORT = 8080
WEB = f"http://127.0.0.1:{PORT}"
MAC = "dc:a6:32:10:00:01"


def sha256(octets):
    return hashlib.sha256(octets).hexdigest()


@pytest.fixture
def site(world, folder):
    """A web server with three lists and two images, a daemon, and a CLI whose cache is here."""
    web = folder / "web"
    web.mkdir()
    files = boot_directory(folder / "boot")
    volume = disk.fat(folder / "card.fat", 4, {name: folder / "boot" / name for name in files})
    image = disk.join(folder / "card.img", "dos", [(volume, 4, "c")]).read_bytes()
    packed = lzma.compress(image, preset=0)
    (web / "raspios.img.xz").write_bytes(packed)
    (web / "other.img.xz").write_bytes(packed)
    both = {"extract_sha256": sha256(image), "extract_size": len(image), "image_download_size": len(packed)}
    lists = {
        "list.json": [{"name": "Raspberry Pi OS (64-bit)", "description": "Debian", "url": f"{WEB}/raspios.img.xz", **both,
                       "image_download_sha256": sha256(packed), "release_date": "2026-05-01", "devices": ["pi5-64bit", "pi4-64bit"]},
                      {"name": "More", "subitems_url": "more.json"}],
        "more.json": [{"name": "Other OS", "subitems": [
            {"name": "Other OS Lite", "description": "-", "url": "other.img.xz", **both, "devices": ["pi3-64bit"]}]}],
        "bad.json": [{"name": "Changed", "url": "raspios.img.xz", **both, "image_download_sha256": 64 * "0"},
                     {"name": "Changed within", "url": "other.img.xz", "extract_sha256": 64 * "0"}]}
    for name, entries in lists.items():
        (web / name).write_text(json.dumps({"os_list": entries}))
    daemon = world.start_daemon()
    server = world.server.start("/usr/bin/python3", "-m", "http.server", str(PORT), "--bind", "127.0.0.1", "--directory", web,
                                log=folder / "web.log")
    wait_until(lambda: world.server.run("curl", "-sf", f"{WEB}/list.json", check=False).returncode == 0, 20, "the web server answers")
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    yield daemon
    del os.environ["XDG_CACHE_HOME"]
    server.terminate()
    server.wait(10)


def names(daemon, *argv):
    return [row["name"] for row in daemon.json("image", "catalog", "--catalog", f"{WEB}/list.json", *argv)]


def test_what_suits_the_boards_of_the_site(site):
    both = ["raspberry-pi-os-64-bit", "other-os-lite"]
    assert names(site) == []  # nothing is asked of the network
    assert names(site, "--sync") == both  # of boards nobody knows yet
    site.cli("machine", "add", "pi", "--mac", MAC, "--board", "pi4b")
    assert names(site) == both[:1]  # what was kept
    assert names(site, "--board", "pi3b") == both[1:]
    assert names(site, "--board", "pi4") == both[:1]  # any Pi 4, as cards are made for them
    assert names(site, "--all") == both
    assert "there is no board pi4c, did you mean pi4?" in site.refused("image", "catalog", "--catalog", f"{WEB}/list.json", "--board", "pi4c")
    said = site.refused("image", "catalog", "--catalog", f"{WEB}/list.json", "--board", "pi99")
    assert "there is no board pi99: there are bios-amd64, " in said, said


def test_a_list_of_the_sites_own(site, folder):
    """Images beside it, boards by their names here, and a list of a web server, of which nothing is known before it is fetched."""
    packed = (folder / "web/other.img.xz").read_bytes()
    own = folder / "own"
    own.mkdir()
    (own / "kiosk.img.xz").write_bytes(packed)
    said = {"image_download_sha256": sha256(packed), "remark": "passed over"}
    (own / "catalog.json").write_text(json.dumps({"os_list": [
        {"name": "Kiosk", "url": "kiosk.img.xz", "devices": ["pi4b", "uefi-arm64"], **said},
        {"name": "Unchecked", "url": "kiosk.img.xz"},
        {"name": "More", "subitems_url": f"{WEB}/list.json"}]}))
    os.environ["BRAMBLE_CATALOG"] = str(own / "catalog.json")
    try:
        def listed(*argv):
            return [row["name"] for row in site.json("image", "catalog", *argv)]
        assert listed("--board", "uefi-arm64") == listed("--board", "pi4b") == listed("--all") == ["kiosk"]
        assert listed("--board", "pi5") == []
        assert not read_text(folder / "web.log").count("GET /more.json"), "nothing is asked of the network"
        site.cli("image", "import", "kiosk")
        assert listed("--all", "--sync") == ["kiosk", "raspberry-pi-os-64-bit", "other-os-lite"]
    finally:
        del os.environ["BRAMBLE_CATALOG"]
    assert [row["name"] for row in site.items("image")] == ["kiosk"]


def test_an_image_by_its_name(site):
    site.cli("image", "import", "raspberry-pi-os-64-bit", "--catalog", f"{WEB}/list.json", "--sync")
    site.cli("image", "import", "mine", "catalog:other-os-lite", "--catalog", f"{WEB}/list.json")
    images = {row["name"]: row for row in site.items("image")}
    assert sorted(images) == ["mine", "raspberry-pi-os-64-bit"]
    assert "pi4b" in images["mine"]["boards"]
    assert "did you mean other-os-lite" in site.refused("image", "import", "mine", "catalog:other-os-light", "--catalog",
                                                        f"{WEB}/list.json")


def test_what_is_not_as_its_list_says(site):
    for name in ("changed", "changed-within"):
        said = site.refused("image", "import", name, "--catalog", f"{WEB}/bad.json", "--sync")
        assert "SHA-256" in said, said
    assert site.items("image") == []


def test_a_folder_whose_list_is_none(site, folder):
    (folder / "stick").mkdir()
    (folder / "stick/catalog.json").write_text("mine")
    said = site.refused("catalog", "export", folder / "stick", "--image", "other-os-lite", "--catalog", f"{WEB}/list.json", "--sync")
    assert "is no list of images, and is left as it is" in said, said
    assert [path.name for path in (folder / "stick").iterdir()] == ["catalog.json"] and (folder / "stick/catalog.json").read_text() == "mine"


def test_carried_to_a_site_without_internet(site, folder):
    def export(*argv):
        site.cli("catalog", "export", folder / "stick", *argv, "--catalog", f"{WEB}/list.json", "--sync")

    def listed():
        return [entry["url"] for entry in json.loads((folder / "stick/catalog.json").read_text())["os_list"]]
    export("--image", "other-os-lite")
    export("--image", "raspberry-pi-os-64-bit", "--image", "other-os-lite")
    assert listed() == ["other-os-lite.img.xz", "raspberry-pi-os-64-bit.img.xz"]
    export("--image", "raspberry-pi-os-64-bit")  # what is there already stays listed
    site.cli("catalog", "export", folder / "stick", "--image", "other-os-lite", "--catalog", folder / "stick")  # onto itself
    assert listed() == ["other-os-lite.img.xz", "raspberry-pi-os-64-bit.img.xz"]
    assert sorted(path.name for path in (folder / "stick").iterdir()) == [
        "catalog.json", "other-os-lite.img.xz", "raspberry-pi-os-64-bit.img.xz"]
    (folder / "web/raspios.img.xz").unlink()
    site.cli("catalog", "import", folder / "stick")
    assert sorted(row["name"] for row in site.items("image")) == ["other-os-lite", "raspberry-pi-os-64-bit"]
    with (folder / "stick/other-os-lite.img.xz").open("r+b") as image:
        image.seek(20_000)
        image.write(b"another")
    site.cli("image", "delete", "other-os-lite")
    refused = site.try_cli("catalog", "import", folder / "stick")
    assert refused.returncode != 0 and "other-os-lite" not in [row["name"] for row in site.items("image")], refused.stderr
