#!/usr/bin/python3
"""Signs as minisign does, with a private key of openssl's (Ed25519).

sign.py KEY: prints the public key. sign.py KEY FILE: prints the signature of the file.
"""

import base64
import hashlib
import subprocess
import sys
import tempfile

def openssl(*arguments):
    return subprocess.run(["openssl", *arguments], check=True, stdout=subprocess.PIPE).stdout


def sign(message):
    with tempfile.NamedTemporaryFile() as file:
        file.write(message)
        file.flush()
        return openssl("pkeyutl", "-sign", "-rawin", "-inkey", sys.argv[1], "-in", file.name)


def text(data):
    return base64.b64encode(data).decode()


public = openssl("pkey", "-in", sys.argv[1], "-pubout", "-outform", "DER")[-32:]
number = hashlib.sha256(public).digest()[:8]
if len(sys.argv) == 2:
    print(text(b"Ed" + number + public))
else:
    with open(sys.argv[2], "rb") as file:
        signature = sign(hashlib.blake2b(file.read()).digest())
    comment = "made for a test"
    print("untrusted comment: signature")
    print(text(b"ED" + number + signature))
    print(f"trusted comment: {comment}")
    print(text(sign(signature + comment.encode())))
