# shellcheck shell=bash
# An option that the module does not know is never overlooked: it refuses, and the log names it.

ask_gatehouse "$machine" tiemout=100
check "refused" refuses_unasked key alice "$office4"
check "the log names it" journal_holds tiemout "${of_sshd[@]}"

ask_gatehouse "$machine" timeout=1
check "a value out of bounds is refused" refuses_unasked key alice "$office4"
check "the log names the value" journal_holds timeout=1 "${of_sshd[@]}"
