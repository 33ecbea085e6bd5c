# shellcheck shell=bash
# `network=` skips the second factor at the office. Only a yes does that: not monitor mode, not
# break-glass, not a daemon that is away. The first factor is the key; the password plays the second
# one.

is_left_out() {
  answer_with wrong
  login key-and-keyboard "$@" || fail "$1 from $2 was asked for the second factor" "$said"
}

is_asked_for() {
  answer_with wrong
  if login key-and-keyboard "$@"; then fail "$1 from $2 got in without it" "$said"; fi
  answer_with "$password"
  login key-and-keyboard "$@" || fail "$1 from $2 did not get in with it" "$said"
}

answers_are_logged() {
  journal_holds ": $1, id " _SYSTEMD_UNIT="$service" MESSAGE_ID="$network_message" \
    GATEHOUSE_NETWORK=office GATEHOUSE_IN_NETWORK="$2"
}

echo 'AuthenticationMethods publickey,keyboard-interactive:pam' \
  >"$machine/etc/ssh/sshd_config.d/factors.conf"
sed -i 's/^@include common-auth$/auth [success=1 default=ignore] pam_gatehouse.so network=office\
auth required pam_unix.so nodelay\
auth required pam_permit.so/' "$machine/etc/pam.d/sshd"
printf '%s\n' 'version: 1' 'break_glass: {users: [deploy]}' \
  >"$machine/etc/gatehouse/policy.d/break-glass.yaml"
in_machine systemctl restart ssh
load_policy

check "left out at the office, IPv4" is_left_out alice "$office4"
check "left out at the office, IPv6" is_left_out alice "$office6"
check "asked for elsewhere, IPv4" is_asked_for bob "$vpn4"
check "asked for elsewhere, IPv6" is_asked_for bob "$vpn6"
check "a yes is logged" answers_are_logged in_network true
check "a no is logged" answers_are_logged not_in_network false
check "a break-glass user is asked elsewhere" is_asked_for deploy "$outside4"
check "a break-glass user is not asked at the office" is_left_out deploy "$office4"

echo 'UseDNS yes' >>"$machine/etc/ssh/sshd_config.d/test.conf"
in_machine systemctl restart ssh
check "left out at the office with UseDNS" is_left_out alice "$office4"
check "asked for elsewhere with UseDNS" is_asked_for deploy "$outside6"

sed -i '2a mode: monitor' "$machine/etc/gatehouse/policy.yaml"
load_policy
check "asked for elsewhere in monitor mode" is_asked_for alice "$outside4"
check "left out at the office in monitor mode" is_left_out alice "$office4"

sed -i s/network=office/network=offices/ "$machine/etc/pam.d/sshd"
check "asked for if there is no such network" is_asked_for alice "$office4"
sed -i s/network=offices/network=office/ "$machine/etc/pam.d/sshd"

ask_gatehouse "$machine" onerr=succeed
in_machine systemctl --quiet stop "$socket" "$service"
check "asked for at the office with the daemon stopped" is_asked_for alice "$office4"
check "asked for elsewhere with the daemon stopped" is_asked_for alice "$outside4"
answer_with "$password"
