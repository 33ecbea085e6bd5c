# shellcheck shell=bash
# A policy can be changed in an editor or by a file, by one person at a time. If it cannot be
# written, the old one stays in effect.

# editor SCRIPT: sets the editor to this script; its first argument is the path of the file.
editor() {
  printf '#!/bin/sh\n%s\n' "$1" >"$machine/root/editor"
  chmod +x "$machine/root/editor"
}

# edits [INPUT]: alice runs gatehouse edit with that editor, over ssh. Leaves its output in $said.
edits() {
  login key alice "$office4" \
    "printf '%s' '${1-}' | sudo --non-interactive env EDITOR=/root/editor gatehouse edit"
}

editing_counts_at_once() {
  refuses key bob "$outside4" not_listed
  # shellcheck disable=SC2016  # the editor expands it
  editor "sed -i 's/bob: .*/bob: {also_from: [$outside4]}/' \"\$1\""
  can edits
  lets_in key bob "$outside4"
}

a_mistake_is_told() {
  # shellcheck disable=SC2016
  editor 'sed -i s/everyone/evryone/ "$1"'
  if edits k; then fail "a policy with a mistake was taken" "$said"; fi
  [[ $said == *"policy.yaml:"*"evryone"* && $said == *"What now?"* ]] || fail "the mistake is not shown" "$said"
  lets_in key bob "$outside4"
}

the_address_is_added() {
  # shellcheck disable=SC2016
  editor 'sed -i "s/from: \[office\]/from: [vpn]/" "$1"'
  can edits a
  [[ $said == *"(a)dd: give users.alice the key also_from: [$office4]"* ]] || fail "no offer" "$said"
  lets_in key alice "$office4"
  succeeds gatehouse rollback
}

one_at_a_time() {
  editor 'touch /root/editing; read -r _ </root/wait'
  in_machine mkfifo /root/wait
  edits &
  local editing=$! other
  eventually in_machine test -e /root/editing || fail "nobody edits"
  if other=$(in_machine gatehouse apply /root/new.yaml 2>&1); then fail "two changed it at once"; fi
  [[ $other == *"is being changed by gatehouse edit, pid "*", alice"* ]] || fail "it does not say who it is" "$other"
  echo >"$machine/root/wait"
  wait "$editing" || fail "the edit ended badly"
  succeeds gatehouse apply /root/new.yaml
}

# stands_after WORDS: an apply that cannot write to the disk says so, and the old policy stays.
stands_after() {
  local before said status=0
  before=$(in_machine cat /etc/gatehouse/policy.yaml)
  said=$(in_machine gatehouse apply /root/long.yaml 2>&1) || status=$?
  ((status == 3)) || fail "status $status" "$said"
  [[ $said == *"$1: nothing was changed"* ]] || fail "it does not say so" "$said"
  [[ $(in_machine cat /etc/gatehouse/policy.yaml) == "$before" ]] || fail "the policy was changed"
  [[ $(in_machine ls -A /etc/gatehouse) == $'filler\npolicy.yaml' ]] || fail "something was left" \
    "$(in_machine ls -A /etc/gatehouse)"
  lets_in key alice "$office4"
}

# small_disk: puts the policy on a file system of 64 KiB.
small_disk() {
  in_machine mount -t tmpfs -o size=64k,mode=755 tmpfs /etc/gatehouse
  in_machine cp /root/new.yaml /etc/gatehouse/policy.yaml
  in_machine dd if=/dev/zero of=/etc/gatehouse/filler bs=1k count=50 status=none
  succeeds gatehouse reload
  { cat "$machine/root/new.yaml"; printf '# %1000s\n' {1..20}; } >"$machine/root/long.yaml"
}

full_disk() {
  small_disk
  stands_after "No space left on device"
  in_machine rm /etc/gatehouse/filler
  succeeds gatehouse apply /root/long.yaml
  in_machine dd if=/dev/zero of=/etc/gatehouse/filler bs=1k count=1 status=none
  in_machine cp /root/new.yaml /etc/gatehouse/policy.yaml
}

read_only() {
  in_machine mount -o remount,ro /etc/gatehouse
  stands_after "Read-only file system"
}

echo 'ALL ALL=(ALL) NOPASSWD: ALL' >"$machine/etc/sudoers.d/everybody"
cp "$machine/etc/gatehouse/policy.yaml" "$machine/root/new.yaml"
echo '# another one' >>"$machine/root/new.yaml"

check "what was edited counts at once" editing_counts_at_once
check "a mistake is shown, and the old policy kept" a_mistake_is_told
check "if it would lock out the person who edits, their address is added" the_address_is_added
check "one at a time, and the second one is told who the first one is" one_at_a_time
check "on a full disk the old policy stays" full_disk
check "on a disk that cannot be written to as well" read_only
