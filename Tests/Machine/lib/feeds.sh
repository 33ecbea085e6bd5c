# shellcheck shell=bash
# What networks are got from in a machine of its own: a DNS server (dnsmasq, with servers behind it that fail
# or are silent), an https server with a certificate authority of its own, databases and keys.

served=/srv/feeds
feeds_url=https://feeds.test:8443
# What the file of every path has while the server answers well: the office, and a little beside it.
well=('203.0.113.0/24' '2001:db8:1::/48' '198.51.100.128/25')
# A server of the public network, one inside, and the ones whose certificates can be wrong.
server_names=(feeds.test public.test expired.test another.test stranger.test gone.test)

# open_feed_servers: starts them; they answer well. Where each user may come from says the promise.
open_feed_servers() {
  local here=$GATEHOUSE_ROOT/Tests/Machine/feeds
  sed -i '/^users:/,$d' "$machine/etc/gatehouse/policy.yaml"
  mkdir -p "$machine$served"
  install -m 755 "$here"/{database,server,sign}.py "$GATEHOUSE_ROOT/Tests/GatehouseFeedsTests/World/serve.py" \
    "$machine$served"
  in_machine sh -c "cd $served && exec >openssl.log 2>&1 && $make_certificates" ||
    fail "no certificates could be made" "$(cat "$machine$served/openssl.log")"
  serve "${well[@]}"
  in_machine sh -c "cd $served && python3 -c 'import serve; open(\"ok\", \"wb\").write(serve.OK)' &&
    python3 sign.py own.key list.txt >list.minisig && python3 sign.py other.key ok >other.minisig" ||
    fail "nothing could be signed"
  answer well
  # A server outside, so that what it may not ask for can be seen. It ends with the machine's network.
  ip address replace 8.8.8.8/32 dev lo
  echo nameserver 127.0.0.1 >"$machine/etc/resolv.conf"
  sed -i 's/^hosts:.*/hosts: files dns/' "$machine/etc/nsswitch.conf"
  names_answer
  start_server
  succeeds systemd-run --unit=feeds-second --quiet "$served/server.py" 8445
  eventually listens 8443 && eventually listens 8445 || fail "the https servers do not come up"
}

start_server() { succeeds systemd-run --unit=feeds-server --quiet "$served/server.py" 8443 DNS; }
listens() { in_machine python3 -c "import socket; socket.create_connection(('127.0.0.1', $1))"; }

# The right certificate, and for the name that is asked one that is too old, is another's, or is signed by
# nobody who is known.
# shellcheck disable=SC2016 # the machine's shell expands it
make_certificates='key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"; }
  request() { key "$1" && openssl req -new -key "$1.key" -subj "/CN=$1" -out "$1.csr"; }
  sign() {
    echo "subjectAltName=$2" >names
    openssl ca -batch -config ca.conf -name test -notext -extfile names -startdate "$3" -enddate "$4" \
      -in "$1.csr" -out "$1.pem"
  }
  printf "%s\n" "[test]" database=issued serial=serial new_certs_dir=. default_md=sha256 policy=names \
    certificate=ca.pem private_key=ca.key "[names]" commonName=supplied >ca.conf
  : >issued; echo 01 >serial
  from=$(date -u -d yesterday +%y%m%d%H%M%SZ) later=$(date -u -d "next year" +%y%m%d%H%M%SZ)
  all=$(printf ",DNS:%s" '"${server_names[*]}"')
  key ca && openssl req -x509 -key ca.key -days 30 -subj "/CN=Test CA" -out ca.pem &&
    cp ca.pem /usr/local/share/ca-certificates/feeds.crt && update-ca-certificates &&
    request server && sign server "${all#,}" "$from" "$later" &&
    request expired && sign expired DNS:expired.test 200101000000Z 200102000000Z &&
    request another && sign another DNS:somebody.test "$from" "$later" && key stranger &&
    openssl req -x509 -key stranger.key -days 30 -subj /CN=stranger.test \
      -addext subjectAltName=DNS:stranger.test -out stranger.pem &&
    openssl genpkey -algorithm ed25519 -out own.key && openssl genpkey -algorithm ed25519 -out other.key'

# answer WORD: how the https server answers from now on (server.py).
answer() { echo "$1" >"$machine$served/how"; }

# serve NETWORK...: what its list has from now on.
serve() { printf '%s\n' "$@" >"$machine$served/list.txt"; }

# names_answer [LINE...]: dnsmasq has these lines from now on, beside the names of the https servers.
names_answer() {
  {
    printf '%s\n' no-resolv listen-address=127.0.0.1 bind-interfaces address=/public.test/8.8.8.8 \
      address=/inside.test/10.1.2.3
    printf 'address=/%s/127.0.0.1\n' feeds.test expired.test another.test stranger.test
    printf '%s\n' "$@"
  } >"$machine/etc/dnsmasq.d/test.conf"
  succeeds systemctl restart dnsmasq.service
}

# write_database NAME KIND HOLDER=NETWORK,...: a new file in place of that database.
write_database() {
  in_machine sh -c "cd $served && python3 database.py ${*:2} >new && mv new $1.mmdb"
}

# networks_are LINE...: the networks and users of a drop-in policy, which is loaded.
networks_are() {
  printf '%s\n' 'version: 1' "$@" >"$machine/etc/gatehouse/policy.d/feeds.yaml"
  said=$(in_machine gatehouse reload --allow-lockout=all 2>&1) || fail "the policy is refused" "$said"
}

# kept_contents: the digests of what serves.
kept_contents() {
  in_machine sh -c 'cd /var/lib/gatehouse-networks && find . -maxdepth 1 -type f ! -name ".*" -exec sha256sum {} + |
    sort -k 2'
}

timer_runs() { in_machine systemctl --quiet is-active gatehouse-feeds.timer; }
timer_rests() { ! timer_runs; }

# no_timer: the timer runs nothing while a promise looks.
no_timer() {
  install -D -m 644 /dev/stdin "$machine/etc/systemd/system/gatehouse-feeds.timer.d/never.conf" \
    <<<$'[Timer]\nOnActiveSec=\nOnUnitInactiveSec=\nOnActiveSec=1d'
  in_machine systemctl daemon-reload
}
