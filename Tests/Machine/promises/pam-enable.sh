# shellcheck shell=bash
# `gatehouse pam enable` puts the line first, and with --confirm-within takes it out again by itself,
# also at a boot, unless somebody has confirmed it in a session that was judged.

asks() { grep --quiet pam_gatehouse "$machine/etc/pam.d/common-account"; }
asks_no_more() { ! asks; }

enabled() {
  succeeds gatehouse pam enable --strict "$@"
  [[ $(grep '^account' "$machine/etc/pam.d/common-account" | head -n 1) == *requisite*pam_gatehouse.so* ]] ||
    fail "the line does not stand first" "$(cat "$machine/etc/pam.d/common-account")"
  refuses key alice "$outside4" not_listed "$everyones_list"
}

time_up() {
  enabled --confirm-within 10s
  eventually asks_no_more || fail "it was not undone"
  lets_in key alice "$outside4"
  log_out_everybody
}

undone() {
  asks_no_more || fail "it was not undone"
  lets_in key alice "$outside4"
  log_out_everybody
}

# Whoever looks at it meanwhile does not take that away.
undone_if_damaged() {
  enabled --confirm-within 1h
  echo damage >"$machine/var/lib/gatehouse-history/.pam-trial"
  in_machine gatehouse status || true
  in_machine gatehouse pam status || true
  if in_machine gatehouse confirm; then fail "it was confirmed"; fi
  succeeds systemctl start gatehouse-pam-undo.service
  undone
}

confirmed() {
  enabled --confirm-within 1h
  said=$(in_machine gatehouse status) || true
  [[ $said == *' is undone in '* ]] || fail "status does not say so" "$said"
  login key root "$office4" 'gatehouse confirm' || fail "it was not confirmed" "$said"
}

stays() {
  asks || fail "it was undone"
  refuses key alice "$outside4" not_listed "$everyones_list"
}

turned_off() {
  succeeds gatehouse pam disable
  asks_no_more
}

# edited_by_hand: pam-auth-update leaves a file alone that somebody has edited; the command does not.
edited_by_hand() {
  sed -i '/pam_deny/i account required pam_access.so' "$machine/etc/pam.d/common-account"
  enabled
  turned_off
  grep --quiet pam_access "$machine/etc/pam.d/common-account" || fail "the other line is gone"
}

# refused_for_sshd: sshd would not ask, so the line would be for show.
refused_for_sshd() {
  sed -i 's/^UsePAM yes/UsePAM no/' "$machine/etc/ssh/sshd_config.d/test.conf"
  sed -i 's/^UsePAM yes/UsePAM no/' "$machine/etc/ssh/sshd_config"
  if said=$(in_machine gatehouse pam enable --strict 2>&1); then fail "it was turned on" "$said"; fi
  [[ $said == *"UsePAM no"* ]] || fail "it does not say why" "$said"
  asks_no_more
}

log_out_everybody() { eventually nobody_is_logged_in; }

install -D -m 600 "$keys/id.pub" "$machine/root/.ssh/authorized_keys"
sed -i /pam_gatehouse/d "$machine/etc/pam.d/common-account"
check "undone when its time is up" time_up
check "undone if what is kept of it is damaged" undone_if_damaged
check "not confirmed" enabled --confirm-within 1h
reboot_machine
check "undone by a boot" undone
check "confirmed in a later session" confirmed
reboot_machine
check "it stays, over a boot" stays
check "turned off" turned_off
check "where the file was edited by hand, too" edited_by_hand
check "refused if sshd does not ask PAM" refused_for_sshd
