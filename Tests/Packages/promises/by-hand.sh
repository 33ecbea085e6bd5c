# shellcheck shell=bash
# The administrator wrote a line into /etc/pam.d: the module is not removed while it is there.

# not_removed LINE: LINE is the number of the line of sshd's file that is named.
not_removed() {
  local said
  if said=$(apt remove libpam-gatehouse 2>&1); then fail "it was removed" "$said"; fi
  [[ $said == */etc/pam.d/sshd:"$1":*pam_gatehouse.so* ]] || fail "the line is not named" "$said"
  lets_in key alice "$office4"
}

check "installed" install_version "$built"
sed -i '1i account requisite pam_gatehouse.so' "$machine/etc/pam.d/sshd"
check "with a line in sshd's stack, the module stays" not_removed 1
sed -i '1s/^/-/' "$machine/etc/pam.d/sshd"
check "and with one that begins with a dash" not_removed 1
sed -i '1c account requisite \\\n  pam_gatehouse.so' "$machine/etc/pam.d/sshd"
check "and with one that goes on in the next line" not_removed 2
sed -i 1,2d "$machine/etc/pam.d/sshd"
check "without it, the package is removed" apt remove libpam-gatehouse
check "and logins work" lets_in key alice "$office4"
