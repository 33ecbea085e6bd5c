/// A value of a policy file, with its location.
struct Node: Sendable {
  enum Kind: Sendable {
    case scalar(Scalar)
    case sequence([Node])
    case mapping([Pair])
    /// Something that was reported already; it gives no further errors.
    case invalid
  }

  struct Scalar: Sendable {
    /// The text as it was written.
    let text: String
    /// Whether it was written without quotes.
    let isPlain: Bool

    // Both are copies: a part of the tree that outlived it would keep the memory around it in use.
    var name: Name { Name(text) }
    var copy: String { String(decoding: name.bytes, as: UTF8.self) }
  }

  struct Pair: Sendable {
    let key: Node
    let value: Node
  }

  let kind: Kind
  let location: SourceLocation

  /// What it is, in words.
  var kindInWords: String {
    switch kind {
    case .scalar(let scalar) where scalar.text.isEmpty: "empty"
    case .scalar(let scalar): "the text `\(Self.beginning(of: scalar.name))`"
    case .sequence: "a list"
    case .mapping: "a map"
    case .invalid: "not readable"
    }
  }

  /// Its first 60 characters: a file that is not a policy can be one long text.
  private static func beginning(of name: Name) -> String {
    let text = name.description
    return text.count > 60 ? "\(text.prefix(60))…" : text
  }

  /// The value of a key; nil if this is not a map, or does not have it.
  func value(of key: some PolicyKey) -> Node? { pair(Name(key.rawValue))?.value }

  /// A key with its value; nil if this is not a map, or does not have it.
  func pair(_ name: Name) -> Pair? {
    guard case .mapping(let pairs) = kind else { return nil }
    return pairs.first { pair in
      if case .scalar(let scalar) = pair.key.kind { scalar.name == name } else { false }
    }
  }

  var isMapping: Bool {
    if case .mapping = kind { true } else { false }
  }

  var isInvalid: Bool {
    if case .invalid = kind { true } else { false }
  }
}
