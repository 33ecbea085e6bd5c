# shellcheck shell=bash
# What the guard of a policy looks at, and what it takes as meant: each as an administrator meets it.

policy=$machine/etc/gatehouse/policy.yaml

# make NAME SED-SCRIPT: a candidate, from the machine's policy.
make() { sed "$2" "$policy" >"$machine/root/$1.yaml"; }

# refused NAME TEXT...: apply refuses that candidate, says each text, and changes nothing.
refused() {
  local before text
  before=$(cat "$policy")
  if said=$(in_machine gatehouse apply "/root/$1.yaml" 2>&1); then fail "it was applied" "$said"; fi
  for text in "${@:2}"; do [[ $said == *"$text"* ]] || fail "it does not say: $text" "$said"; done
  [[ $(cat "$policy") == "$before" ]] || fail "the policy was changed"
}

# tried NAME: the candidate would be applied; nothing is.
tried() { succeeds gatehouse apply --dry-run "/root/$1.yaml"; }

# The drop-ins stay if a file is applied, and go if a folder is.
drop_ins_stay() {
  printf '%s\n' 'version: 1' 'block: [192.0.2.7]' >"$machine/etc/gatehouse/policy.d/block.yaml"
  succeeds systemctl reload "$service"
  make same 's/^message: .*/message: "Refused from {address}. Quote {id} to the help desk. Yes."/'
  succeeds gatehouse apply /root/same.yaml
  [[ -e $machine/etc/gatehouse/policy.d/block.yaml ]] || fail "the drop-in is gone"
  succeeds gatehouse rollback
  mkdir -p "$machine/root/folder"
  cp "$policy" "$machine/root/folder"
  said=$(in_machine gatehouse apply /root/folder 2>&1) || fail "it was refused" "$said"
  [[ $said == *policy.d/block.yaml* ]] || fail "it does not say what is removed" "$said"
  [[ ! -e $machine/etc/gatehouse/policy.d/block.yaml ]] || fail "the drop-in is still there"
}

# rollback goes one accepted policy further back each time, and never to one that was refused.
goes_back() {
  local text
  cp "$policy" "$machine/root/first.yaml"
  for text in one two; do
    make next "s/^message: .*/message: \"Refused from {address}. Quote {id} to the help desk. $text\"/"
    succeeds gatehouse apply /root/next.yaml
  done
  sed -i 's/^  from: \[office\]/  from: [nowhere]/' "$policy"
  if in_machine gatehouse reload; then fail "a policy that takes root's only place was loaded"; fi
  succeeds gatehouse rollback
  grep --quiet 'desk. two' "$policy" || fail "it is not the accepted one" "$(cat "$policy")"
  succeeds gatehouse rollback
  grep --quiet 'desk. one' "$policy" || fail "it is not the one before" "$(cat "$policy")"
  succeeds gatehouse rollback
  cmp "$machine/root/first.yaml" "$policy"
}

break_glass_stays() {
  make glass "\$a break_glass: {users: [deploy], from: [vpn]}"
  succeeds gatehouse apply /root/glass.yaml
  lets_in key deploy "$vpn4"
  make moved 's/from: \[vpn\]}$/from: [192.0.2.200]}/'
  refused moved break-glass
  make wider 's/from: \[vpn\]}$/from: [vpn, 192.0.2.200]}/'
  tried wider
}

open_for_all() {
  make open 's/^  from: \[office\]/  from: [anywhere]/'
  said=$(in_machine gatehouse apply --dry-run /root/open.yaml 2>&1) || fail "it is refused" "$said"
  lets_in key root "$office4"
}

# Somebody is in who must go.
intruder_has_no_veto() {
  stay_logged_in bob "$vpn4"
  make block "\$a block: [$vpn4]"
  said=$(login key alice "$office4" 'sudo gatehouse apply --dry-run /root/block.yaml' && echo "$said") ||
    fail "it is refused" "$said"
  log_out
}

console_stays() {
  make console "\$a local: {users: [nobody]}"
  refused console console alice
}

without_a_directory() {
  stay_logged_in alice "$office6"
  # Nobody is known any more, as if the directory were away; logind knows the names.
  in_machine sed -i.bak '/^alice:/d' /etc/passwd
  make vpn 's/^  from: \[office\]/  from: [vpn]/'
  refused vpn alice root
  in_machine mv /etc/passwd.bak /etc/passwd
  log_out
}

echo 'alice ALL=(ALL) NOPASSWD: ALL' >"$machine/etc/sudoers.d/alice"
in_machine usermod --append --groups sudo alice
install -D -m 600 "$keys/id.pub" "$machine/root/.ssh/authorized_keys"
lets_in key root "$office4"
lets_in key alice "$office6"

check "apply FILE leaves the drop-ins, apply FOLDER names what it removes" drop_ins_stay
check "rollback goes further back each time, and never to what was refused" goes_back
check "break-glass cannot be moved to where nobody has been" break_glass_stays
check "a policy that opens is no lockout" open_for_all
check "whoever is logged in has no veto against a block" intruder_has_no_veto
check "a repairer keeps the console" console_stays
check "a session whose user the directory does not know is judged" without_a_directory
