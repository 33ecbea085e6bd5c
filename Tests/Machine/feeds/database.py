#!/usr/bin/python3
"""Writes a database of networks (.mmdb), as MaxMind lays it out, for IPv4 and IPv6. The benchmark uses it, too.

database.py country|asn HOLDER=NETWORK[,NETWORK...]...: writes it to standard output. A holder is a country,
such as DE, or the number of an autonomous system.
"""

import ipaddress
import sys
import time

EMPTY = None
# The kinds of numbers.
UINT16, UINT32, UINT64 = 5, 6, 9


def field(kind, length):
    # The tests write nothing of 29 bytes or more, whose length would stand apart.
    assert length < 29
    return bytes([kind << 5 | length]) if kind < 8 else bytes([length, kind - 7])


def encoded(value):
    if isinstance(value, dict):
        inside = b"".join(encoded(key) + encoded(each) for key, each in value.items())
        return field(7, len(value)) + inside
    if isinstance(value, list):
        return field(11, len(value)) + b"".join(map(encoded, value))
    if isinstance(value, str):
        return field(2, len(value)) + value.encode()
    kind, number = value
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return field(kind, len(data)) + data


def bits(network):
    """The bits that lead to a network; IPv4 is below ::/96."""
    number, length = int(network.network_address), network.prefixlen
    if network.version == 4:
        length += 96
    return [number >> (127 - index) & 1 for index in range(length)]


class Database:
    """The tree of networks, and the records that it leads to."""

    def __init__(self):
        self.nodes = [[EMPTY, EMPTY]]
        self.data = bytearray()

    def add(self, value):
        """Adds a record; returns by what `insert` knows it."""
        record = len(self.data)
        self.data += encoded(value)
        return record

    def insert(self, network, record):
        node, way = 0, bits(network)
        for bit in way[:-1]:
            if self.nodes[node][bit] is EMPTY:
                self.nodes[node][bit] = ("node", len(self.nodes))
                self.nodes.append([EMPTY, EMPTY])
            node = self.nodes[node][bit][1]
        self.nodes[node][way[-1]] = ("data", record)

    def write(self, file, name):
        count = len(self.nodes)

        def number(side):
            if side is EMPTY:
                return count
            return side[1] if side[0] == "node" else count + 16 + side[1]

        metadata = {
            "binary_format_major_version": (UINT16, 2), "binary_format_minor_version": (UINT16, 0),
            "build_epoch": (UINT64, int(time.time())), "database_type": name, "description": {},
            "ip_version": (UINT16, 6), "languages": [], "node_count": (UINT32, count),
            "record_size": (UINT16, 32),
        }
        file.write(b"".join(number(side).to_bytes(4, "big") for node in self.nodes for side in node))
        file.write(bytes(16) + self.data + b"\xab\xcd\xefMaxMind.com" + encoded(metadata))


def main():
    kind, database = sys.argv[1], Database()
    for argument in sys.argv[2:]:
        holder, networks = argument.split("=")
        if kind == "country":
            record = database.add({"country": {"iso_code": holder}})
        else:
            record = database.add({"autonomous_system_number": (UINT32, int(holder))})
        for network in map(ipaddress.ip_network, networks.split(",")):
            database.insert(network, record)
    database.write(sys.stdout.buffer, f"GeoLite2-{kind.title()}")


if __name__ == "__main__":
    main()
