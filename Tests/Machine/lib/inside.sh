#!/usr/bin/env bash
# The part of Tests/Machine/run that is process 1 of its own namespaces: installs Gatehouse into
# a layer over the base, and gives each promise a machine over that.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail

# Process 1 gets no signal that it has not asked for.
trap 'exit 130' INT
trap 'exit 143' TERM HUP

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$GATEHOUSE_ROOT/packaging/lib/network.sh"
. "$here/install.sh"
. "$here/machine.sh"
. "$here/login.sh"
. "$here/check.sh"
. "$here/sessions.sh"

# What policy.yaml calls the office, the vpn, and neither.
office4=203.0.113.9 office6=2001:db8:1::9
vpn4=198.51.100.9 vpn6=2001:db8:2::9
outside4=192.0.2.66 outside6=2001:db8:bad::66

mount -t tmpfs -o mode=755 gatehouse-machine "$GATEHOUSE_WORK"
make_network "$office4" "$office6" "$vpn4" "$vpn6" "$outside4" "$outside6"
if ! why=$(try_machine 2>&1); then
  echo "skip - logins into a booted machine: none can be started here: ${why//$'\n'/; }"
  exit 0
fi
make_layer
install_gatehouse "$layer"

failures=0
for promise in "$@"; do
  start_machine "${promise%.sh}"
  # shellcheck source=/dev/null
  . "$here/../promises/$promise"
  stop_machine
done
exit $((failures > 0))
