#!/usr/bin/env python3
"""vnc_login.py SERVER PORT USER PASSWORD: logs in to a VNC server by its security type Plain.

The exit status is 0 if the server lets the user in, 1 if it refuses.
RFB 3.8 (RFC 6143), with the security type VeNCrypt 0.2.
"""

import socket
import struct
import sys

VENCRYPT, PLAIN = 19, 256


def main(server, port, user, password):
    with socket.create_connection((server, int(port)), timeout=20) as connection:
        stream = connection.makefile("rwb")

        def send(data):
            stream.write(data)
            stream.flush()

        stream.read(12)
        send(b"RFB 003.008\n")
        types = stream.read(stream.read(1)[0])
        if VENCRYPT not in types:
            sys.exit(f"the server has no VeNCrypt, only {list(types)}")
        send(bytes([VENCRYPT]))
        stream.read(2)
        send(bytes([0, 2]))
        if stream.read(1) != b"\0":
            sys.exit("the server does not know VeNCrypt 0.2")
        subtypes = struct.unpack(f">{(count := stream.read(1)[0])}I", stream.read(4 * count))
        if PLAIN not in subtypes:
            sys.exit(f"the server has no Plain, only {subtypes}")
        name, secret = user.encode(), password.encode()
        send(struct.pack(">III", PLAIN, len(name), len(secret)) + name + secret)
        result = stream.read(4)
        if result == b"\0\0\0\0":
            print("let in")
            return 0
        length = struct.unpack(">I", stream.read(4) or b"\0\0\0\0")[0]
        print("refused:", stream.read(length).decode(errors="replace"))
        return 1


sys.exit(main(*sys.argv[1:]))
