"""The servers that gatehouse-fetch meets in its tests: https, with every fault, and DNS.

serve.py CERT KEY FOLDER: serves on every address of the network namespace; a file of FOLDER under its own
name.
"""

import gzip
import os
import socket
import ssl
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

OK = b"192.0.2.0/24\n198.51.100.7\n"
TURNS = {}
# What a name has: IPv4 and IPv6 addresses.
NAMES = {
    "public.test": (["8.8.8.8"], []),
    "inside.test": (["10.1.2.3"], []),
    "wrong.test": (["8.8.8.8"], []),
    "two.test": (["192.0.2.7", "192.0.2.8"], ["2001:db8:1:2:3::4"]),
    "six.test": ([], ["2001:db8:1:2:3::5"]),
    "nothing.test": ([], []),
    "loop.test": (["127.0.0.5"], []),
    "zero.test": (["0.0.0.0"], []),
    # The servers fail for IPv6, and for both.
    "half.test": (["192.0.2.9"], None),
    "broken.test": (None, None),
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def content(self, body, status=200, **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def chunked(self, pieces, whole):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if whole:
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = True

    def redirect(self, target, status=302):
        self.content(b"", status, Location=target)

    def do_GET(self):
        path = self.path.strip("/")
        handler = getattr(self, "get_" + path.replace("-", "_").split("/")[0], None)
        if handler:
            return handler(path)
        try:
            with open(os.path.join(sys.argv[3], os.path.basename(path)), "rb") as file:
                return self.content(file.read())
        except OSError:
            return self.content(b"no such file\n", 404)

    def get_ok(self, _):
        if self.headers.get("If-None-Match") == '"one"':
            return self.content(b"", 304)
        if self.headers.get("If-Modified-Since") == "Fri, 27 Nov 2026 10:00:00 GMT":
            return self.content(b"", 304)
        self.content(
            OK, ETag='"one"', Last_Modified="Fri, 27 Nov 2026 10:00:00 GMT")

    def get_not_modified(self, _):
        self.content(b"", 304)

    def get_empty(self, _):
        self.content(b"")

    def get_comments(self, _):
        self.content(b"# nothing yet\n")

    def get_page(self, _):
        self.content(b"<!DOCTYPE html>\n<html><body>Sign in</body></html>", Content_Type="text/html")

    def get_gzip(self, _):
        self.content(gzip.compress(OK), Content_Encoding="gzip")

    def get_cut(self, _):
        self.send_response(200)
        self.send_header("Content-Length", "4000")
        self.end_headers()
        self.wfile.write(OK)
        self.close_connection = True

    def get_cut_chunked(self, _):
        self.chunked([OK], whole=False)

    def get_chunked(self, _):
        self.chunked([OK[:5], OK[5:]], whole=True)

    def get_torn(self, _):
        """No length, and an end without that of TLS."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(OK)
        self.wfile.flush()
        os.close(self.connection.detach())
        self.close_connection = True

    def get_long(self, _):
        self.send_response(200)
        self.send_header("Content-Length", str(65 << 20))
        self.end_headers()
        self.pour(1 << 10)

    def get_long_chunked(self, _):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.pour(65, chunked=True)

    def pour(self, count, chunked=False):
        block = b"#" * ((1 << 20) - 1) + b"\n"
        try:
            for _ in range(count):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(block), block) if chunked else block)
        except OSError:
            pass
        self.close_connection = True

    def get_headers(self, _):
        self.send_response(200)
        for number in range(2000):
            self.send_header(f"X-{number}", "x" * 60)
        self.end_headers()

    def get_slow(self, _):
        self.send_response(200)
        self.send_header("Content-Length", "4000")
        self.end_headers()
        try:
            for _ in range(60):
                self.wfile.write(b"#")
                self.wfile.flush()
                time.sleep(1)
        except OSError:
            pass
        self.close_connection = True

    def get_to_http(self, _):
        self.redirect("http://public.test/ok")

    def get_to_file(self, _):
        self.redirect("file:///etc/passwd")

    def get_to_inside(self, _):
        self.redirect("https://inside.test/ok")

    def get_to_inside_number(self, _):
        self.redirect("https://10.1.2.3/ok")

    def get_to_public(self, _):
        self.redirect("https://public.test/ok", 301)

    def get_to_turn(self, _):
        self.redirect("https://turn.test/ok")

    def get_to_nowhere(self, _):
        self.content(b"", 302)

    def get_hops(self, path):
        left = int(path.split("/")[1])
        self.redirect(f"/hops/{left - 1}" if left else "/ok", 307)

    def get_wide(self, _):
        self.content(b"8.0.0.0/9\n8.128.0.0/9\n9.0.0.0/8\n")

    def get_loopback(self, _):
        self.content(b"192.0.2.1\n127.0.0.0/8\n")

    def get_json(self, _):
        self.content(b'{"actions": ["192.0.2.0/24", "2001:db8::/32"], "web": ["198.51.100.0/24"]}')


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 200

    def __init__(self, port, context, handler=Handler):
        self.context = context
        super().__init__(("", port), handler)

    def finish_request(self, request, client):
        # In the thread of the connection: a handshake may wait.
        try:
            with self.context.wrap_socket(request, server_side=True) as secure:
                super().finish_request(secure, client)
        except OSError:
            pass

    def handle_error(self, *_):
        pass


def dns(udp):
    """Answers each question about NAMES; `turn.test` is outside at first, and then inside."""
    while True:
        question, client = udp.recvfrom(512)
        place, labels = 12, []
        while question[place]:
            labels.append(question[place + 1:place + 1 + question[place]].decode())
            place += question[place] + 1
        kind = struct.unpack(">H", question[place + 1:place + 3])[0]
        name, asked = ".".join(labels).lower(), question[12:place + 5]
        code, addresses = 0, []
        if name == "turn.test":
            if kind == 1:
                TURNS[name] = TURNS.get(name, 0) + 1
                addresses = ["8.8.8.8" if TURNS[name] == 1 else "10.1.2.3"]
        elif name in NAMES:
            found = NAMES[name][1 if kind == 28 else 0]
            code, addresses = (2, []) if found is None else (0, found)
        else:
            code = 3
        family = socket.AF_INET6 if kind == 28 else socket.AF_INET
        answers = b""
        for address in addresses:
            data = socket.inet_pton(family, address)
            answers += struct.pack(">HHHIH", 0xC00C, kind, 1, 0, len(data)) + data
        head = question[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(addresses), 0, 0)
        udp.sendto(head + asked + answers, client)


def end_with(parent):
    """Ends with the test that has started it."""
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(0)


def main():
    threading.Thread(target=end_with, args=[os.getppid()], daemon=True).start()
    cert, key, _ = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    # A certificate that nobody has signed.
    stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    stranger.load_cert_chain(sys.argv[3] + "/stranger.pem", sys.argv[3] + "/stranger.key")
    for port, chosen in [(443, context), (444, stranger)]:
        threading.Thread(target=Server(port, chosen).serve_forever, daemon=True).start()
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 53))
    print("ready", flush=True)
    dns(udp)


if __name__ == "__main__":
    main()
