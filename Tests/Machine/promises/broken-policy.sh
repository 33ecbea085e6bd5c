# shellcheck shell=bash
# A policy with an error never replaces a good one, neither at a SIGHUP nor at a restart.

policy=$machine/etc/gatehouse/policy.yaml

break_policy() { sed -i '7s/.*/  vpn: [198.51.100.0\/33]/' "$policy"; }

check "the good policy serves" lets_in key bob "$vpn4"
break_policy
in_machine systemctl kill --signal=HUP "$service"
check "the log says where it is wrong" journal_holds policy.yaml:7:9 _SYSTEMD_UNIT="$service"
check "the old one lets in" lets_in key bob "$vpn4"
check "the old one refuses" refuses key bob "$outside4" not_listed "$bobs_list"

in_machine systemctl restart "$service"
check "after a restart the last good one lets in" lets_in key bob "$vpn4"
check "after a restart the last good one refuses" \
  refuses key bob "$outside4" not_listed "$bobs_list"

rm "$policy"
in_machine systemctl restart "$service"
check "without any file the last good one lets in" lets_in key bob "$vpn4"

cp "$GATEHOUSE_ROOT/Tests/Machine/policy.yaml" "$policy"
chmod 666 "$policy"
sed -i 's/also_from: \[vpn\]/also_from: [office]/' "$policy"
in_machine systemctl kill --signal=HUP "$service"
check "a policy that everybody can write is not read" journal_holds writable _SYSTEMD_UNIT="$service"
check "the old one stays in effect" lets_in key bob "$vpn4"
