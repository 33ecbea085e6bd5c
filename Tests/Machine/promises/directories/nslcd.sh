# shellcheck shell=bash
# nslcd between the machine and a directory server (slapd). It keeps nothing: while the server is away, it
# says so, and sshd itself knows none of its users. So the module is asked alone.

open_directory
number=5000
for user in zoe yan cora; do
  number=$((number + 1))
  add_user flat "$user" "$number"
done
add_group flat partners 5101 zoe cora alice
add_group flat field 5102 yan
add_own_users
ask_nslcd
printf '%s\n' 'version: 1' 'groups:' '  partners: {only_from: [vpn]}' '  field: {also_from: [vpn]}' \
  'break_glass: {users: [rescue]}' >"$machine/etc/gatehouse/policy.d/directories.yaml"
load_policy
ask_module_alone

judged_by_groups() {
  refuses key zoe "$office4" confined
  lets_in key zoe "$vpn4"
  lets_in key yan "$vpn4"
  lets_in key yan "$office4"
  # The directory's group lists a user of the machine's own files.
  refuses key alice "$office4" confined
}

# judged_alone: who was read is judged by that, and nobody else of the directory gets in.
judged_alone() {
  judges_alone zoe "$office4" refused
  judges_alone zoe "$vpn4" let_in
  judges_alone yan "$vpn4" let_in
  judges_alone yan "$outside4" refused
  judges_alone cora "$office4" refused
  judges_alone cora "$outside4" refused
  judges_alone root "$office4" let_in
  judges_alone rescue "$outside4" let_in
  judges_alone alice "$office4" refused
  judges_alone alice "$outside4" refused
}

check "up: each is judged by the groups" judged_by_groups
change_member delete flat partners zoe
change_member delete flat field yan
# An answer is used for five seconds.
sleep 5
check "up: who was taken out of a group is free of it" lets_in key zoe "$office4"
check "up: and is no longer let in by it" refuses key yan "$vpn4" not_listed
change_member add flat partners zoe
change_member add flat field yan
sleep 5
check "up: who was put into a group is confined" judged_by_groups

states=(refused lost silent)
if [[ ${GATEHOUSE_SLOW-} ]]; then states+=(0.5 3 10 60); fi
for state in "${states[@]}"; do
  directory_is "$state"
  check "$state: each is judged by what is known, in time" judged_alone
done
directory_is up
eventually in_machine getent passwd zoe >/dev/null
in_machine systemctl stop nslcd
check "nslcd is stopped: each is judged by what is known, in time" judged_alone
in_machine systemctl start nslcd
in_machine systemctl kill --signal=STOP nslcd
check "nslcd hangs: each is judged by what is known, in time" judged_alone
in_machine systemctl kill --signal=CONT nslcd
back_up() {
  eventually in_machine gatehouse refresh cora
  judged_by_groups
  refuses key cora "$office4" confined
}
check "up again: who was not known is judged, too" back_up

# The server is not started again by a boot, and nothing answers at its address.
directory_is lost
reboot_machine
check "booted without the directory: each is judged by what is known, in time" judged_alone
