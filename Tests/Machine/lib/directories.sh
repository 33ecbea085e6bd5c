# shellcheck shell=bash
# A directory server in the machine (slapd), and sssd or nslcd that ask it. They reach it by an
# address of its own, behind which a proxy stands: so it can be slow, refuse, or be silent, while
# the tests still change what it holds.

directory_address=198.18.0.1 directory_port=3890
directory_url=ldap://$directory_address

# open_directory: starts the server with nobody in it, and the proxy.
open_directory() {
  install -m 644 "$GATEHOUSE_ROOT/Tests/Machine/directory/proxy.py" "$machine/usr/local/lib/proxy.py"
  install -d "$machine/srv/ldap"
  cat >"$machine/srv/slapd.conf" <<END
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
suffix dc=test
directory /srv/ldap
rootdn cn=admin,dc=test
rootpw admin
END
  # They are started more often here than systemd would let them.
  local unit
  for unit in sssd nslcd; do
    install -D -m 644 /dev/stdin "$machine/etc/systemd/system/$unit.service.d/often.conf" \
      <<<$'[Unit]\nStartLimitIntervalSec=0'
  done
  in_machine systemctl daemon-reload
  in_machine systemctl stop slapd nslcd sssd
  in_machine slapadd -q -f /srv/slapd.conf <<'END'
dn: dc=test
objectClass: domain

dn: ou=flat,dc=test
objectClass: organizationalUnit

dn: ou=nested,dc=test
objectClass: organizationalUnit
END
  in_machine systemd-run --quiet --unit=directory slapd -d0 -f /srv/slapd.conf \
    -h "ldap://127.0.0.1:$directory_port"
  directory_is_up
  eventually in_machine ldapsearch -x -H "$directory_url" -b dc=test >/dev/null
}

# change_directory: makes the changes on standard input (LDIF), also if nobody can reach the server.
change_directory() {
  in_machine ldapmodify -x -H "ldap://127.0.0.1:$directory_port" -D cn=admin,dc=test -w admin >/dev/null
}

# add_group SCHEMA NAME NUMBER MEMBER...: `flat` is rfc2307, `nested` rfc2307bis.
add_group() {
  local member kind=posixGroup attribute=memberUid suffix=''
  if [[ $1 == nested ]]; then
    kind='groupOfNames' attribute=member suffix=,ou=nested,dc=test
  fi
  {
    printf '%s\n' "dn: cn=$2,ou=$1,dc=test" 'changetype: add' "objectClass: $kind" "cn: $2" "gidNumber: $3"
    if [[ $1 == nested ]]; then echo 'objectClass: extensibleObject'; fi
    for member in "${@:4}"; do
      printf '%s: %s\n' "$attribute" "${suffix:+uid=}$member$suffix"
    done
  } | change_directory
}

# change_member add|delete SCHEMA GROUP USER
change_member() {
  local attribute=memberUid value=$4
  if [[ $2 == nested ]]; then attribute=member value=uid=$4,ou=nested,dc=test; fi
  printf '%s\n' "dn: cn=$3,ou=$2,dc=test" 'changetype: modify' "$1: $attribute" "$attribute: $value" |
    change_directory
}

# add_user SCHEMA NAME NUMBER: the user can log in by key. The primary group has the same number.
add_user() {
  printf '%s\n' "dn: uid=$2,ou=$1,dc=test" 'changetype: add' 'objectClass: account' \
    'objectClass: posixAccount' "cn: $2" "uid: $2" "uidNumber: $3" "gidNumber: $3" \
    "homeDirectory: /home/$2" 'loginShell: /bin/bash' | change_directory
  install -D -m 644 "$keys/id.pub" "$machine/home/$2/.ssh/authorized_keys"
  chown -R "$3:$3" "$machine/home/$2"
}

