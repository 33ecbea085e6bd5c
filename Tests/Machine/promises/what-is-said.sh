# shellcheck shell=bash
# What the command says of a policy, of a question, of a file and of the machine is so: a name that
# binds nobody, a file that nobody reads, a user who is not there, a login that is not asked about.

policy=$machine/etc/gatehouse/policy.yaml
candidate=$machine/root/candidate.yaml

# gives STATUS TEXT COMMAND...: the command ends with that status, and says the text.
gives() {
  local status=0
  said=$(in_machine "${@:3}" 2>&1) || status=$?
  ((status == $1)) || fail "status $status of: ${*:3}" "$said"
  [[ $said == *"$2"* ]] || fail "it does not say: $2" "$said"
}

# begins TEXT: what was said last begins with it.
begins() { [[ $said == "$1"* ]] || fail "it does not begin with: $1" "$said"; }

# with LINE: the candidate is the machine's policy with one line more.
with() { { cat "$policy" && printf '%s\n' "$1"; } >"$candidate"; }

# checked STATUS TEXT: check of the candidate, and apply in a check of its own, say the text.
checked() {
  gives "$1" "$2" gatehouse check --policy /root/candidate.yaml
  gives "$1" "$2" gatehouse apply --dry-run --allow-lockout=unjudged /root/candidate.yaml
}

names() {
  local name
  for name in 'bob,carol' %sudo @staff 'svc-*'; do
    with "  \"$name\": {only_from: [nowhere]}"
    checked 1 '[foreign_name]'
  done
  with 'services: {shd: {from: [vpn]}}'
  checked 0 'did you mean'
}

# A rule that confines binds nobody if its name is misspelt.
nobody_confined() {
  with '  carola: {only_from: [vpn]}'
  gives 0 '[unknown_user]' gatehouse check --policy /root/candidate.yaml
  gives 1 --allow-unknown=carola gatehouse apply --allow-lockout=unjudged /root/candidate.yaml
  gives 0 '' gatehouse apply --allow-lockout=unjudged --allow-unknown=carola /root/candidate.yaml
  gives 0 '' gatehouse rollback --allow-lockout=unjudged
}

unread_files() {
  touch "$machine/etc/gatehouse/policy.d/block.yml" "$policy.dpkg-new"
  gives 0 'policy.d/block.yml:1:1: warning: the file is not read' gatehouse check
  gives 0 'policy.yaml.dpkg-new:1:1: warning: the file is not read' \
    gatehouse reload --allow-lockout=unjudged
  journal_holds 'block.yml:1:1: warning: the file is not read' --unit="$service"
  rm "$machine/etc/gatehouse/policy.d/block.yml" "$policy.dpkg-new"
}

senseless_questions() {
  gives 1 user_unknown gatehouse explain alcie --from "$office4"
  begins 'There is no user alcie on this machine.'
  gives 1 origin_unknown gatehouse explain alice --from office
  begins '"office" is not an IP address.'
  gives 2 'not an address' gatehouse who --from office
  with 'tests: [{user: bob, from: office, expect: deny}]'
  checked 1 'is not an IP address'
}

other_files() {
  printf 'sshd: %s\n' "$office4" >"$machine/root/hosts.allow"
  printf 'AllowUsers bob\n' >"$machine/root/sshd_config"
  : >"$machine/root/empty"
  gives 2 'nothing is refused by it without a hosts.deny' gatehouse import /root/hosts.allow
  gives 0 'is a sshd_config of OpenSSH' gatehouse import /root/sshd_config
  gives 2 'it is empty' gatehouse import /root/empty
  printf -- '+:alice:%s\n-:ALL:ALL\n' "$office4" >"$machine/root/access.conf"
  gives 0 'mode: monitor' gatehouse import /root/access.conf
}

# Whoever is root can write SUDO_USER, but not the login's own number in the kernel.
who_changed_it() {
  login key alice "$office4" "sudo env SUDO_USER=mallory gatehouse apply --reason forged \
    --allow-lockout=unjudged /root/candidate.yaml" || fail "it was not applied" "$said"
  gives 0 "alice from $office4" gatehouse history
  if grep forged <<<"$said" | grep mallory; then fail "it believes SUDO_USER" "$said"; fi
}

not_asked() {
  in_machine sed -i.asked /pam_gatehouse/d /etc/pam.d/common-account
  gives 1 'no remote login asks' gatehouse status
  [[ ${said%%$'\n'*} != @(enforcing|monitoring)* ]] || fail "it begins with a mode" "$said"
  in_machine mv /etc/pam.d/common-account.asked /etc/pam.d/common-account
  sed -i '2a mode: off' "$policy"
  succeeds gatehouse reload --allow-lockout=unjudged
  gives 1 off gatehouse status
  [[ ${said%%$'\n'*} != @(enforcing|monitoring)* ]] || fail "it begins with a mode" "$said"
}

echo 'alice ALL=(ALL) NOPASSWD: ALL' >"$machine/etc/sudoers.d/alice"
check "names that other programs understand otherwise" names
check "a rule that confines nobody is applied only if that is meant" nobody_confined
check "files that are not read" unread_files
check "questions that make no sense" senseless_questions
check "what file of another program it is" other_files
with '# applied by alice'
check "the history has who logged in, not who says so" who_changed_it
check "status of a machine whose logins do not ask" not_asked
