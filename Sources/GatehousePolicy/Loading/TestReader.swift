// Reads `tests`.

extension PolicyLoader {
  mutating func readTests() {
    for field in collected(.tests) {
      for item in decoder.items(field, ifEmpty: "leave the key out") ?? [] {
        if let test = test(item) { tests.append(test) }
      }
    }
  }

  private mutating func test(_ node: Node) -> PolicyTest? {
    guard
      let fields = decoder.fields(of: node, path: "test", at: node.location, TestKey.self)
    else { return nil }
    let user = fields[.user].flatMap { decoder.scalar($0) }
    let from = fields[.from].flatMap { decoder.scalar($0) }
    let expected = fields[.expect].flatMap {
      decoder.choice($0, of: Verdict.ofTests)
    }
    let service = fields[.service].flatMap { decoder.scalar($0) }
    let groups = fields[.groups].flatMap { decoder.names($0, ifEmpty: nil) }
    let time = fields[.at].flatMap { instant($0) }
    let role = fields[.role].flatMap { decoder.scalar($0) }
    let reason = fields[.reason].flatMap { decoder.choice($0, of: Reason.ofPolicies) }
    let factor = fields[.factor].flatMap { decoder.choice($0, of: FactorVerdict.allCases) }
    let roles = fields[.roles].flatMap { decoder.names($0, ifEmpty: nil) }
    if let role, let field = fields[.role] { checkRole(role.name, at: field.value.location) }
    for (name, location) in roles ?? [] { checkRole(name, at: location) }
    for key in [TestKey.user, .from] where fields[key] == nil {
      log.error(
        .missingKey, node.location, "a test has no `\(key.rawValue)`",
        remedy: "a test has at least user, from, and expect or factor")
    }
    let ofDecision = [TestKey.reason, .roles].first { fields[$0] != nil }
    if fields[.expect] == nil, fields[.factor] == nil || ofDecision != nil {
      log.error(
        .missingKey, node.location, "a test has no `expect`",
        remedy: ofDecision.map { "\($0.rawValue) belongs to it" }
          ?? "a test has at least user, from, and expect or factor")
    }
    let origin = from.flatMap {
      originOfTest($0, at: fields[.from]?.value.location ?? node.location)
    }
    guard let user, let from, let origin, expected != nil || factor != nil else { return nil }
    return PolicyTest(
      location: node.location, user: user.name, groups: Set(groups?.map(\.name) ?? []),
      service: service?.name ?? .assumedService(from: origin), from: from.copy, origin: origin,
      time: time,
      role: role?.name, expected: expected, reason: reason,
      roles: roles.map { Set($0.map(\.name)) }, factor: factor)
  }

  /// Where a test comes from: an address, or a word for another origin.
  private mutating func originOfTest(_ from: Node.Scalar, at location: SourceLocation) -> Origin? {
    if from.text == "unknown" { return .unknown(.notAnAddress) }
    let origin = Origin(written: from.text)
    guard origin.kind == .unknown else { return origin }
    let words = [Origin.machine, .local].map(\.description) + ["unknown"]
    log.error(
      .badAddress, location, "test.from: `\(from.name)` is not an IP address",
      remedy: nearestName(to: from.text, among: words).map { "did you mean `\($0)`?" }
        ?? "write the address in numbers, or self, local or unknown")
    return nil
  }

  mutating func checkRole(_ name: Name, at location: SourceLocation) {
    guard rules.roles[name] == nil, everythingWasRead, !undeclaredNames.contains(name) else {
      return
    }
    log.error(
      .unknownRole, location, "there is no role `\(name)`",
      remedy: nearestName(to: name.description, among: rules.roles.keys.map(\.description))
        .map { "did you mean `\($0)`?" } ?? "define it under `roles`")
  }
}

extension Name {
  /// The service of a question that names none: `login` for a local login, else `sshd`.
  public static func assumedService(from origin: Origin) -> Name {
    origin == .local ? "login" : "sshd"
  }
}

extension Verdict {
  /// What a test may expect.
  static let ofTests: [Verdict] = [.allow, .deny, .ignore]
}

extension Reason {
  /// The reasons that a policy's decision can have by itself, without grants.
  static var ofPolicies: [Reason] { allCases.filter { $0 != .granted } }
}
