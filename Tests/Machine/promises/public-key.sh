# shellcheck shell=bash
# A public key lets its owner in from where the policy allows it, and from nowhere else.

check "from the office, IPv4" lets_in key alice "$office4"
check "from the office, IPv6" lets_in key alice "$office6"
check "refused elsewhere, IPv4" refuses key alice "$outside4" not_listed "$everyones_list"
check "refused elsewhere, IPv6" refuses key alice "$outside6" not_listed "$everyones_list"
