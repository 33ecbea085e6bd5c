// Reads `mode`, `message`, `identity`, `grants` and `silence`, and all times.

extension PolicyLoader {
  /// The most bytes of a message: a longer one would not fit into an answer.
  static var maximumMessageLength: Int { 1024 }

  mutating func readMode() {
    guard let field = single(.mode), let mode = decoder.choice(field, of: Mode.allCases) else {
      return
    }
    rules.mode = mode
  }

  mutating func readMessage() {
    guard let field = single(.message), let scalar = decoder.scalar(field) else { return }
    guard scalar.text.utf8.count <= Self.maximumMessageLength else {
      log.error(
        .wrongValue, field.value.location,
        "message has \(scalar.text.utf8.count) bytes",
        remedy: "it has at most \(Self.maximumMessageLength)")
      return
    }
    let lines = scalar.text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.allSatisfy({ displayText(of: String($0)) == $0 }) else {
      log.error(
        .wrongValue, field.value.location, "message has control characters",
        remedy: "use printable characters and line feeds")
      return
    }
    do throws(MessageTemplate.UnknownPlaceholder) {
      message = try MessageTemplate(scalar.text)
    } catch {
      let known = MessageTemplate.Placeholder.allCases.map(\.rawValue)
      let word = String(error.text.filter { $0 != "{" && $0 != "}" })
      log.error(
        .unknownPlaceholder, field.value.location,
        "message has no placeholder `\(displayText(of: error.text))`",
        remedy: MessageTemplate.Placeholder.meant(by: word).map { "did you mean `{\($0)}`?" }
          ?? "the placeholders are: \(known.map { "{\($0)}" }.joined(separator: ", "))")
    }
  }

  mutating func readIdentity() {
    guard let field = single(.identity),
      let fields = decoder.fields(
        of: field.value, path: field.path, at: field.location, IdentityKey.self),
      let maxAge = fields[.maxAge], let duration = duration(maxAge)
    else { return }
    identityMaxAge = duration
  }

  mutating func readGrants() {
    guard let field = single(.grants),
      let fields = decoder.fields(
        of: field.value, path: field.path, at: field.location, GrantsKey.self)
    else { return }
    if let longest = fields[.longest], let duration = duration(longest) {
      grantLimits.longestDuration = duration
    }
    if let most = fields[.most] {
      grantLimits.mostGrants =
        count(most, in: 0...GrantLimits.maximumMostGrants) ?? grantLimits.mostGrants
    }
    guard let widest = fields[.widest],
      let lengths = decoder.fields(
        of: widest.value, path: widest.path, at: widest.location, WidestKey.self)
    else { return }
    if let ipv4 = lengths[.ipv4], let length = count(ipv4, in: 0...32) {
      grantLimits.widestIPv4 = length
    }
    if let ipv6 = lengths[.ipv6], let length = count(ipv6, in: 0...128) {
      grantLimits.widestIPv6 = length
    }
  }

  /// A whole number within bounds; nil if the value is reported as wrong.
  mutating func count(_ field: PolicyField, in bounds: ClosedRange<Int>) -> Int? {
    guard let scalar = decoder.scalar(field, what: "a number") else { return nil }
    guard scalar.isPlain, let number = wholeNumber(scalar.text), bounds.contains(number) else {
      let least = bounds.lowerBound > 0 ? "at least \(bounds.lowerBound) and " : ""
      log.error(
        .wrongValue, field.value.location, "\(field.path) cannot be `\(scalar.name)`",
        remedy: "write a whole number without quotes, \(least)at most \(bounds.upperBound)")
      return nil
    }
    return number
  }

  /// A duration; nil if the value is reported as wrong.
  mutating func duration(_ field: PolicyField) -> Duration? {
    guard let scalar = decoder.scalar(field, what: "a duration") else { return nil }
    guard let duration = GatehousePolicy.duration(of: scalar.text) else {
      log.error(
        .badTime, field.value.location, "\(field.path): `\(scalar.name)` is not a duration",
        remedy: "write a number and s, m, h or d, such as 24h; at most 366d")
      return nil
    }
    return duration
  }

  mutating func readSilence() {
    for field in collected(.silence) {
      for item in decoder.items(field, ifEmpty: "leave the key out") ?? [] {
        let entry = PolicyField(
          path: "an entry of \(field.path)", location: item.location, value: item)
        if let name = decoder.choice(entry, of: WarningName.allCases) { silenced.insert(name) }
      }
    }
  }
}

extension PolicyLoader {
  /// The time from `since` to `until`; a wrong one is reported, and counts as missing.
  mutating func window(since: PolicyField?, until: PolicyField?) -> TimeWindow {
    let start = since.flatMap { time($0, ofDay: Instant.init(startOf:)) }
    let end = until.flatMap { time($0, ofDay: Instant.init(endOf:)) }
    let window = TimeWindow(since: start ?? .distantPast, until: end ?? .distantFuture)
    if let start, let end, window.isEmpty, let until {
      log.error(
        .emptyWindow, until.value.location,
        "`until` (\(end)) is not after `since` (\(start)): the entry would never count",
        remedy: "are the two swapped?")
      return .always
    }
    return window
  }

  /// A full RFC 3339 time, or a day; `ofDay` gives the moment that a day means.
  private mutating func time(_ field: PolicyField, ofDay: (CivilDate) -> Instant) -> Instant? {
    guard let scalar = decoder.scalar(field, what: "a date or a time") else { return nil }
    if let date = CivilDate(scalar.text) { return ofDay(date) }
    if let time = Instant(rfc3339: scalar.text) { return time }
    reportTime(field, scalar)
    return nil
  }

  /// A full RFC 3339 time.
  mutating func instant(_ field: PolicyField) -> Instant? {
    guard let scalar = decoder.scalar(field, what: "a time") else { return nil }
    if let time = Instant(rfc3339: scalar.text) { return time }
    reportTime(field, scalar, dateIsAllowed: false)
    return nil
  }

  private mutating func reportTime(
    _ field: PolicyField, _ scalar: Node.Scalar, dateIsAllowed: Bool = true
  ) {
    log.error(
      .badTime, field.value.location,
      "\(field.path): `\(scalar.name)` is not \(dateIsAllowed ? "a date or time" : "a time")",
      remedy: dateIsAllowed
        ? "write a day of the calendar such as 2027-01-31, or a time such as 2027-01-31T18:00:00Z"
        : "write a time such as 2027-01-31T18:00:00Z")
  }
}
