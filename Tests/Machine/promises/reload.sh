# shellcheck shell=bash
# After a reload the new policy is in effect, and logins notice nothing except the new answers.

bob_loses_the_vpn() {
  sed -i 's/also_from: \[vpn\]/also_from: [office]/' "$machine/etc/gatehouse/policy.yaml"
  load_policy
  refuses key bob "$vpn4" not_listed "$bobs_list"
}

# Both streams of logins run while the policy is read again and again.
stream_goes_on() {
  local stream
  many_logins let_in key alice "$office4" &
  stream=$!
  many_logins refused key alice "$outside6" &
  for _ in {1..30}; do load_policy; done
  wait "$stream" || fail "$(cat "$GATEHOUSE_WORK/let_in")"
  wait $! || fail "$(cat "$GATEHOUSE_WORK/refused")"
}

check "before: bob may come by vpn" lets_in key bob "$vpn4"
check "after: he may not" bob_loses_the_vpn
check "thirty reloads under a stream of logins" stream_goes_on
