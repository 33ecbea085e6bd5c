# shellcheck shell=bash
# Whom `authorize` names gets in from a new place by the key and a code that is mailed to them, for a time and
# from there alone. Neither a stolen password nor a guess nor the code of another place or user lets anybody
# in, and no mailer that is away, slow or fails holds up a login.

# How long a place counts, in seconds.
lasting=60

make_dave() {
  in_machine useradd --create-home --shell /bin/bash dave
  install -D -m 644 "$keys/id.pub" "$machine/home/dave/.ssh/authorized_keys"
  printf 'dave:%s\n' "$password" | in_machine chpasswd
}

# ask_for_codes FIRST: what stands in the auth stage of sshd before the code is asked for.
ask_for_codes() {
  sed -E -i -e '/^auth/d' -e "s/^@include common-auth\$|^# the code\$/# the code/" "$machine/etc/pam.d/sshd"
  sed -i "s/^# the code\$/# the code\\n$1\\nauth required pam_gatehouse.so authorize\\n\
auth required pam_permit.so/" "$machine/etc/pam.d/sshd"
}

# let_prove METHODS: what sshd asks for.
let_prove() {
  echo "AuthenticationMethods $1" >"$machine/etc/ssh/sshd_config.d/factors.conf"
  in_machine systemctl restart ssh
}

# authorize TEXT: the policy's `authorize`; nothing if it is empty.
authorize() {
  {
    echo 'version: 1'
    if [[ $1 ]]; then echo "authorize: {$1}"; fi
  } >"$machine/etc/gatehouse/policy.d/authorize.yaml"
  load_policy
}

# Who may, from where, and how the code travels; per_day comes after it.
whom="users: [alice, dave, carol], for: ${lasting}s, mail: \"{user}@example.org\""

# answer_code CODE: the code is typed when it is asked for, and the password when that is.
answer_code() {
  # shellcheck disable=SC2016 # the script expands it
  printf '#!/bin/sh\ncase $1 in *[Cc]ode*) echo "%s" ;; *) echo "%s" ;; esac\n' "$1" "$password" \
    >"$keys/answer"
}

# code_mails USER FROM: prints the files of the mails with a code of the user for that address, the oldest
# first. (The subject may be encoded.)
code_mails() {
  # shellcheck disable=SC2016 # the shell in the machine expands it
  in_machine sh -c 'cd /var/spool/told && grep -lF "A code to log in to" [0-9]* |
    xargs -r grep -lxF "  user       $0" | xargs -r grep -lxF "  from       $1"' "$1" "$2" 2>/dev/null | sort
}

# letters USER FROM: how many codes were sent to the user for that address.
letters() { code_mails "$1" "$2" | grep --count . || true; }

# has_letters USER FROM COUNT
has_letters() { (($(letters "$1" "$2") == $3)); }

# is_sent_a_code METHOD USER FROM: the login is refused and says that a code was sent, and it is. Leaves it in
# $code.
is_sent_a_code() {
  local count file
  count=$(letters "$2" "$3")
  refuses "$1" "$2" "$3" not_listed
  has "A code was sent to ${2:0:1}"
  has "${2: -1}@example.org: log in again and enter it."
  has_not "$2@example.org"
  eventually has_letters "$2" "$3" $((count + 1)) || fail "no code was mailed to $2" "$(mails)"
  file=$(code_mails "$2" "$3" | tail -n 1)
  code=$(in_machine sed -n 's/^  code  *\([A-Z0-9-]*\)$/\1/p' "/var/spool/told/$file")
  [[ $code =~ ^[2-9A-HJ-NP-Z]{5}-[2-9A-HJ-NP-Z]{5}$ ]] || fail "that is no code: $code" "$(mails)"
}

# gets_in_by_code METHOD USER FROM CODE
gets_in_by_code() {
  answer_code "$4"
  lets_in "$1" "$2" "$3"
}

# code_is_nothing METHOD USER FROM CODE
code_is_nothing() {
  answer_code "$4"
  if login "$1" "$2" "$3"; then fail "$2 from $3 got in by $4" "$said"; fi
}

# code_is_logged EVENT USER FROM
code_is_logged() {
  journal_holds "$2" _SYSTEMD_UNIT="$service" MESSAGE_ID="$code_message" GATEHOUSE_CODE_EVENT="$1" \
    GATEHOUSE_USER="$2" GATEHOUSE_ORIGIN="$3"
}

