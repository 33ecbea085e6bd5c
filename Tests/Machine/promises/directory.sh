# shellcheck shell=bash
# A directory of users and groups may be away, partly away, slow, and back again. This never lets
# anybody in who should not be, and shuts out nobody about whom it has answered before.

partners_list=policy.d/partners.yaml:3

# directory_is WORD: sets how the directory behaves. After it, nothing that was read before is used
# without asking again.
directory_is() {
  in_machine tee /run/trial-directory <<<"$1" >/dev/null
  in_machine gatehouse reload --allow-lockout=unjudged >/dev/null
}

install_directory() {
  local library
  library=$(echo "$machine"/usr/lib/*/security)/../libnss_trial.so.2
  gcc -shared -fPIC -Wall -Wextra -Werror -o "$library" "$here/../directory/nss_trial.c"
  sed -i -E 's/^(passwd|group):.*/\1: files trial/' "$machine/etc/nsswitch.conf"
  install -D -m 644 "$keys/id.pub" "$machine/home/zoe/.ssh/authorized_keys"
  chown -R 4000:4000 "$machine/home/zoe"
  printf '%s\n' 'version: 1' 'groups:' '  partners: {only_from: [vpn]}' \
    >"$machine/etc/gatehouse/policy.d/partners.yaml"
  in_machine systemctl restart "$service"
}

install_directory
directory_is here
check "here: a group of the directory admits" lets_in key zoe "$vpn4"
check "here: and confines" refuses key zoe "$office4" confined "$partners_list"
check "here: a user who is not in the directory gets in as before" lets_in key alice "$office4"

directory_is partly
check "partly away: the earlier answer is used" lets_in key zoe "$vpn6"
check "partly away: a short list of groups opens nothing" \
  refuses key zoe "$office6" confined "$partners_list"
check "partly away: a user about whom nothing is known is refused" \
  refuses key deploy "$office4" identity_unavailable

directory_is away
check "away: the earlier answer is used" lets_in key alice "$office6"
check "away: a user about whom nothing is known is refused" refuses key deploy "$office4" identity_unavailable
check "away: the journal says so" journal_holds "users and groups cannot be read" --unit="$service"

directory_is slow
check "slow: the earlier answer is used" lets_in key alice "$office4"
check "slow: a user about whom nothing is known is refused in time, and reads why" \
  refuses key deploy "$office4" identity_unavailable
check "slow: whose answer is the same without it is let in" lets_in key carol "$vpn4"

directory_is here
check "back: a user about whom nothing was known is let in" lets_in key bob "$vpn4"
check "back: the list of the group confines" refuses key zoe "$office4" confined "$partners_list"
check "back: the journal says so" journal_holds "users and groups can be read again" --unit="$service"
