# shellcheck shell=bash
# With `UseDNS yes` sshd gives PAM a name instead of an address. The decision stays the same: the
# address decides, and no name is ever looked up.

sees_name() {
  if login key alice "$1"; then fail "alice was let in" "$said"; fi
  [[ $said == *"PAM_RHOST is $2"* ]] || fail "sshd did not hand over the name" "$said"
}

echo 'UseDNS yes' >>"$machine/etc/ssh/sshd_config.d/test.conf"
sed -i '1i account optional pam_echo.so PAM_RHOST is %H' "$machine/etc/pam.d/sshd"
in_machine systemctl restart ssh

check "sshd hands over names, IPv4" sees_name "$outside4" cafe.example
check "sshd hands over names, IPv6" sees_name "$outside6" cafe6.example
for method in key password keyboard; do
  check "$method from the office, IPv4" lets_in "$method" alice "$office4"
  check "$method from the office, IPv6" lets_in "$method" alice "$office6"
  check "$method refused elsewhere, IPv4" \
    refuses "$method" alice "$outside4" not_listed "$everyones_list"
  check "$method refused elsewhere, IPv6" \
    refuses "$method" alice "$outside6" not_listed "$everyones_list"
done
