#!/usr/bin/env bash
# The part of Tests/Packages/run that runs as process 1 of its own namespaces: machines, and what
# administrators do there with apt.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../Machine/lib/start.sh"
. "$here/lib.sh"

mkdir "$layer/packages"
cp "$GATEHOUSE_PACKAGES"/*.deb "$layer/packages"
rm "$layer"/packages/*-dbgsym_*
# Makes it look as if it had just been built, so that autopkgtest does not build it.
dpkg-source -q --extract "$GATEHOUSE_PACKAGES"/*.dsc "$layer/packages/source"
touch "$layer/packages/source/debian/files"
built=$(dpkg-deb --field "$layer"/packages/libpam-gatehouse_*.deb Version)
make_first_version
make_successor 9.1 change_first_policy
make_successor 9.0 break_daemon

try_promises "$here/promises" "$@"
