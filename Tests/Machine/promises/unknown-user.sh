# shellcheck shell=bash
# Someone whom the machine does not know is refused by sshd itself, as before, and everybody else
# goes on logging in.

check "refused from the office" refuses_unasked key nobody-we-know "$office4"
check "refused by password" refuses_unasked password nobody-we-know "$office4"
check "refused by keyboard-interactive" refuses_unasked keyboard nobody-we-know "$outside6"
check "a name of control characters is refused" refuses_unasked key $'root\e[31m\nalice' "$office4"
check "the next login is let in" lets_in key alice "$office4"
