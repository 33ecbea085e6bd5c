# shellcheck shell=bash
# Ansible, as an administrator of many machines uses it: it comes from the office as alice, and cannot
# lock itself out, however it changes the policy.

controller=/root/ansible

# make_controller: Ansible's files, in the machine's own folder: the client's end of the cable runs it.
make_controller() {
  local folder=$machine$controller
  mkdir -p "$folder"
  cp "$keys/id" "$known_hosts" "$folder"
  cp "$GATEHOUSE_ROOT/packaging/examples/ansible.yaml" "$folder"
  cat >"$folder/hosts.ini" <<END
[gatehouse]
server ansible_host=$server4 ansible_user=alice ansible_python_interpreter=/usr/bin/python3
END
  cat >"$folder/ansible.cfg" <<END
[defaults]
inventory = hosts.ini
private_key_file = $controller/id
[ssh_connection]
ssh_args = -F none -o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=$controller/known_hosts
END
  for device in dev proc; do mount --bind "/$device" "$machine/$device"; done
  by_file restarted >"$folder/restart.yaml"
  by_file reloaded >"$folder/reload.yaml"
}

# by_file STATE: prints a playbook that knows nothing of Gatehouse's commands.
by_file() {
  cat <<END
- hosts: gatehouse
  become: true
  gather_facts: false
  tasks:
    - ansible.builtin.copy: {src: policy.yaml, dest: /etc/gatehouse/policy.yaml, mode: "0644"}
    - ansible.builtin.systemd: {name: gatehoused, state: $1}
END
}

# ansible PLAYBOOK [OPTION...]: leaves in $said what it printed.
ansible() {
  said=$(from_client "$office4" env --chdir="$controller" HOME=/root LC_ALL=C.UTF-8 ANSIBLE_NOCOLOR=1 \
    PATH=/usr/bin:/bin:/usr/sbin:/sbin ansible-playbook "$@" 2>&1 </dev/null)
}

# policy [SED-SCRIPT]: the next policy is the machine's with that change.
policy() { sed "${1-}" "$machine/etc/gatehouse/policy.yaml" >"$machine$controller/policy.yaml"; }

serves() { in_machine gatehouse status --json | grep --quiet "\"sha256\":\"$1"; }

harmless() {
  policy 's/^message: .*/message: "Refused from {address}. Quote {id} to the help desk. Really."/'
  can ansible ansible.yaml --check
  [[ $said == *"changed=1"* ]] || fail "it does not say that it would change something" "$said"
  ! grep --quiet Really "$machine/etc/gatehouse/policy.yaml" || fail "a check has changed the policy"
  can ansible ansible.yaml
  cmp "$machine$controller/policy.yaml" "$machine/etc/gatehouse/policy.yaml"
  in_machine gatehouse status | grep --quiet 'on trial' && fail "it was not confirmed"
  lets_in key alice "$office4"
}

once_is_enough() {
  can ansible ansible.yaml
  [[ $said == *"changed=0"* ]] || fail "it is changed again" "$said"
}

accident='s/^  from: \[office\]/  from: [vpn]/'

refused() {
  cp "$machine/etc/gatehouse/policy.yaml" "$machine/root/good.yaml"
  policy "$accident"
  if ansible ansible.yaml --check; then fail "the check finds nothing" "$said"; fi
  if ansible ansible.yaml; then fail "it was applied" "$said"; fi
  [[ $said == *alice* ]] || fail "it does not say whom it would lock out" "$said"
  cmp "$machine/root/good.yaml" "$machine/etc/gatehouse/policy.yaml"
  lets_in key alice "$office4"
}

# The file is another one then, but what serves is the one that was accepted.
refused_by_file() {
  policy "$accident"
  ansible "$1.yaml" || true
  cmp "$machine$controller/policy.yaml" "$machine/etc/gatehouse/policy.yaml"
  lets_in key alice "$office4"
  if said=$(in_machine gatehouse status); then fail "status finds nothing" "$said"; fi
  [[ ${said%%$'\n'*} != enforcing* ]] || fail "status begins with enforcing" "$said"
  in_machine cp /root/good.yaml /etc/gatehouse/policy.yaml
  succeeds systemctl reload "$service"
}

dismissed() {
  in_machine usermod --append --groups sudo bob
  lets_in key root "$office4"
  stay_logged_in bob "$office6"
  policy 's/^  bob: .*/  bob: {only_from: [nowhere]}/'
  can ansible ansible.yaml
  refuses key bob "$office6" confined
  lets_in key alice "$office4"
  # Ansible keeps its own connection.
  in_machine pkill --full '^sleep 600'
}

echo 'alice ALL=(ALL) NOPASSWD: ALL' >"$machine/etc/sudoers.d/alice"
in_machine usermod --append --groups sudo alice
install -D -m 600 "$keys/id.pub" "$machine/root/.ssh/authorized_keys"
make_controller

check "a playbook puts a policy in place, and its next connection confirms it" harmless
check "a second run changes nothing" once_is_enough
check "one that would shut it out is refused, in a check too" refused
check "by file and restart, the accepted policy serves on" refused_by_file restart
check "by file and reload, the accepted policy serves on" refused_by_file reload
check "an administrator who is dismissed is out, with a session open" dismissed
umount "$machine/dev" "$machine/proc"
