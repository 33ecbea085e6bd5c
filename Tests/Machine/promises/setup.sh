# shellcheck shell=bash
# `gatehouse setup`, at a terminal: from the installed packages to a policy that is enforced, in a machine
# whose record has some logins.

# setup ANSWER...: runs it at a terminal of 80 columns; each answer is typed at the next question. Leaves
# what was shown in $said.
setup() {
  local status=0
  said=$(printf '%s\n' "$@" | in_machine SUDO_USER=alice "SSH_CONNECTION=$office4 1 192.0.2.1 22" TERM=dumb \
    script --quiet --return --command 'stty cols 80; gatehouse setup' /dev/null) || status=$?
  said=${said//$'\r'/}
  ((status == 0)) || fail "status $status" "$said"
}

asks() { grep --quiet pam_gatehouse "$machine/etc/pam.d/common-account"; }

a_dry_run_changes_nothing() {
  gatehouse 0 setup --dry-run --break-glass alice --from "$office4"
  has "4 of 4  What next"
  cmp "$machine/etc/gatehouse/policy.yaml" "$machine/usr/share/gatehouse/policy.yaml"
  if asks; then fail "logins ask"; fi
}

it_learns_and_goes_on_trial() {
  # The user and the place of break_glass, then a yes to the policy and one to PAM.
  setup '' '' y y
  [[ $said != *"0 of 4"* && $said == *"1 of 4  This machine"*"4 of 4  What next"* ]] ||
    fail "not all of it was shown" "$said"
  grep --quiet '^mode: monitor' "$machine/etc/gatehouse/policy.yaml" || fail "no policy" "$said"
  asks || fail "no login asks" "$said"
  succeeds systemctl --quiet is-active gatehouse-pam-undo.timer
}

it_is_confirmed_in_a_new_session() {
  login key root "$office4" 'gatehouse confirm' || fail "it was not confirmed" "$said"
  lets_in key alice "$outside4"
  gatehouse 1 shadow
  has "alice"
}

# The command that setup has shown.
it_enforces() {
  in_machine sh -c "sed 's/^mode: monitor/mode: enforce/' /etc/gatehouse/policy.yaml |
    gatehouse apply - --confirm-within 10m" || fail "it was not applied"
  login key root "$office4" 'gatehouse confirm' || fail "it was not confirmed" "$said"
  succeeds gatehouse pam enable --strict
  lets_in key bob "$vpn4"
  lets_in key alice "$office4"
  if login key alice "$outside4"; then fail "alice was let in from outside"; fi
  [[ $said == *"Access denied from this address ($outside4)"* ]] || fail "it was not said why" "$said"
}

again_it_leaves_all_as_it_is() {
  local before
  before=$(cat "$machine/etc/gatehouse/policy.yaml")
  setup
  has "It stays as it is"
  [[ $(cat "$machine/etc/gatehouse/policy.yaml") == "$before" ]] || fail "the policy was changed"
}

install -D -m 600 "$keys/id.pub" "$machine/root/.ssh/authorized_keys"
sed -i /pam_gatehouse/d "$machine/etc/pam.d/common-account"
for place in /usr/share/gatehouse /etc/gatehouse; do
  install -D -m 644 "$GATEHOUSE_ROOT/packaging/debian/policy.yaml" "$machine$place/policy.yaml"
done
in_machine gatehouse reload --allow-lockout=all >/dev/null
login key root "$office4"
login key alice "$office4"
login key bob "$vpn4"

check "a dry run shows all of it, and changes nothing" a_dry_run_changes_nothing
check "it learns a policy from the logins, and puts PAM on trial" it_learns_and_goes_on_trial
check "PAM is confirmed in a new session, and nobody is refused yet" it_is_confirmed_in_a_new_session
check "by the command that it shows the policy enforces" it_enforces
check "run again it leaves all of it as it is" again_it_leaves_all_as_it_is
