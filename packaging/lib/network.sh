# shellcheck shell=bash
# A private network: a cable with the server's end in the namespace that we run in, and at the other
# end a namespace `client` with many addresses. All addresses are of the ranges for documentation
# and private use, and nothing beyond the cable can be reached.

server4=192.0.2.1 server6=2001:db8:ffff::1

# make_network ADDRESS...: makes the network; the client has these addresses. Needs its own mount
# and network namespaces. It makes /run private, because `ip netns` keeps its names there.
make_network() {
  mount -t tmpfs -o mode=755 run /run
  ip netns add client
  ip link add cable type veth peer name cable netns client
  local side
  for side in server client; do
    ip_at "$side" link set lo up
    ip_at "$side" link set cable up
    ip_at "$side" route add default dev cable
    ip_at "$side" -6 route add default dev cable
  done
  add_addresses server "$server4" "$server6"
  add_addresses client "$@"
}

# ip_at SIDE ARGUMENT...: runs `ip` in the namespace of that end.
ip_at() {
  if [[ $1 == client ]]; then ip -netns client "${@:2}"; else ip "${@:2}"; fi
}

# add_addresses SIDE ADDRESS...: adds addresses to that end of the cable, without duplicate address
# detection, which makes an IPv6 address unusable for a second.
add_addresses() {
  local address
  for address in "${@:2}"; do
    case $address in
      *:*) ip_at "$1" address add "$address/128" dev cable nodad ;;
      *) ip_at "$1" address add "$address/32" dev cable ;;
    esac
  done
}

# ssh_from ADDRESS USER COMMAND [OPTION...]: runs ssh on the client's side, from that address. The
# server's key must be in the file $known_hosts.
ssh_from() {
  local server=$server4
  if [[ $1 == *:* ]]; then server=$server6; fi
  ip netns exec client ssh -F none -b "$1" -o LogLevel=INFO -o ConnectTimeout=10 \
    -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$known_hosts" "${@:4}" \
    "$2@$server" "$3"
}

# trust_host_key PUBLIC_KEY: trusts this key at every address.
trust_host_key() {
  printf '* %s\n' "$(cut -d ' ' -f 1,2 "$1")" >"$known_hosts"
}
