# shellcheck shell=bash
# Logins, from the client's side of the cable.

password="correct horse"
keys=$GATEHOUSE_WORK/keys

make_keys() {
  mkdir -p "$keys"
  ssh-keygen -q -t ed25519 -N '' -C 'test' -f "$keys/id"
  # ssh asks this program instead of a person.
  printf '#!/bin/sh\necho "%s"\n' "$password" >"$keys/answer"
  chmod +x "$keys/answer"
}

# login METHOD USER FROM [COMMAND]: one login by `key`, `password` or `keyboard`. Returns ssh's
# status; what was said on either side is in $said.
login() {
  local method=$1 user=$2 from=$3 server=$server4 options
  local command=${4:-echo let in as '$(id -un)'}
  if [[ $from == *:* ]]; then server=$server6; fi
  case $method in
    key) options=(-o PreferredAuthentications=publickey -i "$keys/id") ;;
    password) options=(-o PreferredAuthentications=password) ;;
    keyboard) options=(-o PreferredAuthentications=keyboard-interactive) ;;
  esac
  said=$(SSH_ASKPASS=$keys/answer SSH_ASKPASS_REQUIRE=force ip netns exec client \
    ssh -F none -b "$from" -o LogLevel=INFO -o ConnectTimeout=10 -o NumberOfPasswordPrompts=1 \
    -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "${options[@]}" \
    "$user@$server" "$command" 2>&1 </dev/null)
}
