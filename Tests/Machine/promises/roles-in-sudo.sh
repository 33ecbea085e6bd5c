# shellcheck shell=bash
# sudo and su ask for a role, and the address that the session was opened from decides. A user who
# logged in from the wrong address is logged in, but cannot use them, and reads why.

make_administrators
guard sudo 'origin=session role=administrator'
guard su 'origin=session role=administrator'

# alice may log in from everywhere in the office, but is an administrator at one desk only.
check "sudo from the right address" can login key alice "$office4" "$sudo_true"
check "sudo from the wrong address" \
  cannot sudo alice "$office6" role_unavailable "$desks_list" login key alice "$office6" "$sudo_true"
check "sudo by somebody without the role" \
  cannot sudo bob "$office4" role_unavailable - login key bob "$office4" "$sudo_true"
check "a shell by sudo from the wrong address" cannot sudo-i alice "$office6" role_unavailable \
  "$desks_list" login key alice "$office6" "sudo --non-interactive --login true"

# For su, PAM has the target user, so the target's role counts.
check "su to somebody with the role, from the right address" \
  can login key bob "$office4" "$(su_to alice)"
check "su to somebody with the role, from the wrong address" \
  cannot su alice "$office6" role_unavailable "$desks_list" \
  login key bob "$office6" "$(su_to alice)"
check "su to somebody without it" \
  cannot su bob "$office4" role_unavailable - login key alice "$office4" "$(su_to bob)"

guard su origin=session
check "sudo after su, from the right address" \
  can login key bob "$office4" "echo '$password' | su alice -c '$sudo_true'"
check "sudo after su, from the wrong address" \
  cannot sudo alice "$office6" role_unavailable "$desks_list" \
  login key bob "$office6" "echo '$password' | su alice -c '$sudo_true'"

guard sudo 'origin=session role=administratr'
check "nobody has a role that is not in the policy" \
  cannot sudo alice "$office4" role_unavailable - login key alice "$office4" "$sudo_true"
