# shellcheck shell=bash
# A machine in a folder: started, spoken to, stopped.

# in_machine COMMAND...: as root in the running machine, with nothing of this side's environment.
in_machine() {
  nsenter --target "$leader" --all -- env --ignore-environment \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"
}

# eventually COMMAND...: until it succeeds; gives up after a quarter of a minute.
eventually() {
  local tries
  for ((tries = 0; tries < 150; tries++)); do
    if "$@" 2>/dev/null; then return; fi
    sleep 0.1
  done
  return 1
}

# overlay TARGET UPPER LOWER: TARGET shows LOWER with what is written kept in UPPER.
overlay() {
  mkdir -p "$1" "$2/files" "$2/work"
  mount -t overlay -o "lowerdir=$3,upperdir=$2/files,workdir=$2/work" overlay "$1"
}

# nspawn_in FOLDER OPTION...: on our own network. Process 1 here is not systemd, so there is nobody
# to register with.
nspawn_in() {
  exec setsid systemd-nspawn --quiet --directory="$1" --network-namespace-path=/proc/1/ns/net \
    --register=no --keep-unit --console=pipe "${@:2}" </dev/null
}

# try_machine: whether this place lets machines be made at all; says why not.
try_machine() {
  local folder=$GATEHOUSE_WORK/trial
  overlay "$folder" "$GATEHOUSE_WORK/changes/trial" "$GATEHOUSE_BASE" || return
  (nspawn_in "$folder" true) || return
  umount "$folder"
}

# start_machine NAME: a fresh machine over the installed layer, up and running. Its process 1 is
# $leader; its files are $machine.
start_machine() {
  machine=$GATEHOUSE_WORK/machines/$1
  overlay "$machine" "$GATEHOUSE_WORK/changes/$1" "$layer"
  boot_machine
}

boot_machine() {
  nspawn_in "$machine" --boot --kill-signal=SIGRTMIN+4 >"$machine.console" 2>&1 &
  nspawn=$!
  if ! eventually find_leader || ! eventually machine_is_up; then
    echo "the machine did not come up:"
    cat "$machine.console"
    in_machine systemctl list-units --failed --no-pager || true
    exit 1
  fi
}

find_leader() { leader=$(pgrep --parent "$nspawn" --exact systemd); }

machine_is_up() { in_machine systemctl is-system-running --wait >/dev/null; }

# nspawn hands the signal on as an order to power off.
power_off() {
  kill -TERM "$nspawn"
  wait "$nspawn" || true
}

# reboot_machine: the machine goes down and comes up again, with the files that it had.
reboot_machine() {
  power_off
  boot_machine
}

stop_machine() {
  power_off
  umount --lazy "$machine"
}
