"""Opens many HTTP connections from many addresses, fetches one small file over each, says how many it got, and holds them
until its input ends.

usage: hold_connections.py SERVER PORT COUNT PER_ADDRESS     (addresses 10.65.2.1 and on)
"""
# SPDX-License-Identifier: Apache-2.0
import socket
import sys


def main(server, port, count, per_address):
    held = []
    for i in range(count):
        where = i // per_address
        one = socket.socket()
        one.settimeout(5)
        one.bind((f"10.65.{2 + where // 250}.{1 + where % 250}", 0))
        try:
            one.connect((server, port))
            one.sendall(f"GET /load/00.bin HTTP/1.1\r\nHost: {server}\r\n\r\n".encode())
            if not one.recv(4096).startswith(b"HTTP/1.1 200"):
                break
        except OSError:
            break
        held.append(one)
    print(len(held), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
