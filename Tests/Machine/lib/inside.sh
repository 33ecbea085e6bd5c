#!/usr/bin/env bash
# The part of Tests/Machine/run that runs as process 1 of its own namespaces. It installs Gatehouse
# into a layer over the base, and gives each promise a machine over that layer.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/start.sh"

install_gatehouse "$layer"
try_promises "$here/../promises" "$@"
