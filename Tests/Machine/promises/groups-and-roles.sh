# shellcheck shell=bash
# Groups are read from the machine's own directory, and the session gets the roles.

session_has_roles() {
  # shellcheck disable=SC2016  # the session's shell expands it
  login key alice "$office4" 'echo "$GATEHOUSE_ROLES"' || fail "alice was not let in" "$said"
  [[ $said == operator ]] || fail "GATEHOUSE_ROLES is '$said'"
}

check "a group's list admits" lets_in key carol "$vpn4"
check "a group's list confines, IPv4" refuses key carol "$office4" confined "$contractors_list"
check "a group's list confines, IPv6" refuses key carol "$office6" confined "$contractors_list"
check "a user's list adds" lets_in key bob "$vpn6"
check "the session's environment names the roles" session_has_roles
