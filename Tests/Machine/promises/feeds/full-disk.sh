# shellcheck shell=bash
# A full disk under each folder that networks from elsewhere are kept in: what serves goes on serving,
# whole, the message says why nothing new does, and once there is room it is taken.

contents=/var/lib/gatehouse-networks offers=/var/lib/gatehouse-feeds history=/var/lib/gatehouse-history
# As many addresses side by side as do not fit into what is left.
many=$(for number in {0..4000}; do echo "203.0.$((number / 100 % 256)).$((number % 100 * 2))"; done)

# small_disk FOLDER: puts it on a file system of its own, of 256 KiB.
small_disk() {
  succeeds sh -c "rm -rf /root/was && cp -a $1 /root/was && mount -t tmpfs -o size=256k tmpfs $1 && cp -a /root/was/. $1 &&
    chown --reference=/root/was $1 && chmod --reference=/root/was $1"
}

whole_disk() {
  succeeds sh -c "rm -r /root/was && cp -a $1 /root/was && umount $1 && find $1 -mindepth 1 -delete &&
    cp -a /root/was/. $1 && rm -r /root/was"
}

# fill FOLDER LEFT: leaves so many bytes.
fill() {
  in_machine sh -c "cat /dev/zero >$1/filler 2>/dev/null; truncate --size=-$2 $1/filler"
}

set_up() {
  serve "${well[@]}"
  networks_are networks: "  list: {url: \"$feeds_url/list\", shrink_limit: 100}" "  home: {name: alice.dyn.test}" \
    users: '  alice: {only_from: [list]}' '  bob: {only_from: [home]}'
  gatehouse 0 feeds refresh
  lets_in key alice "$office4"
  lets_in key bob "$office4"
}

# stands_full FOLDER STATUS LEFT: refresh ends with that status, and everything is as it was.
stands_full() {
  local left
  small_disk "$1"
  serve "$outside4" "$many"
  fill "$1" "$3"
  kept_contents >"$GATEHOUSE_WORK/good"
  mark_journal
  gatehouse "$2" feeds refresh
  has_journal "No space left on device" || fail "nobody says why" "$said" \
    "$(in_machine journalctl --output=cat --since="$since" --unit=gatehouse-feeds.service)"
  kept_contents | diff "$GATEHOUSE_WORK/good" - || fail "what serves was changed"
  left=$(in_machine find "$contents" "$offers" "$history" -name '*.new' -o -name .pending)
  [[ ! $left ]] || fail "something is left" "$left"
  lets_in key alice "$office4"
  refuses key alice "$outside4" confined
  lets_in key bob "$office4"
  # After a restart, too.
  succeeds systemctl restart "$service"
  lets_in key alice "$office4"
  refuses key alice "$outside4" confined
}

has_journal() {
  in_machine journalctl --output=cat --since="$since" --unit=gatehouse-feeds.service |
    grep --quiet --fixed-strings -- "$1"
}

# takes_it: now that there is room.
takes_it() {
  in_machine rm "$1/filler"
  whole_disk "$1"
  gatehouse 0 feeds refresh
  lets_in key alice "$outside4"
  refuses key alice "$office4" confined
  lets_in key bob "$office4"
  # As it was.
  serve "${well[@]}"
  gatehouse 0 feeds refresh
  lets_in key alice "$office4"
}

full() {
  stands_full "$@"
  takes_it "$1"
}

# Without room for the plan nothing is asked, and the service has failed: it does not count as one that had
# nothing to do.
no_plan() {
  small_disk "$contents"
  fill "$contents" 0
  gatehouse 3 feeds refresh
  has "No space left on device"
  if in_machine systemctl start gatehouse-feeds.service; then fail "the service had nothing to do"; fi
  lets_in key alice "$office4"
  in_machine rm "$contents/filler"
  whole_disk "$contents"
  gatehouse 0 feeds refresh
}

# What is too long for the disk does not keep what is short from being got and taken.
nearly_full() {
  small_disk "$offers"
  serve "$outside4" "$many"
  fill "$offers" 16k
  names_answer "address=/alice.dyn.test/$vpn4"
  gatehouse 1 feeds refresh
  has "what was got cannot be kept: "
  has "No space left on device"
  lets_in key bob "$vpn4"
  lets_in key alice "$office4"
  refuses key alice "$outside4" confined
  names_answer "address=/alice.dyn.test/$office4"
  takes_it "$offers"
}

open_feed_servers
no_timer
names_answer "address=/alice.dyn.test/$office4"

check "all is well at first" set_up
check "no room for what is to be got" no_plan
check "no room for what is taken" full "$contents" 3 8k
check "no room for what is got" full "$offers" 3 0
check "room for what is short" nearly_full
check "no room in the history" full "$history" 3 0
