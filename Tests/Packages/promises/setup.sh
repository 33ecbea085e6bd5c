# shellcheck shell=bash
# The first five minutes: from `apt install` to a policy that is enforced, by `gatehouse setup` at a terminal of
# 80 columns, in a machine that people have logged in to before. Each screen is kept in ../screens, to be
# read; with GATEHOUSE_KEEP_SCREENS=1 what is shown is kept instead of compared.

writing="policy.yaml? (y)es or (n)o [no]: "
turning_on="Turn it on for 10 minutes? (y)es or (n)o [no]: "

# setup NAME [QUESTION ANSWER]...: runs it as alice does, who has come from the office and become root. Each
# answer is typed when its question stands. What was shown is the screen of that name, and in $said.
setup() {
  local name=$1 letter pid shown typed status=0
  shift
  said=
  coproc terminal {
    in_machine SUDO_USER=alice "SSH_CONNECTION=$office4 1 192.0.2.1 22" TERM=dumb \
      script --quiet --return --command 'stty cols 80; gatehouse setup' /dev/null
  }
  # shellcheck disable=SC2154  # coproc sets it, until the command has ended
  pid=$terminal_PID
  exec {shown}<&"${terminal[0]}" {typed}>&"${terminal[1]}"
  while IFS= read -r -N 1 -t 60 -u "$shown" letter; do
    said+=$letter
    if (($#)) && [[ $said == *"$1" ]]; then
      printf '%s\n' "$2" >&"$typed"
      shift 2
    fi
  done
  exec {shown}<&- {typed}>&-
  wait "$pid" || status=$?
  said=${said//$'\r'/}
  ((status == 0 && $# == 0)) || fail "status $status" "$said"
  is_screen "$name"
}

# is_screen NAME: what was said is the screen of that name, but for what is different each time, and fits
# into 80 columns.
is_screen() {
  local kept=$GATEHOUSE_ROOT/Tests/Packages/screens/$1.txt shown=$GATEHOUSE_WORK/shown
  ! grep --perl-regexp '.{81}' <<<"$said" || fail "that is wider than 80 columns"
  sed -E 's/[0-9a-f]{12}/0123456789ab/; s/9 minutes [0-9]+ seconds?/9 minutes 58 seconds/
    s/20[0-9]{2}-[0-9]{2}-[0-9]{2}/2026-11-21/g' <<<"$said" >"$shown"
  [[ ! ${GATEHOUSE_KEEP_SCREENS-} ]] || cp "$shown" "$kept"
  diff "$kept" "$shown" || fail "that is not what is kept" "$said"
}

people_have_logged_in() {
  login key alice "$office4" || fail "$said"
  login password bob "$vpn4" || fail "$said"
  login key carol "$office6" || fail "$said"
  login key root "$office4" || fail "$said"
}

it_learns_and_goes_on_trial() {
  setup setup "[alice]: " '' "[$office4]: " '' "$writing" y "$turning_on" y
  asks onerr=succeed
  succeeds systemctl --quiet is-active gatehouse-pam-undo.timer
}

it_is_confirmed_in_a_new_session() {
  login key root "$office4" 'gatehouse confirm' || fail "it was not confirmed" "$said"
  lets_in key alice "$outside4"
  eventually nobody_from "$outside4" || fail "alice is still logged in"
  gatehouse 1 shadow
  has "alice"
}

# The commands that setup has shown.
it_enforces() {
  in_machine sh -c "sed 's/^mode: monitor/mode: enforce/' /etc/gatehouse/policy.yaml |
    gatehouse apply - --confirm-within 10m" || fail "it was not applied"
  login key root "$office4" 'gatehouse confirm' || fail "it was not confirmed" "$said"
  succeeds gatehouse pam enable --strict
  asks onerr=fail
  lets_in key bob "$vpn4"
  lets_in key alice "$office4"
  lets_in key carol "$office6"
  if login key alice "$outside4"; then fail "alice was let in from outside"; fi
  [[ $said == *"Access denied from this address ($outside4)"* ]] || fail "it was not said why" "$said"
}

again_it_leaves_all_as_it_is() {
  local before
  before=$(cat "$machine/etc/gatehouse/policy.yaml")
  setup setup-again
  [[ $(cat "$machine/etc/gatehouse/policy.yaml") == "$before" ]] || fail "the policy was changed"
}

a_dry_run_changes_nothing() {
  gatehouse 0 setup --dry-run --break-glass alice --from "$office4"
  has "4 of 4  What next"
  cmp "$machine/etc/gatehouse/policy.yaml" "$machine/usr/share/gatehouse/policy.yaml"
  asks nothing
}

install -D -m 600 "$keys/id.pub" "$machine/root/.ssh/authorized_keys"

check "people have logged in before" people_have_logged_in
check "installed" install_version "$built"
check "a dry run shows all of it, and changes nothing" a_dry_run_changes_nothing
check "it learns a policy from these logins, and puts PAM on trial" it_learns_and_goes_on_trial
check "PAM is confirmed in a new session, and nobody is refused yet" it_is_confirmed_in_a_new_session
check "by the commands that it shows the policy enforces" it_enforces
check "run again it leaves all of it as it is" again_it_leaves_all_as_it_is