# ask_sssd: sssd serves the machine, with both schemas as domains of its own.
ask_sssd() {
  local schema
  {
    printf '%s\n' '[sssd]' 'services = nss, pam' 'domains = flat, nested' '[nss]' 'filter_users = root, gatehouse' \
      'user_attributes = +lastUpdate, +initgrExpireTimestamp'
    for schema in flat nested; do
      printf '%s\n' "[domain/$schema]" 'id_provider = ldap' 'auth_provider = none' \
        "ldap_uri = $directory_url" "ldap_search_base = ou=$schema,dc=test" 'offline_timeout = 1' \
        'ldap_network_timeout = 2' 'ldap_opt_timeout = 2' 'ldap_search_timeout = 2' \
        'ldap_id_use_start_tls = false' # since 2.10 it is on by itself
    done
    printf '%s\n' 'ldap_schema = rfc2307bis' 'ldap_group_object_class = groupOfNames'
  } >"$machine/etc/sssd/sssd.conf"
  chmod 600 "$machine/etc/sssd/sssd.conf"
  sed -i -E 's/^(passwd|group|shadow):.*/\1: files sss/' "$machine/etc/nsswitch.conf"
  # sssd starts these itself, since sssd.conf names them; at a boot their sockets would fail.
  in_machine systemctl --quiet mask sssd-{nss,pam,pam-priv}.socket
  in_machine systemctl start sssd
}

# ask_nslcd: nslcd serves the machine, with the schema `flat`.
ask_nslcd() {
  printf '%s\n' 'uid nslcd' 'gid nslcd' "uri $directory_url" 'base ou=flat,dc=test' 'bind_timelimit 1' \
    'timelimit 1' 'reconnect_sleeptime 1' 'reconnect_retrytime 1' >"$machine/etc/nslcd.conf"
  sed -i -E 's/^(passwd|group|shadow):.*/\1: files ldap/' "$machine/etc/nsswitch.conf"
  in_machine systemctl start nslcd
}

# forget: neither the daemon nor sssd knows anything of any user.
forget() {
  in_machine systemctl --quiet stop "$socket" "$service" sssd
  find "$machine/var/lib/sss/db" "$machine/var/lib/sss/mc" -type f -delete
  rm -f "$machine/var/lib/gatehouse/identities"
  in_machine systemctl start sssd "$socket" "$service"
}

# directory_is HOW: sets what becomes of those who ask the server.
#
#   up        it answers
#   refused   nobody listens
#   lost      what is sent to it is lost on the way
#   silent    it takes connections, and says nothing
#   SECONDS   it answers, so much later
directory_is() {
  directory_is_up
  case $1 in
    up) ;;
    refused) in_machine systemctl stop directory-proxy ;;
    lost)
      # Out by the cable, to a card that is not there.
      ip address delete "$directory_address/32" dev lo
      ip route add "$directory_address" dev cable
      ip neighbour replace "$directory_address" lladdr 02:00:00:00:00:99 dev cable
      ;;
    silent) in_machine systemctl kill --signal=STOP directory-proxy ;;
    *) set_delay "$1" ;;
  esac
}

directory_is_up() {
  set_delay 0
  if [[ -z $(ip address show dev lo to "$directory_address") ]]; then
    ip route delete "$directory_address" dev cable 2>/dev/null || true
    ip address add "$directory_address/32" dev lo
  fi
  in_machine systemctl kill --signal=CONT directory-proxy 2>/dev/null || true
  if ! in_machine systemctl --quiet is-active directory-proxy; then
    in_machine systemd-run --quiet --collect --unit=directory-proxy \
      python3 /usr/local/lib/proxy.py "$directory_address" "$directory_port"
  fi
  eventually is_listening
}

# This side and the machine have one network.
is_listening() { (exec 3<>"/dev/tcp/$directory_address/389"); }

set_delay() { in_machine tee /run/directory-delay <<<"$1" >/dev/null; }

# add_own_users: root can log in by key, and rescue.
add_own_users() {
  in_machine useradd --create-home --shell /bin/bash rescue
  install -D -m 644 "$keys/id.pub" "$machine/home/rescue/.ssh/authorized_keys"
  install -D -m 600 "$keys/id.pub" "$machine/root/.ssh/authorized_keys"
}

# ask_module_alone: makes a stack of our line alone, for `judges_alone`.
ask_module_alone() {
  echo 'account requisite pam_gatehouse.so service=sshd quiet' >"$machine/etc/pam.d/gatehouse-alone"
  install -m 644 "$GATEHOUSE_ROOT/Tests/Machine/directory/ask.py" "$machine/usr/local/lib/ask.py"
}

# judges_alone USER FROM let_in|refused: what the module says within its deadline, and some time to
# start in.
judges_alone() {
  local status=0 outcome=refused
  in_machine timeout 5 python3 /usr/local/lib/ask.py "$1" "$2" || status=$?
  if ((status == 124)); then fail "no answer for $1 from $2 in time"; fi
  if ((status == 0)); then outcome=let_in; fi
  [[ $outcome == "$3" ]] || fail "$1 from $2: $outcome (PAM's code $status)"
}
