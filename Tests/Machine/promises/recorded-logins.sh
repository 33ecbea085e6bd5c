# shellcheck shell=bash
# Past logins from the journal, before and after Gatehouse was installed: they are decided again by
# another policy, and a first policy is learned from them. Entries that a user writes do not count.

new=/root/new.yaml

# write_policy LINE...: writes these lines as the new policy.
write_policy() { printf '%s\n' 'version: 1' "$@" >"$machine$new"; }

# replay STATUS: runs gatehouse replay, which ends with that status; leaves its output in $said.
replay() {
  local status=0
  said=$(in_machine gatehouse replay --policy "$new" 2>&1) || status=$?
  ((status == $1)) || fail "status $status, not $1" "$said"
}

# tells TEXT: the text is in $said.
tells() { grep --quiet --fixed-strings -- "$1" <<<"$said" || fail "it does not say: $1" "$said"; }

sshd_alone_recorded_them() {
  lets_in key alice "$office4"
  lets_in key bob "$vpn6"
  write_policy 'everyone: {from: ["2001:db8:2::/48"]}'
  replay 1
  tells "1 user loses access: 1 of 2 logins"
  tells "2 known only from sshd's log"
  [[ $said =~ alice\ +$office4\ +sshd\ +"1 login" ]] || fail "alice's login is not there" "$said"
}

decisions_count_once() {
  lets_in key alice "$office4"
  lets_in password bob "$vpn4"
  refuses key alice "$outside6" not_listed
  eventually grep_journal "denied alice" || fail "the denial is not in the journal"
  write_policy 'everyone: {from: ["2001:db8:2::/48", "2001:db8:bad::/48"]}'
  replay 1
  tells "2 users lose access, 1 user gains access: 4 of 5 logins"
  tells "2 known only from sshd's log"
}

# forge: alice writes everything that a user can write, by hand and by a user service that is also
# called gatehoused: the daemon's own entry with all its fields, and sshd's own line.
forge() {
  local line='Accepted password for mallory from 192.0.2.200 port 1 ssh2'
  local place=$machine/home/alice unit=.config/systemd/user/gatehoused.service
  printf '%s\n' "MESSAGE_ID=$decision_message" MESSAGE=allowed PRIORITY=6 \
    SYSLOG_IDENTIFIER=gatehoused _SYSTEMD_UNIT=gatehoused.service _UID=0 _EXE=/usr/sbin/sshd \
    GATEHOUSE_DECISION=allow GATEHOUSE_REASON=listed GATEHOUSE_WOULD_DENY=false \
    GATEHOUSE_USER=mallory GATEHOUSE_SERVICE=sshd GATEHOUSE_ORIGIN=192.0.2.200 \
    GATEHOUSE_ORIGIN_KIND=address GATEHOUSE_ID=aaaaaaaaaa >"$place/forged"
  mkdir -p "$place/${unit%/*}"
  printf '%s\n' '[Service]' Type=oneshot 'ExecStart=/usr/bin/logger --journald=%h/forged' \
    "ExecStart=/usr/bin/logger -t sshd '$line'" >"$place/$unit"
  login key alice "$office4" "logger --journald=forged && logger -t sshd -i '$line' &&
    systemctl --user start gatehoused.service" || fail "the forgery could not be written" "$said"
}

# holds_twice TEXT [JOURNALCTL-ARGUMENT...]: the journal has exactly two lines that begin with it.
holds_twice() { (($(in_machine journalctl --output=cat "${@:2}" | grep --count "^$1") == 2)); }

forged_entries_are_not_believed() {
  forge
  eventually holds_twice allowed GATEHOUSE_USER=mallory ||
    fail "the forged decisions are not in the journal"
  eventually holds_twice "Accepted password for mallory" || fail "nor are the forged lines"
  write_policy 'everyone: {from: ["2001:db8:2::/48"]}'
  replay 1
  if grep --quiet mallory <<<"$said"; then fail "a forged record is believed" "$said"; fi
  in_machine gatehouse learn >"$machine/root/learned.yaml"
  if grep --quiet mallory "$machine/root/learned.yaml"; then fail "and learned from"; fi
}

learned_policy_allows_them_all() {
  in_machine gatehouse learn >"$machine$new"
  grep --quiet 'mode: monitor' "$machine$new" || fail "not in monitor mode" "$(cat "$machine$new")"
  in_machine gatehouse check --policy "$new" || fail "it has errors" "$(cat "$machine$new")"
  sed -i 's/^mode: monitor/mode: enforce/' "$machine$new"
  said=$(in_machine gatehouse replay --policy "$new") || true
  if grep --quiet 'Lose access' <<<"$said"; then fail "it refuses what it has learned" "$said"; fi
  cp "$machine$new" "$machine/etc/gatehouse/policy.yaml"
  load_policy
  lets_in key alice "$office4"
  lets_in key bob "$vpn6"
  if login key alice "$outside4"; then fail "alice came from where nobody has come from"; fi
}

# As before the installation: no PAM line asks.
sed -i.asked /pam_gatehouse/d "$machine/etc/pam.d/common-account"
check "logins from before the installation" sshd_alone_recorded_them
mv "$machine/etc/pam.d/common-account.asked" "$machine/etc/pam.d/common-account"
check "logins since, each counted once" decisions_count_once
check "entries that a user wrote do not count" forged_entries_are_not_believed
check "the policy that is learned from them allows them all" learned_policy_allows_them_all
