# shellcheck shell=bash
# If the daemon is killed in the middle of its work, a login takes a bit longer, and nothing else
# happens: systemd holds the socket, and the module asks again.

killed_again_and_again() {
  local stream restarts
  many_logins let_in key alice "$office4" &
  stream=$!
  many_logins refused key alice "$outside6" &
  for _ in {1..5}; do
    sleep 0.7
    in_machine systemctl kill --signal=KILL "$service"
  done
  wait "$stream" || fail "$(cat "$GATEHOUSE_WORK/let_in")"
  wait $! || fail "$(cat "$GATEHOUSE_WORK/refused")"
  restarts=$(in_machine systemctl show --property=NRestarts --value "$service")
  ((restarts >= 5)) || fail "the daemon was restarted $restarts times, not 5"
}

check "killed while people log in" killed_again_and_again
in_machine systemctl kill --signal=KILL "$service"
check "started again by the next login" lets_in password alice "$office6"
