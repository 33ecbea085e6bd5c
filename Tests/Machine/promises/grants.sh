# shellcheck shell=bash
# A refused user quotes the id, the administrator approves it, the user gets in, and is refused
# again when the grant ends. Nobody else gets in by it, and no blocked address.

make_administrators
cat >"$machine/etc/gatehouse/policy.d/block.yaml" <<END
version: 1
block: [$outside6]
END
load_policy

# denied_id METHOD USER FROM: the login is refused; leaves the id that the user read in $id.
denied_id() {
  if login "$@"; then fail "$2 from $3 was let in" "$said"; fi
  [[ $said =~ [Qq]uote\ ([a-z0-9]+) ]] || fail "$2 from $3 was told no id" "$said"
  id=${BASH_REMATCH[1]}
}

# approves FOR: approves the denial $id; leaves the grant's id in $grant.
approves() {
  gatehouse 0 approve "$id" --for "$1"
  [[ $said =~ ^granted\ \ ([a-z0-9]+), ]] || fail "no grant is named" "$said"
  grant=${BASH_REMATCH[1]}
}

# The journal has the login that $grant let in, with its fields.
journal_has_its_use() {
  # shellcheck disable=SC2034  # `says` looks at it
  entry=$(in_machine journalctl --output=export _SYSTEMD_UNIT="$service" \
    MESSAGE_ID="$decision_message" GATEHOUSE_GRANT="$grant")
  says GATEHOUSE_DECISION allow
  says GATEHOUSE_REASON granted
  says GATEHOUSE_USER bob
}

shown() {
  denied_id key bob "$outside4"
  gatehouse 0 approve "$id"
  [[ $said == *" bob"* && $said == *" $outside4"* && $said == *not_listed* ]] ||
    fail "it does not say what was denied" "$said"
  has "sshd did not say"
  refuses key bob "$outside4" not_listed "$bobs_list"
}

# sshd tells PAM of a key only if another factor came after it. Its own log always has the key.
logged_by_sshd() {
  echo 'LogLevel VERBOSE' >"$machine/etc/ssh/sshd_config.d/verbose.conf"
  in_machine systemctl restart ssh
  denied_id key bob "$outside4"
  journal_holds "$(fingerprint)" --unit=ssh
}

fingerprint() { ssh-keygen -lf "$keys/id.pub" | cut -d ' ' -f 2; }

shown_by_key() {
  echo 'AuthenticationMethods publickey,keyboard-interactive:pam' \
    >"$machine/etc/ssh/sshd_config.d/factors.conf"
  in_machine systemctl restart ssh
  denied_id key-and-keyboard bob "$outside4"
  gatehouse 0 approve "$id"
  has "publickey ssh-ed25519 $(fingerprint)"
}

approved_and_over() {
  denied_id key bob "$outside4"
  approves 8s
  lets_in key bob "$outside4"
  eventually journal_has_its_use || journal_has_its_use
  refuses key alice "$outside4" not_listed "$desks_list"
  journal_holds "grant $grant for bob from $outside4 (sshd) has ended" --identifier=gatehoused
  refuses key bob "$outside4" not_listed "$bobs_list"
}

given_and_revoked() {
  gatehouse 0 grant bob --from "$outside4" --for 1h --reason "on call"
  [[ $said =~ ^granted\ \ ([a-z0-9]+), ]] || fail "no grant is named" "$said"
  grant=${BASH_REMATCH[1]}
  lets_in password bob "$outside4"
  in_machine systemctl kill --signal=KILL "$service"
  lets_in key bob "$outside4"
  in_machine systemctl restart "$service"
  lets_in key bob "$outside4"
  gatehouse 0 revoke "$grant"
  refuses key bob "$outside4" not_listed "$bobs_list"
}

role_in_sudo() {
  cannot sudo alice "$office6" role_unavailable "$desks_list" login key alice "$office6" "$sudo_true"
  [[ $said =~ [Qq]uote\ ([a-z0-9]+) ]]
  id=${BASH_REMATCH[1]}
  approves 1h
  can login key alice "$office6" "$sudo_true"
  # The grant names the service and the role that were refused. It opens nothing else.
  refuses key alice "$outside4" not_listed "$desks_list"
  cannot sudo bob "$office6" role_unavailable - login key bob "$office6" "$sudo_true"
  gatehouse 0 revoke "$grant"
  cannot sudo alice "$office6" role_unavailable "$desks_list" login key alice "$office6" "$sudo_true"
}

no_grant_for_a_stranger() {
  cannot sudo bob "$office4" role_unavailable - login key bob "$office4" "$sudo_true"
  [[ $said =~ [Qq]uote\ ([a-z0-9]+) ]]
  gatehouse 1 approve "${BASH_REMATCH[1]}" --for 1h
  has "bob is not a member of the role administrator"
}

no_grant_for_the_blocked() {
  denied_id key bob "$outside6"
  gatehouse 1 approve "$id" --for 1h
  [[ $said == "refused  $outside6 is in block"* ]] || fail "it does not say why" "$said"
  gatehouse 1 grant bob --from "$outside6" --for 1h --reason x
  refuses key bob "$outside6" blocked
}

not_for_users() {
  if said=$(in_machine setpriv --reuid=alice --regid=alice --clear-groups \
    gatehouse grant alice --from "$outside4" --for 1h --reason x 2>&1); then
    fail "alice gave herself a grant" "$said"
  fi
  refuses key alice "$outside4" not_listed "$desks_list"
}

check "the administrator sees who and from where, and looking lets nobody in" shown
check "approved, let in, and refused when it is over" approved_and_over
check "given, kept over a kill and a restart, and revoked" given_and_revoked
guard sudo 'origin=session role=administrator'
check "a role in sudo, approved and revoked" role_in_sudo
check "nobody becomes a member of a role by it" no_grant_for_a_stranger
check "a blocked address stays blocked" no_grant_for_the_blocked
check "only root may give one" not_for_users
check "a key that is the only factor is in the log of sshd, if that is verbose" logged_by_sshd
check "a key that was the first of two factors is named" shown_by_key
