# shellcheck shell=bash
# A policy that was refused stays refused: the one that was accepted serves on, whatever is started
# anew, and `status` says so first.

policy=$machine/etc/gatehouse/policy.yaml

# without_office: the folder's policy has the office in no list any more, so root's only place is lost.
without_office() { sed -i 's/^  from: \[office\]/  from: [vpn]/' "$policy"; }

# stays: root gets in by the accepted policy, and status says what is wrong.
stays() {
  lets_in key root "$office4"
  refuses key alice "$vpn4" not_listed "$everyones_list"
  if said=$(in_machine gatehouse status); then fail "status finds nothing" "$said"; fi
  [[ ${said%%$'\n'*} != enforcing* ]] || fail "status begins with enforcing" "$said"
  [[ $said == *refused*root*"$office4"* ]] || fail "status does not say who would be shut out" "$said"
}

refused() {
  without_office
  if in_machine systemctl reload "$service"; then fail "the reload went through"; fi
  if said=$(in_machine gatehouse reload 2>&1); then fail "the reload went through" "$said"; fi
  [[ $said == *root*"$office4"* ]] || fail "it does not say who would be shut out" "$said"
  stays
}

restarted() {
  in_machine systemctl restart "$service"
  stays
}

killed() {
  in_machine systemctl kill --signal=KILL "$service"
  eventually in_machine systemctl --quiet is-active "$service"
  stays
}

# The folder is changed while no daemon runs.
changed_while_down() {
  in_machine cp /root/good.yaml /etc/gatehouse/policy.yaml
  succeeds systemctl reload "$service"
  in_machine systemctl stop "$service"
  without_office
  in_machine systemctl start "$service"
  stays
}

put_right() {
  in_machine cp /root/good.yaml /etc/gatehouse/policy.yaml
  succeeds systemctl reload "$service"
  in_machine gatehouse status | grep --quiet '^enforcing' || fail "status: $(in_machine gatehouse status)"
  lets_in key root "$office4"
}

overridden() {
  without_office
  succeeds gatehouse reload --allow-lockout=root
  root_is_out
}

root_is_out() {
  refuses key root "$office4" not_listed "$everyones_list"
  lets_in key alice "$vpn4"
}

# Nobody is logged in: the record has root's place.
without_a_session() {
  in_machine cp /root/good.yaml /etc/gatehouse/policy.yaml
  succeeds systemctl reload "$service"
  sed 's/^  from: \[office\]/  from: [vpn]/' "$policy" >"$machine/root/vpn.yaml"
  if in_unit gatehouse apply /root/vpn.yaml; then fail "it was applied" "$said"; fi
  [[ $said == *root*"$office4"* ]] || fail "it does not say who would be shut out" "$said"
  cmp "$machine/root/good.yaml" "$policy"
}

# ends_soon: the office's only list ends this evening, or sooner.
ends_soon() {
  local at said
  for at in '25 seconds' '10 hours' '13 days'; do
    at=$(date --utc --date="$at" +%FT%TZ)
    sed "s|^  from: \[office\]|  from: [{address: 203.0.113.0/24, until: $at}]|" "$policy" \
      >"$machine/root/ends.yaml"
    if said=$(in_machine gatehouse apply /root/ends.yaml 2>&1); then fail "it was applied: $at" "$said"; fi
    [[ $said == *root*"$office4"* ]] || fail "it does not say who would be shut out" "$said"
  done
  at=$(date --utc --date='15 days' +%FT%TZ)
  sed -i "s|until: [^}]*|until: $at|" "$machine/root/ends.yaml"
  succeeds gatehouse apply --dry-run /root/ends.yaml
}

install -D -m 600 "$keys/id.pub" "$machine/root/.ssh/authorized_keys"
cp "$policy" "$machine/root/good.yaml"
lets_in key root "$office4"
# The record has taken it up then.
in_machine systemctl restart "$service"

check "a reload that takes root's only place is refused" refused
check "a restart does not bring it into force" restarted
check "nor does a kill" killed
reboot_machine
check "nor does a reboot" stays
check "nor a start after a change while the daemon was down" changed_while_down
check "put right, it serves" put_right
check "an apply without anybody logged in is refused" without_a_session
check "a list that ends within 14 days is refused" ends_soon
check "with --allow-lockout it serves" overridden
reboot_machine
check "and goes on doing so after a reboot" root_is_out
