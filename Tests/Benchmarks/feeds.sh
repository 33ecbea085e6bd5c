# shellcheck shell=bash
# Measures networks that are got from elsewhere: two countries and three systems of a database, and ten
# lists. Needs the functions and variables of run. Nothing is asked of the network: what servers would
# give is made here.

# What was got lies in the machine's own folder, under names that no policy has.
feed_contents=/var/lib/gatehouse-networks
feed_prefix=benchmark_$$
feed_names=(countries systems list{0..9})
had_feed_contents=
[[ ! -d $feed_contents ]] || had_feed_contents=1

# shellcheck disable=SC2317 # called by the trap
remove_feeds() {
  rm -f -- "$feed_contents/$feed_prefix"_*
  [[ $had_feed_contents ]] || rm -d -f -- "$feed_contents"
}

# feed_source NAME: prints the source of a network, as the first lines of its content have it.
feed_source() {
  case $1 in
    countries) echo "country DE,AT database $work/countries.mmdb" ;;
    systems) echo "asn 64500,64501,64502 database $work/countries.mmdb" ;;
    *) echo "url https://lists.example/$1 format text" ;;
  esac
}

# feed_request NAME: prints what gatehouse-fetch is asked for a network of a database.
feed_request() {
  case $1 in
    countries) printf 'country: DE\ncountry: AT\n' ;;
    systems) printf 'asn: 64500\nasn: 64501\nasn: 64502\n' ;;
  esac
  printf 'database: %s\n' "$work/countries.mmdb"
}

# feed_addresses NAME: prints the addresses of a network.
feed_addresses() {
  case $1 in
    countries | systems)
      # shellcheck disable=SC2154 # build_gatehouse
      feed_request "$1" | "$fetcher" | sed '1,/^$/d; /^end$/d'
      ;;
    *)
      # The lists lie side by side all over; the login that is measured is in the middle one.
      awk -v n="$listed_networks" -v list="${1#list}" 'BEGIN {
        for (i = 0; i < n; i++) {
          a = 16777216 * 16 + i * 25600 + list * 2560
          printf "%d.%d.%d.%d/%d\n", a / 16777216 % 256, a / 65536 % 256, a / 256 % 256, a % 256, 25 + i % 7
        }
        if (list == 4) print "203.0.113.0/24"
      }'
      ;;
  esac
}

# feed_content NAME: makes the addresses on standard input the content of a network.
feed_content() {
  local now
  now=$(date -u +%FT%TZ)
  printf 'gatehouse network, format 1\nsource: %s\ngot: %s\nchanged: %s\n\n' "$(feed_source "$1")" "$now" "$now"
  cat
}

make_feeds() {
  local name
  python3 -B "$here/many_networks.py" "$work/countries.mmdb" "$database_networks"
  mkdir -p "$feed_contents" "$work/offers"
  for name in "${feed_names[@]}"; do
    feed_addresses "$name" >"$work/$name.txt"
    feed_content "$name" <"$work/$name.txt" >"$feed_contents/${feed_prefix}_$name"
  done
  {
    printf 'version: 1\nnetworks:\n'
    printf '  %s_countries: {country: [DE, AT], database: %s}\n' "$feed_prefix" "$work/countries.mmdb"
    printf '  %s_systems: {asn: [64500, 64501, 64502], database: %s}\n' "$feed_prefix" "$work/countries.mmdb"
    for name in list{0..9}; do
      printf '  %s_%s: {url: "https://lists.example/%s"}\n' "$feed_prefix" "$name" "$name"
    done
    printf 'everyone: {from: [%s]}\n' "$(IFS=, && echo "${feed_names[*]/#/${feed_prefix}_}")"
  } | policy feeds
  # What the timer's service would take: the list with its first line and without, in turn.
  feed_content list0 <"$work/list0.txt" >"$work/after"
  sed 1d "$work/list0.txt" | feed_content list0 >"$work/next"
  cat >"$work/refresh" <<END
cp "$work/next" "$work/offers/${feed_prefix}_list0"
mv "$work/next" "$work/last" && mv "$work/after" "$work/next" && mv "$work/last" "$work/after"
exec nice -n 10 "$command_line" feeds take --folder "$work/feeds" --history "$work/feeds.history" \
  --offers "$work/offers" --socket "$work/feeds.sock" >"$work/took" 2>&1
END
}

refreshing() {
  local clients figures each name
  part "networks from elsewhere: 2 countries and 3 systems of $database_networks networks, 10 lists of $listed_networks"
  [[ $(grep -cE ' (DE|AT) ' "$work/countries.mmdb.txt") == "$(wc -l <"$work/countries.txt")" ]] ||
    die "the countries do not have the networks that the database gives them"
  for name in countries systems; do
    for ((each = 0; each < repeats; each++)); do
      feed_request "$name" >"$work/request"
      spent "$fetcher" <"$work/request"
    done >"$work/fetched-$name"
    row "the database: $name ($(wc -l <"$work/$name.txt") networks)" "$(median "$work/fetched-$name" 1) ms" "" "" \
      "$([[ $name == systems ]] || echo "<= 1000 ms")"
  done
  for clients in 1 4; do
    read -ra figures < <("$work/clients" run "$clients" "$reloads" 1000 "$work/feeds.sock" "sh $work/refresh")
    row "$clients clients: p99 during a refresh / at rest" "${figures[1]} us" "${figures[0]} us" "${figures[3]}" "<= 1.5"
    row "  longest during a refresh, failures" "${figures[2]} us" "${figures[4]}" "" "none failed"
    row "  from its offer until it serves" "${figures[5]} ms" "" "" ""
  done
}

# The lists, the countries and the systems are sets of their own: each has its networks.
feeds_memory() {
  local count name
  count=$(for name in "${feed_names[@]}"; do cat "$work/$name.txt"; done | wc -l)
  row "2 countries, 3 systems, 10 lists, after the load" "$(mebibytes "${loaded[feeds]}")" "" \
    "$(calculate "%.1f B" "(${loaded[feeds]} - ${loaded[one]}) * 1024 / $count")" ""
}
