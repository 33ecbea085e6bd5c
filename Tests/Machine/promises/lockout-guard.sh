# shellcheck shell=bash
# A change of the policy over ssh does not lock out the person who makes it, or anybody else who is
# logged in and could repair the machine. It is refused and says who would lose what. If those people
# are named, it succeeds. Of everybody else it only says so.

# candidate NAME SED-SCRIPT: makes a folder in root's home with a changed copy of policy.yaml, and
# nothing else.
candidate() {
  mkdir -p "$machine/root/$1"
  sed "$2" "$machine/etc/gatehouse/policy.yaml" >"$machine/root/$1/policy.yaml"
}

# by_alice COMMAND...: runs the command as root, in a login of alice's from the office.
by_alice() { login key alice "$office4" "sudo --non-interactive $*"; }

# refused_to_alice COMMAND TEXT...: the command fails and says each text; the policy is unchanged.
refused_to_alice() {
  local before text
  before=$(cat "$machine"/etc/gatehouse/policy.yaml "$machine"/etc/gatehouse/policy.d/*)
  if by_alice "$1"; then fail "it was done: $1" "$said"; fi
  for text in "${@:2}"; do [[ $said == *"$text"* ]] || fail "it does not say: $text" "$said"; done
  [[ $(cat "$machine"/etc/gatehouse/policy.yaml "$machine"/etc/gatehouse/policy.d/*) == "$before" ]] ||
    fail "the policy was changed"
}

drops_own_network() {
  refused_to_alice 'gatehouse apply /root/vpn' 'you, alice' "could not log in again from $office4" not_listed \
    '--allow-lockout=alice'
  lets_in key alice "$office4"
}

drops_a_role() {
  refused_to_alice 'gatehouse apply /root/same' 'you, alice' 'could not use the role administrator' \
    'sudo: role_unavailable'
}

drops_somebody_else() {
  stay_logged_in carol "$vpn4"
  can by_alice gatehouse apply --dry-run /root/contractors
  [[ $said == *carol*"$vpn4"* ]] || fail "it does not say that carol loses it" "$said"
  in_machine usermod --append --groups sudo carol
  refused_to_alice 'gatehouse apply /root/contractors' carol "could not log in again from $vpn4" confined \
    '--allow-lockout=carol'
  in_machine gpasswd --delete carol sudo
  log_out
}

is_named() {
  can by_alice gatehouse apply --allow-lockout=alice --reason 'vpn-alone' /root/vpn
  refuses key alice "$office4" not_listed
  lets_in key alice "$vpn4"
}

rolls_back() {
  succeeds gatehouse rollback
  lets_in key alice "$office4"
  in_machine gatehouse history | grep --quiet "apply .* alice from $office4 .* vpn-alone" ||
    fail "the history does not know it" "$(in_machine gatehouse history)"
  # The policy files that the other policy did not have are also back.
  can by_alice true
}

# alice's role lets her in at her desk, whatever the list of everyone says.
reload_is_guarded() {
  stay_logged_in alice "$office6"
  candidate before ''
  cp "$machine/root/vpn/policy.yaml" "$machine/etc/gatehouse/policy.yaml"
  if in_machine systemctl reload "$service"; then fail "the reload went through"; fi
  journal_holds 'alice could not log in again' --unit="$service"
  lets_in key alice "$office6"
  succeeds gatehouse reload --allow-lockout=alice
  refuses key alice "$office6" not_listed
  cp "$machine/root/before/policy.yaml" "$machine/etc/gatehouse/policy.yaml"
  succeeds systemctl reload "$service"
  lets_in key alice "$office6"
  log_out
}

# Before the first change there is no history, but the daemon still knows which policy it serves.
first_reload_is_guarded() {
  stay_logged_in alice "$office4"
  rm -rf "$machine"/var/lib/gatehouse-history/*
  mv "$machine/etc/gatehouse/policy.d" "$machine/root/policy.d"
  if said=$(in_machine gatehouse reload 2>&1); then fail "the reload went through" "$said"; fi
  [[ $said == *"could not use the role administrator"* ]] || fail "it does not say what is lost" "$said"
  mv "$machine/root/policy.d" "$machine/etc/gatehouse/policy.d"
  log_out
}

# On a terminal. (Later it fails, because this machine has no profile to turn on.)
offers_to_add_the_address() {
  refuses key alice "$outside4" not_listed
  said=$(in_machine env SSH_CONNECTION="$outside4 1 2 22" SUDO_USER=alice \
    script --quiet --return --command 'gatehouse pam enable' /dev/null <<<y) || true
  [[ $said == *"Shall it be added: give users.alice the key also_from: [$outside4]?"* ]] ||
    fail "it is not offered" "$said"
  lets_in key alice "$outside4"
}

make_administrators
guard sudo 'origin=session role=administrator'
candidate vpn 's/from: \[office\]/from: [vpn]/'
candidate same ''
candidate contractors 's/contractors: .*/contractors: {only_from: [office]}/'
cp -r "$machine"/etc/gatehouse/policy.d "$machine/root/contractors"

check "an apply that drops your own network is refused" drops_own_network
check "one that drops the role by which you may use sudo is refused" drops_a_role
check "one that drops the network of somebody else who is logged in is refused" drops_somebody_else
check "with --allow-lockout it succeeds" is_named
check "a rollback brings back the previous policy, and the history knows who and why" rolls_back
check "systemctl reload refuses a policy that would lock out a user who is logged in" reload_is_guarded
check "a reload after a change by hand is guarded before there is any history" first_reload_is_guarded
check "pam enable offers to add the address that you come from" offers_to_add_the_address
