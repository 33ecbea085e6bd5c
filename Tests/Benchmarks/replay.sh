# shellcheck shell=bash
# Measures `gatehouse replay`, `report` and `log` over a journal that is made here. Needs the functions and variables of
# run.

journal_writer=/lib/systemd/systemd-journal-remote

# recorded_logins COUNT: prints decisions of gatehoused about 2,000 users from 14,000 addresses,
# over the last 25 days, in the journal's export format. One in fifty was refused.
recorded_logins() {
  awk -v n="$1" -v now="$(date +%s)" 'BEGIN {
    step = 25 * 86400 * 1000000 / n; start = (now - 25 * 86400) * 1000000
    for (i = 0; i < n; i++) {
      user = i * 7919 % 2000
      printf "__REALTIME_TIMESTAMP=%.0f\n__MONOTONIC_TIMESTAMP=%d\n", start + i * step, i + 1
      print "_BOOT_ID=6b1c3b1f4c7f4a0e9c1d2e3f4a5b6c7d\n_UID=994\n_COMM=gatehoused"
      print "_EXE=/usr/sbin/gatehoused\n_SYSTEMD_UNIT=gatehoused.service\n_TRANSPORT=journal"
      print "MESSAGE_ID=cd6ea7754a4f4d81bcc7da29e5486793\nPRIORITY=6"
      if (i % 50) print "GATEHOUSE_DECISION=allow\nGATEHOUSE_REASON=listed"
      else print "GATEHOUSE_DECISION=deny\nGATEHOUSE_REASON=not_listed"
      print "GATEHOUSE_WOULD_DENY=false\nGATEHOUSE_SERVICE=sshd"
      print "GATEHOUSE_ORIGIN_KIND=address\nGATEHOUSE_RULE=policy.yaml:10"
      printf "GATEHOUSE_USER=user%d\nGATEHOUSE_ORIGIN=10.%d.%d.%d\n", user, user / 256, user % 256, i % 7
      printf "GATEHOUSE_ID=id%d\nMESSAGE=allowed user%d from 10.%d.%d.%d (sshd): listed\n\n", \
        i, user, user / 256, user % 256, i % 7
    }
  }'
}

# peak_memory COMMAND...: prints the command's largest anonymous memory in KiB, measured 20 times a
# second. The journal files that it maps are the kernel's cache and do not count.
peak_memory() {
  local pid peak=0 now
  "$@" >"$work/replayed" 2>/dev/null &
  pid=$!
  while now=$(awk '/^RssAnon/ { print $2 }' "/proc/$pid/status" 2>/dev/null) && [[ $now ]]; do
    ((now <= peak)) || peak=$now
    sleep 0.05
  done
  wait "$pid" || true
  printf '%s\n' "$peak"
}

replaying() {
  part "replay"
  if [[ ! -x $journal_writer ]]; then
    printf '  not measured: it needs the package systemd-journal-remote\n'
    return
  fi
  mkdir "$work/journal"
  recorded_logins "$recorded" |
    "$journal_writer" --output="$work/journal/system.journal" --split-mode=none - >/dev/null 2>&1
  local replay=("$command_line" replay --policy "$work/one" --from-journal "$work/journal" --json)
  local peak clock processor
  peak=$(peak_memory "${replay[@]}")
  grep --quiet "\"judged\":$recorded," "$work/replayed" || die "replay did not judge every login"
  read -r clock processor < <(spent "${replay[@]}")
  row "$recorded logins (beside: processor time)" "$(calculate %.1f "$clock / 1000") s" \
    "$(calculate %.1f "$processor / 1000") s" "" "<= $((60 * recorded / 1000000)) s"
  row "logins a second" "$(calculate %.0f "$recorded * 1000 / $clock")" "" "" ""
  row "its own memory, at most" "$(calculate %.1f "$peak / 1024") MiB" "" "" "<= 64 MiB"
  reporting
}

# Measures over the same journal.
reporting() {
  local report=("$command_line" report --since 30d --journal "$work/journal")
  local log=("$command_line" log --journal "$work/journal" --user user77 --decision allow)
  local peak clock processor
  part "report and log"
  peak=$(peak_memory "${report[@]}" --json)
  grep --quiet "\"allow\":$((recorded - recorded / 50)),\"deny\":$((recorded / 50))," "$work/replayed" ||
    die "report did not count every decision"
  read -r clock processor < <(spent "${report[@]}" --json)
  row "report: $recorded decisions (beside: processor time)" "$(calculate %.1f "$clock / 1000") s" \
    "$(calculate %.1f "$processor / 1000") s" "" "$( ((recorded < 10000000)) || echo "<= 20 s")"
  row "its own memory, at most" "$(calculate %.1f "$peak / 1024") MiB" "" "" "<= 128 MiB"
  "${report[@]}" --html "$work/report.html"
  row "its page" "$(calculate %.0f "$(stat --format=%s "$work/report.html") / 1000") kB" "" "" "<= 1500 kB"
  [[ $("${log[@]}" | wc -l) == 100 ]] || die "log did not show a hundred decisions"
  read -r clock processor < <(spent "${log[@]}")
  row "log: a hundred decisions of one user" "$clock ms" "" "" "<= 500 ms"
}
