/// A key of a map with its value, and the path that leads to it.
struct PolicyField {
  /// `users.bob.also_from`.
  let path: String
  /// The location of the key.
  let location: SourceLocation
  let value: Node
}

/// The known keys of a map.
struct PolicyFields<Key: PolicyKey> {
  private var fields: [Key: PolicyField] = [:]

  subscript(key: Key) -> PolicyField? {
    get { fields[key] }
    set { fields[key] = newValue }
  }
}

extension PolicyFields {
  /// The lists among them, each with its row.
  func lists<Setting>() -> [(ListRow, PolicyField)] where Key == ScopeKey<Setting> {
    fields.compactMap { key, field in
      switch key {
      case .list(let row): (row, field)
      case .setting: nil
      }
    }
  }
}

/// Decodes the values of keys, and reports values of the wrong kind.
struct FieldDecoder {
  var log = DiagnosticLog()

  /// The keys of a map that must be a map and not empty.
  ///
  /// Reports unknown keys. Reports a value that is not a map, and returns nil for it.
  mutating func fields<Key>(
    of node: Node, path: String, at location: SourceLocation, _: Key.Type = Key.self
  ) -> PolicyFields<Key>? {
    guard let pairs = pairs(of: node, path: path, at: location) else { return nil }
    var result = PolicyFields<Key>()
    for pair in pairs {
      guard case .scalar(let scalar) = pair.key.kind else { continue }
      guard let key = Key(rawValue: scalar.text) else {
        let known = Key.allCases.map(\.rawValue)
        log.error(
          .unknownKey, pair.key.location,
          "\(path.isEmpty ? "a policy" : path) has no key `\(scalar.name)`",
          remedy: nearestName(to: scalar.text, among: known).map { "did you mean `\($0)`?" }
            ?? "the keys are: \(known.joined(separator: ", "))")
        continue
      }
      result[key] = PolicyField(
        path: path.isEmpty ? key.rawValue : "\(path).\(key.rawValue)", location: pair.key.location,
        value: pair.value)
    }
    return result
  }

  /// The entries of a map whose keys are names; nil if it is not a map.
  mutating func namedFields(of field: PolicyField) -> [(name: Name, field: PolicyField)]? {
    guard let pairs = pairs(of: field.value, path: field.path, at: field.location) else {
      return nil
    }
    return pairs.compactMap { pair in
      guard case .scalar(let scalar) = pair.key.kind else { return nil }
      guard !scalar.text.isEmpty else {
        log.error(.emptyValue, pair.key.location, "\(field.path) has an empty name")
        return nil
      }
      let name = scalar.name
      return (
        name,
        PolicyField(path: "\(field.path).\(name)", location: pair.key.location, value: pair.value)
      )
    }
  }

  private mutating func pairs(of node: Node, path: String, at location: SourceLocation)
    -> [Node.Pair]?
  {
    switch node.kind {
    case .mapping(let pairs) where !pairs.isEmpty:
      return pairs
    case .invalid:
      return nil
    case .mapping, .scalar(Node.Scalar.empty):
      empty(path, at: location)
      return nil
    case .scalar, .sequence:
      log.error(
        .wrongKind, node.location,
        "\(path.isEmpty ? "a policy" : path) must be a map, and this is \(node.kindInWords)",
        remedy: "write `key: value` lines under it")
      return nil
    }
  }

  mutating func empty(_ path: String, at location: SourceLocation, remedy: String? = nil) {
    log.error(
      .emptyValue, location, "\(path) is empty",
      remedy: remedy ?? "give it a value, or leave the key out")
  }

  /// The text of a value that must be a text.
  mutating func scalar(_ field: PolicyField, what: String = "a text", ifEmpty: String? = nil)
    -> Node.Scalar?
  {
    switch field.value.kind {
    case .scalar(Node.Scalar.empty):
      empty(field.path, at: field.location, remedy: ifEmpty)
      return nil
    case .scalar(let scalar):
      return scalar
    case .invalid:
      return nil
    case .sequence, .mapping:
      log.error(
        .wrongKind, field.value.location,
        "\(field.path) must be \(what), and this is \(field.value.kindInWords)")
      return nil
    }
  }

