#!/usr/bin/env bash
# The part of Tests/Machine/run that is process 1 of its own namespaces: installs Gatehouse into
# a layer over the base, and gives each promise a machine over that.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/network.sh"
. "$here/install.sh"
. "$here/machine.sh"
. "$here/login.sh"
. "$here/check.sh"

mount -t tmpfs -o mode=755 gatehouse-machine "$GATEHOUSE_WORK"
make_networks
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
