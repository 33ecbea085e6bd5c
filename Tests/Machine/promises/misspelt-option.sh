# shellcheck shell=bash
# The module never ignores an option that it does not know: it refuses, and the log names the
# option.

ask_gatehouse "$machine" tiemout=100
check "refused" refuses_unasked key alice "$office4"
check "the log names it" journal_holds tiemout "${of_sshd[@]}"

ask_gatehouse "$machine" timeout=1
check "a value out of bounds is refused" refuses_unasked key alice "$office4"
check "the log names the value" journal_holds timeout=1 "${of_sshd[@]}"
