#!/usr/bin/env python3
"""type_password.py PASSWORD COMMAND...: runs the command on a terminal of its own, and types the
password when it is asked for. Prints what the command prints, and has its exit status.
"""

import os
import pty
import select
import sys
import termios


def echoes(terminal):
    return termios.tcgetattr(terminal)[3] & termios.ECHO


def main(password, *command):
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    typed, seen, status = False, b"", None
    while True:
        # login(1) hangs the terminal up and opens it again, which reads as an error in between.
        try:
            ready, _, _ = select.select([terminal], [], [], 0.1)
            data = os.read(terminal, 1024) if ready else b""
        except OSError:
            data = b""
        seen += data
        os.write(1, data)
        # What is typed before the echo is off is thrown away.
        if not typed and b"assword:" in seen and not echoes(terminal):
            typed = True
            os.write(terminal, password.encode() + b"\n")
        if status is None:
            ended, state = os.waitpid(child, os.WNOHANG)
            if ended:
                status = os.waitstatus_to_exitcode(state)
        elif not data:
            return status


sys.exit(main(*sys.argv[1:]))
