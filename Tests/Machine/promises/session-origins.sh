# shellcheck shell=bash
# The origin of processes in a session and outside of one: the console is local, a user's own services
# have the origins of the user's logins, and whatever else is in no session is unknown. Root's own su is
# not judged.

# as_user_service COMMAND: prints a command that makes the user's own systemd run COMMAND.
as_user_service() {
  # shellcheck disable=SC2016  # the session's shell expands it
  printf '%s %s; status=$?; cat ~/said; exit $status' \
    'systemd-run --user --quiet --property=Type=oneshot --property=StandardError=truncate:$HOME/said' "$1"
}

from_cron() {
  in_machine rm -f /tmp/cron-was-here
  printf '@reboot alice %s; echo $? >/tmp/cron-was-here\n' "$sudo_true" >"$machine/etc/cron.d/test"
  # For cron, this file means that the jobs of the boot have run.
  in_machine rm -f /run/crond.reboot
  in_machine systemctl restart cron
  eventually in_machine test -s /tmp/cron-was-here || fail "alice's job did not run"
  [[ $(in_machine cat /tmp/cron-was-here) != 0 ]] || fail "alice's job could use sudo"
  journal_holds session_unclear MESSAGE_ID="$decision_message" GATEHOUSE_SERVICE=sudo \
    GATEHOUSE_USER=alice
}

# A daemon that is restarted, as by an upgrade, goes on from what the one before has seen: nobody has to
# log out because of it. A lingering service manager is older than the restart for sure.
over_a_restart() {
  in_machine loginctl enable-linger alice
  eventually in_machine systemctl --quiet is-active "user@$(in_machine id -u alice).service" ||
    fail "alice has no service manager"
  in_machine systemctl restart "$service"
  can login key alice "$office4" "$(as_user_service "$sudo_true")"
}

make_administrators
guard sudo 'origin=session role=administrator'
guard su origin=session

check "the console is local" can on_console alice sudo --non-interactive true
check "a role counts on the console too" \
  refused_and_recorded sudo bob local role_unavailable on_console bob sudo --non-interactive true
check "after su on the console, it is local" \
  can on_console bob sh -c "echo '$password' | su alice -c '$sudo_true'"

check "a user's own service has the origin of the user's logins" \
  can login key alice "$office4" "$(as_user_service "$sudo_true")"
check "su in it, too" can login key alice "$office4" "$(as_user_service "sh -c \"$(su_to alice)\"")"
check "also if the daemon was restarted since" over_a_restart
in_machine loginctl disable-linger alice
check "of all of them: one from elsewhere is refused" \
  refused_and_recorded sudo alice "$office6" role_unavailable \
  login key alice "$office6" "$(as_user_service "$sudo_true")"
check "cron is unknown" from_cron
check "a system service that runs as a user is unknown" \
  refused_and_recorded sudo alice unknown session_unclear \
  in_unit --property=User=alice sudo --non-interactive true
check "root's own su is not judged" in_unit su alice -c true

# If su is not guarded, alice can run programs through it, in a session of su on Debian 13.
sed -i /origin=session/d "$machine/etc/pam.d/su"
su_is_not_local() {
  mark_journal
  if login key alice "$office4" "$(as_user_service "sh -c \"echo '$password' | su alice -c '$sudo_true'\"")"; then
    fail "alice is root" "$said"
  fi
  eventually has_decision deny sudo alice || fail "the journal has no such decision" "$said"
  ! grep --quiet --line-regexp GATEHOUSE_ORIGIN=local <<<"$entry" || fail "it was local" "$entry"
}
check "what su started is not local" su_is_not_local

# With UseDNS sshd gives logind a name and not an address.
echo 'UseDNS yes' >>"$machine/etc/ssh/sshd_config.d/test.conf"
in_machine systemctl restart ssh
check "with UseDNS the session has a name, and is unknown" \
  refused_and_recorded sudo alice desk.office.example session_unclear \
  login key alice "$office4" "$sudo_true"

in_machine systemctl --quiet stop "$socket" "$service"
guard su origin=session
su_on_console() { on_console bob sh -c "$(su_to alice)"; }
if su_on_console; then outcome=allowed; else outcome=refused; fi
check "without the daemon the origin cannot be found out, and su is refused" test "$outcome" = refused
check "but not root's own" can in_unit su alice -c true
guard su 'origin=session onerr=succeed'
check "or goes on, as onerr=succeed says" can su_on_console
