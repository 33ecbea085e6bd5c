"""A cable to a directory server: python3 proxy.py ADDRESS PORT.

It carries every connection to ADDRESS and port 389 on to that port of 127.0.0.1, and holds back what
the server says for as many seconds as /run/directory-delay has, read anew for each piece.
"""

import socket
import sys
import threading
import time


def delay():
    try:
        with open("/run/directory-delay") as file:
            return float(file.read() or 0)
    except OSError:
        return 0


def carry(source, target, pause):
    try:
        while piece := source.recv(65536):
            time.sleep(pause())
            target.sendall(piece)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def main(address, port):
    with socket.create_server((address, 389)) as listener:
        while True:
            client, _ = listener.accept()
            server = socket.create_connection(("127.0.0.1", port))
            for ends in ((client, server, lambda: 0), (server, client, delay)):
                threading.Thread(target=carry, args=ends, daemon=True).start()


main(sys.argv[1], int(sys.argv[2]))
