# shellcheck shell=bash
# The functions that the promises of the packages use, besides Tests/Machine/lib/check.sh.

# make_successor VERSION COMMAND: makes the same packages with a higher version. COMMAND changes
# their files, in the current folder.
make_successor() {
  local package files
  for package in gatehouse libpam-gatehouse; do
    files=$GATEHOUSE_WORK/successor-$1/$package
    mkdir -p "$files"
    dpkg-deb --raw-extract "$(echo "$layer"/packages/"${package}_${built}"_*.deb)" "$files"
    sed -i -E "s/^Version: .*/Version: $1/; s/(gatehouse \(= )[^)]*/\1$1/" "$files/DEBIAN/control"
    (cd "$files" && "$2")
    dpkg-deb -Znone --build "$files" "$layer/packages/${package}_$1.deb" >/dev/null
  done
}

break_daemon() {
  if [[ -e usr/sbin/gatehoused ]]; then
    printf '#!/bin/sh\nexit 1\n' >usr/sbin/gatehoused
    # The checksum would be wrong, so it is removed; dpkg does not need it.
    sed -i '/usr\/sbin\/gatehoused$/d' DEBIAN/md5sums
  fi
}

# The policy that the package brings is another one than before.
change_first_policy() {
  if [[ -e usr/share/gatehouse/policy.yaml ]]; then
    echo '# Another text.' >>usr/share/gatehouse/policy.yaml
    sed -i '/policy.yaml$/d' DEBIAN/md5sums
  fi
}

# make_first_version: makes packages as 0.1.0 was, as far as the upgrade from it is concerned: the
# policy is a conffile, the profiles are Additional, and the only script of the module's package
# updates them.
make_first_version() {
  make_successor 0.1.0 turn_back
}
turn_back() {
  local profile priority=64
  if [[ ! -e usr/share/pam-configs ]]; then
    mkdir -p etc/gatehouse
    mv usr/share/gatehouse/policy.yaml etc/gatehouse
    echo /etc/gatehouse/policy.yaml >>DEBIAN/conffiles
    sed -i '/policy.yaml$/d' DEBIAN/md5sums
    return
  fi
  for profile in usr/share/pam-configs/*; do
    sed -i -e "s/^Priority:.*/Priority: $((priority++))/" -e 's/, gatehouse-0.1.*//' \
      -e 's/Primary/Additional/; s/requisite/required/' "$profile"
  done
  sed -i '/pam-configs/d' DEBIAN/md5sums
  rm DEBIAN/preinst DEBIAN/triggers
  printf '#!/bin/sh\nset -e\npam-auth-update --package\n' >DEBIAN/postinst
}

# --- What administrators do -----------------------------------------------------------------------

# apt ARGUMENT...: runs apt-get as a script would, so that nobody is asked anything.
apt() {
  in_machine env DEBIAN_FRONTEND=noninteractive apt-get --yes --quiet "$@"
}

# install_version VERSION [OPTION...]: installs both packages of that version, with options of apt-get.
install_version() {
  local files=()
  for file in "$machine"/packages/*gatehouse_"$1"*.deb; do files+=("./packages/${file##*/}"); done
  apt install --no-install-recommends "${@:2}" "${files[@]}"
}

# Gatehouse refuses both under a session that the policy would deny. So the users who came from
# there must have logged out.
profile_on() {
  eventually nobody_from "$outside4" || fail "somebody from $outside4 is still logged in"
  case $1 in
    trial) succeeds gatehouse pam enable ;;
    strict) succeeds gatehouse pam enable --strict ;;
  esac
}

enforce() {
  eventually nobody_from "$outside4" || fail "somebody from $outside4 is still logged in"
  cp "$GATEHOUSE_ROOT/Tests/Machine/policy.yaml" "$machine/etc/gatehouse/policy.yaml"
  load_policy
}

enforce_strictly() {
  enforce
  profile_on strict
}

# --- What is checked ------------------------------------------------------------------------------

# asks OPTION|nothing: the only line of the module in PAM's files has that option; or there is none.
asks() {
  local line
  line=$(grep -h pam_gatehouse "$machine"/etc/pam.d/* || true)
  case $1 in
    nothing) [[ -z $line ]] ;;
    *) [[ $line == *requisite*pam_gatehouse.so*"$1"* && $line != *$'\n'* ]] ;;
  esac || fail "the PAM lines are:" "$line"
}

# started_at UNIT: prints when the unit was started; a restart changes that.
started_at() { in_machine systemctl show --property=ActiveEnterTimestampMonotonic --value "$1"; }

nobody_from() { ! in_machine grep --quiet --recursive "^REMOTE_HOST=$1" /run/systemd/sessions; }

# begin_stream: makes logins from an allowed address, a few per second, until end_stream. It writes
# down every login that fails.
begin_stream() {
  rm -f "$GATEHOUSE_WORK"/stream.*
  (
    while [[ ! -e $GATEHOUSE_WORK/stream.stop ]]; do
      if login key alice "$office4"; then outcome=in; else outcome="refused at $(date +%T): $said"; fi
      printf '%s\n' "$outcome" >>"$GATEHOUSE_WORK/stream.log"
      sleep 0.2
    done
    touch "$GATEHOUSE_WORK/stream.ended"
  ) &
}

end_stream() {
  touch "$GATEHOUSE_WORK/stream.stop"
  eventually test -e "$GATEHOUSE_WORK/stream.ended" || fail "a login hangs"
  ! grep --invert-match --line-regexp in "$GATEHOUSE_WORK/stream.log" || fail "these logins failed"
  (($(wc -l <"$GATEHOUSE_WORK/stream.log") >= 10)) || fail "there were fewer than 10 logins"
}
