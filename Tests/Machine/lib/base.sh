# shellcheck shell=bash
# The base folders that machines are made from: Debian without Gatehouse. Each is made once, from
# the mirror that this machine's own apt uses, and kept outside the clone.

# Debian 12 and 13.
suites=(bookworm trixie)
base_packages=(
  autopkgtest cron dbus libcurl4 libmaxminddb0 libmd0 libpam-oath libpam-systemd libsodium23 libstdc++6
  libyaml-0-2 oathtool openssh-client openssh-server procps sudo systemd systemd-sysv
)
# The other programs that let people in, for machines with all their doors. The client of RDP has
# another name in each suite.
door_packages=(
  ansible-core at cockpit-bridge cockpit-ws curl dovecot-imapd libpam-krb5 libpam-ldapd libpam-radius-auth libpam-sss
  libpam-winbind netcat-openbsd pkexec polkitd sasl2-bin tigervnc-standalone-server tmux vsftpd xrdp
)
# Directories of users and groups, and what asks them.
directory_packages=(
  ldap-utils libnss-ldapd libnss-sss libpam-sss libsss-nss-idmap0 nslcd python3 slapd sssd-ldap
)
# Servers of names and files, for networks that are got from them.
feed_packages=(ca-certificates dnsmasq libcurl4 libmaxminddb0 libsodium23 openssl python3)
# A controller of a domain of Active Directory, and what asks it.
domain_packages=(libnss-winbind python3 samba samba-ad-provision samba-dsdb-modules samba-vfs-modules winbind)
declare -A rdp_client=([bookworm]=freerdp2-x11 [trixie]=freerdp3-x11)

# The packages for making, booting and entering machines.
# shellcheck disable=SC2034  # for the scripts that source this file
machine_packages=(iproute2 mmdebstrap openssh-client procps systemd-container)

# debian_sources SUITE: prints the sources of that suite on the machine's own mirror. They come from
# apt's index targets, so it does not matter in which format and file the sources are written.
debian_sources() {
  local own
  own=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
    'Created-By: Packages' 'Origin: Debian' |
    sed -nE "s/ $own(-[a-z]+)? / $1\\1 /p" | sort -u | grep .
}

# make_base SUITE KIND: makes the base folder if it is missing, and leaves its path in $base. The kind
# is `plain`, or `directories`, `domains`, `doors` or `feeds` for those packages.
make_base() {
  local suite=$1 sources key packages=("${base_packages[@]}") cache=/var/cache/gatehouse-machine
  case $2 in
    directories) packages+=("${directory_packages[@]}") ;;
    domains) packages+=("${domain_packages[@]}") ;;
    feeds) packages+=("${feed_packages[@]}") ;;
    doors) packages+=("${door_packages[@]}" "${rdp_client[$suite]}") ;;
  esac
  sources=$(debian_sources "$suite") || {
    progress "asking the mirror what it has" "$logs/apt-update.log" apt-get update
    sources=$(debian_sources "$suite") || die "apt knows no mirror of Debian, to make a machine from"
  }
  key=$(printf '%s\n' "$suite" "${packages[@]}" "$sources" | sha256sum | cut -c1-12)
  base=$cache/$suite-$key
  mkdir -p "$cache"
  # Two runs at the same time make one base; a run that was interrupted leaves none.
  exec {lock}>"$cache/lock"
  flock "$lock"
  if [[ ! -d $base ]]; then
    rm -rf -- "$base.new"
    printf '%s\n' "$sources" >"$logs/sources.list"
    progress "making a Debian $suite ($2) to start machines from (kept in $cache)" \
      "$logs/mmdebstrap.log" mmdebstrap --variant=minbase --dpkgopt=force-unsafe-io \
      --include="$(IFS=,; printf '%s' "${packages[*]}")" "$suite" "$base.new" \
      "$logs/sources.list"
    mv -- "$base.new" "$base"
  fi
  exec {lock}>&-
}

# choose FOLDER ARGUMENT...: finds out which suites and promises the arguments of a run name; if
# they name none, that is all of them. Leaves them in $suites and $promises. A promise in a subfolder
# has the subfolder in its name.
choose() {
  local argument named=()
  promises=()
  for argument in "${@:2}"; do
    if [[ " ${suites[*]} " == *" $argument "* ]]; then
      named+=("$argument")
    elif [[ -f $1/$argument.sh ]]; then
      promises+=("$argument")
    else
      die "there is no promise $argument, and no suite but ${suites[*]}"
    fi
  done
  if ((${#named[@]})); then suites=("${named[@]}"); fi
  if ((${#promises[@]} == 0)); then
    mapfile -t promises < <(cd "$1" && find . -name '*.sh' -printf '%P\n' | sort)
    promises=("${promises[@]%.sh}")
  fi
}

# in_each_suite KIND COMMAND...: runs the command for each of $suites with that kind of base, all at the
# same time, each as process 1 of its own namespaces. When the namespaces end, so do all their processes,
# mounts and interfaces: only empty folders are left. What the first prints is shown as it comes, and what
# the others print once it has ended. Leaves the status of the last one that failed in $outcome.
in_each_suite() {
  local suite kind=$1 runs=()
  shift
  for suite in "${suites[@]}"; do
    make_base "$suite" "$kind"
    mkdir --parents "$logs/$suite"
    local -x GATEHOUSE_SUITE=$suite GATEHOUSE_KIND=$kind GATEHOUSE_WORK=$logs/$suite GATEHOUSE_BASE=$base
    local -x GATEHOUSE_ROOT=$root
    if ((${#runs[@]})); then
      in_suite "$@" >"$logs/$suite.out" 2>&1 &
    else
      in_suite "$@" &
    fi
    runs+=("$suite:$!")
  done
  for suite in "${runs[@]}"; do
    wait "${suite#*:}" || outcome=$?
    if [[ -f $logs/${suite%:*}.out ]]; then
      cat "$logs/${suite%:*}.out"
      rm "$logs/${suite%:*}.out"
    fi
    leave_cgroup "${suite%:*}"
  done
}

# in_suite COMMAND...: becomes the command, in the group of $GATEHOUSE_SUITE. It ends with this script,
# even if that is killed.
in_suite() {
  local group
  while read -r group; do
    mkdir "$group" && printf '%s\n' "$BASHPID" >"$group/cgroup.procs" || exit
  done < <(own_cgroups "$GATEHOUSE_SUITE")
  exec setpriv --pdeathsig KILL \
    unshare --mount --pid --net --uts --ipc --fork --kill-child --mount-proc "$@"
}

# end_suites: ends what still runs in any suite, and removes their groups.
end_suites() {
  local suite run
  for run in $(jobs -p); do kill -KILL "$run" 2>/dev/null || true; done
  wait
  for suite in "${suites[@]}"; do leave_cgroup "$suite"; done
}

# own_cgroups SUITE: prints the control groups of a suite. The booted machine's systemd makes groups
# below the one that it is started in. Each suite of a run has one of its own, so that they do not
# disturb each other.
own_cgroups() {
  local hierarchy
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
    if [[ -w $hierarchy/cgroup.procs ]]; then
      printf '%s\n' "$hierarchy/gatehouse-machine.$$.$1"
    fi
  done
}

# leave_cgroup SUITE
leave_cgroup() {
  local group
  while read -r group; do
    if [[ -d $group ]]; then find "$group" -depth -type d -exec rmdir {} \; ; fi
  done < <(own_cgroups "$1")
}
