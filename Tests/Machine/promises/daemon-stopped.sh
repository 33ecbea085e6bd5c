# shellcheck shell=bash
# While the daemon is stopped, onerr= decides: onerr=fail refuses, onerr=succeed lets in and says so
# in the log.

in_machine systemctl --quiet stop "$socket" "$service"
for method in key password keyboard; do
  check "$method is refused" refuses_unasked "$method" alice "$office4"
done

ask_gatehouse "$machine" onerr=fail
check "onerr=fail refuses" refuses_unasked key alice "$office6"

ask_gatehouse "$machine" onerr=succeed
for method in key password keyboard; do
  check "onerr=succeed lets in by $method" lets_in "$method" alice "$outside4"
done
check "onerr=succeed is logged" journal_holds onerr=succeed "${of_sshd[@]}"

in_machine systemctl start "$socket"
check "onerr=succeed changes no answer" refuses key alice "$outside4" not_listed "$everyones_list"
