# shellcheck shell=bash
# A policy can be changed in an editor or by a file; an open editor stops nobody else. If it cannot
# be written, the old one stays in effect.

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

# A folder that alice may write to is no place for what root edits, whatever the environment says.
nobody_else_writes() {
  # shellcheck disable=SC2016
  editor 'stat --format="%a %U %n" "${1%/*}" >/root/place; echo "# seen" >>"$1"'
  login key alice "$office4" 'mkdir -p ~/tmp &&
    sudo --non-interactive env TMPDIR=/home/alice/tmp EDITOR=/root/editor gatehouse edit' ||
    fail "it was not taken" "$said"
  [[ $(cat "$machine/root/place") == '700 root /var/lib/gatehouse-history/'* ]] ||
    fail "the copy lies in" "$(cat "$machine/root/place")"
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
  succeeds gatehouse rollback --allow-lockout=unjudged
}

an_open_editor_stops_nobody() {
  # shellcheck disable=SC2016
  editor 'echo "# mine" >>"$1"; touch /root/editing; read -r _ </root/wait'
  in_machine mkfifo /root/wait
  edits &
  local editing=$!
  eventually in_machine test -e /root/editing || fail "nobody edits"
  succeeds gatehouse apply --allow-lockout=unjudged /root/new.yaml
  echo >"$machine/root/wait"
  if wait "$editing"; then fail "the edit was written over the other change"; fi
  in_machine cmp /root/new.yaml /etc/gatehouse/policy.yaml || fail "the other change is lost"
  editor true
  if edits $'t
k
'; then fail "the other change was written over" "$said"; fi
  [[ $said == *"policy.yaml was changed meanwhile by "*" with gatehouse apply"* ]] ||
    fail "it does not say who changed it" "$said"
}

# stands_after WORDS: an apply that cannot write to the disk says so, and the old policy stays.
stands_after() {
  local before said status=0
  before=$(in_machine cat /etc/gatehouse/policy.yaml)
  said=$(in_machine gatehouse apply --allow-lockout=unjudged /root/long.yaml 2>&1) || status=$?
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
  succeeds gatehouse reload --allow-lockout=unjudged
  { cat "$machine/root/new.yaml"; printf '# %1000s\n' {1..20}; } >"$machine/root/long.yaml"
}

full_disk() {
  small_disk
  stands_after "No space left on device"
  in_machine rm /etc/gatehouse/filler
  succeeds gatehouse apply --allow-lockout=unjudged /root/long.yaml
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
check "nobody else can write what is edited" nobody_else_writes
check "a mistake is shown, and the old policy kept" a_mistake_is_told
check "if it would lock out the person who edits, their address is added" the_address_is_added
check "an open editor stops nobody, and what somebody else changed is told" an_open_editor_stops_nobody
check "on a full disk the old policy stays" full_disk
check "on a disk that cannot be written to as well" read_only
