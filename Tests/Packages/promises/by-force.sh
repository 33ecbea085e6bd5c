# shellcheck shell=bash
# The daemon's package is removed by force: logins follow onerr, and local logins work.

remove_by_force() { succeeds dpkg --force-depends --remove gatehouse; }

check "installed" install_version "$built"
check "strict, with a policy that enforces" enforce_strictly
check "the daemon's package is removed by force" remove_by_force
check "strict: remote logins are refused" refuses_unasked key alice "$office4"
check "strict: local logins work" succeeds su alice -c true
check "on trial" succeeds pam-auth-update --disable gatehouse-strict --enable gatehouse-trial
check "on trial: logins go on" lets_in key alice "$office4"
