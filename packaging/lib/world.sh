# shellcheck shell=bash
# The small world of packaging/try: an sshd, the daemon, four users, and addresses to come from.
# tour.sh makes it once, in namespaces of its own. The shell of --shell also reads this file, for
# its commands.
# shellcheck source-path=SCRIPTDIR
. "$GATEHOUSE_ROOT/packaging/lib/network.sh"

daemon_log=$GATEHOUSE_WORLD/gatehoused.log sshd_log=$GATEHOUSE_WORLD/sshd.log
keys=$GATEHOUSE_WORLD/keys
known_hosts=$keys/known_hosts
addresses=(
  203.0.113.9 203.0.113.11 2001:db8:1::9 # the office
  10.15.1.20 2001:db8:2::20              # the vpn
  198.51.100.7                           # bob's home
  192.0.2.33 2001:db8:c::33              # a customer's
  192.0.2.66 2001:db8:bad::66            # nobody's
)

# make_world: replaces everything that we share with the machine by private copies, and then starts
# the programs.
make_world() {
  mount -t tmpfs -o mode=755 gatehouse-try "$GATEHOUSE_WORLD"
  # Copy the programs and the module to where every user of this world can read them: the clone may
  # be in a folder that others cannot read.
  mkdir "$GATEHOUSE_WORLD/bin" "$keys" "$GATEHOUSE_WORLD/home"
  cp "$GATEHOUSE_DAEMON" "$GATEHOUSE_WORLD/bin/gatehoused"
  cp "$GATEHOUSE_COMMAND" "$GATEHOUSE_WORLD/bin/gatehouse"
  cp "$GATEHOUSE_MODULE" "$GATEHOUSE_WORLD/pam_gatehouse.so"
  PATH=$GATEHOUSE_WORLD/bin:$PATH
  cp -a /etc "$GATEHOUSE_WORLD/etc"
  mount --bind "$GATEHOUSE_WORLD/etc" /etc
  # sshd records logins here.
  mount -t tmpfs -o mode=755 log /var/log
  make_network "${addresses[@]}"
  hostname try
  make_users
  install -D -m 644 "$GATEHOUSE_ROOT/packaging/examples/policy.yaml" /etc/gatehouse/policy.yaml
  mkdir /etc/gatehouse/policy.d
  start_daemon
  start_sshd
}

# Of the machine's own users only root exists in this world, and no directory is asked.
make_users() {
  local user id=60000
  printf '%s\n' 'passwd: files' 'group: files' 'shadow: files' 'hosts: files' >/etc/nsswitch.conf
  echo '127.0.0.1 localhost try' >/etc/hosts
  echo 'root:x:0:0:root:/root:/bin/bash' >/etc/passwd
  echo 'root:*:20000::::::' >/etc/shadow
  # alice could repair the machine, so a new policy is judged by her.
  printf '%s\n' 'root:x:0:' 'sudo:x:27:alice' 'field:x:60100:dave' 'contractors:x:60101:carol' >/etc/group
  for user in sshd gatehouse alice bob carol dave; do
    id=$((id + 1))
    echo "$user:x:$id:$id::$GATEHOUSE_WORLD/home/$user:/bin/bash" >>/etc/passwd
    echo "$user:*:20000::::::" >>/etc/shadow
    echo "$user:x:$id:" >>/etc/group
    install -d -o "$id" -g "$id" "$GATEHOUSE_WORLD/home/$user"
  done
}

start_daemon() {
  install -d -o gatehouse -g gatehouse /run/gatehouse "$GATEHOUSE_WORLD/state"
  setpriv --reuid=gatehouse --regid=gatehouse --clear-groups --inh-caps=-all \
    gatehoused --state "$GATEHOUSE_WORLD/state" --log stderr 2>"$daemon_log" &
  echo $! >"$GATEHOUSE_WORLD/gatehoused.pid"
  wait_for "the daemon" "$daemon_log" test -S /run/gatehouse/gatehouse.sock
}

start_sshd() {
  ssh-keygen -q -t ed25519 -N '' -C "try" -f "$keys/id"
  ssh-keygen -q -t ed25519 -N '' -C "the server" -f "$keys/host"
  trust_host_key "$keys/host.pub"
  # The stack of every login: first who it is, then where it comes from.
  printf '%s\n' \
    'auth     required pam_unix.so' \
    'account  required pam_unix.so' \
    "account  required $GATEHOUSE_WORLD/pam_gatehouse.so" \
    'session  required pam_permit.so' >/etc/pam.d/sshd
  # StrictModes would refuse home folders below /tmp.
  printf '%s\n' \
    'UsePAM yes' "HostKey $keys/host" "AuthorizedKeysFile $keys/id.pub" 'StrictModes no' \
    'PermitRootLogin no' 'PasswordAuthentication no' 'KbdInteractiveAuthentication no' \
    'PrintMotd no' 'PidFile none' >"$GATEHOUSE_WORLD/sshd_config"
  mkdir -p /run/sshd
  "$GATEHOUSE_SSHD" -D -f "$GATEHOUSE_WORLD/sshd_config" -E "$sshd_log" &
  wait_for "sshd" "$sshd_log" grep -qs '^Server listening' "$sshd_log"
}

# wait_for WHAT LOG COMMAND...: waits until the command succeeds, as long as the last background
# process is alive.
wait_for() {
  local what=$1 log=$2 started=$! tries
  shift 2
  for ((tries = 0; tries < 100; tries++)); do
    if "$@"; then return; fi
    kill -0 "$started" 2>/dev/null || break
    sleep 0.1
  done
  show_end_of "$log"
  die "$what did not start"
}

# login USER ADDRESS [COMMAND]: logs in by ssh from that address.
login() {
  if (($# < 2)) || [[ " ${addresses[*]} " != *" $2 "* ]]; then
    echo "usage: login alice|bob|carol|dave ADDRESS [COMMAND]"
    echo "addresses: ${addresses[*]}"
    return 2
  fi
  ssh_from "$2" "$1" "${3:-echo \"logged in as \$(whoami)\"}" -i "$keys/id" </dev/null
}

# reload: makes the daemon read the policy again, and prints what it logs about that. Its last line
# says which generation serves: the new one, or the old one, which stays in effect.
reload() {
  local before
  before=$(wc -l <"$daemon_log")
  kill -HUP "$(cat "$GATEHOUSE_WORLD/gatehoused.pid")"
  for _ in {1..50}; do
    if log_after "$before" | grep -qE ' (serves|stays in effect)'; then break; fi
    sleep 0.1
  done
  log_after "$before"
}

# log_after LINE: prints the daemon's log after that line.
log_after() { tail -n "+$(($1 + 1))" "$daemon_log"; }

# decision_after LINE: prints the first decision after that line of the daemon's log. It waits,
# because the daemon answers first and then writes.
decision_after() {
  for _ in {1..50}; do
    if log_after "$1" | grep -m 1 ' decision="'; then return; fi
    sleep 0.1
  done
}

# field NAME LINE: prints a field of a line of the daemon's log.
field() { sed -n "s/.*[[ ]$1=\"\([^\"]*\)\".*/\1/p" <<<"$2"; }
