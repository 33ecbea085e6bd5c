# shellcheck shell=bash
# A mailer of the machine that keeps each mail, and looks at what it was given.

# mailer SCRIPT: the machine's sendmail.
mailer() {
  install -D -m 755 /dev/stdin "$machine/usr/local/sbin/sendmail" <<<"#!/bin/sh"$'\n'"$1"
}

# It keeps each mail with the user as whom it ran, whole or not at all.
# shellcheck disable=SC2016,SC2034 # the mailer expands them, and promises use it
keeping='d=/var/spool/told; f=$(mktemp "$d/.XXXXXX") && { id -un; cat; } >"$f" && chmod 644 "$f" &&
mv "$f" "$d/$(date +%s%N)"'

# keep_mails: from now on mails are kept.
keep_mails() {
  install -d -m 1777 "$machine/var/spool/told"
  mailer "$keeping"
}

# was_told TEXT: a mail has it.
was_told() { eventually has_mail "$1" || fail "no mail has: $1" "$(mails)"; }
has_mail() { mails | grep --quiet --fixed-strings -- "$1"; }
mails() { in_machine sh -c 'cat /var/spool/told/*' 2>&1; }

# mails_with TEXT: prints the files of the mails that have it, the oldest first.
mails_with() {
  in_machine sh -c 'cd /var/spool/told && grep -lF -- "$0" [0-9]*' "$1" 2>/dev/null | sort
}