# nothing_says TEXT: it is nowhere in the journal.
nothing_says() {
  in_machine journalctl --sync
  if in_machine journalctl --output=export | grep --text --quiet --fixed-strings -- "$1"; then
    fail "the journal has: $1" \
      "$(in_machine journalctl --output=short | grep --text --fixed-strings -- "$1")"
  fi
}

# end_grants: nobody has a grant any more, and no code is open.
end_grants() { in_machine gatehouse revoke --all >/dev/null 2>&1 || true; }

# forget_codes: no code is open any more, and nobody has caused one.
forget_codes() {
  in_machine systemctl stop "$socket" "$service"
  rm -f "$machine/var/lib/gatehouse/codes"
  in_machine systemctl start "$socket" "$service"
}

nothing_without_authorize() {
  answer_code wrong
  lets_in key-and-keyboard alice "$office4"
  refuses key-and-keyboard alice "$outside4" not_listed
  has_not "A code"
}

refused_read_and_in() {
  is_sent_a_code key-and-keyboard alice "$outside4"
  has_mail "To: alice@example.org" || fail "it went to somebody else" "$(mails)"
  [[ $(mails | head -n 1) == gatehouse-notify ]] || fail "sendmail ran as another user" "$(mails)"
  code_is_logged made alice "$outside4"
  # As somebody reads it aloud: small letters, and no dash.
  gets_in_by_code key-and-keyboard alice "$outside4" "$(tr -d - <<<"${code,,}")"
  code_is_logged used alice "$outside4"
  gatehouse 0 grants
  has "alice"
  has "from $outside4"
  has "authorised by the user, denial "
  # It is asked for no more, and is in no log.
  answer_code wrong
  lets_in key-and-keyboard alice "$outside4"
  refuses key-and-keyboard alice "$outside6" not_listed
  nothing_says "$code"
  nothing_says "$(tr -d - <<<"$code")"
  nothing_says "alice@example.org"
}

in_for_the_time_and_no_longer() {
  end_grants
  forget_codes
  is_sent_a_code key-and-keyboard alice "$outside4"
  gets_in_by_code key-and-keyboard alice "$outside4" "$code"
  local first=$code
  sleep "$lasting"
  journal_holds "has ended" --identifier=gatehoused
  is_sent_a_code key-and-keyboard alice "$outside4"
  # The one that was used is worth nothing, and the new one is right.
  code_is_nothing key-and-keyboard alice "$outside4" "$first"
  gets_in_by_code key-and-keyboard alice "$outside4" "$code"
}

is_revoked() {
  gatehouse 0 revoke alice
  is_sent_a_code key-and-keyboard alice "$outside4"
}

nothing_at_another_place_or_for_another_user() {
  end_grants
  forget_codes
  is_sent_a_code key-and-keyboard alice "$outside4"
  local of_alice=$code
  is_sent_a_code key-and-keyboard alice "$outside6"
  local elsewhere=$code
  is_sent_a_code key-and-keyboard dave "$outside4"
  code_is_nothing key-and-keyboard alice "$outside6" "$of_alice"
  code_is_nothing key-and-keyboard dave "$outside4" "$of_alice"
  code_is_nothing key-and-keyboard alice "$outside4" "$code"
  code_is_nothing key-and-keyboard bob "$outside4" "$of_alice"
  gets_in_by_code key-and-keyboard alice "$outside4" "$of_alice"
  gets_in_by_code key-and-keyboard alice "$outside6" "$elsewhere"
}

nobody_else_is_sent_one() {
  answer_code wrong
  refuses key-and-keyboard bob "$outside4" not_listed
  has_not "A code"
  # A contractor is confined, and no code changes that.
  refuses key-and-keyboard carol "$outside4" confined
  has_not "A code"
  has_letters bob "$outside4" 0 || fail "bob was sent one" "$(mails)"
  has_letters carol "$outside4" 0 || fail "carol was sent one" "$(mails)"
}

three_guesses_end_it() {
  end_grants
  forget_codes
  is_sent_a_code key-and-keyboard dave "$outside4"
  for guess in AAAAA-AAAAA BBBBB-BBBBB CCCCC-CCCCC; do
    code_is_nothing key-and-keyboard dave "$outside4" "$guess"
  done
  code_is_logged ended dave "$outside4"
  was_told "wrong codes for dave from $outside4"
  # The right one comes too late: no code is asked for, and the policy refuses as ever.
  answer_code "$code"
  refuses key-and-keyboard dave "$outside4" not_listed
}

