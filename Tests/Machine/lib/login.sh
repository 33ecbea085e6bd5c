# shellcheck shell=bash
# Logins, from the client's side of the cable.

password="correct horse"
keys=$GATEHOUSE_WORK/keys
known_hosts=$keys/known_hosts

make_keys() {
  mkdir -p "$keys"
  ssh-keygen -q -t ed25519 -N '' -C test -f "$keys/id"
  trust_host_key "$GATEHOUSE_BASE/etc/ssh/ssh_host_ed25519_key.pub"
  answer_with "$password"
}

# answer_with TEXT: sets what is typed from now on. ssh asks a program instead of a person.
answer_with() {
  printf '#!/bin/sh\necho "%s"\n' "$1" >"$keys/answer"
  chmod +x "$keys/answer"
}

# login METHOD USER FROM [COMMAND]: logs in by `key`, `password`, `keyboard`, or `key-and-keyboard`
# for both. Returns ssh's status, and leaves in $said everything that was printed.
login() {
  local method=$1 user=$2 from=$3 command=${4:-whoami} options=(-o NumberOfPasswordPrompts=1)
  case $method in
    key) options+=(-o PreferredAuthentications=publickey -i "$keys/id") ;;
    password) options+=(-o PreferredAuthentications=password) ;;
    key-and-keyboard)
      options+=(-o PreferredAuthentications=publickey,keyboard-interactive -i "$keys/id") ;;
    keyboard) options+=(-o PreferredAuthentications=keyboard-interactive) ;;
  esac
  said=$(SSH_ASKPASS=$keys/answer SSH_ASKPASS_REQUIRE=force \
    ssh_from "$from" "$user" "$command" "${options[@]}" 2>&1 </dev/null)
}
