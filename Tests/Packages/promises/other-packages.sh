# shellcheck shell=bash
# Another package writes PAM's files. Gatehouse looks again, and says what has become of the doors: in
# what apt prints, and in the journal. The other package is installed in any case.

# make_package NAME COMMAND: makes a package of the files that COMMAND writes into the current folder,
# with scripts that run pam-auth-update, as packages with a profile have.
make_package() {
  local files=$GATEHOUSE_WORK/$1
  mkdir -p "$files/DEBIAN"
  printf '%s\n' "Package: $1" 'Version: 1' 'Architecture: all' 'Maintainer: nobody <nobody@example.org>' \
    'Description: a test' >"$files/DEBIAN/control"
  printf '#!/bin/sh\npam-auth-update --package\n' >"$files/DEBIAN/postinst"
  printf '#!/bin/sh\npam-auth-update --package --remove %s\n' "$1" >"$files/DEBIAN/prerm"
  chmod 755 "$files"/DEBIAN/p*
  (cd "$files" && "$2")
  dpkg-deb --build "$files" "$machine/packages/$1.deb" >/dev/null
}

# A profile that stands before ours, and ends the stack for everybody in /etc/passwd.
local_users_first() {
  mkdir -p usr/share/pam-configs
  printf '%s\n' 'Name: Local users first' 'Default: yes' 'Priority: 20000' 'Account-Type: Primary' \
    'Account:' '	[success=done default=ignore]	pam_localuser.so' >usr/share/pam-configs/local-first
}

# A profile that stands after ours.
local_users_later() {
  mkdir -p usr/share/pam-configs
  printf '%s\n' 'Name: Local users' 'Default: yes' 'Priority: 128' 'Account-Type: Additional' \
    'Account:' '	sufficient	pam_localuser.so' >usr/share/pam-configs/local-later
}

says_nothing() {
  said=$(apt install ./packages/local-later.deb 2>&1) || fail "not installed" "$said"
  [[ $said != *$'\n'gatehouse:* ]] || fail "it says" "$said"
}

says_all_is_well() {
  apt purge local-later
  said=$(apt install ./packages/local-later.deb 2>&1) || fail "not installed" "$said"
  [[ $said == *"gatehouse: PAM's files have changed; every door is still guarded."* ]] ||
    fail "it says" "$said"
  refuses key alice "$outside4" not_listed "$everyones_list"
}

is_loud() {
  said=$(apt install ./packages/local-first.deb 2>&1) || fail "not installed" "$said"
  [[ $said == *"NOT EVERY LOGIN IS JUDGED"*pam_localuser.so* ]] || fail "it says" "$said"
  journal_holds "NOT EVERY LOGIN IS JUDGED" SYSLOG_IDENTIFIER=gatehouse PRIORITY=3
  lets_in key alice "$outside4"
}

is_well_again() {
  said=$(apt purge local-first 2>&1) || fail "not removed" "$said"
  [[ $said == *"every door is still guarded"* ]] || fail "it says" "$said"
  refuses key alice "$outside4" not_listed "$everyones_list"
}

make_package local-later local_users_later
make_package local-first local_users_first
check "installed" install_version "$built"
check "while no login asks, it says nothing" says_nothing
check "strict, with a policy that enforces" enforce_strictly
check "a package that changes nothing for us" says_all_is_well
check "a package that lets people pass us is installed, and reported" is_loud
check "without it, all is well again" is_well_again
