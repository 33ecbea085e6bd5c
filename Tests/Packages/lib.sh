# shellcheck shell=bash
# What the promises of the packages are made of, beside Tests/Machine/lib/check.sh.

# make_successor VERSION COMMAND: the same packages with a higher version, after COMMAND has changed
# their files, in the current folder.
make_successor() {
  local package files
  for package in gatehouse libpam-gatehouse; do
    files=$GATEHOUSE_WORK/successor-$1/$package
    mkdir -p "$files"
    dpkg-deb --raw-extract "$(echo "$layer"/packages/"${package}"_0*.deb)" "$files"
    sed -i -E "s/^Version: .*/Version: $1/; s/(gatehouse \(= )[^)]*/\1$1/" "$files/DEBIAN/control"
    (cd "$files" && "$2")
    dpkg-deb --build "$files" "$layer/packages/${package}_$1.deb" >/dev/null
  done
}

break_daemon() {
  if [[ -e usr/sbin/gatehoused ]]; then
    printf '#!/bin/sh\nexit 1\n' >usr/sbin/gatehoused
    # dpkg need not know: it does not check.
    sed -i '/usr\/sbin\/gatehoused$/d' DEBIAN/md5sums
  fi
}

# --- What administrators do -------------------------------------------------------------------------

# apt ARGUMENT...: as a script would call it, so that nobody is asked anything.
apt() {
  in_machine env DEBIAN_FRONTEND=noninteractive apt-get --yes --quiet "$@"
}

# install_version GLOB: both packages of that version.
install_version() {
  local files=()
  for file in "$machine"/packages/*_"$1"*.deb; do files+=("./packages/${file##*/}"); done
  apt install --no-install-recommends "${files[@]}"
}

# Neither is done under a session that would be refused: whoever came from there has to have gone.
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
  succeeds systemctl reload "$service"
}

enforce_strictly() {
  enforce
  profile_on strict
}

# --- What is looked at ------------------------------------------------------------------------------

# asks OPTION|nothing: what the account stage says of the module.
asks() {
  local line
  line=$(grep -h pam_gatehouse "$machine"/etc/pam.d/* || true)
  case $1 in
    nothing) [[ -z $line ]] ;;
    *) [[ $line == *required*pam_gatehouse.so*"$1"* && $line != *$'\n'* ]] ;;
  esac || fail "the PAM lines are:" "$line"
}

# started_at UNIT: when it came up, which a restart changes.
started_at() { in_machine systemctl show --property=ActiveEnterTimestampMonotonic --value "$1"; }

nobody_from() { ! in_machine grep --quiet --recursive "^REMOTE_HOST=$1" /run/systemd/sessions; }

# begin_stream: logins from an allowed address, a few a second, until end_stream. Each that fails is
# written down.
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
  ! grep --invert-match --line-regexp in "$GATEHOUSE_WORK/stream.log" || fail "these did"
  (($(wc -l <"$GATEHOUSE_WORK/stream.log") >= 10)) || fail "hardly anybody tried to log in"
}
