# shellcheck shell=bash
# In monitor mode everybody gets in, and the log says who would have been refused.

logs_what_it_would_do() {
  lets_in key alice "$outside4"
  journal_holds not_listed MESSAGE_ID="$decision_message" GATEHOUSE_USER=alice \
    GATEHOUSE_WOULD_DENY=true
}

sed -i '2a mode: monitor' "$machine/etc/gatehouse/policy.yaml"
load_policy
check "let in, and logged" logs_what_it_would_do
