# shellcheck shell=bash
# Whoever the policy names is told of a denial within seconds, with what to do; nobody is told what some
# user made up. If the mailer hangs, or what tells is killed, no login waits for it.

# The MESSAGE_ID of a door that opened.
opened_message=fe4f89ee2547422d87b100728b94f404

tell() {
  printf '%s\n' 'version: 1' "notify: {mail: [root], gather: 1s, on: [$1]}" \
    >"$machine/etc/gatehouse/policy.d/notify.yaml"
  load_policy
}

is_active() { in_machine systemctl --quiet is-active gatehouse-notify.service; }
is_over() { ! is_active; }

nothing_runs_at_first() {
  eventually is_over || fail "it runs, and the policy has no notify"
  succeeds systemctl --quiet is-active gatehouse-notify.path
  in_machine journalctl --output=cat --unit=gatehouse-notify | grep --quiet 'nothing to tell' ||
    fail "it does not say why"
}

it_starts_with_the_policy() {
  tell "denials, break_glass, refused_changes, first_times"
  eventually is_active || fail "it was not started" "$(in_machine systemctl status gatehouse-notify)"
  gatehouse 0 notify --test
  was_told "a test of Gatehouse"
}

a_denial_is_told() {
  refuses key alice "$outside4" not_listed
  [[ $said =~ Quote\ ([a-z0-9]+) ]] || fail "no id" "$said"
  local id=${BASH_REMATCH[1]}
  was_told "1 login of alice from $outside4 denied"
  was_told "  all of it  gatehouse log $id"
  was_told "  let it in  gatehouse approve $id --for 1h"
  was_told "  from       $outside4, for the first time"
  [[ $(mails | head -n 1) == gatehouse-notify ]] || fail "sendmail ran as another user" "$(mails)"
  gatehouse 0 approve "$id" --for 10s
}

a_first_time_is_told() {
  lets_in key bob "$vpn4"
  was_told "bob came from $vpn4 for the first time"
}

a_refused_change_is_told() {
  echo 'everyone: {form: [office]}' >"$machine/etc/gatehouse/policy.d/broken.yaml"
  gatehouse 1 reload
  was_told "1 change of the policy refused"
  rm "$machine/etc/gatehouse/policy.d/broken.yaml"
  load_policy
}

forged_entries_are_not_told() {
  forge_decision deny not_listed
  refuses key carol "$outside6" confined
  was_told "of carol from $outside6 denied"
  if has_mail mallory; then fail "it was told" "$(mails)"; fi
}

# The mailer hangs, and has to be killed. Logins are as quick as ever; the mail comes later.
a_hanging_mailer_holds_nobody_up() {
  mailer ': >/var/spool/told/hangs; exec sleep 1000'
  refuses key alice "$outside6" not_listed
  eventually in_machine test -e /var/spool/told/hangs || fail "the mailer was not run"
  mailer "$keeping"
  local begin=$EPOCHREALTIME
  many_logins let_in key alice "$office4" || fail "a login was refused"
  ((${EPOCHREALTIME/./} - ${begin/./} < 25000000)) || fail "twenty logins took 25 s"
  succeeds systemctl kill --signal=KILL gatehouse-notify.service
  many_logins let_in key alice "$office4" || fail "a login was refused"
  eventually is_active || fail "it was not started again"
  refuses key bob "$outside6" not_listed
  was_told "of bob from $outside6 denied"
}

# The service looks at the doors when it starts, and every five minutes.
a_door_that_opened_is_told() {
  tell doors
  in_machine touch /run/before
  succeeds systemctl restart gatehouse-notify.service
  eventually has_looked || fail "it did not look at the doors"
  sed -i /pam_gatehouse/d "$machine/etc/pam.d/common-account"
  succeeds systemctl restart gatehouse-notify.service
  was_told "not judged any more"
  was_told "  sshd: "
  journal_holds "sshd: " _SYSTEMD_UNIT=gatehouse-notify.service _UID=0 MESSAGE_ID="$opened_message"
  ask_gatehouse "$machine"
}
has_looked() { in_machine test /var/lib/gatehouse-notify/notices -nt /run/before; }

it_ends_with_the_policy() {
  rm "$machine/etc/gatehouse/policy.d/notify.yaml"
  load_policy
  eventually is_over || fail "it still runs"
  [[ ! -e $machine/var/lib/gatehouse-notify/notices ]] || fail "it left what was told"
}

keep_mails

check "nothing runs if the policy names nobody" nothing_runs_at_first
check "it is started when a policy names somebody, and a test arrives" it_starts_with_the_policy
check "a denial is mailed within seconds, with the line that lets it in" a_denial_is_told
check "a first time from a place is mailed" a_first_time_is_told
check "a refused change of the policy is mailed" a_refused_change_is_told
check "what a user wrote into the journal is not" forged_entries_are_not_told
check "a mailer that hangs, and a killed service, hold no login up" a_hanging_mailer_holds_nobody_up
check "a door that opened is mailed" a_door_that_opened_is_told
check "it ends when the policy names nobody any more" it_ends_with_the_policy
