# shellcheck shell=bash
# What happens in a session, once somebody is logged in: sudo, su, and who may not.

# The command that everybody may run by sudo, as far as sudo is concerned.
sudo_true='sudo --non-interactive true'

# The key in the policy of `make_administrators` that says where the role may be used from.
desks_list=policy.d/administrators.yaml:5

# make_administrators: alice, at one desk of the office.
make_administrators() {
  echo 'ALL ALL=(ALL) NOPASSWD: ALL' >"$machine/etc/sudoers.d/everybody"
  cat >"$machine/etc/gatehouse/policy.d/administrators.yaml" <<END
version: 1
roles:
  administrator:
    members: {users: [alice]}
    from: [$office4]
END
  in_machine systemctl reload "$service"
}

# guard SERVICE OPTIONS: an account line of its own for a service, before the common ones.
guard() {
  local stacks=("$machine/etc/pam.d/$1")
  # Debian's sudo has a file of its own for `sudo -i`.
  if [[ $1 == sudo ]]; then stacks+=("$machine/etc/pam.d/sudo-i"); fi
  sed -i -e '/pam_gatehouse/d' -e "/^@include common-account/i account required pam_gatehouse.so $2" \
    "${stacks[@]}"
}

# su_to USER: a command for a session without a terminal.
su_to() { printf "echo '%s' | su %s -c true" "$password" "$1"; }

# on_console USER COMMAND...: as who has logged in at the machine itself, on a terminal. As in
# `login`, what was said is in $said.
on_console() {
  said=$(in_machine systemd-run --quiet --wait --pty --property=PAMName=login \
    --property=User="$1" "${@:2}" 2>&1 </dev/null)
}

# can COMMAND...: a function or program that leaves in $said what was said.
can() { "$@" || fail "status $? of: $*" "$said"; }

# cannot SERVICE USER SHOWN REASON RULE COMMAND...: the command fails, the user reads an id and
# what is SHOWN of the origin, and the journal knows that id. A RULE of `-` is none.
cannot() {
  local asked=$1 user=$2 shown=$3 reason=$4 rule=$5 id
  shift 5
  if "$@"; then fail "$* was allowed" "$said"; fi
  [[ $said =~ "Refused from $shown. Quote "([a-z0-9]+)" to the help desk." ]] ||
    fail "$user was not told '$shown' and an id" "$said"
  id=${BASH_REMATCH[1]}
  eventually find_decision "$id" || fail "the journal does not know $id"
  says GATEHOUSE_DECISION deny
  says GATEHOUSE_SERVICE "$asked"
  says GATEHOUSE_USER "$user"
  says GATEHOUSE_REASON "$reason"
  [[ $rule == - ]] || says GATEHOUSE_RULE "$rule"
}

# in_unit [PROPERTY...] COMMAND...: as a service of the system. What was said is in $said.
in_unit() {
  said=$(in_machine systemd-run --quiet --wait --pipe "$@" 2>&1 </dev/null)
}

# stay_logged_in USER FROM: a session that is open until `log_out`.
stay_logged_in() {
  ssh_from "$2" "$1" 'sleep 600' -i "$keys/id" </dev/null >/dev/null 2>&1 &
  eventually in_machine pgrep --full '^sleep 600' >/dev/null || fail "$1 from $2 has no session"
}

log_out() {
  in_machine pkill --full '^sleep 600'
  eventually nobody_is_logged_in || fail "a session does not end" "$(in_machine loginctl)"
}

# nobody_is_logged_in: a session is there a moment longer than its ssh.
nobody_is_logged_in() { ! in_machine grep --quiet --recursive '^REMOTE=1' /run/systemd/sessions; }
