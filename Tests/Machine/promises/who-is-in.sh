# shellcheck shell=bash
# Who is in is shown, and whoever the policy no longer allows can be put out. What happened is counted,
# in a report, in its page and in the metrics; and each entry of the journal is explained.

# Eventually, since the daemon hears of a session from logind.
is_shown() {
  said=$(in_machine gatehouse sessions 2>&1) || true
  [[ $said =~ allow\ .*$1.*$2 ]]
}

session_is_shown() {
  stay_logged_in alice "$office4"
  eventually is_shown alice "$office4" || fail "alice is not shown" "$said"
  gatehouse 0 sessions --json
  has '"user":"alice"'
  # The one whom the policy allows stays.
  gatehouse 0 sessions end --refused --yes
  eventually is_shown alice "$office4" || fail "alice was put out" "$said"
}

refused_sessions_are_ended() {
  printf '%s\n' 'version: 1' "everyone: {from: [$vpn4]}" >"$machine/root/vpn.yaml"
  succeeds gatehouse apply /root/vpn.yaml --allow-lockout=all >/dev/null
  gatehouse 1 sessions
  [[ $said =~ deny\ .*alice.*$office4 ]] || fail "alice is not refused" "$said"
  gatehouse 2 sessions end --refused
  has --yes
  gatehouse 0 sessions end --refused --yes
  eventually nobody_is_logged_in || fail "alice is still in" "$(in_machine loginctl)"
  gatehouse 0 sessions
  has_not alice
  succeeds gatehouse rollback --allow-lockout=all >/dev/null
}

named_session_is_ended() {
  stay_logged_in alice "$office4"
  eventually is_shown alice "$office4" || fail "alice is not shown" "$said"
  local session
  session=$(in_machine gatehouse sessions --json | grep -oE '"session":"[a-z0-9]+"' | cut -d '"' -f 4)
  gatehouse 1 sessions end nosuchsession --yes
  gatehouse 0 sessions end "$session" --yes
  eventually nobody_is_logged_in || fail "alice is still in" "$(in_machine loginctl)"
}

is_reported() {
  refuses key alice "$outside4" not_listed
  gatehouse 0 report --since 1h --json
  has '"alice"'
  has "$outside4"
  gatehouse 0 report --since 1h --html /root/page.html
  said=$(in_machine cat /root/page.html)
  has "$outside4"
  has_not "<script src"
  [[ $(in_machine stat --format=%a /root/page.html) == 600 ]] || fail "others may read the page"
}

is_counted() {
  refuses key alice "$outside4" not_listed
  gatehouse 0 metrics
  grep --quiet -E '^gatehouse_decisions_total\{.*reason="not_listed".*service="sshd".*\} [1-9]|^gatehouse_decisions_total\{.*service="sshd".*reason="not_listed".*\} [1-9]' \
    <<<"$said" || fail "the denial is not counted" "$said"
  [[ ${said##*$'\n'} == "# EOF" ]] || fail "it does not end as it should" "$said"
}

is_explained() {
  refuses key alice "$outside4" not_listed
  said=$(in_machine journalctl --no-pager -x --unit="$service" --lines=5 MESSAGE_ID="$decision_message")
  has "Subject: "
  has "gatehouse log"
}

check "a session is shown with its place, and is not ended if the policy allows it" session_is_shown
check "the sessions that the policy no longer allows are ended" refused_sessions_are_ended
check "so is a session by its name" named_session_is_ended
check "a denial is in the report and in its page" is_reported
check "a denial is in the metrics" is_counted
check "journalctl -x says what to do about a denial" is_explained
