# shellcheck shell=bash
# winbind between the machine and a controller of a domain of Active Directory: whatever state that is
# in, nobody is let in whom it would have refused, and nobody of the machine's own files is refused
# for it.

open_domain
for user in zoe yan xia hal hoy jim cora; do add_domain_user "$user"; done
add_domain_group partners zoe hal cora
add_domain_group field yan hoy
join_domain
add_own_users
printf '%s\n' 'version: 1' 'groups:' '  partners: {only_from: [vpn]}' '  field: {also_from: [vpn]}' \
  'break_glass: {users: [rescue]}' >"$machine/etc/gatehouse/policy.d/directories.yaml"
load_policy
ask_module_alone

# some_are_known: winbind and the daemon know zoe, yan and xia; winbind alone knows hal, hoy and jim, but
# not their groups; and nobody knows cora. jim became a partner after winbind was asked for the partners.
some_are_known() {
  domain_is up
  forget_domain zoe partners
  in_machine getent passwd hal hoy jim >/dev/null || fail "winbind does not know them"
  in_machine getent group partners >/dev/null || fail "winbind does not know the partners"
  for user in zoe yan xia; do in_machine gatehouse refresh "$user" >/dev/null; done
  change_domain_member add partners jim
}

# judged_alone: by what is known, and those of whom not everything is known get in nowhere that the
# controller would not let them.
judged_alone() {
  local user
  for user in root alice; do judges_alone "$user" "$office4" let_in; done
  judges_alone rescue "$outside4" let_in
  judges_alone alice "$outside4" refused
  judges_alone carol "$office4" refused
  judges_alone carol "$vpn4" let_in
  judges_alone zoe "$vpn4" let_in
  judges_alone zoe "$office4" refused
  judges_alone xia "$office4" let_in
  judges_alone xia "$vpn4" refused
  judges_alone yan "$vpn4" let_in
  judges_alone yan "$outside4" refused
  for user in hal jim cora; do judges_alone "$user" "$office4" refused; done
  for user in hal hoy jim cora; do judges_alone "$user" "$outside4" refused; done
}

judged_by_groups() {
  refuses key zoe "$office4" confined
  lets_in key zoe "$vpn4"
  lets_in key yan "$vpn4"
  refuses key yan "$outside4" not_listed
  lets_in key xia "$office4"
  refuses key xia "$vpn4" not_listed
  refuses key cora "$office4" confined
}

check "up: each is judged by the groups" judged_by_groups
change_domain_member remove partners zoe
change_domain_member remove field yan
change_domain_member add partners xia
# winbind uses an answer for two seconds, and the daemon for five.
sleep 8
check "up: who was taken out of a group is free of it" lets_in key zoe "$office4"
check "up: and is no longer let in by it" refuses key yan "$vpn4" not_listed
check "up: who was put into a group is confined" refuses key xia "$office4" confined
change_domain_member add partners zoe
change_domain_member add field yan
change_domain_member remove partners xia

for state in refused lost silent; do
  some_are_known
  domain_is "$state"
  check "$state: each is judged by what is known, in time" judged_alone
  domain_is up
  change_domain_member remove partners jim
done

some_are_known
in_machine systemctl stop winbind
check "winbind is stopped: each is judged by what is known" judged_alone
in_machine systemctl start winbind
change_domain_member remove partners jim
some_are_known
in_machine systemctl kill --signal=STOP winbind
check "winbind hangs: each is judged by what is known, in time" judged_alone
in_machine systemctl kill --signal=CONT winbind

back_up() {
  eventually in_machine gatehouse refresh cora
  refuses key cora "$office4" confined
  journal_holds "users and groups can be read again" --unit="$service"
}
check "up again: who was not known is judged, and the journal says so" back_up
change_domain_member remove partners jim

some_are_known
domain_is lost
reboot_machine
check "booted without the controller: each is judged by what is known, in time" judged_alone
