# shellcheck shell=bash
# Real clients of the programs that let people in, beside ssh. From an address that the policy denies,
# nobody gets in, whatever the program; each refusal is recorded. From the office those get in whose
# program gives PAM the address; the others get in from nowhere.

declare -A service_of=(
  [ftp]=vsftpd [imap]=dovecot [cockpit]=cockpit [rdp]=xrdp-sesman [vnc]=vnc [saslauthd]=imap
)
with_address=(ftp imap cockpit) without_address=(vnc saslauthd)
# xrdp gives the address from 0.10 on.
case $GATEHOUSE_SUITE in
  bookworm) without_address+=(rdp) ;;
  *) with_address+=(rdp) ;;
esac

for door in "${with_address[@]}" "${without_address[@]}"; do "open_$door"; done

for door in "${with_address[@]}"; do
  check "$door lets in from the office" let_in_by "$door" "${service_of[$door]}" alice "$office4"
  check "$door refuses elsewhere" refused_by "$door" "${service_of[$door]}" alice "$outside4" not_listed
done
for door in "${without_address[@]}"; do
  check "$door gives no address, and is refused" \
    refused_by "$door" "${service_of[$door]}" alice "$office4" no_address
done

open_unix_socket
check "a Unix socket of sshd's is the machine itself, which is not listed" \
  refused_by unix_socket sshd alice self not_listed

printf '%s\n' 'version: 1' 'services: {sshd: {from: [office, self]}, vnc: {without_address: local}}' \
  >"$machine/etc/gatehouse/policy.d/self.yaml"
load_policy
check "a Unix socket of sshd's lets in if the machine itself is listed" \
  let_in_by unix_socket sshd alice self
check "a program without an address lets in if the policy says that it serves the machine" \
  can by_vnc alice "$office4"
