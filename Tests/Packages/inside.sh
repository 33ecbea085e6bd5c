#!/usr/bin/env bash
# The part of Tests/Packages/run that is process 1 of its own namespaces: machines, and what
# administrators do to them with apt.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail

# Process 1 gets no signal that it has not asked for.
trap 'exit 130' INT
trap 'exit 143' TERM HUP

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$GATEHOUSE_ROOT/packaging/lib/network.sh"
. "$GATEHOUSE_ROOT/Tests/Machine/lib/install.sh"
. "$GATEHOUSE_ROOT/Tests/Machine/lib/machine.sh"
. "$GATEHOUSE_ROOT/Tests/Machine/lib/login.sh"
. "$GATEHOUSE_ROOT/Tests/Machine/lib/check.sh"
. "$here/lib.sh"

office4=203.0.113.9 office6=2001:db8:1::9
vpn4=198.51.100.9 vpn6=2001:db8:2::9
outside4=192.0.2.66 outside6=2001:db8:bad::66

mount -t tmpfs -o mode=755 gatehouse-packages "$GATEHOUSE_WORK"
make_network "$office4" "$office6" "$vpn4" "$vpn6" "$outside4" "$outside6"
if ! why=$(try_machine 2>&1); then
  echo "skip - packages in a booted machine: none can be started here: ${why//$'\n'/; }"
  exit 0
fi
make_layer
mkdir "$layer/packages"
cp "$GATEHOUSE_PACKAGES"/*.deb "$layer/packages"
rm "$layer"/packages/*-dbgsym_*
make_successor 9.1 true
make_successor 9.0 break_daemon

failures=0
for promise in life broken-upgrade by-hand by-force; do
  start_machine "$promise"
  # shellcheck source=/dev/null
  . "$here/promises/$promise.sh"
  stop_machine
done
exit $((failures > 0))
