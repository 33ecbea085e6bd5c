# shellcheck shell=bash
# A daemon that hangs delays nobody for longer than the deadline.

in_machine systemctl kill --signal=STOP "$service"
for method in key password keyboard; do
  check "$method is refused" refuses_unasked "$method" alice "$office4"
done
check "su does not wait for it" succeeds su alice -c true

in_machine systemctl kill --signal=CONT "$service"
check "it continues where it stopped" lets_in key alice "$office6"
