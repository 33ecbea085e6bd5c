# shellcheck shell=bash
# An upgrade to a daemon that does not start: apt reports it, logins follow onerr, and the next
# version repairs it.

says_so() {
  local said
  if said=$(install_version 9.0 2>&1); then fail "apt reported no error" "$said"; fi
  [[ $said == *"gatehouse: the daemon does not answer."* ]] || fail "apt did not say why" "$said"
}

repaired() {
  install_version 9.1
  refuses key alice "$outside4" not_listed "$everyones_list"
}

check "installed" install_version "$built"
check "strict, with a policy that enforces" enforce_strictly
check "an upgrade to a daemon that does not start fails, and says why" says_so
check "strict: remote logins are refused" refuses_unasked key alice "$office4"
check "strict: local logins work" succeeds su alice -c true
check "turned off, as apt says" succeeds gatehouse pam disable
check "turned off: logins go on" lets_in key alice "$office4"
check "on trial" succeeds pam-auth-update --enable gatehouse-trial
check "on trial: logins go on" lets_in key alice "$office4"
check "the next version repairs it" repaired
