"""Makes the databases of this folder, and what an independent walk finds in them.

Needs mmdb-writer 0.2.7 and maxminddb 3 (pip). The networks are random, always the same ones.
"""

import ipaddress
import random

import maxminddb
import netaddr
from mmdb_writer import MMDBWriter

COUNTRIES = {"DE": "Germany", "AT": "Austria", "CH": "Switzerland", "FR": "France"}


def networks(chance, count=400):
    for _ in range(count):
        if chance.random() < 0.6:
            length = chance.randint(12, 30)
            # 1.0.0.0 to 126.255.255.255, to keep clear of loopback
            first = chance.randrange(1 << 24, 127 << 24)
            yield ipaddress.ip_network((first >> (32 - length) << (32 - length), length))
        else:
            length = chance.randint(24, 64)
            first = (0x2A << 120) | chance.getrandbits(112)
            yield ipaddress.ip_network((first >> (128 - length) << (128 - length), length))


def geolite_country(chance):
    code = chance.choice(list(COUNTRIES))
    record = {"country": {"iso_code": code, "geoname_id": 1, "names": {"en": COUNTRIES[code]}}}
    # The country of registration is another now and then, and some networks have that alone.
    record["registered_country"] = {"iso_code": chance.choice(list(COUNTRIES))}
    if chance.random() < 0.1:
        del record["country"]
    return record


def geolite_asn(chance):
    return {
        "autonomous_system_number": 64500 + chance.randrange(5),
        "autonomous_system_organization": "Example",
    }


def ipinfo_lite(chance):
    code = chance.choice(list(COUNTRIES))
    return {
        "asn": f"AS{64500 + chance.randrange(5)}", "as_name": "Example", "country": COUNTRIES[code],
        "country_code": code, "continent_code": "EU",
    }


def ipinfo_country(chance):
    return {"country": chance.choice(list(COUNTRIES)), "continent": "EU"}


def country(record):
    inner = record.get("country")
    if isinstance(inner, dict):
        return inner["iso_code"]
    return record.get("country_code") or inner


def system(record):
    number = record.get("autonomous_system_number") or record.get("asn")
    return str(number).removeprefix("AS")


def make(name, kind, record, seed, wanted, version=6, **options):
    chance = random.Random(seed)
    writer = MMDBWriter(version, kind, languages=["en"], **options)
    for network in networks(chance):
        if version == 6 or network.version == 4:
            writer.insert_network(netaddr.IPSet([str(network)]), record(chance))
    writer.to_db_file(f"{name}.mmdb")
    with maxminddb.open_database(f"{name}.mmdb", maxminddb.MODE_FILE) as database:
        for key, value in wanted:
            found = {4: [], 6: []}
            for network, data in database:
                if key(data) == value:
                    found[network.version].append(network)
            lines = [
                f"{network}\n".replace("/32\n", "\n" if network.version == 4 else "/32\n")
                .replace("/128\n", "\n")
                for family in (4, 6) for network in ipaddress.collapse_addresses(found[family])
            ]
            with open(f"{name}.{value}.txt", "w") as file:
                file.writelines(lines)


make(
    "geolite2-country", "GeoLite2-Country", geolite_country, 1, [(country, "DE"), (country, "AT")],
    ipv4_compatible=True)
make(
    "geolite2-asn", "GeoLite2-ASN", geolite_asn, 2, [(system, "64500")], ipv4_compatible=True,
    int_type="u32")
make(
    "ipinfo-lite", "ipinfo generic_bundle_lite.mmdb", ipinfo_lite, 3,
    [(country, "DE"), (system, "64501")], ipv4_compatible=True)
make(
    "ipinfo-country", "ipinfo country.mmdb", ipinfo_country, 4, [(country, "CH")],
    ipv4_compatible=True)
make("dbip-country-ipv4", "DBIP-Country-Lite", geolite_country, 5, [(country, "FR")], version=4)
