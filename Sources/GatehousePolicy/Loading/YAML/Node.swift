/// A value of a policy file, with its place.
struct Node: Sendable {
  enum Kind: Sendable {
    case scalar(Scalar)
    case sequence([Node])
    case mapping([Pair])
    /// Something that was reported already, and about which nothing more is to be said.
    case invalid
  }

  struct Scalar: Sendable {
    /// The text as it was written.
    let text: String
    /// Whether it stood without quotes.
    let isPlain: Bool

    // What outlives the tree must not lie in the midst of it, or the memory all around would stay in
    // use: both are copies.
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

  /// A file that is no policy can be one long text.
  private static func beginning(of name: Name) -> String {
    let text = name.description
    return text.count > 60 ? "\(text.prefix(60))…" : text
  }

  /// The value of a key, where this is a map that has it.
  func value(of key: some PolicyKey) -> Node? { pair(Name(key.rawValue))?.value }

  /// A key with its value, where this is a map that has it.
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
