# shellcheck shell=bash
# The doors beside sshd: FTP, IMAP, Cockpit, VNC, RDP, saslauthd and a Unix socket of sshd's. Each
# `by_…` is a login with the users' password. It succeeds if the program lets the user in, and leaves
# in $said what was printed.

# The profiles of pam-auth-update that the packages of directories bring.
directory_profiles=(krb5 ldap radius sss winbind)

# close_doors: in the layer, no door's service starts at boot, and no directory's profile is on.
# `open_door` and `install_profiles` change that in one machine.
close_doors() {
  chroot "$layer" systemctl --quiet disable atd cockpit.socket dovecot nslcd vsftpd winbind xrdp \
    xrdp-sesman
  chroot "$layer" pam-auth-update --package --remove "${directory_profiles[@]}" 2>/dev/null
  mkdir "$layer/usr/share/pam-configs.kept"
  mv "${directory_profiles[@]/#/$layer/usr/share/pam-configs/}" "$layer/usr/share/pam-configs.kept"
}

# change_profiles ARGUMENT...: runs pam-auth-update, which asks nothing.
change_profiles() { in_machine env DEBIAN_FRONTEND=noninteractive pam-auth-update --package "$@"; }

# install_profiles NAME...: puts profiles into the machine and turns them on, as their packages do
# when they are installed.
install_profiles() {
  mv "${@/#/$machine/usr/share/pam-configs.kept/}" "$machine/usr/share/pam-configs"
  change_profiles --enable "$@"
}

remove_profiles() {
  change_profiles --remove "$@"
  mv "${@/#/$machine/usr/share/pam-configs/}" "$machine/usr/share/pam-configs.kept"
}

# from_client FROM COMMAND...: runs a program of the machine's files at the client's end of the cable.
# The server sees that address.
from_client() {
  local server=$server4
  if [[ $1 == *:* ]]; then server=$server6; fi
  ip -netns client route replace "$server" dev cable src "$1"
  ip netns exec client chroot "$machine" "${@:2}"
}

# server_at ADDRESS: prints the server's address of that family, as a URL has it.
server_at() { if [[ $1 == *:* ]]; then printf '[%s]' "$server6"; else printf '%s' "$server4"; fi; }

open_ftp() { in_machine systemctl start vsftpd; }

by_ftp() {
  said=$(from_client "$2" curl --silent --show-error --max-time 20 --user "$1:$password" \
    "ftp://$(server_at "$2")/" 2>&1)
}

open_imap() {
  local allow='disable_plaintext_auth = no'
  if [[ $GATEHOUSE_SUITE != bookworm ]]; then allow='auth_allow_cleartext = yes'; fi
  printf '%s\n' "$allow" 'ssl = no' >"$machine/etc/dovecot/conf.d/99-test.conf"
  in_machine systemctl start dovecot
}

by_imap() {
  said=$(from_client "$2" curl --silent --show-error --max-time 20 --user "$1:$password" \
    "imap://$(server_at "$2")/" 2>&1)
}

open_cockpit() {
  printf '%s\n' '[WebService]' 'AllowUnencrypted = true' >"$machine/etc/cockpit/cockpit.conf"
  in_machine systemctl start cockpit.socket
}

by_cockpit() {
  said=$(from_client "$2" curl --silent --show-error --fail --max-time 20 --user "$1:$password" \
    "http://$(server_at "$2"):9090/cockpit/login" 2>&1)
}

# A VNC server that asks PAM as the service `vnc`.
open_vnc() {
  printf '@include common-%s\n' auth account session >"$machine/etc/pam.d/vnc"
  in_machine systemd-run --quiet --unit=vnc Xtigervnc :7 -SecurityTypes Plain -PlainUsers '*' \
    -PAMService vnc
  install -m 755 "$GATEHOUSE_ROOT/Tests/Machine/doors/vnc_login.py" "$machine/usr/local/bin/vnc-login"
  eventually in_machine nc -z 127.0.0.1 5907
}

by_vnc() { said=$(from_client "$2" vnc-login "$server4" 5907 "$1" "$password" 2>&1); }

