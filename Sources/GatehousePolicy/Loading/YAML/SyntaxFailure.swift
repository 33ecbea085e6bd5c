/// Where and why libyaml gave up on a file.
struct SyntaxFailure {
  struct Place: Equatable {
    let line: Int
    let column: Int
  }

  /// What libyaml found, in its words.
  let problem: String
  let place: Place
  /// What it was reading, in its words, and where that began.
  let context: String?
  let contextPlace: Place?

  /// Where the cause may be.
  var places: [Place] { [place] + (contextPlace.map { [$0] } ?? []) }

  /// Where that begins which may not be as it was meant: a list or map in brackets without its end,
  /// else the line that could not be read.
  var beginning: Place {
    let isFlow = context?.hasPrefix("while parsing a flow") ?? false
    return (isFlow ? contextPlace : nil) ?? Place(line: place.line, column: 1)
  }

  func diagnostic(file: String, source: SourceText) -> Diagnostic {
    let beginning = contextPlace.map { " that begins at line \($0.line)" } ?? ""
    let doing = context.map { " \($0)" + ($0.hasPrefix("while parsing") ? beginning : "") } ?? ""
    return Diagnostic(
      error: .yamlSyntax,
      location: SourceLocation(file: file, line: place.line, column: place.column),
      message: "this is not YAML: \(problem)\(doing)", remedy: remedy(source))
  }

  private func remedy(_ source: SourceText) -> String? {
    if source.has(0x09, line: place.line, column: place.column) {
      return "indent with spaces, not tabs"
    }
    switch problem {
    case "mapping values are not allowed in this context":
      return "put a text that has a colon in it in quotes, or look at the indentation"
    case "found character that cannot start any token": return "put the text in quotes"
    case "did not find expected alphabetic or numeric character":
      return "put a text that begins with `*` or `&` in quotes"
    case "did not find expected ',' or ']'": return "is a `]` or a comma missing?"
    case "did not find expected ',' or '}'": return "is a `}` or a comma missing?"
    case "could not find expected ':'": return "a key ends in a colon"
    case "did not find expected key", "did not find expected '-' indicator":
      return "look at the indentation of this line and the ones before it"
    case "found unexpected end of stream": return "is a closing quote missing?"
    default: return nil
    }
  }
}
