# shellcheck shell=bash
# The whole life of the packages: installed, on trial, strict, upgraded, turned off, on again,
# removed, purged. Meanwhile somebody logs in again and again from an allowed address, and every
# login succeeds.

# own_policy: the policy in the folder is the one that `enforce` put there, and dpkg does not know the
# file.
own_policy() {
  cmp "$GATEHOUSE_ROOT/Tests/Machine/policy.yaml" "$machine/etc/gatehouse/policy.yaml"
  ! in_machine dpkg-query --search /etc/gatehouse/policy.yaml 2>/dev/null ||
    fail "it belongs to a package"
}

nothing_refused_yet() {
  asks nothing
  lets_in key alice "$outside4"
  local said
  said=$(in_machine gatehouse status || true)
  [[ $said == "no login asks  "* ]] || fail "status says" "$said"
  cmp "$machine"/usr/share/gatehouse/policy.yaml "$machine/etc/gatehouse/policy.yaml"
  grep -q '^mode: monitor' "$machine/etc/gatehouse/policy.yaml"
}

sandboxed() {
  # The machine has no man(1) to look for manuals.
  succeeds systemd-analyze verify --man=no "$service" "$socket" gatehouse-notify.{service,path}
  # 16 is an exposure level of 1.6.
  succeeds systemd-analyze security --threshold=16 --no-pager "$service"
}

trial_lets_in() {
  profile_on trial
  asks onerr=succeed
  lets_in key alice "$outside4"
}

enforced() {
  enforce
  refuses key alice "$outside4" not_listed "$everyones_list"
  lets_in key alice "$office6"
}

# While the policy does not enforce, strict would only refuse users who get no answer.
strict_too_early() {
  local said
  if said=$(in_machine gatehouse pam enable --strict 2>&1); then fail "it was turned on" "$said"; fi
  [[ $said == "refused  gatehouse-strict is not on; trial stays on"* ]] || fail "it says" "$said"
  asks onerr=succeed
}

made_strict() {
  profile_on strict
  asks onerr=fail
  refuses key alice "$outside4" not_listed "$everyones_list"
}

# not_under_a_session: a session is open that the policy would refuse now. It was opened before
# logins asked.
not_under_a_session() {
  local said
  succeeds gatehouse pam disable
  stay_logged_in bob "$outside4"
  if said=$(in_machine gatehouse pam enable --strict 2>&1); then fail "it was turned on" "$said"; fi
  [[ $said == *"bob from $outside4: deny, not_listed"* ]] || fail "it says" "$said"
  # The policy enforces and no login asks: its exit status is 1.
  said=$(in_machine gatehouse status || true)
  [[ $said == *"Open sessions that the policy would refuse"*"bob from $outside4"* ]] ||
    fail "status says" "$said"
  asks nothing
  log_out
  profile_on trial
}

# status_names PROFILE: status names that profile, and says that it fits the mode.
status_names() {
  local said
  said=$(in_machine gatehouse status)
  [[ $said == *$'\nLogins\n'*"$1  logins ask; "*"enforce, which fits"* ]] || fail "it says" "$said"
}

# During a stream of logins from an allowed address, and another one from a denied address.
killed() {
  local denied
  many_logins refused key alice "$outside6" &
  denied=$!
  for _ in {1..5}; do
    sleep 0.7
    in_machine systemctl kill --signal=KILL "$service"
  done
  wait "$denied" || fail "$(cat "$GATEHOUSE_WORK/refused")"
}

# Meanwhile denied logins are tried without a pause: none gets in.
upgraded() {
  local socket_since service_since denied
  socket_since=$(started_at "$socket") service_since=$(started_at "$service")
  many_logins refused key alice "$outside6" &
  denied=$!
  install_version 9.1
  wait "$denied" || fail "$(cat "$GATEHOUSE_WORK/refused")"
  [[ $(started_at "$service") != "$service_since" ]] || fail "the old daemon still runs"
  [[ $(started_at "$socket") == "$socket_since" ]] || fail "the socket was restarted"
  asks onerr=fail
  refuses key alice "$outside4" not_listed "$everyones_list"
  own_policy
}

# What the guard has refused is not in force after an upgrade that nobody attends, either.
refused_stays() {
  install -D -m 600 "$keys/id.pub" "$machine/root/.ssh/authorized_keys"
  lets_in key root "$office4"
  sed -i 's/^  from: \[office\]/  from: [vpn]/' "$machine/etc/gatehouse/policy.yaml"
  if in_machine systemctl reload "$service"; then fail "a policy without root's place was loaded"; fi
  install_version 9.1 --reinstall
  lets_in key root "$office4"
  if in_machine gatehouse status; then fail "status finds nothing"; fi
  cp "$GATEHOUSE_ROOT/Tests/Machine/policy.yaml" "$machine/etc/gatehouse/policy.yaml"
  succeeds systemctl reload "$service"
}

turned_off() {
  succeeds gatehouse pam disable
  asks nothing
  lets_in key alice "$outside4"
}

# With the strict profile on.
removed() {
  profile_on strict
  asks onerr=fail
  apt remove gatehouse libpam-gatehouse
  asks nothing
  lets_in key alice "$outside4"
  lets_in password bob "$outside6"
  own_policy
}

# A policy that was there before the packages is left as it is.
installed_over_a_policy() {
  install -D -m 644 "$GATEHOUSE_ROOT/Tests/Machine/policy.yaml" "$machine/etc/gatehouse/policy.yaml"
  install_version 9.1
  own_policy
  apt purge gatehouse libpam-gatehouse
}

purged() {
  local left
  apt purge gatehouse libpam-gatehouse
  left=$(in_machine find / /run -xdev -name '*gatehouse*' -not -path '/packages/*')
  [[ -z $left ]] || fail "left behind:" "$left"
  ! grep gatehouse "$machine"/etc/{passwd,group,shadow} || fail "its user is left behind"
  ! in_machine systemctl list-units --all --no-legend 'gatehouse*' | grep . ||
    fail "systemd still knows its units"
}

begin_stream
check "installed" install_version "$built"
check "nothing is refused, and the daemon answers" nothing_refused_yet
check "the units are valid and sandboxed" sandboxed
check "on trial with the first policy, everybody gets in" trial_lets_in
check "not made strict while the policy does not enforce" strict_too_early
check "a policy that enforces" enforced
check "not turned on under a session that would be refused" not_under_a_session
check "made strict" made_strict
check "status names the profile, and whether it fits" status_names strict
check "killed again and again" killed
check "upgraded, with the socket kept" upgraded
check "a policy that was refused stays so over an upgrade" refused_stays
check "turned off" turned_off
check "removed with the strict profile on" removed
check "purged: nothing is left" purged
check "a policy that was there before stays as it is" installed_over_a_policy
check "none of the logins meanwhile failed" end_stream
