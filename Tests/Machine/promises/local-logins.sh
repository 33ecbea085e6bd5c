# shellcheck shell=bash
# Gatehouse does not judge a login without a remote host, and such a login never needs the daemon.

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
