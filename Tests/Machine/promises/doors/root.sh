# shellcheck shell=bash
# sudo asks for a role that alice has at one desk alone. She logs in from elsewhere, where the policy
# lets her in without the role, and tries the other ways to root that a machine has.

own4=192.0.2.2

# A role that is available at the machine's own addresses, too: an address in a list never means the
# machine itself. Logins from the machine itself are allowed, so that only the role is at stake.
cat >"$machine/etc/gatehouse/policy.d/root.yaml" <<END
version: 1
roles:
  administrator:
    members: {users: [alice, dora, erin, nagios]}
    from: [$office4, $server4, "$server6", $own4]
services:
  sshd: {from: [office, self]}
service_accounts: {users: [nagios]}
END
echo 'ALL ALL=(ALL) NOPASSWD: ALL' >"$machine/etc/sudoers.d/everybody"
in_machine useradd --system nagios
for user in dora erin; do
  in_machine useradd --create-home --shell /bin/bash "$user"
  install -D -m 644 "$keys/id.pub" "$machine/home/$user/.ssh/authorized_keys"
done
in_machine usermod --append --groups sudo alice
add_addresses server "$own4"
load_policy
guard sudo 'origin=session role=administrator'

# What alice has at home: a program that tries sudo, and her key for hops.
cat >"$machine/home/alice/become" <<'END'
#!/bin/sh
sudo --non-interactive id --user --name >~/result.new 2>&1
mv ~/result.new ~/result
END
chmod 755 "$machine/home/alice/become"
cp --preserve=mode "$machine/home/alice/become" "$machine/home/erin/become"
install -m 600 -o 1000 -g 1000 "$keys/id" "$machine/home/alice/id"
install -m 755 "$GATEHOUSE_ROOT/Tests/Machine/doors/type_password.py" \
  "$machine/usr/local/bin/type-password"
hop='ssh -i id -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null'

# Who tries it.
person=alice

# result_of COMMAND...: runs the command and waits until `become` has run. Leaves what sudo said in
# $said.
result_of() {
  rm -f "$machine/home/$person/result"
  "$@" || true
  eventually test -s "$machine/home/$person/result" || fail "sudo was not tried" "$said"
  said=$(cat "$machine/home/$person/result")
}

# no_root COMMAND...: sudo is tried, and refuses.
no_root() {
  result_of "$@"
  [[ $said == *"PAM account management error"* ]] || fail "sudo did not refuse" "$said"
}

# root COMMAND...: sudo is tried, and allows.
root() {
  result_of "$@"
  [[ $said == root ]] || fail "sudo refused" "$said"
}

from_elsewhere() { login key "$person" "$office6" "$1"; }
from_the_desk() { login key "$person" "$office4" "$1"; }

check "sudo at the desk" root from_the_desk ./become
check "sudo elsewhere" no_root from_elsewhere ./become

# --- Hops through the machine itself --------------------------------------------------------------

check "ssh to an own address" no_root from_elsewhere "$hop alice@$server4 ./become"
check "ssh to an own address, IPv6" no_root from_elsewhere "$hop alice@$server6 ./become"
check "ssh from one own address to another" \
  no_root from_elsewhere "$hop -b $server4 alice@$own4 ./become"
check "ssh to loopback" no_root from_elsewhere "$hop alice@127.0.0.1 ./become"
check "ssh -J through the machine to itself" no_root from_elsewhere \
  "$hop -o ProxyCommand='$hop -W %h:%p alice@127.0.0.1' alice@$server4 ./become"
open_unix_socket
check "ssh to a Unix socket" no_root from_elsewhere \
  "$hop -o ProxyUseFdpass=no -o ProxyCommand='nc -U /run/ssh-unix-local/socket' alice@.host ./become"

# --- Processes outside of the session -------------------------------------------------------------

in_machine systemctl start atd
check "at" no_root from_elsewhere 'echo ./become | at now'
check "systemd-run --user" no_root from_elsewhere 'systemd-run --user --quiet ./become'

systemd_run_beside_console() {
  in_machine systemd-run --quiet --unit=console --property=PAMName=login \
    --property=TTYPath=/dev/console --property=User=alice sleep 600
  no_root from_elsewhere 'systemd-run --user --quiet ./become'
  in_machine systemctl stop console
}
check "systemd-run --user beside an open console session" systemd_run_beside_console

# xrdp opens the desktop's session without an address, on Debian 13 even without a password. If xrdp
# lets alice in, sudo refuses there.
desktop_by_sesrun() {
  local command='xrdp-sesrun -t Xvnc -S /home/alice/become'
  if [[ $GATEHOUSE_SUITE == bookworm ]]; then command="echo '$password' | $command -s ::1 -F 0 alice"; fi
  rm -f "$machine/home/alice/result"
  mark_journal
  from_elsewhere "$command" || true
  if eventually sesrun_is_refused; then return; fi
  no_root true
}
sesrun_is_refused() {
  has_decision deny xrdp-sesman alice || has_decision deny sudo alice
}
in_machine systemctl start xrdp-sesman
check "xrdp-sesrun" desktop_by_sesrun

# --- Sessions that are not what they seem ---------------------------------------------------------

# A service that lets its user say that there is a seat, as pam_env did (CVE-2025-6018).
printf '%s\n' 'auth required pam_permit.so' 'account required pam_permit.so' \
  'session required pam_env.so conffile=/etc/security/seat.conf' 'session required pam_systemd.so' \
  >"$machine/etc/pam.d/invented"
echo 'XDG_SEAT DEFAULT=seat0' >"$machine/etc/security/seat.conf"
check "a session of an unknown service that claims a seat" no_root in_unit \
  --property=PAMName=invented --property=User=alice /home/alice/become

