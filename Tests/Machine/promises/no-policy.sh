# shellcheck shell=bash
# If the daemon never had a policy, onerr= decides.

in_machine systemctl --quiet stop "$service"
rm "$machine/etc/gatehouse/policy.yaml"
rm -rf "$machine"/var/lib/gatehouse/*

check "refused" refuses_unasked key alice "$office4"
ask_gatehouse "$machine" onerr=succeed
check "onerr=succeed lets in" lets_in key alice "$outside4"
