# shellcheck shell=bash
# The profiles of directories (Kerberos, nslcd, RADIUS, sssd, winbind), installed before ours is turned
# on, and after. Each could end the stack before our line, if that were not the first. An expired
# password could, too.

# judges_everybody: users are judged by their address, whether or not their password has expired.
# Nobody may be judged because of the other modules alone: from the office they get in.
judges_everybody() {
  refuses key alice "$outside4" not_listed "$everyones_list"
  refuses password alice "$outside4" not_listed "$everyones_list"
  lets_in key alice "$office4"
  refuses key bob "$outside4" not_listed "$bobs_list"
  may_change_password bob "$vpn4"
}

# may_change_password USER FROM: the user is let in so far as to be told to change the password.
may_change_password() {
  login key "$1" "$2" || true
  [[ $said == *"You are required to change your password"* ]] || fail "$1 from $2 was told" "$said"
}

# Without the daemon, whoever is in the machine goes on as before.
local_logins_work() {
  succeeds su alice -c true
  can on_console root true
  runs_cron_job
  in_machine systemctl restart "user@$(in_machine id -u alice).service" || fail "no systemd-user"
  refuses_unasked key alice "$office4"
}

sed -i /pam_gatehouse/d "$machine/etc/pam.d/common-account"
in_machine chage --lastday 0 bob

# Debian 13's pam_radius_auth.so has no account stage, so its profile lets nobody in, with our line or
# without.
tried=("${directory_profiles[@]}")
[[ $GATEHOUSE_SUITE != trixie ]] || tried=(krb5 ldap sss winbind)

for profiles in "${tried[@]}" "${tried[*]}"; do
  read -ra names <<<"$profiles"
  install_profiles "${names[@]}"
  change_profiles --enable gatehouse-strict
  check "$profiles, installed before" judges_everybody
  remove_profiles "${names[@]}"
  install_profiles "${names[@]}"
  check "$profiles, installed after" judges_everybody
  in_machine systemctl --quiet mask --runtime --now "$socket" "$service"
  check "$profiles, with the daemon masked: local logins work" local_logins_work
  in_machine systemctl --quiet unmask --runtime "$socket" "$service"
  in_machine systemctl start "$socket"
  change_profiles --disable gatehouse-strict
  remove_profiles "${names[@]}"
done

change_profiles --enable gatehouse-strict
in_machine usermod --expiredate 1 alice
check "an allow does not let in whose account has expired" refuses_unasked key alice "$office4"