over_a_restart() {
  end_grants
  forget_codes
  is_sent_a_code key-and-keyboard alice "$outside4"
  # A code outlives the daemon once that knows that its letter was taken, about a second later.
  sleep 3
  in_machine systemctl kill --signal=KILL "$service"
  eventually in_machine systemctl --quiet is-active "$service" || fail "it was not started again"
  code_is_nothing key-and-keyboard alice "$outside4" AAAAA-AAAAA
  in_machine systemctl restart "$service"
  gets_in_by_code key-and-keyboard alice "$outside4" "$code"
  in_machine systemctl restart "$service"
  answer_code wrong
  lets_in key-and-keyboard alice "$outside4"
  # Used once, also over a restart.
  end_grants
  is_sent_a_code key-and-keyboard alice "$outside4"
}

administrators_are_told() {
  printf '%s\n' 'version: 1' 'notify: {mail: [root], gather: 1s, on: [codes]}' \
    >"$machine/etc/gatehouse/policy.d/notify.yaml"
  load_policy
  end_grants
  forget_codes
  is_sent_a_code key-and-keyboard alice "$outside4"
  was_told "of alice from $outside4"
  was_told "To: root"
  gets_in_by_code key-and-keyboard alice "$outside4" "$code"
  was_told "entered, and the place is authorised for a time"
  if in_machine grep --recursive --files-with-matches '^To: root' /var/spool/told |
    in_machine xargs grep --quiet --fixed-strings -- "$code"; then
    fail "administrators were sent the code" "$(mails)"
  fi
  rm "$machine/etc/gatehouse/policy.d/notify.yaml"
  load_policy
}

it_is_counted() {
  gatehouse 0 log --codes --user alice
  has "made"
  has "used"
  has "grant "
  gatehouse 0 report --since 1h
  has "Codes to authorise a new place"
  in_machine gatehouse metrics | grep --quiet '^gatehouse_codes_total{event="used"} [1-9]' ||
    fail "it is in no metric" "$(in_machine gatehouse metrics)"
}

daemon_away() {
  in_machine systemctl --quiet stop "$socket" "$service"
  answer_code wrong
  refuses_unasked key-and-keyboard alice "$outside4"
  in_machine systemctl start "$socket" "$service"
}

# refused_in_time USER FROM: the login is refused within so many seconds that nothing was waited for.
refused_in_time() {
  local begin=$EPOCHREALTIME
  refuses key-and-keyboard "$1" "$2" not_listed
  has "A code was sent"
  ((${EPOCHREALTIME/./} - ${begin/./} < 5000000)) || fail "the refusal took more than 5 s"
}

# The code is good for ten minutes, so it comes once the mailer is back.
mailer_is() {
  end_grants
  forget_codes
  in_machine rm -f /var/spool/told/.tried
  mailer "$1"
  answer_code wrong
  local begin=$EPOCHREALTIME
  refused_in_time alice "$outside4"
  eventually in_machine test -e /var/spool/told/.tried || fail "the mailer was not run"
  many_logins let_in key-and-keyboard dave "$office4" || fail "a login was refused"
  ((${EPOCHREALTIME/./} - ${begin/./} < 30000000)) || fail "the logins took 30 s"
}

mailer_away() {
  end_grants
  forget_codes
  rm "$machine/usr/local/sbin/sendmail"
  refused_in_time alice "$outside4"
  journal_holds "a code for alice cannot be sent" --unit=gatehouse-notify.service
  local count
  count=$(letters alice "$outside4")
  mailer "$keeping"
  comes_later "$count"
}

# shellcheck disable=SC2016 # the mailer expands them
mailer_fails() {
  local count
  count=$(letters alice "$outside4")
  mailer_is ': >/var/spool/told/.tried; cat; exit 75'
  journal_holds "a code for alice cannot be sent" --unit=gatehouse-notify.service
  mailer "$keeping"
  comes_later "$count"
}

mailer_hangs() {
  mailer_is ': >/var/spool/told/.tried; exec sleep 1000'
  mailer "$keeping"
  # Another letter does not wait for the one that hangs.
  is_sent_a_code key-and-keyboard dave "$outside4"
}

