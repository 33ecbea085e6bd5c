# shellcheck shell=bash
# A policy on trial: somebody who locks themselves out by it gets in again when its time is up,
# whatever happens to the daemon, the machine or its clock meanwhile. It only stays if somebody has
# logged in under it.

echo 'alice ALL=(ALL) NOPASSWD: ALL' >"$machine/etc/sudoers.d/alice"

# make_candidate FILE NETWORK: writes the machine's policy with that network for everyone.
make_candidate() {
  sed "s/^  from: \[office\]/  from: [$2]/" "$GATEHOUSE_ROOT/Tests/Machine/policy.yaml" \
    >"$machine/root/$1"
}

# apply FILE LENGTH [OPTION...]: alice applies it on trial; her connection ends after that.
apply() {
  login key alice "$office4" "sudo gatehouse apply /root/$1 --confirm-within $2 ${*:3}"
}

# locked_out LENGTH: alice puts the accident on trial, and her network is refused after that.
locked_out() {
  apply accident.yaml "$1" --allow-lockout=alice || fail "it was not applied" "$said"
  [[ $said == *"Unless that is done,"* ]] || fail "it does not say what happens then" "$said"
  refuses key alice "$office4" not_listed "$everyones_list"
  lets_in key alice "$vpn4"
}

is_on_trial() { [[ $(in_machine gatehouse status || true) == "on trial "* ]]; }
is_over() { ! is_on_trial; }

# let_in_after STEP TEXT: the trial ends, the journal says so, and alice is let in again.
let_in_after() {
  eventually is_over || fail "it is still on trial"
  journal_holds "$2" GATEHOUSE_TRIAL="$1" _SYSTEMD_UNIT="$service"
  lets_in key alice "$office4"
  cmp "$GATEHOUSE_ROOT/Tests/Machine/policy.yaml" "$machine/etc/gatehouse/policy.yaml"
}

guarded() {
  if apply accident.yaml 10m; then fail "it was applied" "$said"; fi
  [[ $said == *"--allow-lockout=alice"* ]] || fail "it does not say how" "$said"
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

jumping_clock() {
  local days now
  let_clock_jump
  locked_out 15s
  for days in 1 -1; do
    jump $((days * 86400))
    now=$(in_machine gatehouse status --json || true)
    now=${now#*\"time\":\"}
    [[ ${now%%T*} == "$(date --utc --date="$days day" +%F)" ]] || fail "the clock has not jumped: $now"
    refuses key alice "$office4" not_listed "$everyones_list"
  done
  jump 0
  let_in_after time_up 'nobody confirmed it in time'
}

# refused_confirm WHY: $said has the refusal, and why.
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
  refused_confirm "this is not a login session"
  in_machine gatehouse rollback || fail "rollback did not end it"
  if login key alice "$office4" \
    'sudo gatehouse apply /root/candidate.yaml --confirm-within 1h && sudo gatehouse confirm'; then
    fail "it was confirmed by who applied it" "$said"
  fi
  refused_confirm "was open before the candidate began to serve"
  cmp "$GATEHOUSE_ROOT/Tests/Machine/policy.yaml" "$machine/etc/gatehouse/policy.yaml"
}

# stands FILE: it is the policy now, and the history has an entry.
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
check "a policy that locks out the caller is refused unless they are named" guarded
check "locked out until the time is up" time_up
check "the same if the daemon is killed meanwhile" killed
check "the same if the clock jumps a day ahead and back" jumping_clock
check "locked out for an hour" locked_out 1h
reboot_machine
check "but not after the machine was booted" let_in_after rebooted 'the machine has been booted'
check "meanwhile nothing else changes the policy" nothing_else_meanwhile
check "only a new session confirms it" who_may_not_confirm
check "a session that is newer than the trial confirms it" confirmed_from_new_session
check "so does the console" confirmed_on_console
