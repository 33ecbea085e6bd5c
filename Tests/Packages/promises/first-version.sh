# shellcheck shell=bash
# An upgrade from 0.1, whose line stood after other modules. The line moves to the beginning, unless
# that takes a repairer's last place: then 0.1's line stays in force, whatever other packages do.

# old_line: common-account has the line of 0.1, with strict on.
old_line() {
  grep --quiet "^account[[:space:]]*required[[:space:]]*pam_gatehouse.so onerr=fail" \
    "$machine/etc/pam.d/common-account" || fail "the line is not there" "$(common_account)"
}

# stands_first OPTIONS: the line of this version is the first one, with those options.
stands_first() {
  [[ $(common_account | head -n 1) == account*requisite*"pam_gatehouse.so $1" ]] ||
    fail "the line does not stand first" "$(common_account)"
  asks onerr=fail
}

common_account() { grep '^account' "$machine/etc/pam.d/common-account"; }

first_version() {
  install_version 0.1.0
  enforce
  change_profiles --enable gatehouse-strict
  old_line
}

# A profile that lets local users pass 0.1's line, as sssd's does.
let_local_users_pass() {
  printf '%s\n' 'Name: Local users first' 'Default: yes' 'Priority: 128' 'Account-Type: Additional' \
    'Account:' '	sufficient	pam_localuser.so' >"$machine/usr/share/pam-configs/local"
  change_profiles --enable local
}

upgrade() { said=$(install_version "$built" 2>&1) || fail "the upgrade failed" "$said"; }

# upgrade_under_logins: meanwhile people log in all the time, and each is judged as ever.
upgrade_under_logins() {
  local processes=() process
  rm -f "$GATEHOUSE_WORK"/{let_in,refused,upgraded}
  until_upgraded many_logins let_in key alice "$office4" &
  processes+=($!)
  until_upgraded many_logins refused key alice "$outside6" &
  processes+=($!)
  upgrade
  touch "$GATEHOUSE_WORK/upgraded"
  for process in "${processes[@]}"; do
    wait "$process" || fail "a login went otherwise during the upgrade" \
      "$(cat "$GATEHOUSE_WORK"/{let_in,refused} 2>/dev/null)"
  done
}

until_upgraded() {
  while [[ ! -e $GATEHOUSE_WORK/upgraded ]]; do "$@" || return; done
}

moved() {
  upgrade_under_logins
  [[ $said == *"the PAM line moves to the beginning"* ]] || fail "apt says" "$said"
  stands_first 'onerr=fail timeout=1500'
  ! compgen -G "$machine/usr/share/pam-configs/gatehouse-0.1-*" || fail "0.1's profile was left"
  # The policy was a conffile of 0.1: it stays as the administrator left it, and apt asks nothing.
  cmp "$GATEHOUSE_ROOT/Tests/Machine/policy.yaml" "$machine/etc/gatehouse/policy.yaml"
  refuses key alice "$outside4" not_listed "$everyones_list"
  lets_in key alice "$office4"
}

passes_the_line() {
  lets_in key alice "$outside4"
  lets_in key root "$outside4"
}

kept() {
  upgrade
  [[ $said == *root*"$outside4"* ]] || fail "apt does not name who would be refused" "$said"
  [[ $said == *"the line of Gatehouse 0.1 stays"* ]] || fail "apt says" "$said"
  old_line
  lets_in key root "$outside4"
}

# As another package's script does.
kept_by_others() {
  change_profiles
  old_line
  lets_in key root "$outside4"
}

moved_later() {
  cat >"$machine/etc/gatehouse/policy.d/root.yaml" <<END
version: 1
users: {root: {also_from: [$outside4]}}
END
  succeeds gatehouse apply --allow-lockout=all /etc/gatehouse
  succeeds gatehouse pam enable --strict
  stands_first onerr=fail
  lets_in key root "$outside4"
  refuses key alice "$outside4" not_listed "$everyones_list"
}

install -D -m 600 "$keys/id.pub" "$machine/root/.ssh/authorized_keys"
check "0.1 is installed, and strict" first_version
sed -i '/pam_gatehouse/s/$/ timeout=1500/' "$machine/etc/pam.d/common-account"
check "upgraded: the line moves to the beginning, with the options that were added" moved

check "removed" apt purge gatehouse libpam-gatehouse
check "0.1 again" first_version
let_local_users_pass
check "another profile lets local users pass it" passes_the_line
check "upgraded: root would lose the last place, and the old line stays" kept
check "and stays if another package runs pam-auth-update" kept_by_others
check "when the policy allows it, the line moves" moved_later
