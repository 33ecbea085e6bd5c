#!/usr/bin/env python3
"""type_password.py PASSWORD COMMAND...: runs the command on a terminal of its own, and types the
password when it is asked for. Prints what the command prints, and has its exit status.
"""

import os
import pty
import sys


def main(password, *command):
    typed = False
    seen = b""

    def read(terminal):
        nonlocal typed, seen
        data = os.read(terminal, 1024)
        seen += data
        if not typed and b"assword:" in seen:
            typed = True
            os.write(terminal, password.encode() + b"\n")
        return data

    return os.waitstatus_to_exitcode(pty.spawn(command, read))


sys.exit(main(*sys.argv[1:]))
