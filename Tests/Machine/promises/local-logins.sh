# shellcheck shell=bash
# Gatehouse does not judge a login without a remote host, and such a login never needs the daemon.

runs_cron_job() {
  in_machine rm -f /tmp/cron-was-here
  echo '@reboot alice touch /tmp/cron-was-here' >"$machine/etc/cron.d/test"
  # For cron, this file means that the jobs of the boot have run.
  in_machine rm -f /run/crond.reboot
  in_machine systemctl restart cron
  eventually in_machine test -e /tmp/cron-was-here || fail "alice's job did not run"
}

sudo_works() {
  echo 'alice ALL=(ALL) NOPASSWD: ALL' >"$machine/etc/sudoers.d/alice"
  succeeds runuser -u alice -- sudo --non-interactive true
}

check "su" succeeds su alice -c true
check "cron" runs_cron_job
check "sudo" sudo_works

in_machine systemctl --quiet stop "$socket" "$service"
check "su without the daemon" succeeds su alice -c true
check "cron without the daemon" runs_cron_job
check "sudo without the daemon" sudo_works
