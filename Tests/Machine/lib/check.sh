# shellcheck shell=bash
# The functions that promises use. `check NAME COMMAND...` runs one check and prints its line; the
# other functions here are such commands. If what they say is not so, they print why and fail.

# The MESSAGE_ID of decisions.
decision_message=cd6ea7754a4f4d81bcc7da29e5486793
# The MESSAGE_ID of answers about a network.
network_message=7d6c7986d3004d969afee48a55174dbd
# The MESSAGE_ID of answers about a second factor.
factor_message=9302a08377e9416f9fa5022181df6db2
# The MESSAGE_ID of what became of codes.
code_message=8cdb406080c947a4b3e61c2baebbc964

# These find the module's lines in sshd's log: sshd 9.8 and later calls itself sshd-session.
of_sshd=(SYSLOG_IDENTIFIER=sshd SYSLOG_IDENTIFIER=sshd-session)

# The lines of policy.yaml that decide.
everyones_list=policy.yaml:10 contractors_list=policy.yaml:17 bobs_list=policy.yaml:20

# check NAME COMMAND...: on failure it also prints the journal since the check began.
check() {
  local name="$GATEHOUSE_SUITE $promise: $1" why=$GATEHOUSE_WORK/why status=0 cursor
  shift
  cursor=$(in_machine journalctl --lines=0 --show-cursor | sed -n 's/^-- cursor: //p')
  # In the background, because bash turns `set -e` off in a command whose status is tested.
  "$@" >"$why" 2>&1 </dev/null &
  wait $! || status=$?
  if ((status == 0)); then
    printf 'ok - %s\n' "$name"
    return
  fi
  failures=$((failures + 1))
  printf 'not ok - %s: %s\n' "$name" "$(head -n 1 "$why" | grep . || echo "exit status $status")"
  tail -n +2 "$why" | sed 's/^/    /'
  in_machine journalctl --output=short-precise --after-cursor="$cursor" --identifier=gatehoused \
    --identifier=sshd --identifier=sshd-session --identifier=su --identifier=sudo --identifier=CRON |
    tail -n 40 | sed 's/^/    journal: /'
}

fail() {
  printf '%s\n' "$@"
  exit 1
}