  /// `true` or `false`, without quotes.
  mutating func boolean(_ field: PolicyField) -> Bool? {
    guard let scalar = scalar(field, what: "true or false") else { return nil }
    switch (scalar.text, scalar.isPlain) {
    case ("true", true): return true
    case ("false", true): return false
    default:
      log.error(
        .wrongKind, field.value.location,
        "\(field.path) must be true or false, and this is \(field.value.kindInWords)",
        remedy: scalar.isPlain ? "write true or false" : "write it without quotes")
      return nil
    }
  }

  /// One of the values of an enumeration.
  mutating func choice<Choice: RawRepresentable<String>>(
    _ field: PolicyField, of choices: [Choice]
  ) -> Choice? {
    guard let scalar = scalar(field) else { return nil }
    guard let choice = choices.first(where: { $0.rawValue == scalar.text }) else {
      let known = choices.map(\.rawValue)
      log.error(
        .wrongValue, field.value.location, "\(field.path) cannot be `\(scalar.name)`",
        remedy: nearestName(to: scalar.text, among: known).map { "did you mean `\($0)`?" }
          ?? "it is one of: \(known.joined(separator: ", "))")
      return nil
    }
    return choice
  }

  /// The items of a value that must be a list.
  ///
  /// - Parameters:
  ///   - field: The value.
  ///   - ifEmpty: What to do about `[]`; nil if it is allowed.
  /// - Returns: The items; nil if it is not a list.
  mutating func items(_ field: PolicyField, ifEmpty: String?) -> [Node]? {
    switch field.value.kind {
    case .sequence(let items):
      if items.isEmpty, let ifEmpty {
        empty(field.path, at: field.value.location, remedy: ifEmpty)
        return nil
      }
      return items
    case .invalid:
      return nil
    case .scalar(Node.Scalar.empty):
      empty(field.path, at: field.location, remedy: ifEmpty)
      return nil
    case .scalar(let scalar):
      log.error(
        .wrongKind, field.value.location,
        "\(field.path) must be a list, and this is \(field.value.kindInWords)",
        remedy: "write [\(scalar.name)]")
      return nil
    case .mapping:
      log.error(
        .wrongKind, field.value.location,
        "\(field.path) must be a list, and this is \(field.value.kindInWords)",
        remedy: "write [item, item], or one `- item` in each line")
      return nil
    }
  }

  /// The names in a value that must be a list of names.
  mutating func names(_ field: PolicyField, ifEmpty: String? = "leave the key out") -> [(
    name: Name, location: SourceLocation
  )]? {
    guard let items = items(field, ifEmpty: ifEmpty) else { return nil }
    return items.compactMap { item in
      guard
        let scalar = scalar(
          PolicyField(path: "an entry of \(field.path)", location: item.location, value: item),
          what: "a name")
      else { return nil }
      return (scalar.name, item.location)
    }
  }
}

extension Node.Scalar {
  /// Matches the empty text, quoted or not.
  struct EmptyPattern {
    static func ~= (_: EmptyPattern, scalar: Node.Scalar) -> Bool { scalar.text.isEmpty }
  }

  static var empty: EmptyPattern { EmptyPattern() }
}

/// The errors that are found while a policy is loaded.
struct DiagnosticLog {
  private(set) var diagnostics: [Diagnostic] = []
  /// Per file: the location of the first syntax error; nothing after it is trusted.
  private var distrusted: [String: SourceLocation] = [:]

  var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  /// How many there are so far: if there are as many later, nothing was wrong in between.
  var errorCount: Int { diagnostics.count }

  mutating func error(
    _ name: ErrorName, _ location: SourceLocation, _ message: String, remedy: String? = nil
  ) {
    if let end = distrusted[location.file], end <= location { return }
    diagnostics.append(
      Diagnostic(
        error: name, location: location, message: message, remedy: remedy))
  }

  /// Ignores further errors at or after a location.
  mutating func distrust(_ location: SourceLocation?) {
    if let location { distrusted[location.file] = location }
  }

  mutating func add(_ more: [Diagnostic]) {
    diagnostics += more
  }
}
