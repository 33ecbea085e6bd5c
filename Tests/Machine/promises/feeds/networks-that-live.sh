# shellcheck shell=bash
# Networks that are got from elsewhere, by a DNS server and an https server of the machine's own: what is
# new is let in at the next refresh, what is old is refused after the overlap, and after every bad answer
# the last good content serves on.

# say_address ADDRESS: the address of alice.dyn.test from now on.
say_address() { names_answer "address=/alice.dyn.test/$1"; }

declare_networks() {
  networks_are 'networks:' '  home: {name: alice.dyn.test, overlap: 1s}' \
    "  list: {url: \"$feeds_url/list.txt\"}" 'users:' "$1"
}

nothing_runs_at_first() {
  eventually timer_rests || fail "the timer runs, and the policy has no source"
  succeeds systemctl --quiet is-active gatehouse-feeds.path
  [[ ! -e $machine/var/lib/gatehouse-networks/.plan ]] || fail "something is to be got"
}

it_begins_with_the_policy() {
  serve 203.0.113.0/24 198.51.100.0/24
  declare_networks '  alice: {only_from: [home]}'
  eventually timer_runs || fail "the timer was not started"
  eventually has_content home || fail "nothing was got" "$(in_machine gatehouse feeds 2>&1)"
  gatehouse 0 feeds refresh
  lets_in key alice "$office4"
  refuses key alice "$outside4" confined
}
has_content() { [[ -s $machine/var/lib/gatehouse-networks/$1 ]]; }

a_new_address_is_let_in() {
  say_address "$outside4"
  gatehouse 0 feeds refresh home
  lets_in key alice "$outside4"
}

the_old_one_is_refused() {
  sleep 1
  gatehouse 0 feeds refresh home
  lets_in key alice "$outside4"
  refuses key alice "$office4" confined
}

the_history_has_it() {
  in_machine gatehouse history | grep --quiet 'feeds' || fail "no entry" "$(in_machine gatehouse history)"
}

# still_serves WHY: alice gets in from the list, and `feeds` says why nothing new was got.
still_serves() {
  gatehouse 1 feeds refresh list
  [[ $said == *"$1"* ]] || fail "it does not say: $1" "$said"
  lets_in key alice "$office4"
}

bad_answers_change_nothing() {
  declare_networks '  alice: {only_from: [list]}'
  gatehouse 0 feeds refresh list
  lets_in key alice "$office4"
  refuses key alice "$outside4" confined
  answer empty && still_serves "is empty"
  answer page && still_serves "is an HTML page"
  answer cut && still_serves "was cut short"
  answer missing && still_serves "answers with status 404"
  answer to-http && still_serves "does not begin with https://"
  answer to-file && still_serves "does not begin with https://"
  answer silent && still_serves "Less than 1000 bytes/sec"
  succeeds systemctl stop feeds-server.service
  still_serves "Failed to connect to feeds.test port 8443"
  start_server
  eventually listens 8443
  answer well
  refuses key alice "$outside4" confined
  gatehouse 0 feeds refresh list
}

what_shrank_is_refused() {
  serve "$outside4/32"
  gatehouse 1 feeds refresh list
  [[ $said == *"shrink_limit"* ]] || fail "it does not say so" "$said"
  lets_in key alice "$office4"
  gatehouse 1 status
  [[ $said == *"feeds accept list"* ]] || fail "status does not say so" "$said"
  gatehouse 0 feeds accept list
  lets_in key alice "$outside4"
  refuses key alice "$office4" confined
}

a_test_of_the_policy_refuses() {
  printf '%s\n' 'version: 1' 'tests:' "  - {user: alice, from: $outside4, expect: allow}" \
    >"$machine/etc/gatehouse/policy.d/tests.yaml"
  load_policy
  serve 203.0.113.0/24
  gatehouse 1 feeds refresh list
  [[ $said == *refused* ]] || fail "it is not refused" "$said"
  lets_in key alice "$outside4"
  rm "$machine/etc/gatehouse/policy.d/tests.yaml"
  load_policy
  gatehouse 0 feeds accept list
  lets_in key alice "$office4"
}

a_killed_fetcher_changes_nothing() {
  answer silent
  in_machine gatehouse feeds refresh list >/dev/null 2>&1 &
  local refresh=$!
  eventually in_machine pgrep --exact gatehouse-fetch || fail "nothing is got"
  in_machine pkill --signal KILL --exact gatehouse-fetch
  wait "$refresh" || true
  answer well
  lets_in key alice "$office4"
  gatehouse 0 feeds refresh list
}

it_ends_with_the_policy() {
  rm "$machine/etc/gatehouse/policy.d/feeds.yaml"
  load_policy
  eventually timer_rests || fail "the timer still runs"
}

open_feed_servers
say_address "$office4"

check "nothing runs if the policy has no source" nothing_runs_at_first
check "what the policy names is got by itself, and let in" it_begins_with_the_policy
check "an address that changed is let in at the next refresh" a_new_address_is_let_in
check "the old one is refused after the overlap" the_old_one_is_refused
check "the history has it" the_history_has_it
check "after every bad answer the last good content serves on" bad_answers_change_nothing
check "what shrank too much is refused, and accepted if somebody says so" what_shrank_is_refused
check "what a test of the policy forbids is refused" a_test_of_the_policy_refuses
check "a killed fetcher changes nothing" a_killed_fetcher_changes_nothing
check "it ends when the policy has no source any more" it_ends_with_the_policy
