"""Writes a database of many networks (.mmdb) as IPinfo has them, and beside it who has each network.

    many_networks.py FILE COUNT     writes FILE, and FILE.txt with lines such as `10.0.0.0/24 DE AS64500`

Seven of ten networks are IPv4. No two of the same country touch, so that none can be merged with its
neighbour. US has five of twelve, DE and AT two each; the systems AS64500 to AS64999 share them.
Always the same ones.
"""

import ipaddress
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "Machine" / "feeds"))
import database

# In turn: no country is its own neighbour.
COUNTRIES = ["US", "DE", "US", "AT", "US", "FR", "US", "DE", "CH", "US", "AT", "IT"]


def networks(first, count, lengths, chance):
    """Yields networks one after the other, from an address on."""
    address, width = int(first), first.max_prefixlen
    for _ in range(count):
        length = chance.choice(lengths)
        size = 1 << (width - length)
        address = (address + size - 1) // size * size
        yield ipaddress.ip_network((address, length))
        address += size


def write(path, count):
    chance = random.Random(17)
    made, records = database.Database(), {}
    ipv4 = networks(ipaddress.ip_address("1.0.0.0"), count * 7 // 10, (22, 23, 24, 24, 24, 25), chance)
    ipv6 = networks(ipaddress.ip_address("2a00::"), count - count * 7 // 10, (40, 44, 48, 48), chance)
    with open(f"{path}.txt", "w") as listing:
        for number, network in enumerate((*ipv4, *ipv6)):
            country = COUNTRIES[number % len(COUNTRIES)]
            system = f"AS{64500 + chance.randrange(500)}"
            listing.write(f"{network} {country} {system}\n")
            if (country, system) not in records:
                records[country, system] = made.add(
                    {"asn": system, "as_name": "Example", "country": country, "country_code": country})
            made.insert(network, records[country, system])
    with open(path, "wb") as file:
        made.write(file, "ipinfo lite")


write(sys.argv[1], int(sys.argv[2]))
