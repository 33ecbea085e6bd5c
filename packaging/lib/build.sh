# shellcheck shell=bash
# Installs what the machine needs, and builds. Needs console.sh, $root (the clone) and $logs (a
# folder for logs).

# The Debian packages that the build links, and the tools that packaging/build-module uses. (Debian 13's
# pam.pc requires that of libaudit-dev, and its package does not.)
build_packages=(
  binutils ca-certificates chrpath git libaudit-dev libcurl4-openssl-dev libmaxminddb-dev libmd-dev
  libpam0g-dev libsodium-dev libsystemd-dev libyaml-dev pkg-config
)

# missing_packages NAME...: prints the packages that are not installed.
missing_packages() {
  local name state
  for name in "$@"; do
    state=$(dpkg-query --show --showformat='${db:Status-Status}' "$name" 2>/dev/null) || true
    [[ $state == installed ]] || printf '%s\n' "$name"
  done
}

# install_packages NAME...: installs the packages that are missing.
install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null || {
    complain "needs the Debian packages ${missing[*]}, and there is no apt-get here to install them"
    return 1
  }
  ((EUID == 0)) || {
    complain "needs the packages ${missing[*]}; install them, or run this as root"
    return 1
  }
  progress "installing ${missing[*]}" "$logs/apt.log" apt_install "${missing[@]}"
}

# Old package lists name packages that are no longer on the mirror. So after a failure, it updates
# the lists and tries again.
apt_install() {
  local -x DEBIAN_FRONTEND=noninteractive
  local install=(apt-get install --yes --no-install-recommends "$@")
  "${install[@]}" || { apt-get update && "${install[@]}"; }
}

require_swift() {
  command -v swift >/dev/null || {
    complain "there is no swift on PATH: install Swift 6.3 or newer (https://www.swift.org/install)"
    return 1
  }
}

# Builds the program as it is shipped: debian/rules links with the same program-flags. It contains
# Swift's runtime, because the machines of the tests have none.
build_program() {
  local flags
  read -ra flags <"$root/packaging/lib/program-flags"
  swift build --package-path "$root" -c release "${flags[@]}" --product "$1"
}

# build_gatehouse: builds the module, the daemon and the commands, as an administrator would install
# them; if packages of this commit are in the folder $GATEHOUSE_PACKAGES, takes them out of these.
# Leaves their paths in $module, $daemon, $command_line and $fetcher.
build_gatehouse() {
  local programs
  if [[ ${GATEHOUSE_PACKAGES-} ]]; then
    programs=$GATEHOUSE_PACKAGES/programs
    [[ -d $programs ]] || unpack_packages "$programs" || return
    # shellcheck disable=SC2034  # for the scripts that source this file
    module=$(echo "$programs"/usr/lib/*/security/pam_gatehouse.so) daemon=$programs/usr/sbin/gatehoused \
      command_line=$programs/usr/bin/gatehouse fetcher=$programs/usr/libexec/gatehouse/gatehouse-fetch
    return
  fi
  progress "building gatehoused, the daemon" "$logs/build-daemon.log" build_program gatehoused &&
    progress "building gatehouse, the command" "$logs/build-command.log" build_program gatehouse &&
    progress "building gatehouse-fetch, which asks sources" "$logs/build-fetch.log" \
      build_program gatehouse-fetch &&
    progress "building pam_gatehouse.so, the module" "$logs/build-module.log" \
      "$root/packaging/build-module" || return
  programs=$(swift build --package-path "$root" -c release --show-bin-path) || return
  # shellcheck disable=SC2034  # for the scripts that source this file
  module=$root/.build-pam/pam_gatehouse.so daemon=$programs/gatehoused \
    command_line=$programs/gatehouse fetcher=$programs/gatehouse-fetch
}

# unpack_packages FOLDER: unpacks both packages there.
unpack_packages() {
  local package
  rm -rf -- "$1.new"
  for package in "$GATEHOUSE_PACKAGES"/{gatehouse,libpam-gatehouse}_*.deb; do
    dpkg-deb --extract "$package" "$1.new" || return
  done
  mv -- "$1.new" "$1"
}
