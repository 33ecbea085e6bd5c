# shellcheck shell=bash
# `factor` asks the policy who needs a second factor from where. The first factor is the key, the second
# a code of pam_oath. Eight people in four places are asked or spared as the policy says; whatever is not
# certain asks.

secret=3132333435363738393031323334353637383930
people=(alice bob carol deploy erin frank grace rescue)

make_eight_people() {
  local user
  in_machine groupadd ops
  for user in erin frank grace rescue; do
    in_machine useradd --create-home --shell /bin/bash "$user"
    install -D -m 644 "$keys/id.pub" "$machine/home/$user/.ssh/authorized_keys"
  done
  in_machine usermod --append --groups ops erin
  in_machine usermod --append --groups ops,contractors frank
  for user in "${people[@]}"; do printf 'HOTP %s - %s\n' "$user" "$secret"; done \
    >"$machine/etc/users.oath"
  chmod 600 "$machine/etc/users.oath"
  mkdir "$GATEHOUSE_WORK/codes"
}

# type_a_code USER: types the user's next code; each counts once.
type_a_code() {
  local file=$GATEHOUSE_WORK/codes/$1 counter
  counter=$(cat "$file" 2>/dev/null || echo 0)
  echo $((counter + 1)) >"$file"
  answer_with "$(in_machine oathtool --hotp --counter="$counter" "$secret")"
}

is_spared() {
  answer_with wrong
  login key-and-keyboard "$@" || fail "$1 from $2 was asked for the second factor" "$said"
}

# is_asked USER FROM: a wrong code does not let in, and the right one does.
is_asked() {
  cannot_without "$@"
  type_a_code "$1"
  login key-and-keyboard "$@" || fail "$1 from $2 did not get in with it" "$said"
}

cannot_without() {
  answer_with wrong
  if login key-and-keyboard "$@"; then fail "$1 from $2 got in without it" "$said"; fi
}

# each_from FROM SPARED...: these people are spared from there, and all others asked.
each_from() {
  local from=$1 user
  shift
  for user in "${people[@]}"; do
    if [[ " $* " == *" $user "* ]]; then is_spared "$user" "$from"; else is_asked "$user" "$from"; fi
  done
}

answer_is_logged() {
  journal_holds "$1" _SYSTEMD_UNIT="$service" MESSAGE_ID="$factor_message" GATEHOUSE_USER="$2" \
    GATEHOUSE_FACTOR="$3" GATEHOUSE_REASON="$4"
}

# hop USER: from the machine to itself. It has the key, and no code.
hop() {
  in_machine env SSH_ASKPASS=/run/no-code SSH_ASKPASS_REQUIRE=force ssh -F none -i /root/id \
    -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o NumberOfPasswordPrompts=1 \
    -o PreferredAuthentications=publickey,keyboard-interactive "$1@127.0.0.1" true
}

hop_is_asked() {
  if said=$(hop "$1" 2>&1 </dev/null); then fail "$1 got in through the machine itself" "$said"; fi
  answer_is_logged "$1 from self" "$1" needed "$2"
}

write_policy() {
  cat >"$machine/etc/gatehouse/policy.yaml"
  load_policy
}

places='networks:
  office: [203.0.113.0/24, "2001:db8:1::/48"]
  vpn: [198.51.100.0/24, "2001:db8:2::/48"]
everyone: {from: [anywhere]}
break_glass: {users: [rescue]}
roles: {operator: {members: {users: [grace]}}}'

rules='second_factor:
  not_from: [office]
  users: {bob: {not_from: [vpn]}, deploy: never, alice: always}
  groups: {ops: {not_from: [office, vpn]}, contractors: {not_from: [vpn]}}
  roles: {operator: {not_from: [vpn]}}'

make_eight_people
install -m 600 "$keys/id" "$machine/root/id"
printf '#!/bin/sh\necho wrong\n' | in_machine tee /run/no-code >/dev/null
in_machine chmod +x /run/no-code
echo 'AuthenticationMethods publickey,keyboard-interactive:pam' \
  >"$machine/etc/ssh/sshd_config.d/factors.conf"
