/// A key of a map with its value, and the path that leads to it.
struct Field {
  /// `users.bob.also_from`.
  let path: String
  /// Where the key stands.
  let location: SourceLocation
  let value: Node
}

/// The known keys of a map.
struct Fields<Key: PolicyKey> {
  private var fields: [Key: Field] = [:]

  subscript(key: Key) -> Field? {
    get { fields[key] }
    set { fields[key] = newValue }
  }
}

extension Fields {
  /// The lists among them, each with its row.
  func lists<Setting>() -> [(ListRow, Field)] where Key == ScopeKey<Setting> {
    fields.compactMap { key, field in
      switch key {
      case .list(let row): (row, field)
      case .setting: nil
      }
    }
  }
}

/// Decodes the values that keys have, and reports those of the wrong kind.
struct FieldDecoder {
  var log = DiagnosticLog()

  /// The keys of a map that must be a map and not empty.
  ///
  /// An unknown key is reported, and so is what is no map; nil then.
  mutating func fields<Key>(
    of node: Node, path: String, at location: SourceLocation, _: Key.Type = Key.self
  ) -> Fields<Key>? {
    guard let pairs = pairs(of: node, path: path, at: location) else { return nil }
    var result = Fields<Key>()
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
      result[key] = Field(
        path: path.isEmpty ? key.rawValue : "\(path).\(key.rawValue)", location: pair.key.location,
        value: pair.value)
    }
    return result
  }

  /// The entries of a map whose keys are names; nil where it is no map.
  mutating func namedFields(of field: Field) -> [(name: Name, field: Field)]? {
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
        Field(path: "\(field.path).\(name)", location: pair.key.location, value: pair.value)
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

  /// The text of a value that must be one.
  mutating func scalar(_ field: Field, what: String = "a text") -> Node.Scalar? {
    switch field.value.kind {
    case .scalar(Node.Scalar.empty):
      empty(field.path, at: field.location)
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
  mutating func boolean(_ field: Field) -> Bool? {
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
    _ field: Field, of choices: [Choice]
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
  ///   - ifEmpty: What to do about `[]`; nil where it is allowed.
  /// - Returns: The items; nil where it is no list.
  mutating func items(_ field: Field, ifEmpty: String?) -> [Node]? {
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
  mutating func names(_ field: Field, ifEmpty: String? = "leave the key out") -> [(
    name: Name, location: SourceLocation
  )]? {
    guard let items = items(field, ifEmpty: ifEmpty) else { return nil }
    return items.compactMap { item in
      guard
        let scalar = scalar(
          Field(path: "an entry of \(field.path)", location: item.location, value: item),
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
