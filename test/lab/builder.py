"""A Debian that is made in a second: stand-ins for mmdebstrap, apt and dpkg-deb in a folder for PATH, over the packages
that tools/fetch-foreign unpacked. All other tools of a build are the real ones.

Each stand-in notes its calls in the folder's file "calls"; the folder's other files tell it what to do:
  fail      mmdebstrap ends with these words and an error
  hang      mmdebstrap says that it began, and goes on until it is ended
  no-mirror apt-get knows none
  packages  what the mirror's list of packages says
"""
# SPDX-License-Identifier: Apache-2.0
import io
import os
import pathlib
import subprocess
import sys
import tarfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from lab import foreign  # noqa: E402

RELEASE = "6.1.0-0-fake"
MODULES_DEP = {"kernel/fs/squashfs/squashfs.ko": [], "kernel/fs/ext4/ext4.ko": ["kernel/fs/jbd2/jbd2.ko"],
               "kernel/fs/jbd2/jbd2.ko": [], "kernel/drivers/gpu/drm/drm.ko": []}
TARGETS = "".join(f"http://mirror.invalid/{path}/ {suite} main $(SIGNED_BY)\n"
                  for path, suite in (("debian", "bookworm"), ("security", "bookworm-security")))


def stand_ins(folder):
    """The folder for PATH."""
    bin_dir = folder / "bin"
    bin_dir.mkdir(parents=True, exist_ok=True)
    (folder / "packages").write_text("Package: first\n")
    for name in ("mmdebstrap", "apt-get", "apt-cache", "dpkg-deb", "arch-test"):
        program = bin_dir / name
        program.write_text(f"#!/bin/sh\nBRAMBLE_CACHE={foreign.CACHE} exec /usr/bin/python3 {pathlib.Path(__file__).resolve()} "
                           f"{folder} {name} \"$@\"\n")
        program.chmod(0o755)
    return bin_dir


def environment(folder, cache):
    return {**os.environ, "PATH": f"{stand_ins(folder)}:{os.environ['PATH']}", "BRAMBLE_CACHE": str(cache)}


def calls(folder, name):
    """How often a stand-in was called for work."""
    path = folder / "calls"
    return [line for line in path.read_text().splitlines() if line.startswith(name)] if path.exists() else []


# ---- mmdebstrap ----

def _add(tar, name, octets=b"", mode=0o644, kind=tarfile.REGTYPE, owner=0):
    entry = tarfile.TarInfo("./" + name)
    entry.size, entry.mode, entry.type, entry.uid, entry.gid = len(octets), mode, kind, owner, owner
    tar.addfile(entry, io.BytesIO(octets))


def _folders(tar, names):
    for name in sorted({str(parent) for path in names for parent in pathlib.PurePath(path).parents} - {"."}):
        _add(tar, name, mode=0o755, kind=tarfile.DIRTYPE)


def _files(arch, uploads):
    """What the root has, by path: little, but what an image is made of is real."""
    files = {f"boot/vmlinuz-{RELEASE}": foreign.kernel(arch).read_bytes(), f"boot/initrd.img-{RELEASE}": b"\x1f\x8b\x08" + bytes(98),
             f"usr/lib/linux-image-{RELEASE}/vendor/board.dtb": b"\xd0\x0d\xfe\xed" + bytes(60), "etc/fstab": b"# none\n",
             f"usr/lib/modules/{RELEASE}/modules.order": b"", f"usr/lib/modules/{RELEASE}/modules.builtin": b"",
             f"usr/lib/modules/{RELEASE}/modules.builtin.modinfo": b"",
             f"usr/lib/modules/{RELEASE}/modules.dep": "".join(f"{path}: {' '.join(rest)}\n" for path, rest in MODULES_DEP.items())
             .encode(),
             "boot/grub/unicode.pf2": b"", "etc/default/raspi-firmware": b"", "boot/efi/README": b"",
             "usr/lib/shim/shimaa64.efi.signed": foreign.shim(arch).read_bytes(), "usr/lib/shim/mmaa64.efi.signed": b"MZ",
             "usr/lib/grub/arm64-efi-signed/grubaa64.efi.signed": foreign.grub_net(arch).read_bytes()}
    files |= {f"usr/lib/modules/{RELEASE}/{path}": next(foreign.modules(arch).glob(path)).read_bytes() for path in MODULES_DEP}
    return files | {path.lstrip("/"): pathlib.Path(name).read_bytes() for name, path in uploads if not path.startswith("/tmp/")}


def mmdebstrap(folder, argv):
    if argv[0] == "--unshare-helper":
        os.execvp(argv[1], argv[1:])
    print("I: downloading packages with apt...", file=sys.stderr, flush=True)
    if (folder / "hang").exists():
        (folder / "hanging").write_text(str(os.getpid()))
        os.execvp("sleep", ["sleep", "600"])
    if (folder / "fail").exists():
        sys.exit((folder / "fail").read_text())
    arch = next(word.removeprefix("--arch=") for word in argv if word.startswith("--arch="))
    uploads = [word.split()[-2:] for word in argv if "-hook=upload " in word]
    files = _files(arch, uploads)
    with tarfile.open(argv[-2], "w") as tar:
        _add(tar, "", mode=0o755, kind=tarfile.DIRTYPE)
        _folders(tar, [*files, "home/user/x"])
        for path, octets in files.items():
            _add(tar, path, octets)
        _add(tar, "home/user/private", b"secret", mode=0o600, owner=1000)


# ---- apt ----

def _option(argv, name):
    return pathlib.Path(next(word.split("=", 1)[1] for word in argv if word.startswith(f"-o{name}=")))


def _package(name, arch):
    """An unpacked package in place of the newest."""
    known = {"linux-image-" + RELEASE: foreign.KERNELS[arch]}
    return next(path for path in (foreign.CACHE / "foreign" / known.get(name, f"{name}-{kind}") for kind in (arch, "all"))
                if path.exists())


def apt_get(folder, argv):
    if "indextargets" in argv:
        print("" if (folder / "no-mirror").exists() else TARGETS, end="")
    elif "update" in argv:
        (_option(argv, "Dir::State::Lists") / "mirror_main_binary_Packages").write_text((folder / "packages").read_text())
    elif "download" in argv:
        arch = str(_option(argv, "APT::Architecture"))
        for name in argv[argv.index("download") + 1:]:
            pathlib.Path(f"{name}.deb").write_text(str(_package(name, arch)))
    return 0


def apt_cache(folder, argv):
    print(f"{argv[-1]}\n  Depends: linux-image-{RELEASE}")


def dpkg_deb(folder, argv):
    """What "download" left is the name of the package's folder."""
    subprocess.run(["cp", "-rT", pathlib.Path(argv[1]).read_text(), argv[2]], check=True)


def arch_test(folder, argv):
    return 0


if __name__ == "__main__":
    where, what, words = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    with open(where / "calls", "a", encoding="utf-8") as out:
        out.write(f"{what} {' '.join(words)}\n")
    sys.exit(globals()[what.replace("-", "_")](where, words))
