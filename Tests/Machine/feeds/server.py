#!/usr/bin/python3
"""An https server that answers as the file `how` beside it says: well, or wrongly in one of many ways."""

import http.server
import pathlib
import ssl
import time

here = pathlib.Path(__file__).parent


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        how = (here / "how").read_text().strip()
        content = (here / "list.txt").read_bytes()
        if how == "silent":
            time.sleep(300)
            return
        if how == "missing":
            self.send_error(404)
            return
        places = {"to-http": "http://feeds.test/list.txt", "to-anything": "file:///etc/passwd"}
        if how in places:
            self.send_response(302)
            self.send_header("Location", places[how])
            self.end_headers()
            return
        content = {"empty": b"", "html": b"<!DOCTYPE html>\n<html></html>\n"}.get(how, content)
        self.send_response(200)
        self.send_header("Content-Length", str(len(content) + (100 if how == "cut" else 0)))
        self.end_headers()
        self.wfile.write(content)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 8443), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(here / "cert.pem", here / "key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
