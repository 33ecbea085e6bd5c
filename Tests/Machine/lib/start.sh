# shellcheck shell=bash
# Tests/Machine/lib/inside.sh and Tests/Packages/inside.sh begin with this. It reads the functions
# and makes a network and a layer over the base, in which people can log in and Gatehouse is not
# installed yet. Both scripts run as process 1 of their own namespaces.
# shellcheck source-path=SCRIPTDIR

# Process 1 only gets signals that it handles.
trap 'exit 130' INT
trap 'exit 143' TERM HUP

. "$GATEHOUSE_ROOT/packaging/lib/network.sh"
. "$GATEHOUSE_ROOT/Tests/Machine/lib/install.sh"
. "$GATEHOUSE_ROOT/Tests/Machine/lib/machine.sh"
. "$GATEHOUSE_ROOT/Tests/Machine/lib/login.sh"
. "$GATEHOUSE_ROOT/Tests/Machine/lib/check.sh"
. "$GATEHOUSE_ROOT/Tests/Machine/lib/sessions.sh"
. "$GATEHOUSE_ROOT/Tests/Machine/lib/mail.sh"
. "$GATEHOUSE_ROOT/Tests/Machine/lib/doors.sh"
. "$GATEHOUSE_ROOT/Tests/Machine/lib/directories.sh"
. "$GATEHOUSE_ROOT/Tests/Machine/lib/domains.sh"
. "$GATEHOUSE_ROOT/Tests/Machine/lib/feeds.sh"

# Addresses that policy.yaml calls the office and the vpn, and addresses in neither.
office4=203.0.113.9 office6=2001:db8:1::9
vpn4=198.51.100.9 vpn6=2001:db8:2::9
outside4=192.0.2.66 outside6=2001:db8:bad::66

mount -t tmpfs -o mode=755 gatehouse-machine "$GATEHOUSE_WORK"
make_network "$office4" "$office6" "$vpn4" "$vpn6" "$outside4" "$outside6"
if ! why=$(try_machine 2>&1); then
  echo "skip - a booted $GATEHOUSE_SUITE: none can be started here: ${why//$'\n'/; }"
  exit 0
fi
make_layer
failures=0

# try_promises FOLDER PROMISE...: runs each promise in a fresh machine. Exits 1 if a check fails.
try_promises() {
  local folder=$1 outcome=0
  shift
  for promise in "$@"; do
    # In the background, because bash turns `set -e` off in a command whose status is tested.
    try_promise "$folder" &
    wait $! || outcome=1
  done
  exit "$outcome"
}

# try_promise FOLDER: in a process of its own, so that no promise sees what another one has defined.
try_promise() {
  start_machine "$promise"
  trap stop_machine EXIT
  # shellcheck source=/dev/null
  . "$1/$promise.sh"
  exit $((failures > 0))
}
