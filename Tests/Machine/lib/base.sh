# shellcheck shell=bash
# The folder that machines are made from: Debian 12 without Gatehouse. It is made once, from the
# mirror that this machine's own apt uses, and kept outside the clone.

suite=bookworm
base_packages=(
  cron dbus libmd0 libpam-systemd libstdc++6 libyaml-0-2 openssh-client openssh-server procps sudo
  systemd systemd-sysv
)

# The machine's own sources of this suite. What apt has fetched tells them all alike, in whichever
# format and file they are written.
debian_sources() {
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
    'Created-By: Packages' 'Origin: Debian' | grep -E " $suite(-[a-z]+)? " | sort -u
}

# make_base: leaves the folder's path in $base.
make_base() {
  local sources key cache=/var/cache/gatehouse-machine
  sources=$(debian_sources) || {
    progress "asking the mirror what it has" "$logs/apt-update.log" apt-get update
    sources=$(debian_sources) || die "apt knows no source of Debian $suite, to make a machine from"
  }
  key=$(printf '%s\n' "$suite" "${base_packages[@]}" "$sources" | sha256sum | cut -c1-12)
  base=$cache/$suite-$key
  mkdir -p "$cache"
  # Two runs at once make one base; a run that was broken off leaves none.
  exec {lock}>"$cache/lock"
  flock "$lock"
  if [[ ! -d $base ]]; then
    rm -rf -- "$base.new"
    printf '%s\n' "$sources" >"$logs/sources.list"
    progress "making a Debian $suite to start machines from (kept in $cache)" \
      "$logs/mmdebstrap.log" mmdebstrap --variant=minbase \
      --include="$(IFS=,; printf '%s' "${base_packages[*]}")" "$suite" "$base.new" \
      "$logs/sources.list"
    mv -- "$base.new" "$base"
  fi
  exec {lock}>&-
}

# The booted machine's systemd arranges processes in control groups below the one it is started in:
# one of our own keeps runs apart.
own_cgroups() {
  local hierarchy
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
    if [[ -w $hierarchy/cgroup.procs ]]; then
      printf '%s\n' "$hierarchy/gatehouse-machine.$$"
    fi
  done
}

# enter_cgroup COMMAND...
enter_cgroup() (
  while read -r group; do
    mkdir "$group"
    printf '%s\n' "$BASHPID" >"$group/cgroup.procs"
  done < <(own_cgroups)
  exec "$@"
)

leave_cgroup() {
  local group
  while read -r group; do
    if [[ -d $group ]]; then find "$group" -depth -type d -exec rmdir {} \; ; fi
  done < <(own_cgroups)
}
