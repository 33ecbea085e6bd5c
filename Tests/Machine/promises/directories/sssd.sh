# shellcheck shell=bash
# sssd between the machine and a directory server (slapd), with both schemas of groups: whatever state
# the directory is in, nobody is let in whom it would have refused, and nobody of the machine's own
# files is refused for it.

sssd_people() {
  local schema number=5000
  for schema in flat nested; do
    for user in zoe yan hal hoy cora jim xia; do
      number=$((number + 1))
      add_user "$schema" "$schema-$user" "$number"
    done
    add_group "$schema" "$schema-partners" $((number + 100)) "$schema-zoe" "$schema-hal" "$schema-cora"
    add_group "$schema" "$schema-field" $((number + 101)) "$schema-yan" "$schema-hoy"
  done
  ask_sssd
  add_own_users
  cat >"$machine/etc/gatehouse/policy.d/directories.yaml" <<END
version: 1
groups:
  flat-partners: {only_from: [vpn]}
  nested-partners: {only_from: [vpn]}
  flat-field: {also_from: [vpn]}
  nested-field: {also_from: [vpn]}
break_glass: {users: [rescue]}
END
  load_policy
}

# some_are_known: sssd and the daemon know zoe, yan and xia; sssd alone knows hal, hoy and jim, but not
# their groups; and nobody knows cora. jim became a partner after sssd was asked for the partners.
some_are_known() {
  local user schema
  directory_is up
  forget
  in_machine getent passwd {flat,nested}-{hal,hoy,jim} >/dev/null || fail "sssd does not know them"
  for user in {flat,nested}-{zoe,yan,xia}; do in_machine gatehouse refresh "$user" >/dev/null; done
  for schema in flat nested; do change_member add "$schema" "$schema-partners" "$schema-jim"; done
}

nobody_joined() {
  local schema
  for schema in flat nested; do change_member delete "$schema" "$schema-partners" "$schema-jim"; done
}

# judged_as_known: by what the directory has said of them.
judged_as_known() {
  refuses key "$1-zoe" "$office4" confined
  lets_in key "$1-zoe" "$vpn4"
  lets_in key "$1-yan" "$vpn4"
  refuses key "$1-yan" "$outside4" not_listed
  lets_in key "$1-xia" "$office4"
  refuses key "$1-xia" "$vpn4" not_listed
}

# keeps_out SCHEMA: those of whom not everything is known get in nowhere that the directory would not
# let them; for what reason, does not matter.
keeps_out() {
  local user
  for user in hal jim cora; do refuses_unasked key "$1-$user" "$office4"; done
  for user in hal hoy jim cora; do refuses_unasked key "$1-$user" "$outside4"; done
}

# own_users_get_in: root, users of the machine's own files, and break_glass; and they alone.
own_users_get_in() {
  lets_in key root "$office4"
  lets_in key alice "$office4"
  lets_in key carol "$vpn4"
  lets_in key rescue "$outside4"
  refuses key alice "$outside4" not_listed
  refuses key carol "$office4" confined
}

open_directory
sssd_people
some_are_known
nobody_joined

for schema in flat nested; do
  check "up, $schema: each is judged by the groups" judged_as_known "$schema"
  check "up, $schema: so is one of whom nothing was known" refuses key "$schema-cora" "$office4" confined
  change_member delete "$schema" "$schema-partners" "$schema-zoe"
  change_member delete "$schema" "$schema-field" "$schema-yan"
  change_member add "$schema" "$schema-partners" "$schema-xia"
done
# An answer is used for five seconds.
sleep 5
for schema in flat nested; do
  check "up, $schema: who was taken out of a group is free of it" lets_in key "$schema-zoe" "$office4"
  check "up, $schema: and is no longer let in by it" refuses key "$schema-yan" "$vpn4" not_listed
  check "up, $schema: who was put into a group is confined" refuses key "$schema-xia" "$office4" confined
  change_member add "$schema" "$schema-partners" "$schema-zoe"
  change_member add "$schema" "$schema-field" "$schema-yan"
  change_member delete "$schema" "$schema-partners" "$schema-xia"
done

states=(refused lost silent)
# With these, sshd itself takes half a minute for a login.
if [[ ${GATEHOUSE_SLOW-} ]]; then states+=(0.5 3 10 60); fi
for state in "${states[@]}"; do
  some_are_known
  directory_is "$state"
  for schema in flat nested; do
    check "$state, $schema: who is known is judged by that" judged_as_known "$schema"
    check "$state, $schema: who is not is not let in" keeps_out "$schema"
  done
  check "$state: users of the machine's own files get in" own_users_get_in
  nobody_joined
done

# With sssd itself away, sshd lets none of its users in, or waits for it as long as sssd takes. So the
# module is asked alone.
ask_module_alone

# judged_alone: all of them.
judged_alone() {
  local schema user
  for user in root alice; do judges_alone "$user" "$office4" let_in; done
  judges_alone rescue "$outside4" let_in
  judges_alone alice "$outside4" refused
  judges_alone carol "$office4" refused
  for schema in flat nested; do
    judges_alone "$schema-zoe" "$vpn4" let_in
    judges_alone "$schema-zoe" "$office4" refused
    judges_alone "$schema-xia" "$office4" let_in
    judges_alone "$schema-yan" "$outside4" refused
    for user in hal jim cora; do judges_alone "$schema-$user" "$office4" refused; done
    for user in hal hoy jim cora; do judges_alone "$schema-$user" "$outside4" refused; done
  done
}

some_are_known
in_machine systemctl stop sssd
check "sssd is stopped: each is judged by what is known" judged_alone
in_machine systemctl start sssd
nobody_joined
some_are_known
in_machine systemctl kill --signal=STOP sssd
check "sssd hangs: each is judged by what is known, in time" judged_alone
in_machine systemctl kill --signal=CONT sssd
nobody_joined

directory_is up
back_up() {
  eventually in_machine gatehouse refresh flat-cora
  refuses key flat-cora "$office4" confined
  journal_holds "users and groups can be read again" --unit="$service"
}
check "up again: who was not known is judged, and the journal says so" back_up

# The server is not started again by a boot, and nothing answers at its address.
some_are_known
directory_is lost
reboot_machine
for schema in flat nested; do
  check "booted without the directory, $schema: who is known is judged by that" judged_as_known "$schema"
  check "booted without the directory, $schema: who is not is not let in" keeps_out "$schema"
done
check "booted without the directory: users of the machine's own files get in" own_users_get_in
