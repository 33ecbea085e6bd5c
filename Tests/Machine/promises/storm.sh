# shellcheck shell=bash
# Fifty people log in at once, again and again, while the daemon is killed each second, or as soon as it
# has come back if that takes longer, and the policy changes ten times a second. Everybody whom both
# policies allow gets in, and nobody whom both deny.
# GATEHOUSE_SLOW=1: 5,000 logins of each kind.

at_once=50 rounds=3
if [[ ${GATEHOUSE_SLOW-} ]]; then rounds=100; fi

# What is shown here is that no question is lost, not how fast this machine is: with fifty logins and their
# clients on two processors, a daemon that starts may get its turn only after the usual two seconds.
ask_gatehouse "$machine" timeout=15000

# The two policies differ in bob's line alone.
sed 's/also_from: \[vpn\]/also_from: [office]/' "$machine/etc/gatehouse/policy.yaml" \
  >"$machine/root/other.yaml"
cp "$machine/etc/gatehouse/policy.yaml" "$machine/root/one.yaml"

# shellcheck disable=SC2016 # the machine's shell expands it
change_policy='while [ -e /run/storm ]; do
  for policy in one other; do
    cp "/root/$policy.yaml" /etc/gatehouse/new && mv /etc/gatehouse/new /etc/gatehouse/policy.yaml
    gatehouse reload --allow-lockout=unjudged >>/run/reloads 2>&1
    sleep 0.1
  done
done'
# shellcheck disable=SC2016
kill_daemon='while [ -e /run/storm ]; do
  sleep 1
  while [ -e /run/storm ] && ! systemctl --quiet is-active gatehoused.service; do sleep 0.1; done
  systemctl kill --signal=KILL gatehoused.service && echo >>/run/kills
done'

# one_by_one let_in|refused USER FROM: one of the fifty; it writes down each login that goes otherwise.
one_by_one() {
  local turn outcome
  for ((turn = 0; turn < rounds; turn++)); do
    outcome=refused
    if login key "$2" "$3"; then outcome=let_in; fi
    if [[ $outcome != "$1" ]]; then printf '%s from %s: %s: %s\n' "$2" "$3" "$outcome" "$said"; fi
    echo >>"$GATEHOUSE_WORK/logins"
  done >>"$GATEHOUSE_WORK/otherwise"
}

# in_storm let_in|refused USER FROM4 FROM6
in_storm() {
  local number people=() loops=() process
  rm -f "$GATEHOUSE_WORK"/{logins,otherwise}
  in_machine rm -f /run/kills /run/reloads
  in_machine touch /run/storm
  in_machine sh -c "$change_policy" &
  loops+=($!)
  in_machine sh -c "$kill_daemon" &
  loops+=($!)
  for ((number = 0; number < at_once; number++)); do
    if ((number % 2)); then one_by_one "$1" "$2" "$3" & else one_by_one "$1" "$2" "$4" & fi
    people+=($!)
  done
  for process in "${people[@]}"; do wait "$process"; done
  in_machine rm /run/storm
  for process in "${loops[@]}"; do wait "$process" || true; done
  [[ ! -s $GATEHOUSE_WORK/otherwise ]] ||
    fail "$(grep -c ' from .*: ' "$GATEHOUSE_WORK/otherwise") logins went otherwise" \
      "$(head -n 20 "$GATEHOUSE_WORK/otherwise")" \
      "$(in_machine journalctl --quiet --output=short-precise --grep='cannot be asked|has no policy')"
  (($(wc -l <"$GATEHOUSE_WORK/logins") == at_once * rounds)) || fail "logins are missing"
  (($(in_machine cat /run/kills | wc -l) > 1)) || fail "the daemon was not killed"
  in_machine grep --quiet 'generation' /run/reloads ||
    fail "no policy was loaded" "$(in_machine tail -n 5 /run/reloads)"
}

check "$((at_once * rounds)) logins from where all are allowed: each gets in" \
  in_storm let_in alice "$office4" "$office6"
check "$((at_once * rounds)) logins from where all are denied: nobody gets in" \
  in_storm refused alice "$outside4" "$outside6"
