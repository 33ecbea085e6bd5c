// Reads `mode`, `message`, `identity`, `grants` and `silence`.

extension PolicyLoader {
  /// Longer messages would not fit into an answer beside the rest.
  static var longestMessage: Int { 1024 }

  mutating func readMode() {
    guard let field = single(.mode), let mode = decoder.choice(field, of: Mode.allCases) else {
      return
    }
    rules.mode = mode
  }

  mutating func readMessage() {
    guard let field = single(.message), let scalar = decoder.scalar(field) else { return }
    guard scalar.text.utf8.count <= Self.longestMessage else {
      log.error(
        .wrongValue, field.value.location,
        "message has \(scalar.text.utf8.count) bytes",
        remedy: "it has at most \(Self.longestMessage)")
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
        remedy: nearestName(to: word, among: known).map { "did you mean `{\($0)}`?" }
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
    if let most = fields[.most], let scalar = decoder.scalar(most, what: "a number") {
      guard scalar.isPlain, let number = wholeNumber(scalar.text), number <= GrantLimits.greatestMostGrants
      else {
        log.error(
          .wrongValue, most.value.location, "\(most.path) cannot be `\(scalar.name)`",
          remedy: "write a whole number without quotes, at most \(GrantLimits.greatestMostGrants)")
        return
      }
      grantLimits.mostGrants = number
    }
  }

  /// A duration; nil if the value is reported as wrong.
  private mutating func duration(_ field: Field) -> Duration? {
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
        let entry = Field(
          path: "an entry of \(field.path)", location: item.location, value: item)
        if let name = decoder.choice(entry, of: WarningName.allCases) { silenced.insert(name) }
      }
    }
  }
}
