"""Writes a database of networks (.mmdb) as IPinfo has them, and beside it who has each network.

    database.py FILE COUNT     writes FILE, and FILE.txt with lines such as `10.0.0.0/24 DE AS64500`

Seven of ten networks are IPv4. No two of the same country touch, so that none can be merged with its
neighbour. US has five of twelve, DE and AT two each; the systems AS64500 to AS64999 share them.
Always the same ones.
"""

import random
import sys

# In turn: no country is its own neighbour.
COUNTRIES = ["US", "DE", "US", "AT", "US", "FR", "US", "DE", "CH", "US", "AT", "IT"]


def networks(count, chance):
    """Yields (bits of the network as text, how it is written), in the order of the addresses."""
    address = 0x01000000
    for _ in range(count * 7 // 10):
        length = chance.choice((22, 23, 24, 24, 24, 25))
        size = 1 << (32 - length)
        address = (address + size - 1) // size * size
        text = ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))
        yield "0" * 96 + format(address >> (32 - length), f"0{length}b"), f"{text}/{length}"
        address += size
    address = 0x2A000000 << 16
    for _ in range(count - count * 7 // 10):
        length = chance.choice((40, 44, 48, 48))
        size = 1 << (48 - length)
        address = (address + size - 1) // size * size
        text = f"{address >> 32:x}:{address >> 16 & 65535:x}:{address & 65535:x}::/{length}"
        yield format(address >> (48 - length), f"0{length}b"), text
        address += size


def text(value):
    assert len(value) < 29
    return bytes([0x40 | len(value)]) + value.encode()


def record(country, system):
    members = {"asn": system, "as_name": "Example", "country": country, "country_code": country}
    return bytes([0xE0 | len(members)]) + b"".join(text(k) + text(v) for k, v in members.items())


def metadata(node_count):
    number = node_count.to_bytes(4, "big")
    return (
        b"\xab\xcd\xefMaxMind.com\xe9"
        + text("binary_format_major_version") + b"\xa1\x02"
        + text("binary_format_minor_version") + b"\xa0"
        + text("build_epoch") + b"\x04\x02\x68\x00\x00\x00"
        + text("database_type") + text("ipinfo lite")
        + text("description") + b"\xe0"
        + text("ip_version") + b"\xa1\x06"
        + text("languages") + b"\x00\x04"
        + text("node_count") + b"\xc4" + number
        + text("record_size") + b"\xa1\x20")


def write(path, count):
    chance = random.Random(17)
    # What a node leads to on either side: a node, or, from 2**31 on, a record.
    left, right = [0], [0]
    records, data = {}, bytearray()
    path_of_last, last = [0], ""
    with open(f"{path}.txt", "w") as listing:
        for number, (bits, name) in enumerate(networks(count, chance)):
            country = COUNTRIES[number % len(COUNTRIES)]
            system = f"AS{64500 + chance.randrange(500)}"
            listing.write(f"{name} {country} {system}\n")
            known = records.get((country, system))
            if known is None:
                known = records[country, system] = len(data)
                data += record(country, system)
            shared = 0
            while shared < len(last) and last[shared] == bits[shared]:
                shared += 1
            del path_of_last[shared + 1:]
            node = path_of_last[-1]
            for bit in bits[len(path_of_last) - 1:-1]:
                left.append(0)
                right.append(0)
                (left if bit == "0" else right)[node] = node = len(left) - 1
                path_of_last.append(node)
            (left if bits[-1] == "0" else right)[node] = 1 << 31 | known
            last = bits
    nodes = len(left)

    def side(value):
        if value >> 31:
            value = nodes + 16 + (value & (1 << 31) - 1)
        return (value or nodes).to_bytes(4, "big")

    with open(path, "wb") as file:
        file.write(b"".join(side(a) + side(b) for a, b in zip(left, right)))
        file.write(bytes(16) + data + metadata(nodes))


write(sys.argv[1], int(sys.argv[2]))