# lets_in METHOD USER FROM: the login succeeds and gives that user's session.
lets_in() {
  login "$@" || fail "$2 from $3 was not let in" "$said"
  [[ ${said##*$'\n'} == "$2" ]] || fail "$2 from $3 got no session" "$said"
}

# refuses METHOD USER FROM REASON [RULE]: ssh fails, the user reads why, and the journal has it.
refuses() {
  if login "$1" "$2" "$3"; then fail "$2 from $3 was let in" "$said"; fi
  is_denied sshd "$2" "$3" "$4" "${5-}"
  says GATEHOUSE_ORIGIN "$3"
}

# is_denied SERVICE USER SHOWN REASON [RULE]: the user has read the origin as SHOWN, and an id. The
# journal has that id, with the user, the service, the reason, and the rule if one decided. If it is not
# the address that is wrong, the user has read a sentence of the module's own instead, with the id.
is_denied() {
  local id
  [[ $said =~ "Refused from $3. Quote "([a-z0-9]+)" to the help desk." ||
    $said =~ "Access denied: "[^$'\n']*" quote "([a-z0-9]+)"." ]] ||
    fail "$2 was not told '$3' and an id" "$said"
  id=${BASH_REMATCH[1]}
  eventually find_decision "$id" || fail "the journal does not know $id"
  says GATEHOUSE_DECISION deny
  says GATEHOUSE_SERVICE "$1"
  says GATEHOUSE_USER "$2"
  says GATEHOUSE_REASON "$4"
  if [[ ${5-} ]]; then says GATEHOUSE_RULE "$5"; fi
}

# forge_decision DECISION REASON: alice writes an entry into the journal that looks like a decision of
# the daemon's about mallory, with the id mmmmmmmmmm.
forge_decision() {
  printf '%s\n' "MESSAGE_ID=$decision_message" "MESSAGE=forged $1" _UID=0 \
    _SYSTEMD_UNIT=gatehoused.service GATEHOUSE_ID=mmmmmmmmmm "GATEHOUSE_DECISION=$1" \
    "GATEHOUSE_REASON=$2" GATEHOUSE_USER=mallory GATEHOUSE_SERVICE=sshd \
    GATEHOUSE_ORIGIN=192.0.2.200 GATEHOUSE_ORIGIN_KIND=address |
    in_machine runuser -u alice -- logger --journald
  journal_holds "forged $1" GATEHOUSE_USER=mallory
}

# find_decision ID: leaves the journal's entry in $entry. Only the journal itself sets the field
# with the unit, so entries that other processes wrote do not match.
find_decision() {
  entry=$(in_machine journalctl --output=export _SYSTEMD_UNIT="$service" \
    MESSAGE_ID="$decision_message" GATEHOUSE_ID="$1") && [[ -n $entry ]]
}

# says FIELD VALUE: $entry has that field with that value.
says() {
  grep --quiet --line-regexp --fixed-strings "$1=$2" <<<"$entry" ||
    fail "the journal says $(grep "^$1=" <<<"$entry" || echo "no $1"), not $1=$2"
}

# journal_holds TEXT [JOURNALCTL-ARGUMENT...]: the text comes to be in the journal.
journal_holds() {
  eventually grep_journal "$@" || fail "the journal does not say: $1"
}

grep_journal() { in_machine journalctl --output=cat "${@:2}" | grep --quiet --fixed-strings -- "$1"; }

# refuses_unasked METHOD USER FROM: the login is refused; no decision is looked for.
refuses_unasked() {
  if login "$@"; then fail "$2 from $3 was let in" "$said"; fi
}

# succeeds COMMAND...: the command succeeds in the machine.
succeeds() { in_machine "$@" || fail "status $? of: $*"; }

# gatehouse STATUS ARGUMENT...: the command ends with that status; leaves its output in $said.
gatehouse() {
  local status=0
  said=$(in_machine gatehouse "${@:2}" 2>&1) || status=$?
  ((status == $1)) || fail "status $status, not $1" "$said"
}

# has TEXT / has_not TEXT: the text is, or is not, in $said.
has() { grep --quiet --fixed-strings -- "$1" <<<"$said" || fail "it does not say: $1" "$said"; }
has_not() { if grep --quiet --fixed-strings -- "$1" <<<"$said"; then fail "it says: $1" "$said"; fi; }

# many_logins let_in|refused METHOD USER FROM: makes twenty logins, one after the other, all with
# that outcome. If one differs, it writes what happened into a file of that name.
many_logins() {
  local outcome
  for _ in {1..20}; do
    outcome=let_in
    login "${@:2}" || outcome=refused
    # A refusal without an id did not come from the policy.
    if [[ $outcome == refused && $said != *"Quote "* ]]; then outcome="without an answer"; fi
    if [[ $outcome != "$1" ]]; then
      printf '%s\n' "$3 from $4: $outcome" "$said" >"$GATEHOUSE_WORK/$1"
      return 1
    fi
  done
}

# mark_journal: `is_recorded` looks at what comes later.
mark_journal() { since=@$(date +%s.%6N); }

# is_recorded DECISION SERVICE USER FROM [REASON]: the journal comes to have that decision, since the
# mark. Where the reason is that the origin is unknown, FROM is not looked at.
is_recorded() {
  eventually has_decision "$@" || fail "the journal has no such decision; it has:" \
    "$(in_machine journalctl --output=cat --since="$since" MESSAGE_ID="$decision_message")" "$said"
  case ${5-} in
    no_address | session_unclear) ;;
    *) says GATEHOUSE_ORIGIN "$4" ;;
  esac
}

has_decision() {
  entry=$(in_machine journalctl --output=export --since="$since" _SYSTEMD_UNIT="$service" \
    MESSAGE_ID="$decision_message" GATEHOUSE_DECISION="$1" GATEHOUSE_SERVICE="$2" GATEHOUSE_USER="$3" \
    ${5:+GATEHOUSE_REASON="$5"}) && [[ -n $entry ]]
}

# refused_and_recorded SERVICE USER FROM REASON COMMAND...: the command fails, and the journal says why.
refused_and_recorded() {
  mark_journal
  if "${@:5}"; then fail "${*:5} was allowed" "$said"; fi
  is_recorded deny "${@:1:4}"
}
