# shellcheck shell=bash
# A machine in a folder: started, spoken to, stopped.

# in_machine COMMAND...: runs the command as root in the running machine, without the environment of
# this side.
in_machine() {
  nsenter --target "$leader" --all -- env --ignore-environment \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"
}

# eventually COMMAND...: repeats the command until it succeeds; fails after about 15 seconds.
eventually() {
  local tries
  for ((tries = 0; tries < 150; tries++)); do
    if "$@" 2>/dev/null; then return; fi
    sleep 0.1
  done
  return 1
}

# overlay TARGET UPPER LOWER: TARGET shows LOWER; everything that is written goes to UPPER.
overlay() {
  mkdir -p "$1" "$2/files" "$2/work"
  mount -t overlay -o "lowerdir=$3,upperdir=$2/files,workdir=$2/work" overlay "$1"
}

# nspawn_in FOLDER OPTION...: starts systemd-nspawn on our own network. It cannot register the
# machine, because process 1 here is not systemd.
nspawn_in() {
  exec setsid systemd-nspawn --quiet --directory="$1" --network-namespace-path=/proc/1/ns/net \
    --register=no --keep-unit --console=pipe "${@:2}" </dev/null
}

# try_machine: tests whether machines can be started here at all, and prints why not.
try_machine() {
  local folder=$GATEHOUSE_WORK/trial
  overlay "$folder" "$GATEHOUSE_WORK/changes/trial" "$GATEHOUSE_BASE" || return
  (nspawn_in "$folder" true) || return
  umount "$folder"
}

# start_machine NAME: starts a fresh machine over the layer, and waits until it is up. Its process 1
# is $leader; its files are in $machine.
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
    kill -KILL "$nspawn"
    exit 1
  fi
}

find_leader() { leader=$(pgrep --parent "$nspawn" --exact systemd); }

machine_is_up() { in_machine systemctl is-system-running --wait >/dev/null; }

# nspawn passes the signal on as a request to power off.
power_off() {
  kill -TERM "$nspawn"
  wait "$nspawn" || true
}

# reboot_machine: powers the machine off and boots it again, with the same files.
reboot_machine() {
  power_off
  boot_machine
}

stop_machine() {
  power_off
  umount --lazy "$machine"
}

# let_clock_jump: from now on `jump` moves the daemon's time of day.
let_clock_jump() {
  gcc -shared -fPIC -Wall -Wextra -Werror -o "$machine/usr/lib/jumping_clock.so" \
    "$GATEHOUSE_ROOT/Tests/Machine/clock/jumping_clock.c"
  mkdir -p "$machine/etc/systemd/system/$service.d"
  printf '[Service]\nEnvironment=LD_PRELOAD=/usr/lib/jumping_clock.so\n' \
    >"$machine/etc/systemd/system/$service.d/clock.conf"
  in_machine systemctl daemon-reload
  in_machine systemctl restart "$service"
}

# jump SECONDS: moves the daemon's time of day by that much.
jump() { in_machine tee /run/clock-offset <<<"$1" >/dev/null; }
