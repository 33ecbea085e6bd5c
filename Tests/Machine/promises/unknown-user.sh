# shellcheck shell=bash
# sshd itself refuses users that the machine does not know, as without Gatehouse, and everybody else
# can still log in.

check "refused from the office" refuses_unasked key nobody-we-know "$office4"
check "refused by password" refuses_unasked password nobody-we-know "$office4"
check "refused by keyboard-interactive" refuses_unasked keyboard nobody-we-know "$outside6"
check "a name of control characters is refused" refuses_unasked key $'root\e[31m\nalice' "$office4"
check "the next login is let in" lets_in key alice "$office4"
