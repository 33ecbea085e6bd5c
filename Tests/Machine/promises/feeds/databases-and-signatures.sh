# shellcheck shell=bash
# Networks of a country and of an autonomous system, by databases on the machine, and of a list that is
# signed: who comes from there is let in, who does not is refused, and so is what is not right.

set_up() {
  local key
  key=$(in_machine python3 "$served/sign.py" "$served/own.key")
  write_database land country "DE=203.0.113.0/24,2001:db8:1::/48 AT=198.51.100.0/24"
  write_database system asn "64500=203.0.113.0/24,2001:db8:1::/48 64501=198.51.100.0/24"
  networks_are networks: \
    "  land: {country: [DE], database: $served/land.mmdb, shrink_limit: 100}" \
    "  system: {asn: [64500], database: $served/system.mmdb, shrink_limit: 100}" \
    "  signed: {url: \"$feeds_url/unsigned/1\", public_key: $key, shrink_limit: 100}" \
    users: '  alice: {only_from: [land]}' '  bob: {only_from: [system]}' '  deploy: {only_from: [signed]}'
  gatehouse 0 feeds refresh
}

# judged NETWORK USER: the network is the office, and the user may come from there alone.
judged() {
  gatehouse 0 feeds show "$1"
  has "203.0.113.0/24"
  has_not "192.0.2.0/24"
  lets_in key "$2" "$office4"
  lets_in key "$2" "$office6"
  refuses key "$2" "$outside4" confined
  refuses key "$2" "$vpn4" confined
}

# moves NETWORK USER: the network is now the vpn.
moves() {
  gatehouse 0 feeds refresh "$1"
  lets_in key "$2" "$vpn4"
  refuses key "$2" "$office4" confined
}

country_moves() {
  write_database land country "DE=198.51.100.0/24 AT=203.0.113.0/24"
  moves land alice
}

system_moves() {
  write_database system asn "64500=198.51.100.0/24 64501=203.0.113.0/24"
  moves system bob
}

# bad_database WHY HOLDER=NETWORK,...: what served before serves on.
bad_database() {
  write_database land country "$2"
  gatehouse 1 feeds refresh land
  has "$1"
  lets_in key alice "$vpn4"
  refuses key alice "$office4" confined
}

bad_databases() {
  bad_database "has no network of the country DE" "AT=203.0.113.0/24"
  bad_database "has 127.0.0.0/8, and loopback addresses" "DE=203.0.113.0/24,127.0.0.0/8"
  in_machine rm "$served/land.mmdb"
  gatehouse 1 feeds refresh land
  has "No such file or directory"
  lets_in key alice "$vpn4"
  gatehouse 0 check
  has "there is no database $served/land.mmdb"
}

# signed_list NETWORK...: the list, with a signature of it.
signed_list() {
  serve "$@"
  in_machine sh -c "cd $served && python3 sign.py own.key list.txt >new && mv new list.minisig"
}

signature_moves() {
  signed_list 198.51.100.0/24
  moves signed deploy
}

# unsigned WORD WHY
unsigned() {
  answer "$1"
  gatehouse 1 feeds refresh signed
  has "$2"
  lets_in key deploy "$vpn4"
  refuses key deploy "$outside4" confined
}

bad_signatures() {
  # What is changed after it was signed, by whoever has the server, has the outside in it.
  unsigned unsigned "/unsigned/1.minisig answers with status 404"
  unsigned forged "does not fit the file: that was changed after it was signed"
  unsigned other-key "/unsigned/1.minisig is by the key"
  answer well
  gatehouse 0 feeds refresh signed
}

open_feed_servers
no_timer

check "each is got" set_up
check "a country is let in, and no other" judged land alice
check "an autonomous system is let in, and no other" judged system bob
check "what is signed is let in, and nothing else" judged signed deploy
check "where the database has the country now, it is let in" country_moves
check "where the database has the system now, it is let in" system_moves
check "after a database that is wrong or gone, what it had serves on" bad_databases
check "what is signed anew is let in" signature_moves
check "what is not signed, or by somebody else, changes nothing" bad_signatures
