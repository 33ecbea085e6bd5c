# shellcheck shell=bash
# Puts Gatehouse on a machine, as an administrator would, and adds the users of the tests.

layer=$GATEHOUSE_WORK/layer
service=gatehoused.service socket=gatehoused.socket

# make_layer: makes the layer that all machines have over the base.
make_layer() {
  overlay "$layer" "$GATEHOUSE_WORK/changes/layer" "$GATEHOUSE_BASE"
  if [[ $GATEHOUSE_KIND == doors ]]; then close_doors; fi
  make_keys
  make_people
  let_sshd_ask_for_everything
  # Names for UseDNS: the machine asks no server.
  printf '%s\n' '127.0.0.1 localhost' '127.0.1.1 gatehouse-test' "$office4 desk.office.example" "$office6 desk6.office.example" \
    "$outside4 cafe.example" "$outside6 cafe6.example" >"$layer/etc/hosts"
  echo gatehouse-test >"$layer/etc/hostname"
  sed -i 's/^hosts:.*/hosts: files/' "$layer/etc/nsswitch.conf"
}

# policy.yaml says who may come from where.
make_people() {
  local user
  chroot "$layer" groupadd contractors
  for user in alice bob carol deploy; do
    chroot "$layer" useradd --create-home --shell /bin/bash "$user"
    install -D -m 644 "$keys/id.pub" "$layer/home/$user/.ssh/authorized_keys"
    printf '%s:%s\n' "$user" "$password"
  done | chroot "$layer" chpasswd
  chroot "$layer" usermod --append --groups contractors carol
}

let_sshd_ask_for_everything() {
  cat >"$layer/etc/ssh/sshd_config.d/test.conf" <<'END'
UsePAM yes
PasswordAuthentication yes
KbdInteractiveAuthentication yes
# The tests log in more often than one administrator does.
MaxStartups 100
END
  # sshd 9.8 and later ignores an address for a while after refused logins from it.
  if [[ $GATEHOUSE_SUITE != bookworm ]]; then
    echo 'PerSourcePenalties no' >>"$layer/etc/ssh/sshd_config.d/test.conf"
  fi
}

# install_gatehouse: puts the files where the Debian packages put them, enables the units, and adds
# the module to the account stage of every service that logs people in.
install_gatehouse() {
  install -m 644 "$GATEHOUSE_MODULE" "$(echo "$layer"/usr/lib/*/security)"
  install -m 755 "$GATEHOUSE_DAEMON" "$layer/usr/sbin/gatehoused"
  install -m 755 "$GATEHOUSE_COMMAND" "$layer/usr/bin/gatehouse"
  install -D -m 755 "$GATEHOUSE_FETCHER" "$layer/usr/libexec/gatehouse/gatehouse-fetch"
  local units=$GATEHOUSE_ROOT/packaging/systemd
  install -m 644 "$units"/*.{service,socket,timer,path} "$layer/usr/lib/systemd/system"
  install -D -m 644 "$units/gatehouse.catalog" "$layer/usr/lib/systemd/catalog/gatehouse.catalog"
  chroot "$layer" journalctl --update-catalog
  install -m 644 "$units/gatehouse.sysusers" "$layer/usr/lib/sysusers.d/gatehouse.conf"
  install -m 644 "$units/gatehouse.tmpfiles" "$layer/usr/lib/tmpfiles.d/gatehouse.conf"
  install -m 644 "$GATEHOUSE_ROOT"/pam/profiles/* "$layer/usr/share/pam-configs"
  chroot "$layer" systemd-sysusers 2>/dev/null
  chroot "$layer" systemctl --quiet enable "$socket" "$service" gatehouse-pam-undo.service \
    gatehouse-notify.{service,path} gatehouse-feeds.{service,path}
  install -D -m 644 "$GATEHOUSE_ROOT/Tests/Machine/policy.yaml" "$layer/etc/gatehouse/policy.yaml"
  ask_gatehouse "$layer"
}

# ask_gatehouse FOLDER [OPTION...]: sets the PAM line, with those options, in the machine in that
# folder. It stands first, where the profiles put it.
ask_gatehouse() {
  local stack=$1/etc/pam.d/common-account
  sed -i -e "1i account requisite pam_gatehouse.so ${*:2}" -e /pam_gatehouse/d "$stack"
}
