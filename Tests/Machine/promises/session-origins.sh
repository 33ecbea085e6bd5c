# shellcheck shell=bash
# Where a session was opened from, for everything that runs in one or in none: the console is local,
# a user's own services are unknown, and what root's services call is local.

# as_user_service COMMAND: a command for a session that has the user's own systemd run another.
as_user_service() {
  # shellcheck disable=SC2016  # the session's shell expands it
  printf '%s %s; status=$?; cat ~/said; exit $status' \
    'systemd-run --user --quiet --property=Type=oneshot --property=StandardError=truncate:$HOME/said' "$1"
}

from_cron() {
  in_machine rm -f /tmp/cron-was-here
  printf '@reboot alice %s; echo $? >/tmp/cron-was-here\n' "$sudo_true" >"$machine/etc/cron.d/test"
  # cron takes this file for the sign that the jobs of the boot have run.
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
check "a role counts on the console, too" \
  cannot sudo bob local role_unavailable - on_console bob sudo --non-interactive true
check "after su on the console, it is local" \
  can on_console bob sh -c "echo '$password' | su alice -c '$sudo_true'"

check "a service of the user's own is unknown, even from the right address" \
  cannot sudo alice unknown origin_unknown - \
  login key alice "$office4" "$(as_user_service "$sudo_true")"
check "su in a service of the user's own is unknown" \
  cannot su alice unknown origin_unknown - \
  login key alice "$office4" "$(as_user_service "sh -c \"$(su_to alice)\"")"
check "cron is unknown" from_cron
check "a user's service of the system is unknown" \
  cannot sudo alice unknown origin_unknown - in_unit --property=User=alice sudo --non-interactive true
check "su by root's service is local, and so not asked about" in_unit su alice -c true

# alice could make sessions without a remote host, were su not guarded. They count for nothing.
sed -i /origin=session/d "$machine/etc/pam.d/su"
check "a session that su has opened is not local" \
  cannot sudo alice unknown origin_unknown - \
  login key alice "$office4" "$(as_user_service "sh -c \"echo '$password' | su alice -c '$sudo_true'\"")"
guard su 'origin=session local=ask'
check "su by root's service is local where it is asked about" in_unit su alice -c true
check "and recorded so" journal_holds 'from local (su)' MESSAGE_ID="$decision_message"

# With UseDNS sshd tells the login manager a name; a name is no address.
echo 'UseDNS yes' >>"$machine/etc/ssh/sshd_config.d/test.conf"
in_machine systemctl restart ssh
check "with UseDNS the session has a name, and is unknown" \
  cannot sudo alice desk.office.example origin_unknown - login key alice "$office4" "$sudo_true"

in_machine systemctl --quiet stop "$socket" "$service"
guard su origin=session
if on_console root su alice -c true; then outcome=allowed; else outcome=refused; fi
check "without the daemon nobody can tell, and su is refused" test "$outcome" = refused
guard su 'origin=session onerr=succeed'
check "or goes on, as onerr=succeed says" can on_console root su alice -c true
