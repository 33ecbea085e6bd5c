// Reads `notify`.

extension PolicyLoader {
  mutating func readNotify() {
    guard let field = single(.notify),
      let fields = decoder.fields(
        of: field.value, path: field.path, at: field.location, NotifyKey.self)
    else { return }
    var settings = NotifySettings()
    settings.location = field.location
    if let mail = fields[.mail] { settings.mail = addresses(mail) }
    if let command = fields[.command] { settings.command = path(command) }
    if fields[.mail] == nil, fields[.command] == nil {
      log.error(
        .missingKey, field.location, "notify says neither whom to mail nor what to run",
        remedy: "write mail: [root], or command: and the path of a program")
    }
    if let on = fields[.on] { settings.events = events(on) }
    if let gather = fields[.gather], let length = duration(gather) {
      if length <= NotifySettings.longestGather {
        settings.gather = length
      } else {
        log.error(
          .badTime, gather.value.location, "\(gather.path) is longer than a day",
          remedy: "write at most 1d")
      }
    }
    if let most = fields[.most] {
      settings.most = count(most, in: 1...NotifySettings.maximumMost) ?? settings.most
    }
    notify = settings
  }

  private mutating func addresses(_ field: PolicyField) -> [MailAddress] {
    guard let items = decoder.items(field, ifEmpty: "leave the key out") else { return [] }
    if items.count > NotifySettings.mostAddresses {
      log.error(
        .wrongValue, field.value.location, "\(field.path) has \(items.count) addresses",
        remedy: "write at most \(NotifySettings.mostAddresses), or the name of a mailing list")
    }
    return items.compactMap { item in
      let entry = PolicyField(
        path: "an entry of \(field.path)", location: item.location, value: item)
      guard let scalar = decoder.scalar(entry, what: "an address") else { return nil }
      if let address = MailAddress(scalar.text) { return address }
      log.error(
        .wrongValue, item.location, "\(field.path): `\(scalar.name)` is not a mail address",
        remedy: "write a user of this machine, such as root, or an address such as ops@example.org")
      return nil
    }
  }

  /// The absolute path of a program; nil if the value is reported as wrong.
  mutating func path(_ field: PolicyField) -> String? {
    guard let scalar = decoder.scalar(field, what: "the path of a program") else { return nil }
    let text = scalar.text
    guard text.utf8.first == UInt8(ascii: "/"), text.utf8.last != UInt8(ascii: "/"),
      text.utf8.count <= NotifySettings.longestPath, displayText(of: text) == text
    else {
      log.error(
        .wrongValue, field.value.location,
        "\(field.path): `\(scalar.name)` is not the absolute path of a program",
        remedy: "write a path such as /usr/local/sbin/page, without arguments")
      return nil
    }
    return text
  }

  private mutating func events(_ field: PolicyField) -> Set<NotifySettings.Event> {
    Set(
      (decoder.items(field, ifEmpty: "leave the key out: then everything is told") ?? [])
        .compactMap { item in
          let entry = PolicyField(
            path: "an entry of \(field.path)", location: item.location, value: item)
          return decoder.choice(entry, of: NotifySettings.Event.allCases)
        })
  }
}

extension NotifySettings {
  /// What the files of a policy say in `notify`, without reading the rest of them.
  ///
  /// - Returns: Nil if they say nothing, or it has an error; and whether they have `authorize`.
  public static func read(from snapshot: PolicySnapshot) -> (notify: Self?, hasAuthorize: Bool) {
    var loader = PolicyLoader(snapshot) { _ in }
    loader.loadNotifyAlone()
    let notify = loader.log.hasErrors ? nil : loader.notify
    return (notify, loader.single(.authorize) != nil)
  }
}
