# shellcheck shell=bash
# Functions for sessions: sudo, su, and their refusals.

# A command that sudo itself allows to everybody.
sudo_true='sudo --non-interactive true'

# The line in the policy of `make_administrators` that says where the role may be used from.
desks_list=policy.d/administrators.yaml:5

# load_policy [WHAT]: the daemon takes the policy that a test has written, also if nobody has logged in
# yet by whom it could be judged, and if WHAT is `all` also if it shuts somebody out.
load_policy() { succeeds gatehouse reload --allow-lockout="${1-unjudged}"; }

# make_administrators: alice becomes an administrator, at one desk of the office.
make_administrators() {
  echo 'ALL ALL=(ALL) NOPASSWD: ALL' >"$machine/etc/sudoers.d/everybody"
  cat >"$machine/etc/gatehouse/policy.d/administrators.yaml" <<END
version: 1
roles:
  administrator:
    members: {users: [alice]}
    from: [$office4]
END
  load_policy
}

# guard SERVICE OPTIONS: gives a service an account line of its own, before the common ones.
guard() {
  local stacks=("$machine/etc/pam.d/$1")
  # Debian's sudo has a file of its own for `sudo -i`.
  if [[ $1 == sudo ]]; then stacks+=("$machine/etc/pam.d/sudo-i"); fi
  sed -i -e '/pam_gatehouse/d' -e "/^@include common-account/i account requisite pam_gatehouse.so $2" \
    "${stacks[@]}"
}

# su_to USER: prints a command that runs su in a session without a terminal.
su_to() { printf "echo '%s' | su %s -c true" "$password" "$1"; }

# on_console USER COMMAND...: runs the command as a user who has logged in at the machine itself, on
# its console. Leaves in $said everything that was printed.
on_console() {
  said=$(in_machine systemd-run --quiet --wait --pipe --property=PAMName=login \
    --property=TTYPath=/dev/console --property=User="$1" "${@:2}" 2>&1 </dev/null)
}

# runs_cron_job: cron runs a job of alice's.
runs_cron_job() {
  in_machine rm -f /tmp/cron-was-here
  echo '@reboot alice touch /tmp/cron-was-here' >"$machine/etc/cron.d/test"
  # For cron, this file means that the jobs of the boot have run.
  in_machine rm -f /run/crond.reboot
  in_machine systemctl restart cron
  eventually in_machine test -e /tmp/cron-was-here || fail "alice's job did not run"
}

# can COMMAND...: the function or program succeeds; it leaves its output in $said.
can() { "$@" || fail "status $? of: $*" "$said"; }

# cannot SERVICE USER SHOWN REASON RULE COMMAND...: the command fails, and the rest is checked by
# `is_denied`. The RULE `-` means none.
cannot() {
  if "${@:6}"; then fail "${*:6} was allowed" "$said"; fi
  is_denied "${@:1:4}" "${5#-}"
}

# in_unit [PROPERTY...] COMMAND...: runs the command as a system service. Leaves its output in
# $said.
in_unit() {
  said=$(in_machine systemd-run --quiet --wait --pipe "$@" 2>&1 </dev/null)
}

# stay_logged_in USER FROM: opens a session that lasts until `log_out`.
stay_logged_in() {
  ssh_from "$2" "$1" 'sleep 600' -i "$keys/id" </dev/null >/dev/null 2>&1 &
  eventually in_machine pgrep --full '^sleep 600' >/dev/null || fail "$1 from $2 has no session"
}

log_out() {
  in_machine pkill --full '^sleep 600'
  eventually nobody_is_logged_in || fail "a session does not end" "$(in_machine loginctl)"
}

# nobody_is_logged_in: no remote session is open. A session lasts a moment longer than its ssh.
nobody_is_logged_in() { ! in_machine grep --quiet --recursive '^REMOTE=1' /run/systemd/sessions; }
