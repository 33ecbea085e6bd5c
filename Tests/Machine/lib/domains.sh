# shellcheck shell=bash
# A domain of Active Directory in a network of its own: its controller (Samba's), and the machine as a
# member, by winbind. The controller is no booted machine: a copy of the base folder in which Samba
# alone runs.

controller_address=198.18.0.2 member_address=198.18.0.1
domain_password='Correct-Horse-1'
controller=$GATEHOUSE_WORK/controller

# open_domain: makes the domain, with nobody in it, and starts the controller.
open_domain() {
  overlay "$controller" "$GATEHOUSE_WORK/changes/controller" "$GATEHOUSE_BASE"
  mount --bind /dev "$controller/dev"
  mount -t proc proc "$controller/proc"
  ip netns add controller
  ip link add domain type veth peer name cable netns controller
  ip address add "$member_address/30" dev domain
  ip link set domain up
  ip -netns controller link set lo up
  ip -netns controller address add "$controller_address/30" dev cable
  ip -netns controller link set cable up
  printf '%s\n' '127.0.0.1 localhost' "$controller_address dc.ad.test dc" >"$controller/etc/hosts"
  rm -f "$controller"/etc/{resolv.conf,samba/smb.conf}
  echo "nameserver $controller_address" >"$controller/etc/resolv.conf"
  on_controller samba-tool domain provision --quiet --server-role=dc --use-rfc2307 \
    --dns-backend=SAMBA_INTERNAL --realm=AD.TEST --domain=AD --adminpass="$domain_password" \
    --host-ip="$controller_address" >/dev/null 2>&1
  controller_starts
}

# on_controller COMMAND...: runs the command there, on its network.
on_controller() {
  # shellcheck disable=SC2016 # the inner shell expands it
  ip netns exec controller unshare --uts sh -c 'hostname dc; exec chroot "$0" "$@"' "$controller" "$@" </dev/null
}

controller_starts() {
  on_controller samba --foreground --no-process-group >"$GATEHOUSE_WORK/samba.log" 2>&1 &
  eventually on_controller samba-tool user list >/dev/null
  eventually is_controller_listening
}

is_controller_listening() { (exec 3<>"/dev/tcp/$controller_address/389"); }

# signal_controller SIGNAL: to each of its processes; they alone have that network. Some end meanwhile.
signal_controller() { ip netns pids controller | xargs --no-run-if-empty kill "-$1" 2>/dev/null || true; }

# domain_is HOW: sets what becomes of those who ask the controller.
#
#   up        it answers
#   refused   nobody listens
#   lost      what is sent to it is lost on the way
#   silent    it takes connections, and says nothing
domain_is() {
  ip neighbour delete "$controller_address" dev domain 2>/dev/null || true
  signal_controller CONT
  case $1 in
    up) is_controller_listening 2>/dev/null || controller_starts ;;
    refused)
      signal_controller KILL
      eventually nobody_on_controller
      ;;
    lost) ip neighbour replace "$controller_address" lladdr 02:00:00:00:00:99 dev domain ;;
    silent) signal_controller STOP ;;
  esac
}

nobody_on_controller() { [[ -z $(ip netns pids controller) ]]; }

# add_domain_user NAME: the user can log in by key, once the machine is a member.
add_domain_user() {
  on_controller samba-tool user create "$1" "$domain_password" >/dev/null
  # sshd takes keys of root's, too.
  install -D -m 644 "$keys/id.pub" "$machine/home/$1/.ssh/authorized_keys"
}

# add_domain_group NAME MEMBER...
add_domain_group() {
  on_controller samba-tool group add "$1" >/dev/null
  change_domain_member add "$@"
}

# change_domain_member add|remove GROUP USER...
change_domain_member() {
  on_controller samba-tool group "${1}members" "$2" "$(IFS=,; printf '%s' "${*:3}")" >/dev/null
}

# join_domain: the machine becomes a member, and winbind serves it.
join_domain() {
  rm -f "$machine/etc/resolv.conf"
  echo "nameserver $controller_address" >"$machine/etc/resolv.conf"
  printf '%s\n' '[libdefaults]' 'default_realm = AD.TEST' >"$machine/etc/krb5.conf"
  # With the machine's own cache time, 300 seconds, it learns of a change that late.
  printf '%s\n' '[global]' 'workgroup = AD' 'realm = AD.TEST' 'security = ads' 'netbios name = MEMBER' \
    'idmap config * : backend = tdb' 'idmap config * : range = 3000-7999' \
    'idmap config AD : backend = rid' 'idmap config AD : range = 10000-999999' \
    'template shell = /bin/bash' 'template homedir = /home/%U' 'winbind use default domain = yes' \
    'winbind cache time = 2' >"$machine/etc/samba/smb.conf"
  sed -i -E 's/^(passwd|group):.*/\1: files winbind/; s/^hosts:.*/hosts: files dns/' "$machine/etc/nsswitch.conf"
  install -D -m 644 /dev/stdin "$machine/etc/systemd/system/winbind.service.d/often.conf" \
    <<<$'[Unit]\nStartLimitIntervalSec=0'
  in_machine systemctl daemon-reload
  in_machine systemctl --quiet disable --now smbd nmbd 2>/dev/null
  in_machine net ads join -U "Administrator%$domain_password" --no-dns-updates >/dev/null
  in_machine systemctl restart winbind
  eventually in_machine wbinfo --ping-dc >/dev/null
}

# is_member USER GROUP: winbind says so.
is_member() { [[ " $(in_machine id -Gn "$1") " == *" $2 "* ]]; }

# forget_domain USER GROUP: neither the daemon nor winbind knows anything of any user. Then winbind is
# asked until it has that user in that group: for up to a minute after its controller was away it gives
# lists that lack groups, though it says that it reaches it (gatehouse-directories(7)).
forget_domain() {
  in_machine systemctl --quiet stop "$socket" "$service" winbind
  rm -f "$machine"/var/cache/samba/*.tdb "$machine"/var/lib/samba/{winbindd_cache,netsamlogon_cache}.tdb \
    "$machine"/run/samba/*.tdb "$machine/var/lib/gatehouse/identities"
  in_machine systemctl start winbind
  eventually in_machine wbinfo --ping-dc >/dev/null
  local tries
  for tries in {1..30}; do
    if is_member "$@"; then break; fi
    if ((tries == 30)); then fail "winbind does not have $1 in $2"; fi
    sleep 4
  done
  in_machine systemctl start "$socket" "$service"
}
