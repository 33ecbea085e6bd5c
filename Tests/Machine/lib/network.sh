# shellcheck shell=bash
# Two network namespaces joined by a cable: `server`, where machines boot, and `client`, which has
# many addresses. The ranges are those set aside for documentation: nothing outside is reached.

# The policy of these tests calls 203.0.113.0/24 and 2001:db8:1::/48 the office, and 198.51.100.0/24
# and 2001:db8:2::/48 the vpn.
office4=203.0.113.9 office6=2001:db8:1::9
vpn4=198.51.100.9 vpn6=2001:db8:2::9
outside4=192.0.2.66 outside6=2001:db8:bad::66
server4=192.0.2.1 server6=2001:db8:ffff::1

make_networks() {
  local address
  # `ip netns` keeps its names in /run/netns, which is shared with the machine outside.
  mount -t tmpfs -o mode=755 run /run
  ip netns add server
  ip netns add client
  ip -n client link add cable type veth peer name cable netns server
  for address in "$office4/32" "$vpn4/32" "$outside4/32"; do
    ip -n client address add "$address" dev cable
  done
  ip -n server address add "$server4/32" dev cable
  # Without duplicate address detection, which keeps an IPv6 address unusable for a second.
  for address in "$office6/128" "$vpn6/128" "$outside6/128"; do
    ip -n client address add "$address" dev cable nodad
  done
  ip -n server address add "$server6/128" dev cable nodad
  for address in server client; do
    ip -n "$address" link set lo up
    ip -n "$address" link set cable up
    ip -n "$address" route add default dev cable
    ip -n "$address" -6 route add default dev cable
  done
}
