# shellcheck shell=bash
# Keyboard-interactive, for which sshd asks PAM from a process of its own, is judged in the same
# way.

check "from the office, IPv4" lets_in keyboard alice "$office4"
check "from the office, IPv6" lets_in keyboard alice "$office6"
check "refused elsewhere, IPv4" refuses keyboard alice "$outside4" not_listed "$everyones_list"
check "refused elsewhere, IPv6" refuses keyboard alice "$outside6" not_listed "$everyones_list"