# comes_later COUNT: one more code than that comes for alice.
comes_later() {
  local tries
  for ((tries = 0; tries < 8; tries++)); do
    if eventually has_letters alice "$outside4" $(($1 + 1)); then return; fi
  done
  fail "the code was not sent later" "$(mails)"
}

# Whoever has the password alone makes codes be sent, and no more of them than the policy says.
stolen_password() {
  end_grants
  forget_codes
  is_sent_a_code keyboard alice "$outside4"
  local right=$code
  code_is_nothing keyboard alice "$outside4" AAAAA-AAAAA
  code_is_nothing keyboard alice "$outside4" "$password"
  code_is_nothing keyboard alice "$outside4" BBBBB-BBBBB
  answer_with wrong
  refuses_unasked keyboard alice "$outside4"
  if in_machine gatehouse grants | grep --quiet alice; then fail "alice has a grant"; fi
  # The owner, who knows nothing of it, was sent it, and three wrong ones ended it.
  was_told "wrong codes for alice from $outside4"
  code_is_nothing keyboard alice "$outside4" "$right"
}

# Forty logins of a second or less from twenty addresses: what an asker could do in a minute, and more than the
# policy allows in a day.
flood() {
  end_grants
  forget_codes
  authorize "$whom, per_day: 3"
  answer_code AAAAA-AAAAA
  local number pending=() before
  before=$(mails_with "code to log in as dave from 192.0.2.1" | grep --count . || true)
  for number in {101..120}; do add_addresses client "192.0.2.$number"; done
  for number in {101..120} {101..120}; do
    login keyboard dave "192.0.2.$number" &
    pending+=("$!")
    if ((${#pending[@]} == 10)); then
      wait "${pending[@]}" || true
      pending=()
    fi
  done
  journal_holds dave _SYSTEMD_UNIT="$service" MESSAGE_ID="$code_message" \
    GATEHOUSE_CODE_EVENT=over_limit
  eventually has_sent $((before + 3)) || fail "not three codes were sent" "$(mails)"
  sleep 3
  has_sent $((before + 3)) || fail "more than three codes were sent" "$(mails)"
  refuses keyboard dave "$outside4" not_listed
  has_not "A code"
  # What others are sent does not depend on it.
  is_sent_a_code keyboard alice "$outside4"
}
has_sent() { (($(mails_with "code to log in as dave from 192.0.2.1" | grep --count .) == $1)); }

too_late() {
  end_grants
  forget_codes
  authorize "$whom, per_day: 50"
  is_sent_a_code keyboard alice "$outside4"
  jump 601
  # None is open any more, so none is asked for: the login is refused as the first one was.
  answer_code "$code"
  refuses keyboard alice "$outside4" not_listed
  jump 0
}

make_dave
keep_mails
answer_code wrong
ask_for_codes ''
let_prove 'publickey,keyboard-interactive:pam'

check "nobody is asked for a code or sent one without authorize" nothing_without_authorize
authorize "$whom, per_day: 50"
eventually in_machine systemctl --quiet is-active gatehouse-notify.service
check "refused at a new place, the mail read, and in with the key and the code" refused_read_and_in
check "in for the time and no longer; what was used is worth nothing" in_for_the_time_and_no_longer
check "revoke ends it" is_revoked
check "a code is nothing at another address, or for another user" \
  nothing_at_another_place_or_for_another_user
check "nobody else is sent one, and no confined user" nobody_else_is_sent_one
check "three guesses end it, and its owner is told" three_guesses_end_it
check "a code and what it opened outlive the daemon, and it counts once" over_a_restart
check "administrators are told of each, without the code" administrators_are_told
check "each use is in log, report and metrics" it_is_counted
check "with the daemon stopped no code is asked for, and nobody gets in" daemon_away
check "the mailer away: the refusal is as quick, and the code comes when it is back" mailer_away
check "a mailer that fails holds no login up, and the code comes later" mailer_fails
check "a mailer that hangs holds up neither a login nor another code" mailer_hangs

mailer "$keeping"
ask_for_codes '@include common-auth'
let_prove 'keyboard-interactive:pam'
answer_code wrong
check "a stolen password sends a code to its owner, and lets nobody in" stolen_password
check "a flood of denials sends as many codes as the policy allows, and no more" flood
let_clock_jump
jump 0
check "after ten minutes it is too late" too_late
answer_with "$password"
