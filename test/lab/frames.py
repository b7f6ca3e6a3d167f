"""A disk image as two blobs, map and frames, as an import makes them (src/format/blockmap.h): an implementation of its own."""
# SPDX-License-Identifier: Apache-2.0
import hashlib
import os
import struct
import subprocess

SECTOR = 512
GRAIN = 64 * 1024


def extents(path, frame):
    """Where the image has data, in pieces of at most @frame octets: (offset, length)."""
    with open(path, "rb") as image:
        size, at, found = os.fstat(image.fileno()).st_size, 0, []
        while at < size:
            octets = image.read(GRAIN)
            if octets.count(0) != len(octets):
                if found and found[-1][0] + found[-1][1] == at and found[-1][1] + len(octets) <= frame:
                    found[-1] = (found[-1][0], found[-1][1] + len(octets))
                else:
                    found.append((at, len(octets)))
            at += len(octets)
    return size, found


def make(path, frame=1 << 20):
    """(map, frames) of an image."""
    size, pieces = extents(path, frame)
    records, packed = [], []
    at = 0
    with open(path, "rb") as image:
        for offset, length in pieces:
            image.seek(offset)
            octets = image.read(length)
            squeezed = subprocess.run(["zstd", "-q", "-3", "-c"], input=octets, stdout=subprocess.PIPE, check=True).stdout
            records.append(struct.pack(">QIIQ32s", offset, length, len(squeezed), at, hashlib.sha256(octets).digest()))
            packed.append(squeezed)
            at += len(squeezed)
    header = b"BRMBLMAP" + struct.pack(">IIQQII", 1, SECTOR, size, at, len(records), 0)
    return header + b"".join(records), b"".join(packed)
