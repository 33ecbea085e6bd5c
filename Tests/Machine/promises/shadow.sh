# shellcheck shell=bash
# The daemon also decides by a candidate: it refuses nobody, and says whom it would have refused.
# Monitor mode does the same for the policy itself.

candidate=/root/candidate.yaml
shadow_message=d8e15c8158304950972acff59b8908da

# run STATUS ARGUMENT...: runs gatehouse, which ends with that status; leaves its output in $said.
run() {
  local status=0 wanted=$1
  shift
  said=$(in_machine gatehouse "$@" 2>&1) || status=$?
  ((status == wanted)) || fail "gatehouse $*: status $status, not $wanted" "$said"
}

# tells TEXT: the text is in $said.
tells() { grep --quiet --fixed-strings -- "$1" <<<"$said" || fail "it does not say: $1" "$said"; }

# shown TEXT: `gatehouse shadow` says it after a while; a login is judged after it was answered.
shown() { eventually shows_now "$1" || fail "gatehouse shadow does not say: $1" "$said"; }
shows_now() {
  said=$(in_machine gatehouse shadow 2>&1) || true
  grep --quiet --fixed-strings -- "$1" <<<"$said"
}

nothing_is_watched() {
  run 1 shadow
  tells NONE
  run 1 shadow stop
}

says_who_would_be_refused() {
  printf '%s\n' 'version: 1' 'everyone: {from: ["2001:db8:1::/48"]}' \
    'users: {bob: {also_from: [192.0.2.0/24]}}' >"$machine$candidate"
  run 0 shadow start "$candidate"
  tells started
  lets_in key alice "$office4"
  lets_in password alice "$office4"
  lets_in key alice "$office6"
  refuses key bob "$outside4" not_listed "$bobs_list"
  shown "1 user loses access, 1 user gains access: 3 of 4 logins"
  [[ $said =~ alice\ +"$office4"\ +sshd\ +"2 logins"\ +last\ .*not_listed\ +candidate.yaml:2 ]] ||
    fail "alice's logins are not there" "$said"
  journal_holds "would refuse alice from $office4" MESSAGE_ID="$shadow_message" \
    _SYSTEMD_UNIT="$service" GATEHOUSE_CHANGE=loses
  journal_holds "would let in bob from $outside4" MESSAGE_ID="$shadow_message" \
    _SYSTEMD_UNIT="$service" GATEHOUSE_CHANGE=gains
  run 1 shadow start "$candidate"
  tells "another candidate has been running since"
}

goes_on_after_a_restart() {
  in_machine systemctl restart "$service"
  lets_in key alice "$office4"
  shown "1 user loses access, 1 user gains access: 4 of 5 logins"
  run 0 status
  tells "4 of 5 logins decided differently since"
}

ends() {
  run 0 shadow stop
  tells "4 of 5 logins"
  in_machine systemctl restart "$service"
  run 1 shadow
  tells NONE
}

monitor_mode_likewise() {
  sed -i '2a mode: monitor' "$machine/etc/gatehouse/policy.yaml"
  load_policy
  run 1 status
  tells "none would have been denied since"
  lets_in key alice "$office4"
  lets_in key alice "$outside4"
  shown "1 user would lose access: 1 of 2 logins"
  in_machine systemctl restart "$service"
  run 1 status
  tells "1 of 2 logins would have been denied since"
}

# What was counted does not begin anew with each correction of the policy.
corrected() {
  printf '%s\n' 'version: 1' 'users: {carol: {also_from: [vpn]}}' \
    >"$machine/etc/gatehouse/policy.d/carol.yaml"
  load_policy
  shown "1 user would lose access: 1 of 2 logins"
  printf '%s\n' 'version: 1' "users: {alice: {also_from: [$outside4]}}" \
    >"$machine/etc/gatehouse/policy.d/alice.yaml"
  load_policy
  eventually nobody_would_be_denied || fail "alice is still counted" "$said"
}
nobody_would_be_denied() {
  said=$(in_machine gatehouse status 2>&1) || true
  grep --quiet 'none would have been denied since' <<<"$said"
}

check "before, nothing is watched" nothing_is_watched
check "who would be refused, and who would be let in" says_who_would_be_refused
check "it continues after a restart of the daemon" goes_on_after_a_restart
check "it ends when it is stopped" ends
check "monitor mode says what it would deny, and since when" monitor_mode_likewise
check "and judges that again by each correction of the policy" corrected
