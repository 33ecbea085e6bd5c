# shellcheck shell=bash
# What was decided is found again: as a line of `gatehouse log`, and by its id with all that is known
# of it, also after the policy has changed. What a user writes into the journal is not believed.

# log STATUS ARGUMENT...
log() { gatehouse "$1" log "${@:2}"; }

lines_are_there() {
  lets_in key alice "$office4"
  refuses key alice "$outside6" not_listed
  log 0 --user alice --since 1h
  [[ $said =~ allow\ +alice\ +$office4 && $said =~ deny\ +alice\ +$outside6 ]] ||
    fail "both logins should be there" "$said"
  log 0 --decision deny --from "$outside6" --json
  has '"reason":"not_listed"'
  log 1 --user nobody-of-that-name
}

# The last id that a user was given is in $said after a refusal.
story_is_told() {
  refuses key alice "$outside4" not_listed
  [[ $said =~ Quote\ ([a-z0-9]+) ]] || fail "no id" "$said"
  id=${BASH_REMATCH[1]}
  echo "$id" >"$GATEHOUSE_WORK/id"
  log 0 "${id^^}"
  has "deny  alice from $outside4 by sshd: not_listed"
  has "  from: [office]"
  has "by the same policy"
  has "To allow it, any one of these"
}

story_outlives_the_policy() {
  id=$(<"$GATEHOUSE_WORK/id")
  printf '%s\n' 'version: 1' 'everyone: {from: [anywhere]}' >"$machine/root/open.yaml"
  succeeds gatehouse apply /root/open.yaml --allow-lockout=unjudged >/dev/null
  log 0 "$id"
  has "  from: [office]"
  has "change 1"
  has "allow, listed"
  has "another policy"
  succeeds gatehouse rollback --allow-lockout=unjudged >/dev/null
}

first_times_are_marked() {
  lets_in key bob "$vpn4"
  lets_in key bob "$vpn4"
  log 0 --user bob --first
  (($(grep --count "$vpn4" <<<"$said") == 1)) || fail "one of the two was the first" "$said"
  has "$vpn4 first time"
}

follows() {
  succeeds systemd-run --quiet --unit=follower --property=StandardOutput=file:/run/followed \
    gatehouse log --follow --user bob --json
  lets_in key bob "$vpn6"
  eventually has_followed || fail "the login did not come" "$(in_machine cat /run/followed)"
  succeeds systemctl stop follower
}

has_followed() { in_machine grep --quiet "$vpn6" /run/followed; }

fits_the_terminal() {
  local columns
  for columns in 80 60; do
    said=$(in_machine script --quiet --return --command \
      "stty cols $columns; NO_COLOR=1 gatehouse log --user alice" /dev/null | tr -d '\r')
    has "$outside6"
    if grep --quiet -E ".{$((columns + 1))}" <<<"$said"; then
      fail "a line is longer than $columns" "$said"
    fi
  done
}

forged_entries_are_not_there() {
  forge_decision allow listed
  log 0
  has_not mallory
  log 1 mmmmmmmmmm
}

check "each decision is a line of the log" lines_are_there
check "a decision is told by the id that the user was given" story_is_told
check "also after the policy has changed, with the rule as it stood" story_outlives_the_policy
check "who came from somewhere for the first time is marked" first_times_are_marked
check "the log goes on as logins come" follows
check "its lines fit a terminal of 80 and of 60 columns" fits_the_terminal
check "entries that a user wrote are not in it" forged_entries_are_not_there
