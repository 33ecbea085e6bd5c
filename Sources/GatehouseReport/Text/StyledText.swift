/// What a piece of text is, for whoever paints it.
enum TextStyle: Sendable {
  case plain
  /// A heading, or what the eye should find first.
  case strong
  /// What is there for completeness.
  case faint
  /// Yes.
  case good
  /// No.
  case bad
  /// Neither, but worth a look.
  case doubtful

  /// The parameters of the ANSI sequence "select graphic rendition" (ECMA-48 §8.3.117).
  var graphicRendition: String? {
    switch self {
    case .plain: nil
    case .strong: "1"
    case .faint: "2"
    case .good: "1;32"
    case .bad: "1;31"
    case .doubtful: "33"
    }
  }
}

/// A line, or a part of one, in pieces that each have a style.
///
/// Whatever it is made of has passed `escapedForTerminal`: no text can hold an escape sequence of
/// its own, nor end its line.
struct StyledText: Sendable, ExpressibleByStringInterpolation {
  private var pieces: [(text: String, style: TextStyle)]

  init(_ text: String, _ style: TextStyle = .plain) {
    pieces = text.isEmpty ? [] : [(text.escapedForTerminal, style)]
  }

  /// A verdict: one word, by which it is known, and what there is to say of it.
  init(_ word: String, _ style: TextStyle, then text: String) {
    self = StyledText(word, style) + StyledText("  \(text)")
  }

  init(stringLiteral text: String) {
    self.init(text)
  }

  /// How many columns it takes, a character being one.
  var width: Int { pieces.reduce(0) { $0 + $1.text.count } }

  static func + (left: Self, right: Self) -> Self {
    var sum = left
    sum.pieces += right.pieces
    return sum
  }

  /// The same text in one style.
  func styled(_ style: TextStyle) -> Self {
    var text = self
    text.pieces = pieces.map { ($0.text, style) }
    return text
  }

  func rendered(coloured: Bool) -> String {
    pieces.map { piece in
      guard coloured, let rendition = piece.style.graphicRendition else { return piece.text }
      return "\u{1B}[\(rendition)m\(piece.text)\u{1B}[0m"
    }.joined()
  }
}
