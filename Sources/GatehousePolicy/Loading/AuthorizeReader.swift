// Reads `authorize`.

extension PolicyLoader {
  /// The shortest that `authorize.for` may be: a shorter time is over before the user is in.
  static var shortestAuthorization: Duration { .seconds(60) }

  mutating func readAuthorize() {
    guard let field = single(.authorize),
      let fields = decoder.fields(
        of: field.value, path: field.path, at: field.location, AuthorizeKey.self)
    else { return }
    let members = members(
      users: fields[.setting(.users)], groups: fields[.setting(.groups)])
    if fields[.setting(.users)] == nil, fields[.setting(.groups)] == nil {
      log.error(
        .missingKey, field.location, "authorize does not say who may authorise a place",
        remedy: "write users: [alice], or groups: [admins]")
    }
    let from = lists(fields, of: .authorize)[.from]
    let longest = grantLimits.longestDuration
    var duration = min(.seconds(3600), longest)
    if let field = fields[.setting(.duration)] {
      duration = authorization(field, atMost: longest) ?? duration
    }
    let perDay = fields[.setting(.perDay)].flatMap {
      count($0, in: 1...CodeSettings.maximumPerDay)
    }
    guard let way = way(fields, at: field.location) else { return }
    var settings = CodeSettings(way: way, location: field.location)
    settings.users = members.users
    settings.groups = members.groups
    settings.duration = duration
    settings.perDay = perDay ?? settings.perDay
    rules.code = CodeRules(settings: settings, from: from)
  }

  /// How long a place counts; nil if the value is reported as wrong.
  private mutating func authorization(_ field: PolicyField, atMost longest: Duration) -> Duration? {
    guard let length = duration(field) else { return nil }
    let most = durationText(longest)
    if length > longest {
      log.error(
        .badTime, field.value.location, "\(field.path) is longer than grants.longest, \(most)",
        remedy: "write at most \(most), or raise grants.longest")
    } else if length < Self.shortestAuthorization {
      log.error(
        .badTime, field.value.location, "\(field.path) is shorter than a minute",
        remedy: "write at least 1m")
    } else {
      return length
    }
    return nil
  }

  /// How the code travels; nil if that is not said, or reported as wrong.
  private mutating func way(
    _ fields: PolicyFields<AuthorizeKey>, at location: SourceLocation
  ) -> CodeSettings.Way? {
    let given = AuthorizeSetting.ways.compactMap { key in
      fields[.setting(key)].map { (key, $0) }
    }
    guard let (key, field) = given.first else {
      log.error(
        .missingKey, location, "authorize does not say how a code travels",
        remedy:
          "write mail: \"{user}@example.org\", addresses: and the name of a file, or command: "
          + "and the path of a program")
      return nil
    }
    if given.count > 1 {
      log.error(
        .wrongValue, given[1].1.location,
        "authorize has both `\(key.rawValue)` and `\(given[1].0.rawValue)`",
        remedy: "keep one of them: a code travels in one way")
      return nil
    }
    switch key {
    case .mail: return template(field).map(CodeSettings.Way.mail)
    case .addresses: return addressBook(field).map(CodeSettings.Way.addresses)
    case .command: return path(field).map(CodeSettings.Way.command)
    case .users, .groups, .duration, .perDay: return nil
    }
  }

  private mutating func template(_ field: PolicyField) -> MailTemplate? {
    guard let scalar = decoder.scalar(field, what: "an address between quotes") else { return nil }
    if let template = MailTemplate(scalar.text) { return template }
    log.error(
      .wrongValue, field.value.location,
      "\(field.path): `\(scalar.name)` gives no mail address",
      remedy: "write one such as \"{user}@example.org\", where {user} is the user's name")
    return nil
  }

  private mutating func addressBook(_ field: PolicyField) -> [Name: MailAddress]? {
    guard let scalar = decoder.scalar(field, what: "the name of a file") else { return nil }
    let name = PolicySnapshot.listName(scalar.text, in: field.location.file)
    guard let bytes = bytes(ofFile: name, called: "`addresses`", namedAt: field.value.location)
    else { return nil }
    let book = AddressBook(name: name, bytes: bytes)
    log.add(book.diagnostics)
    return book.addresses
  }
}

/// A file with a user and their mail address in each line: `alice: alice@example.org`.
///
/// `#` begins a comment; empty lines are ignored.
struct AddressBook {
  private(set) var addresses: [Name: MailAddress] = [:]
  private(set) var diagnostics: [Diagnostic] = []

  /// How many errors are reported: a file of something else would have one in every line.
  private static let maximumDiagnostics = 1000

  /// Reads a file; no message quotes it, since not every user may read it.
  ///
  /// - Parameters:
  ///   - name: What it is called in messages.
  ///   - bytes: What is in it.
  init(name: String, bytes: [UInt8]) {
    let span = bytes.span
    var places: [Name: Int] = [:]
    var line = 0
    var start = bytes.byteOrderMarkLength
    while start < span.count {
      let end = span.firstIndex(of: UInt8(ascii: "\n"), from: start) ?? span.count
      let entry = span.entry(ofLine: start..<end)
      line += 1
      start = end + 1
      guard !entry.isEmpty, diagnostics.count < Self.maximumDiagnostics else { continue }
      func report(_ error: ErrorName, _ message: String, _ remedy: String) {
        diagnostics.append(
          Diagnostic(
            error: error, location: SourceLocation(file: name, line: line, column: 1),
            message: message, remedy: remedy))
      }
      guard let colon = bytes[entry].firstIndex(of: UInt8(ascii: ":")),
        case let user = Name(bytes: bytes[span.entry(ofLine: entry.lowerBound..<colon)]),
        !user.bytes.isEmpty,
        let text = String(
          validating: bytes[span.entry(ofLine: (colon + 1)..<entry.upperBound)], as: UTF8.self),
        let address = MailAddress(text)
      else {
        report(
          .wrongValue, "the line is not a user, a colon and a mail address",
          "write it as alice: alice@example.org")
        continue
      }
      if let first = places[user] {
        report(
          .definedTwice, "the user of this line has an address already",
          "it is in line \(first): a user has one")
        continue
      }
      places[user] = line
      addresses[user] = address
    }
  }
}
