# shellcheck shell=bash
# Bad answers of every kind, to hundreds of networks at once, while people log in: each network keeps its
# last good content, byte for byte, and says why it has no other.
# GATEHOUSE_SLOW=1: 1,000 of them.

networks=()
declare -A reasons sources
fetches=0

# kind NAME COUNT SOURCE REASON: COUNT networks, with that source, and what each says of the bad answer. In
# the source, % stands for the number of each.
kind() {
  local number
  reasons[$1]=$4
  for ((number = 1; number <= $2; number++)); do
    networks+=("$1_$number")
    sources[$1_$number]=${3//%/$number}
    fetches=$((fetches + 1))
  done
}

# by_url NAME REASON [KEY: VALUE]: three files of the https server, and what is said of them. The fault is the
# name.
by_url() { kind "$1" 3 "url: \"$feeds_url/$1/%\"${3:+, $3}" "$2"; }
by_public_url() { kind "$1" 3 "url: \"https://public.test:8443/$1/%\"" "$2"; }
by_name() { kind "$1" 3 "name: $1.test" "$2"; }
by_database() { kind "$1" 3 "$2: [$3], database: $served/$1.mmdb" "$4"; }

# --- The kinds ------------------------------------------------------------------------------------

# These take their time, and are got at the same time: eight together, in the order of their names.
make_kinds() {
  local slow="Operation too slow. Less than 1000 bytes/sec" key sha256
  key=$(in_machine python3 "$served/sign.py" "$served/own.key")
  sha256=$(sha256sum "$machine$served/list.txt")
  sha256=${sha256%% *}

  kind a-silent 3 "url: \"$feeds_url/silent/%\"" "$slow"
  kind a-slow 3 "url: \"$feeds_url/slow/%\"" "$slow"
  kind a-mute 2 "name: mute.test" "mute.test cannot be looked up"

  by_url empty "is empty"
  by_url comments "has no addresses"
  by_url page "is an HTML page, not a list of addresses"
  by_url gzip "is compressed with gzip"
  by_url picture "is not an IP address"
  by_url garbage "line 3, \`198.51.100.300\`"
  by_url is-json "is JSON; write \`format: json\`"
  by_url cut "was cut short"
  by_url cut-chunked "was cut short"
  by_url torn "cut short"
  by_url long "is longer than 64 MiB"
  by_url long-chunked "is longer than 64 MiB"
  by_url headers "more than 64 KiB of headers"
  by_url missing "answers with status 404"
  by_url unavailable "answers with status 503"
  by_url wide "is wider than a server may open"
  by_url loopback "loopback addresses are nowhere to log in from"

  by_url json-cut "at byte" "select: actions"
  by_url json-page "is an HTML page, not JSON" "select: actions"
  by_url json-other "there is no \`actions\` in the document" "select: actions"
  by_url json-number "is a number, not the text of an address" "select: actions"

  by_url sha256 "and \`sha256\` is another" "sha256: $sha256"
  by_url unsigned ".minisig answers with status 404" "public_key: $key"
  by_url forged "does not fit the file" "public_key: $key"
  by_url other-key "is by the key" "public_key: $key"

  by_url to-http "is not followed: it does not begin with https://"
  by_url to-file "is not followed: it does not begin with https://"
  by_url to-nowhere "does not say where to"
  by_url in-circles "sends on more than 5 times"
  by_public_url to-loopback "is at 127.0.0.1, and a server of the public network may not"
  by_public_url to-loopback6 "is at ::1, and a server of the public network may not"
  by_public_url to-link-local "is at 169.254.169.254, and a server of the public network may not"
  by_public_url to-inside "is at 10.1.2.3, and a server of the public network may not"

  kind expired 3 'url: "https://expired.test:8443/%"' "certificate has expired"
  kind another 3 'url: "https://another.test:8443/%"' "no alternative certificate subject name matches"
  kind stranger 3 'url: "https://stranger.test:8443/%"' "self-signed certificate"
  kind dead 3 'url: "https://feeds.test:8445/%"' "Failed to connect to feeds.test port 8445"
  kind gone 3 'url: "https://gone.test:8443/%"' "Could not resolve host: gone.test"

  by_name nobody "does not exist: the resolver knows no such name"
  by_name broken "broken.test cannot be looked up: Temporary failure in name resolution"
  by_name zero "has 0.0.0.0, and unspecified addresses are nowhere to log in from"
  by_name loop "has 127.0.0.9, and loopback addresses are nowhere to log in from"
  by_name without "has no address"

  by_database cut-database country DE "is damaged or no .mmdb"
  by_database text-database country DE "is damaged or no .mmdb"
  by_database no-database country DE "cannot be read: No such file or directory"
  by_database hidden-database country DE "cannot be read: Permission denied"
  by_database lying-database country DE "loopback addresses are nowhere to log in from"
  by_database no-country country AT "has no network of the country AT"
  by_database no-system asn 64500 "has no network of AS64500"
  by_database other-database asn 64500 "has no autonomous systems"

  by_url shrunk "it lost 95 % of its IPv4 addresses at once, and shrink_limit is 20 %"
  # One of each: root comes from there, and a test of the policy asks for it.
  kind shuts-out 1 "url: \"$feeds_url/elsewhere/shuts-out\"" "it would shut out root"
  kind tested 1 "url: \"$feeds_url/elsewhere/tested\"" "test"
}

all_is_well() {
  local name country="${well[0]},${well[1]},${well[2]}"
  answer well
  for name in {cut,text,no,hidden,lying}-database; do write_database "$name" country "DE=$country"; done
  write_database no-country country "AT=$country"
  write_database no-system asn "64500=$country"
  write_database other-database asn "64500=$country"
  names_answer address=/{mute,nobody,broken,zero,loop,without}.test/"$office4" address=/gone.test/127.0.0.1
  in_machine systemctl --quiet is-active feeds-second.service ||
    succeeds systemd-run --unit=feeds-second --quiet "$served/server.py" 8445
  eventually listens 8445
}

all_is_bad() {
  answer badly
  in_machine sh -c "cd $served && truncate --size=200 cut-database.mmdb && rm no-database.mmdb &&
    echo 192.0.2.0/24 >new && mv new text-database.mmdb && chmod 600 hidden-database.mmdb"
  write_database lying-database country DE=127.0.0.0/8,192.0.2.0/24
  write_database no-country country DE=192.0.2.0/24
  write_database no-system asn 64501=192.0.2.0/24
  write_database other-database country DE=192.0.2.0/24
  names_answer local=/{gone,nobody}.test/ server=/mute.test/127.0.0.1#5301 \
    server=/broken.test/127.0.0.1#5300 address=/zero.test/0.0.0.0 address=/loop.test/127.0.0.9 \
    txt-record=without.test,nothing local=/without.test/
  succeeds systemctl stop feeds-second.service
}

# --- What is looked at ----------------------------------------------------------------------------

everything_is_got() {
  local lines=(networks:) name lists
  for name in "${networks[@]}"; do lines+=("  $name: {${sources[$name]}}"); done
  all_is_well
  networks_are "${lines[@]}"
  gatehouse 0 feeds refresh
  lists=$(printf '%s, ' "${networks[@]}")
  networks_are "${lines[@]}" users: "  alice: {only_from: [${lists%, }]}" \
    '  root: {only_from: [shuts-out_1]}' '  bob: {only_from: [tested_1]}' \
    "tests: [{user: bob, from: $office4, expect: allow}]"
  lets_in key alice "$office4"
  lets_in key root "$office4"
  refuses key alice "$outside4" confined
  kept_contents >"$GATEHOUSE_WORK/good"
  (($(wc -l <"$GATEHOUSE_WORK/good") == ${#networks[@]})) || fail "not each has content"
}

# nothing_changed: every network has its last good content.
nothing_changed() {
  kept_contents | diff "$GATEHOUSE_WORK/good" - || fail "what serves is not the last good content"
}

# Logins, one after the other, until every network was asked.
refreshed() {
  local refresh logins=0 status=0
  in_machine gatehouse feeds refresh >"$GATEHOUSE_WORK/refresh" 2>&1 &
  refresh=$!
  while [[ -d /proc/$refresh ]]; do
    lets_in key alice "$office4"
    refuses key alice "$outside4" confined
    logins=$((logins + 2))
  done
  wait "$refresh" || status=$?
  ((status == $1)) || fail "status $status, not $1" "$(cat "$GATEHOUSE_WORK/refresh")"
  ((logins > 4)) || fail "only $logins logins meanwhile"
  nothing_changed
}

# shellcheck disable=SC2016 # it is Python
list_reasons='import json, sys
for row in json.load(sys.stdin)["feeds"]:
    print(row["network"], row.get("refused") or row.get("problem") or "nothing", sep="\t")'

each_says_why() {
  local name reason wrong=() count=0
  while IFS=$'\t' read -r name reason; do
    count=$((count + 1))
    [[ $reason == *"${reasons[${name%_*}]}"* ]] || wrong+=("$name: $reason")
  done < <(in_machine sh -c "gatehouse feeds --json | python3 -c '$list_reasons'")
  ((count == fetches)) || fail "$count of $fetches networks are listed"
  ((${#wrong[@]} == 0)) || fail "${#wrong[@]} say something else" "${wrong[@]}"
}

bad_round() {
  all_is_bad
  refreshed 1
  each_says_why
  nothing_left
  all_is_well
  refreshed 0
}

# nothing_left: no half of a file lies about.
nothing_left() {
  said=$(in_machine find /var/lib/gatehouse-networks /var/lib/gatehouse-feeds /var/lib/gatehouse-history \
    -name '*.new' -o -name .pending)
  [[ ! $said ]] || fail "something is left" "$said"
}

open_feed_servers
no_timer
install -D -m 600 "$keys/id.pub" "$machine/root/.ssh/authorized_keys"
make_kinds
rounds=1
if [[ ${GATEHOUSE_SLOW-} ]]; then rounds=$(((1000 + fetches - 1) / fetches)); fi

check "$fetches networks are got, of ${#reasons[@]} kinds" everything_is_got
for ((round = 1; round <= rounds; round++)); do
  check "bad answers $((fetches * (round - 1) + 1)) to $((fetches * round)): no login lost, nobody let in, the last good content serves" \
    bad_round
done
