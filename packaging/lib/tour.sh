#!/usr/bin/env bash
# The part of packaging/try that runs as process 1 of its own namespaces. It makes the small world
# and shows the tour in it. With `shell` it then gives the user a shell there.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail

# Process 1 only gets signals that it handles.
trap 'exit 130' INT
trap 'exit 143' TERM HUP

. "$GATEHOUSE_ROOT/packaging/lib/console.sh"
. "$GATEHOUSE_ROOT/packaging/lib/world.sh"

rows=()     # of the table
surprises=0 # logins that did not go as the tour says

main() {
  heading "Logging in by ssh, under packaging/examples/policy.yaml"
  make_world
  first_logins
  explain_a_refusal
  change_the_policy
  break_the_policy
  table
  if ((surprises)); then complain "$surprises logins had another result than the tour says"; fi
  if [[ $1 == shell ]]; then play; fi
  ((surprises == 0))
}

first_logins() {
  visit alice 203.0.113.9 "let in"
  visit alice 2001:db8:1::9 "let in"
  visit alice 192.0.2.33 refused
  visit alice 2001:db8:c::33 refused
  visit bob 198.51.100.7 "let in"
  visit bob 192.0.2.66 refused
  visit carol 203.0.113.9 refused
  visit carol 10.15.1.20 "let in"
  visit carol 2001:db8:2::20 "let in"
  visit dave 2001:db8:c::33 "let in"
}

explain_a_refusal() {
  heading "Why was carol refused?  gatehouse explain carol --from 203.0.113.9"
  gatehouse explain carol --from 203.0.113.9 || true
}

change_the_policy() {
  heading "A SIGHUP that changes an answer: alice works at a customer's"
  write_policy "users:" "  alice: {also_from: [192.0.2.33, '2001:db8:c::33']}"
  visit alice 192.0.2.33 "let in"
  visit alice 2001:db8:c::33 "let in"
}

break_the_policy() {
  heading "A SIGHUP that changes nothing: the policy is broken, so the daemon keeps the old one"
  write_policy "networks:" "  customer: [192.0.2.33/33]" "users:" "  alice: {also_form: [customer]}"
  visit alice 192.0.2.33 "let in"
}

# write_policy LINE...: writes the lines into a policy file of their own, shows it, and makes the
# daemon read it.
write_policy() {
  printf '%s\n' 'version: 1' "$@" >/etc/gatehouse/policy.d/alice.yaml
  sed "s/^/  ${dim}policy.d\/alice.yaml:${plain} /" /etc/gatehouse/policy.d/alice.yaml
  say
  reload | sed 's/^/  /'
  say
}

# visit USER ADDRESS EXPECTED: makes one login, prints a line about it, and adds a row to the table.
visit() {
  local outcome="let in" before entry said
  before=$(wc -l <"$daemon_log")
  said=$(login "$1" "$2" 2>&1) || outcome=refused
  entry=$(decision_after "$before")
  rows+=("$1" "$2" "$outcome" "$(field reason "$entry")" "$(field rule "$entry")"
    "$(field generation "$entry" | cut -d : -f 1)" "$(field id "$entry")")
  print_visit "$1" "$2" "$outcome"
  if [[ $outcome == refused ]]; then say "         $dim${said%%$'\n'*}$plain"; fi
  if [[ $outcome != "$3" ]]; then
    surprises=$((surprises + 1))
    complain "the tour expected: $3. ssh said: $said"
    show_end_of "$sshd_log"
    show_end_of "$daemon_log"
  fi
}

print_visit() {
  local colour=$green
  if [[ $3 == refused ]]; then colour=$red; fi
  printf '  %-6s from %-16s %s%s%s\n' "$1" "$2" "$colour" "$3" "$plain"
}

table() {
  local row='  %-6s %-16s %-8s %-11s %-22s %-11s %s\n'
  heading "What happened and why"
  # shellcheck disable=SC2059  # the format is the line above
  printf "$row" user from outcome reason rule generation id
  # shellcheck disable=SC2059
  printf "$row" "${rows[@]}"
}

play() {
  heading "You are root in the small world; leave it with Ctrl-D"
  cat <<END
  gatehouse check                       what is wrong with the policy (the tour left it broken)
  rm /etc/gatehouse/policy.d/alice.yaml ; reload
  login carol 203.0.113.9               by ssh; \`login\` alone lists users and addresses
  gatehouse explain bob --from 192.0.2.66
  gatehouse status
  tail $daemon_log

END
  bash --rcfile "$GATEHOUSE_ROOT/packaging/lib/shell.sh" -i || true
}

main "$@"
