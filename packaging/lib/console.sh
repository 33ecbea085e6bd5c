# shellcheck shell=bash
# How the scripts speak: short lines, progress for everything that takes longer than a moment, and
# the end of the log if something fails.

# Colour only on a terminal (https://no-color.org).
if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
  bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' dim=$'\e[2m' plain=$'\e[0m'
else
  bold='' green='' red='' dim='' plain=''
fi

say() { printf '%s\n' "$*"; }
heading() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
complain() { printf '%s%s:%s %s\n' "$red" "${0##*/}" "$plain" "$*" >&2; }
die() {
  complain "$*"
  exit 1
}

# elapsed SINCE: prints the time since $SECONDS was SINCE, as m:ss.
elapsed() {
  local seconds=$((SECONDS - $1))
  printf '%d:%02d' $((seconds / 60)) $((seconds % 60))
}

# show_end_of LOG: prints the last lines of a log, indented.
show_end_of() {
  [[ -s $1 ]] || return 0
  complain "the end of its log ($1):"
  tail -n 40 -- "$1" | sed 's/^/  | /' >&2
}

# tick WHAT SINCE: says that WHAT is running, until tick is killed. A terminal shows a line that
# counts the time; anything else gets a line now and another one each minute.
tick() {
  local beat=0 frames="|/-\\"
  [[ -t 1 ]] || printf '  %s ...\n' "$1"
  while kill -0 $$ 2>/dev/null; do
    if [[ -t 1 ]]; then
      printf '\r%s %s %s%s%s ' "${frames:beat++ % 4:1}" "$1" "$dim" "$(elapsed "$2")" "$plain"
    elif ((++beat % 300 == 0)); then
      printf '    still running (%s)\n' "$(elapsed "$2")"
    fi
    sleep 0.2
  done
}

# timed WHAT LOG COMMAND...: runs the command with its output in LOG, ticks meanwhile, and says how
# it ended. Returns its status. The command runs in the foreground, so that Ctrl-C reaches it.
timed() {
  local what=$1 log=$2 start=$SECONDS status=0 ticker
  shift 2
  tick "$what" "$start" &
  ticker=$!
  "$@" >"$log" 2>&1 </dev/null || status=$?
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  [[ ! -t 1 ]] || printf '\r\e[K'
  if ((status == 0)); then
    printf '%s+%s %s %s(%s)%s\n' "$green" "$plain" "$what" "$dim" "$(elapsed "$start")" "$plain"
  else
    printf '%sx%s %s: exit status %d after %s\n' "$red" "$plain" "$what" "$status" \
      "$(elapsed "$start")"
  fi
  return "$status"
}

# progress WHAT LOG COMMAND...: the same, and prints the end of the log if the command failed.
progress() {
  local status=0
  timed "$@" || status=$?
  ((status == 0)) || show_end_of "$2"
  return "$status"
}
