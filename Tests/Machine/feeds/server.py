#!/usr/bin/python3
"""The servers of a machine whose networks are got from elsewhere: https, and DNS that fails.

server.py PORT [DNS]: serves https on PORT. The file `how` beside it says how it answers: `well`, each path
with what serves; `badly`, each path with the fault that its first part names; a fault, each path with that
one. With DNS it also answers questions about names on port 5300, and on port 5301 none at all.
"""

import pathlib
import socket
import ssl
import sys
import threading
import time

import serve

here = pathlib.Path(__file__).parent
# Networks that nobody has, as many as those of list.txt.
ELSEWHERE = b"198.18.0.0/15\n192.0.2.0/24\n2001:db8:bad::/48\n"


def how():
    return (here / "how").read_text().strip()


class Handler(serve.Handler):
    def do_GET(self):
        if how() == "well":
            return self.well()
        if how() != "badly":
            self.path = f"/{how()}{'.minisig' if self.path.endswith('.minisig') else ''}"
        path = self.path.strip("/")
        name = path.split("/")[0].removesuffix(".minisig").replace("-", "_")
        fault = getattr(self, f"get_{name}", None)
        return fault(path) if fault else self.content(b"no such file\n", 404)

    def well(self):
        content = (here / "list.txt").read_bytes()
        if self.path.endswith(".minisig"):
            return self.content((here / "list.minisig").read_bytes())
        if self.path.startswith("/json"):
            lines = '", "'.join(content.decode().split())
            return self.content(f'{{"version": 1, "actions": ["{lines}"]}}'.encode())
        self.content(content, ETag='"well"')

    def get_silent(self, _):
        time.sleep(300)

    def get_unavailable(self, _):
        self.content(b"try again later\n", 503)

    def get_picture(self, _):
        self.content(b"\x89PNG\r\n\x1a\n" + bytes(range(256)), Content_Type="image/png")

    def get_garbage(self, _):
        self.content(serve.OK + b"198.51.100.300\n")

    def get_shrunk(self, _):
        self.content(b"203.0.113.0/28\n")

    def get_elsewhere(self, _):
        self.content(ELSEWHERE)

    def get_is_json(self, path):
        self.get_json(path)

    def get_json_cut(self, _):
        self.content(b'{"actions": ["192.0.2.0/24", "198.51')

    def get_json_page(self, path):
        self.get_page(path)

    def get_json_other(self, _):
        self.content(b'{"web": ["192.0.2.0/24"]}')

    def get_json_number(self, _):
        self.content(b'{"actions": ["192.0.2.0/24", 7]}')

    def get_sha256(self, _):
        self.content(serve.OK)

    def signed(self, path, signature):
        if not path.endswith(".minisig"):
            return self.content(serve.OK)
        if not signature:
            return self.content(b"no such file\n", 404)
        self.content((here / signature).read_bytes())

    def get_unsigned(self, path):
        self.signed(path, None)

    def get_forged(self, path):
        self.signed(path, "list.minisig")

    def get_other_key(self, path):
        self.signed(path, "other.minisig")

    def get_to_loopback(self, _):
        self.redirect("https://127.0.0.1:8443/ok")

    def get_to_link_local(self, _):
        self.redirect("https://169.254.169.254/latest/meta-data")

    def get_to_loopback6(self, _):
        self.redirect("https://[::1]:8443/ok")

    def get_in_circles(self, path):
        self.redirect(f"/{path}")


def context(name):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(here / f"{name}.pem", here / f"{name}.key")
    return made


def main():
    server = context("server")
    wrong = {f"{name}.test": context(name) for name in ("expired", "another", "stranger")}

    def choose(connection, name, _):
        if how() == "badly" and name in wrong:
            connection.context = wrong[name]

    server.sni_callback = choose
    if "DNS" in sys.argv:
        failing, silent = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        failing.bind(("127.0.0.1", 5300))
        silent.bind(("127.0.0.1", 5301))
        threading.Thread(target=serve.dns, args=[failing], daemon=True).start()
    serve.Server(int(sys.argv[1]), server, Handler).serve_forever()


main()
