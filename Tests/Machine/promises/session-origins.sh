# shellcheck shell=bash
# The origin of processes in a session and outside of one: the console is local, a user's own
# services are unknown, and programs that root's services call are local.

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
  journal_holds origin_unknown MESSAGE_ID="$decision_message" GATEHOUSE_SERVICE=sudo \
    GATEHOUSE_USER=alice
}

make_administrators
guard sudo 'origin=session role=administrator'
guard su origin=session

check "the console is local" can on_console alice sudo --non-interactive true
check "a role counts on the console too" \
  cannot sudo bob local role_unavailable - on_console bob sudo --non-interactive true
check "after su on the console, it is local" \
  can on_console bob sh -c "echo '$password' | su alice -c '$sudo_true'"

check "a user's own service is unknown, even from the right address" \
  cannot sudo alice unknown origin_unknown - \
  login key alice "$office4" "$(as_user_service "$sudo_true")"
check "su in a user's own service is unknown" \
  cannot su alice unknown origin_unknown - \
  login key alice "$office4" "$(as_user_service "sh -c \"$(su_to alice)\"")"
check "cron is unknown" from_cron
check "a system service that runs as a user is unknown" \
  cannot sudo alice unknown origin_unknown - in_unit --property=User=alice sudo --non-interactive true
check "su by root's service is local, so the policy is not asked" in_unit su alice -c true

# If su is not guarded, alice can make sessions without a remote host. They do not count.
sed -i /origin=session/d "$machine/etc/pam.d/su"
check "a session that su opened is not local" \
  cannot sudo alice unknown origin_unknown - \
  login key alice "$office4" "$(as_user_service "sh -c \"echo '$password' | su alice -c '$sudo_true'\"")"
guard su 'origin=session local=ask'
check "su by root's service is local if the policy is asked" in_unit su alice -c true
check "and logged as local" journal_holds 'from local (su)' MESSAGE_ID="$decision_message"

# With UseDNS sshd gives logind a name and not an address.
echo 'UseDNS yes' >>"$machine/etc/ssh/sshd_config.d/test.conf"
in_machine systemctl restart ssh
check "with UseDNS the session has a name, and is unknown" \
  cannot sudo alice desk.office.example origin_unknown - login key alice "$office4" "$sudo_true"

in_machine systemctl --quiet stop "$socket" "$service"
guard su origin=session
if on_console root su alice -c true; then outcome=allowed; else outcome=refused; fi
check "without the daemon the origin cannot be found out, and su is refused" test "$outcome" = refused
guard su 'origin=session onerr=succeed'
check "or goes on, as onerr=succeed says" can on_console root su alice -c true
