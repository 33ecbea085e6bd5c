#!/usr/bin/python3
"""Writes a database of networks (.mmdb), as MaxMind lays it out, for IPv4 and IPv6.

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


def main():
    kind, data, nodes = sys.argv[1], b"", [[EMPTY, EMPTY]]
    for argument in sys.argv[2:]:
        holder, networks = argument.split("=")
        record = len(data)
        if kind == "country":
            data += encoded({"country": {"iso_code": holder}})
        else:
            data += encoded({"autonomous_system_number": (UINT32, int(holder))})
        for network in map(ipaddress.ip_network, networks.split(",")):
            node, way = 0, bits(network)
            for bit in way[:-1]:
                if nodes[node][bit] is EMPTY:
                    nodes[node][bit] = ("node", len(nodes))
                    nodes.append([EMPTY, EMPTY])
                node = nodes[node][bit][1]
            nodes[node][way[-1]] = ("data", record)

    def number(side):
        if side is EMPTY:
            return len(nodes)
        return side[1] if side[0] == "node" else len(nodes) + 16 + side[1]

    tree = b"".join(number(side).to_bytes(4, "big") for node in nodes for side in node)
    metadata = {
        "binary_format_major_version": (UINT16, 2), "binary_format_minor_version": (UINT16, 0),
        "build_epoch": (UINT64, int(time.time())), "database_type": f"GeoLite2-{kind.title()}",
        "description": {}, "ip_version": (UINT16, 6), "languages": [],
        "node_count": (UINT32, len(nodes)), "record_size": (UINT16, 32),
    }
    sys.stdout.buffer.write(
        tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + encoded(metadata))


main()
