# shellcheck shell=bash
# A policy that is tried: whoever locks themselves out by it gets in again when its time is up,
# whatever happens to the daemon, the machine or its clock meanwhile; and it stays only where
# somebody has logged in under it.

echo 'alice ALL=(ALL) NOPASSWD: ALL' >"$machine/etc/sudoers.d/alice"

# make_candidate FILE NETWORK: the machine's policy, but that everyone comes from that network.
make_candidate() {
  sed "s/^  from: \[office\]/  from: [$2]/" "$GATEHOUSE_ROOT/Tests/Machine/policy.yaml" \
    >"$machine/root/$1"
}

# apply FILE LENGTH [OPTION...]: alice does that, over a connection that ends with it.
apply() {
  login key alice "$office4" "sudo gatehouse apply /root/$1 --confirm-within $2 ${*:3}"
}

# locked_out LENGTH: alice has put the accident on trial, and her network is refused now.
locked_out() {
  apply accident.yaml "$1" --allow-lockout=alice || fail "it was not applied" "$said"
  [[ $said == *"Unless that is done,"* ]] || fail "it was not said what happens then" "$said"
  refuses key alice "$office4" not_listed "$everyones_list"
  lets_in key alice "$vpn4"
}

is_on_trial() { [[ $(in_machine gatehouse status || true) == "on trial "* ]]; }
is_over() { ! is_on_trial; }

# let_in_after STEP TEXT: once the trial is over, which the journal tells so, alice is let in again.
let_in_after() {
  eventually is_over || fail "it is on trial still"
  journal_holds "$2" GATEHOUSE_TRIAL="$1" _SYSTEMD_UNIT="$service"
  lets_in key alice "$office4"
  cmp "$GATEHOUSE_ROOT/Tests/Machine/policy.yaml" "$machine/etc/gatehouse/policy.yaml"
}

guarded() {
  if apply accident.yaml 10m; then fail "it was applied" "$said"; fi
  [[ $said == *"--allow-lockout=alice"* ]] || fail "it was not said how" "$said"
  lets_in key alice "$office4"
}

time_up() {
  locked_out 10s
  let_in_after time_up 'nobody confirmed it in time'
}

killed() {
  local tries
  locked_out 15s
  for tries in 1 2; do
    in_machine systemctl kill --signal=KILL "$service"
    is_on_trial || fail "not on trial after kill $tries"
  done
  refuses key alice "$office4" not_listed "$everyones_list"
  let_in_after time_up 'nobody confirmed it in time'
}

# jump SECONDS: the daemon's time of day, from now on, is so far off.
jump() { in_machine tee /run/clock-offset <<<"$1" >/dev/null; }

jumping_clock() {
  local days now
  gcc -shared -fPIC -Wall -Wextra -Werror -o "$machine/usr/lib/jumping_clock.so" \
    "$GATEHOUSE_ROOT/Tests/Machine/clock/jumping_clock.c"
  mkdir -p "$machine/etc/systemd/system/$service.d"
  printf '[Service]\nEnvironment=LD_PRELOAD=/usr/lib/jumping_clock.so\n' \
    >"$machine/etc/systemd/system/$service.d/clock.conf"
  in_machine systemctl daemon-reload
  in_machine systemctl restart "$service"
  locked_out 15s
  for days in 1 -1; do
    jump $((days * 86400))
    now=$(in_machine gatehouse status --json || true)
    now=${now#*\"now\":\"}
    [[ ${now%%T*} == "$(date --utc --date="$days day" +%F)" ]] || fail "the clock has not jumped: $now"
    refuses key alice "$office4" not_listed "$everyones_list"
  done
  jump 0
  let_in_after time_up 'nobody confirmed it in time'
}

# refused_confirm WHY: of what was said.
refused_confirm() { [[ $said == *"refused  "*"$1"* ]] || fail "it was not refused: $1" "$said"; }

nothing_else_meanwhile() {
  apply candidate.yaml 1h || fail "it was not applied" "$said"
  if in_machine systemctl reload "$service"; then fail "the daemon has read another policy"; fi
  journal_holds 'a candidate of alice from' _SYSTEMD_UNIT="$service"
  if login key alice "$office4" 'sudo gatehouse apply /root/accident.yaml'; then
    fail "another one was applied" "$said"
  fi
  [[ $said == *"a candidate of alice from $office4 is on trial since"* ]] || fail "why?" "$said"
}

who_may_not_confirm() {
  in_unit gatehouse confirm && fail "outside of a session it was confirmed"
  refused_confirm "this is no login session"
  in_machine gatehouse rollback || fail "rollback did not end it"
  if login key alice "$office4" \
    'sudo gatehouse apply /root/candidate.yaml --confirm-within 1h && sudo gatehouse confirm'; then
    fail "it was confirmed by who applied it" "$said"
  fi
  refused_confirm "was open before the candidate began to serve"
  cmp "$GATEHOUSE_ROOT/Tests/Machine/policy.yaml" "$machine/etc/gatehouse/policy.yaml"
}

# stands FILE: it is the policy now, with an entry in the history.
stands() {
  cmp "$machine/root/$1" "$machine/etc/gatehouse/policy.yaml"
  in_machine gatehouse history | grep --quiet ' confirm ' || fail "the history does not have it"
  in_machine gatehouse status | grep --quiet '^enforcing' || fail "it does not serve"
}

confirmed_from_new_session() {
  login key alice "$office4" 'sudo gatehouse confirm' || fail "it was not confirmed" "$said"
  stands candidate.yaml
  journal_holds 'is confirmed by alice' GATEHOUSE_TRIAL=confirmed _SYSTEMD_UNIT="$service"
  in_machine systemctl restart "$service"
  lets_in key alice "$vpn4"
}

confirmed_on_console() {
  make_candidate second.yaml office,outside
  sed -i "s/^networks:/&\n  outside: [$outside4]/" "$machine/root/second.yaml"
  apply second.yaml 1h || fail "it was not applied" "$said"
  on_console root gatehouse confirm || fail "it was not confirmed" "$said"
  stands second.yaml
  lets_in key alice "$outside4"
}

make_candidate accident.yaml vpn
make_candidate candidate.yaml office,vpn
check "what locks the caller out wants to be named" guarded
check "locked out until the time is up" time_up
check "also where the daemon is killed meanwhile" killed
check "also where the clock jumps a day ahead and back" jumping_clock
check "locked out for an hour" locked_out 1h
reboot_machine
check "but not after the machine was booted" let_in_after rebooted 'the machine has been booted'
check "meanwhile nothing else changes the policy" nothing_else_meanwhile
check "only a new session confirms it" who_may_not_confirm
check "a session of after the beginning does" confirmed_from_new_session
check "so does the console" confirmed_on_console
