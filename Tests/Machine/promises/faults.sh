# shellcheck shell=bash
# What a login gets while something of the machine is wrong, and that it heals by itself or by what an
# administrator would do. Tests/FAULTS.md has the other faults.

# judged WHAT: the policy decides, whatever is wrong, by key and with a denial that is one.
judged() {
  lets_in key alice "$office4"
  if login key alice "$outside4"; then fail "$1: alice was let in from outside" "$said"; fi
  [[ $said == *"Refused from $outside4."* ]] || fail "$1: it was not the policy that refused" "$said"
}

# eventually_lets_in: the daemon serves again.
eventually_lets_in() { eventually login key alice "$office4" || fail "alice is not let in" "$said"; }

masked() {
  # A unit in /etc would be in the way of the mask, and one in /usr is not.
  in_machine systemctl --quiet mask --now "$socket" "$service"
  refuses_unasked key alice "$office4"
  succeeds su alice -c true
  ask_gatehouse "$machine" onerr=succeed
  lets_in key alice "$office4"
  ask_gatehouse "$machine"
  in_machine systemctl --quiet unmask "$socket" "$service"
  succeeds systemctl start "$socket"
  eventually_lets_in
}

cannot_start() {
  mkdir -p "$machine/etc/systemd/system/$service.d"
  printf '[Service]\nExecStart=\nExecStart=/bin/false\n' >"$machine/etc/systemd/system/$service.d/broken.conf"
  in_machine systemctl daemon-reload
  in_machine systemctl restart "$service" || true
  refuses_unasked key alice "$office4"
  refuses_unasked password alice "$office4"
  succeeds su alice -c true
  rm "$machine/etc/systemd/system/$service.d/broken.conf"
  in_machine systemctl daemon-reload
  # systemd has not given up.
  eventually_lets_in
}

read_only_var() {
  succeeds mount --bind /var /var
  succeeds mount -o remount,bind,ro /var
  in_machine systemctl restart "$service" || fail "it does not start"
  judged "read-only /var"
  succeeds umount --lazy /var
  succeeds systemctl restart "$service"
}

without_logind() {
  in_machine systemctl --quiet mask --now systemd-logind.service
  judged "no logind"
  succeeds systemctl restart "$service"
  judged "no logind at the start"
  in_machine systemctl --quiet unmask systemd-logind.service
  succeeds systemctl start systemd-logind.service
  judged "logind is back"
}

run_hidden() {
  succeeds mount -t tmpfs -o mode=755 tmpfs /run/gatehouse
  refuses_unasked key alice "$office4"
  succeeds su alice -c true
  # What an administrator would do.
  succeeds systemctl restart "$socket"
  judged "the socket was made anew"
  succeeds umount --lazy /run/gatehouse
  succeeds systemctl restart "$socket"
  judged "the old /run is back"
}

clock_jumps() {
  local days
  let_clock_jump
  for days in -365 1 0; do
    jump $((days * 86400))
    judged "the clock is $days days off"
    succeeds systemctl restart "$service"
    judged "the clock is $days days off at the start"
  done
}

check "stopped and masked: refused, until it is back" masked
check "it cannot start: refused, until it can" cannot_start
check "a read-only /var" read_only_var
check "logind away, and back" without_logind
check "another /run over the socket: refused, until the socket is made anew" run_hidden
check "the clock a year back, and a day ahead" clock_jumps
