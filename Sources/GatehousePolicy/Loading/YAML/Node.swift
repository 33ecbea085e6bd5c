/// A value of a policy file, with its place.
struct Node {
  indirect enum Kind {
    case scalar(Scalar)
    case sequence([Node])
    case mapping([Pair])
    /// Something that was reported already, and about which nothing more is to be said.
    case invalid
  }

  struct Scalar {
    /// The text as it was written, always UTF-8.
    let name: Name
    /// Whether it stood without quotes.
    let isPlain: Bool

    var text: String { String(decoding: name.bytes, as: UTF8.self) }
  }

  struct Pair {
    let key: Node
    let value: Node
  }

  let kind: Kind
  let location: SourceLocation

  /// What it is, in words.
  var kindInWords: String {
    switch kind {
    case .scalar(let scalar): scalar.name.bytes.isEmpty ? "empty" : "the text `\(scalar.name)`"
    case .sequence: "a list"
    case .mapping: "a map"
    case .invalid: "not readable"
    }
  }

  var isInvalid: Bool {
    if case .invalid = kind { true } else { false }
  }
}