check "login on a pseudo terminal without an address" refused_and_recorded login alice - no_address \
  in_unit type-password "$password" login alice

# From the desk erin leaves a program behind, and comes again from elsewhere. Debian's tmux runs in her
# service manager, which has seen no other logins of hers.
person=erin
check "the desk leaves a tmux behind" from_the_desk 'tmux new-session -d -s left && sleep 1'
type_into_tmux='tmux send-keys -t left ./become Enter'
check "from the desk again, sudo works in it" root from_the_desk "$type_into_tmux"
check "elsewhere it does not" no_root from_elsewhere "$type_into_tmux"
check "and so it is from the desk, until a new session" no_root from_the_desk "$type_into_tmux"
in_machine runuser -u erin -- tmux kill-server
person=alice

# --- Other ways around the line -------------------------------------------------------------------

# With onerr=succeed, a caller could make the question take too long.
starve() {
  cat >"$machine/home/alice/starve" <<'END'
#!/bin/sh
for seconds in 0.3 0.6 1 1.5 2; do
  for _ in 1 2 3 4 5 6; do
    timeout "$seconds" taskset --cpu-list 0 sh -c 'while :; do :; done' &
  done
  taskset --cpu-list 0 chrt --idle 0 sudo --non-interactive id --user --name
  wait
done >~/result.new 2>&1
mv ~/result.new ~/result
END
  chmod 755 "$machine/home/alice/starve"
  no_root from_elsewhere ./starve
  ! grep --quiet --line-regexp root <<<"$said" || fail "root, at last" "$said"
}
guard sudo 'origin=session role=administrator timeout=50 onerr=succeed'
check "a caller who starves sudo of the processor" starve
guard sudo 'origin=session role=administrator'

# sudoers can leave the account stage out; nobody is asked then. `gatehouse doors` says so.
doors_warn() {
  if said=$(in_machine gatehouse doors 2>&1); then fail "doors finds nothing" "$said"; fi
  [[ $said == *"$1"* ]] || fail "doors says" "$said"
}
echo 'Defaults !pam_acct_mgmt' >"$machine/etc/sudoers.d/no-account-stage"
check "sudoers' !pam_acct_mgmt is told" doors_warn pam_acct_mgmt
rm "$machine/etc/sudoers.d/no-account-stage"

check "pkexec beside a guarded sudo is told" doors_warn polkit
polkit_asks() { from_"$1" "type-password '$password' pkexec id --user --name"; }
polkit_stack() {
  if [[ ! -e $machine/etc/pam.d/polkit-1 ]]; then
    cp "$machine/usr/lib/pam.d/polkit-1" "$machine/etc/pam.d/polkit-1"
  fi
  guard polkit-1 'origin=session role=administrator'
}
# What polkit itself makes of an allow is not looked at: the one of Debian 12 loses its session here.
polkit_lets_in() {
  mark_journal
  polkit_asks the_desk || true
  is_recorded allow polkit-1 alice "$office4"
}
polkit_stack
check "pkexec at the desk" polkit_lets_in
check "pkexec elsewhere" \
  refused_and_recorded polkit-1 alice "$office6" role_unavailable polkit_asks elsewhere

# --- What must work -------------------------------------------------------------------------------

root_uses_sudo() { in_unit sudo --non-interactive true && in_unit runuser -u alice -- true; }
check "root's own sudo and runuser" can root_uses_sudo
check "a service account" can in_unit --property=User=nagios sudo --non-interactive true
check "on the console" root on_console alice /home/alice/become

# A desktop: a session with a seat, that a display manager opened. Its terminals run in the user's own
# service manager.
printf '%s\n' 'auth required pam_permit.so' '@include common-account' \
  'session required pam_env.so conffile=/etc/security/seat.conf' \
  'session required pam_systemd.so class=user type=wayland' >"$machine/etc/pam.d/gdm-password"
desktop_terminal() {
  in_unit --property=PAMName=gdm-password --property=User=dora systemd-run --user --quiet --wait \
    --pipe sudo --non-interactive true
}
# beside_a_login FROM COMMAND...: the command runs while dora is logged in from there, too.
beside_a_login() {
  local status=0
  stay_logged_in dora "$1"
  "${@:2}" || status=$?
  in_machine pkill --full '^sleep 600'
  eventually nothing_of_dora || fail "a session does not end" "$(in_machine loginctl)"
  return "$status"
}
nothing_of_dora() { ! in_machine loginctl --no-legend list-sessions | grep --quiet dora; }
check "a desktop's terminal" can desktop_terminal
check "and beside a login that the role allows" can beside_a_login "$office4" desktop_terminal
check "but not beside one that it does not" refused_and_recorded sudo dora "$office6" role_unavailable \
  beside_a_login "$office6" desktop_terminal

# `local:` is for those who sit at the machine. What runs there anyway needs no leave.
echo 'local: {users: [nagios]}' >>"$machine/etc/gatehouse/policy.d/root.yaml"
load_policy all
ask_gatehouse "$machine" local=ask
check "who is not in local: has no console" \
  refused_and_recorded login alice local local_not_listed on_console alice true
check "but su, for root" can in_unit su alice -c true
check "and su, for others" can in_unit --property=User=bob sh -c "echo '$password' | su alice -c true"
check "and cron" runs_cron_job
check "and a service manager" in_machine systemctl restart "user@$(in_machine id -u alice).service"

ask_gatehouse "$machine"
in_machine systemctl --quiet mask --runtime --now "$socket" "$service"
check "root's own sudo and runuser with the daemon masked" can root_uses_sudo
check "and su by root" can in_unit su alice -c true
in_machine systemctl --quiet unmask --runtime "$socket" "$service"
in_machine systemctl start "$socket"