open_rdp() {
  in_machine usermod --append --groups ssl-cert xrdp
  sed -i 's/^autorun=.*/autorun=Xvnc/' "$machine/etc/xrdp/xrdp.ini"
  printf '#!/bin/sh\nexec sleep 600\n' >"$machine/etc/xrdp/startwm.sh"
  in_machine systemctl start xrdp-sesman xrdp
}

# A user is in if xrdp starts their desktop, or gives them the one that is there. The client stays until
# that, or a refusal, is in the log. Then the desktop is closed.
by_rdp() {
  local log=/var/log/xrdp-sesman.log
  in_machine truncate --size=0 "$log"
  rm -f "$machine/tmp/rdp-done"
  # shellcheck disable=SC2016 # the shell at the client's end expands it
  from_client "$2" sh -c 'Xtigervnc :9 -SecurityTypes None -localhost & screen=$!
    until [ -S /tmp/.X11-unix/X9 ]; do sleep 0.1; done
    DISPLAY=:9 "$@" & client=$!
    until [ -e /tmp/rdp-done ]; do sleep 0.1; done
    kill $client $screen; wait' - "${rdp_program[$GATEHOUSE_SUITE]}" "/v:$server4" "/u:$1" \
    "/p:$password" /cert:ignore /sec:tls >"$GATEHOUSE_WORK/rdp" 2>&1 &
  eventually in_machine grep --quiet \
    "[Ww]aiting until the window manager\|reconnected session\|AUTHFAIL\|pam_acct_mgmt failed" "$log" || true
  touch "$machine/tmp/rdp-done"
  wait $! || true
  said=$(in_machine cat "$log" && cat "$GATEHOUSE_WORK/rdp")
  in_machine pkill --uid "$1" --full '^sleep 600' || true
  eventually no_desktop "$1"
  grep --quiet '[Ww]aiting until the window manager\|reconnected session' <<<"$said"
}
no_desktop() { ! in_machine pgrep --uid "$1" 'Xvnc|xrdp-chansrv' >/dev/null; }
declare -A rdp_program=([bookworm]=xfreerdp [trixie]=xfreerdp3)

open_saslauthd() {
  printf '@include common-%s\n' auth account >"$machine/etc/pam.d/imap"
  in_machine systemd-run --quiet --unit=saslauthd-pam --property=RuntimeDirectory=saslauthd \
    saslauthd -d -a pam
  eventually in_machine test -S /run/saslauthd/mux
}

by_saslauthd() { said=$(in_machine testsaslauthd -u "$1" -p "$password" -s imap 2>&1); }

# A Unix socket of sshd's: systemd's own on Debian 13; on Debian 12 one like it.
open_unix_socket() {
  install -m 600 "$keys/id" "$machine/root/id"
  if [[ $GATEHOUSE_SUITE != bookworm ]]; then return; fi
  printf '%s\n' '[Socket]' ListenStream=/run/ssh-unix-local/socket Accept=yes \
    >"$machine/etc/systemd/system/sshd-unix.socket"
  printf '%s\n' '[Service]' 'ExecStart=-/usr/sbin/sshd -i' StandardInput=socket \
    >"$machine/etc/systemd/system/sshd-unix@.service"
  in_machine systemctl start sshd-unix.socket
}

by_unix_socket() {
  said=$(in_machine ssh -i /root/id -o BatchMode=yes -o StrictHostKeyChecking=no -o LogLevel=INFO \
    -o ProxyUseFdpass=no -o ProxyCommand='nc -U /run/ssh-unix-local/socket' "$1@.host" whoami 2>&1)
}

# --- What is checked ------------------------------------------------------------------------------

# let_in_by DOOR SERVICE USER FROM: the door lets the user in, because the policy allows it.
let_in_by() {
  mark_journal
  "by_$1" "$3" "$4" || fail "$3 from $4 was not let in" "$said"
  is_recorded allow "${@:2}"
}

# refused_by DOOR SERVICE USER FROM REASON: the door refuses the user, because the policy denies it.
refused_by() {
  refused_and_recorded "${@:2}" "by_$1" "$3" "$4"
}