sed -i 's/^@include common-auth$/auth [success=1 default=ignore] pam_gatehouse.so factor\
auth required pam_oath.so usersfile=\/etc\/users.oath window=50 digits=6\
auth required pam_permit.so/' "$machine/etc/pam.d/sshd"
in_machine systemctl restart ssh

printf '%s\n' 'version: 1' "$places" | write_policy
check "without a second_factor everybody is asked" each_from "$office4"

printf '%s\n' 'version: 1' "$places" "$rules" | write_policy
# alice always, deploy never; carol is a contractor, erin in ops, frank in both, grace an operator.
check "in the office" each_from "$office4" deploy erin rescue
check "in the office, IPv6" each_from "$office6" deploy erin rescue
check "by the vpn" each_from "$vpn4" bob carol deploy erin frank grace
check "elsewhere" each_from "$outside6" deploy
check "an answer is logged" answer_is_logged "no second factor is needed for erin" erin not_needed listed
check "so is the other" answer_is_logged "a second factor is needed for alice" alice needed always
check "a hop through the machine is asked" hop_is_asked rescue not_listed
check "break-glass spares nobody" is_asked rescue "$outside4"

printf '%s\n' 'version: 1' 'mode: monitor' "$places" "$rules" | write_policy
check "monitor mode asks everybody" each_from "$office4"
check "and logs what it would have spared" answer_is_logged "would not be needed for erin" erin needed listed

# The record is empty of places that the policy let somebody come from by itself.
printf '%s\n' 'version: 1' "$places" 'second_factor: {not_from: [anywhere], new_places: always}' \
  | write_policy
in_machine systemctl stop "$socket" "$service"
rm -f "$machine/var/lib/gatehouse/logins" "$machine/var/lib/gatehouse/logins-end"
in_machine systemctl start "$socket" "$service"
check "with an empty record everybody is asked once" is_asked carol "$vpn4"
check "and then no more from there" is_spared carol "$vpn4"
check "but from another place" is_asked carol "$outside4"
check "also from the same /56 of IPv6" is_asked carol "$vpn6"
check "and then spared there" is_spared carol "$vpn6"
check "somebody else is asked there" is_asked erin "$vpn4"
check "a refused attempt makes no place known" cannot_without frank "$vpn4"
check "not even the second time" cannot_without frank "$vpn4"
check "a hop through the machine is always from a new place" hop_is_asked carol new_place
check "places are known over a restart" in_machine systemctl restart "$service"
check "so nobody is asked again" is_spared carol "$vpn4"

printf '%s\n' 'version: 1' "$places" "$rules" | write_policy
ask_gatehouse "$machine" onerr=succeed
in_machine systemctl --quiet stop "$socket" "$service"
check "with the daemon stopped everybody is asked" each_from "$office4"
in_machine systemctl start "$socket" "$service"

# What the directory does not say, counts as needed if it makes a difference.
install_trial_directory() {
  local library
  library=$(echo "$machine"/usr/lib/*/security)/../libnss_trial.so.2
  gcc -shared -fPIC -Wall -Wextra -Werror -o "$library" "$here/../directory/nss_trial.c"
  sed -i -E 's/^(passwd|group):.*/\1: files trial/' "$machine/etc/nsswitch.conf"
  in_machine systemctl restart "$service"
}

# directory_is WORD: sets how the directory behaves, and has everything read again.
directory_is() {
  in_machine tee /run/trial-directory <<<"$1" >/dev/null
  in_machine gatehouse reload --allow-lockout=unjudged >/dev/null
}

# is_said TEXT STATUS ARGUMENT...: the command ends with that status, and says so.
is_said() { gatehouse "${@:2}" && has "$1"; }

printf '%s\n' 'version: 1' "$places" 'second_factor: {not_from: [office], groups: {partners: always}}' \
  | write_policy
install_trial_directory
# Without a word it is away, and has never said who is in that group.
check "with the directory away, who may be in a group that is asked is asked" is_asked erin "$office4"
check "and explain says why" is_said identity_unavailable 1 explain --factor erin --from "$office4"
check "and where says that the groups are unknown" is_said '"groups":null' 1 where --factor erin --json
directory_is here
check "with the directory there, who is not in it is spared" is_spared erin "$office4"
answer_with "$password"
