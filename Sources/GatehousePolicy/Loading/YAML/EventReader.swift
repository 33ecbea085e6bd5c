internal import CYAML

/// libyaml's event parser over bytes in memory: owns the C parser, and hands out Swift values.
@safe final class EventReader {
  struct Event {
    enum Kind {
      case documentStart
      case alias(Name)
      case scalar(Node.Scalar)
      case sequenceStart, sequenceEnd
      case mappingStart, mappingEnd

      var isMappingStart: Bool {
        if case .mappingStart = self { true } else { false }
      }
    }

    let kind: Kind
    let position: TextPosition
    /// The position after its last character; for a list or map, after what begins it.
    let end: TextPosition
    var anchor: Name?
    var tag: Name?
  }

  enum NextEvent {
    case event(Event)
    case end
    case failure(SyntaxFailure)
  }

  // libyaml keeps pointers into the parser and the input, so both have a fixed address.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeMutableBufferPointer<UInt8>

  /// Nil if there is not enough memory.
  init?(_ bytes: [UInt8]) {
    // SAFETY: both allocations live until deinit; libyaml fills the parser before any other use.
    unsafe parser = .allocate(capacity: 1)
    unsafe input = .allocate(capacity: bytes.count)
    // SAFETY: the input has room for exactly these bytes.
    _ = unsafe input.initialize(fromContentsOf: bytes)
    // SAFETY: yaml_parser_initialize writes the whole structure that it is given.
    guard unsafe yaml_parser_initialize(parser) == 1 else {
      // SAFETY: nothing was set up; what was allocated above is given back once.
      unsafe parser.deallocate()
      unsafe input.deallocate()
      return nil
    }
    // SAFETY: the parser is initialised, and the input outlives it.
    unsafe yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
  }

  deinit {
    // SAFETY: initialised and allocated in init, and used by nobody after this.
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
    unsafe input.deallocate()
  }

  /// The next event that matters, the end of the file, or a failure.
  func next() -> NextEvent {
    while true {
      // SAFETY: all zero is an event without content.
      var event = unsafe yaml_event_t()
      // SAFETY: the parser is initialised; libyaml fills the event, which is deleted below.
      guard unsafe yaml_parser_parse(parser, &event) == 1 else { return .failure(failure) }
      // SAFETY: filled by yaml_parser_parse, deleted once.
      defer { unsafe yaml_event_delete(&event) }
      // SAFETY: the type says which member of the union was filled; texts are copied before the
      // event is deleted.
      if unsafe event.type == YAML_STREAM_END_EVENT || event.type == YAML_NO_EVENT { return .end }
      if let result = unsafe Self.event(event) { return .event(result) }
    }
  }

  @unsafe private static func event(_ event: yaml_event_t) -> Event? {
    // SAFETY: each case reads the member of the union that belongs to the event's type.
    let position = unsafe position(event.start_mark)
    let end = unsafe Self.position(event.end_mark)
    switch unsafe event.type {
    case YAML_DOCUMENT_START_EVENT:
      return Event(kind: .documentStart, position: position, end: end)
    case YAML_ALIAS_EVENT:
      return Event(
        kind: .alias(unsafe name(event.data.alias.anchor) ?? ""), position: position, end: end)
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      let text = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      return Event(
        kind: .scalar(
          Node.Scalar(
            text: unsafe String(decoding: text, as: UTF8.self),
            isPlain: unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE)),
        position: position, end: end, anchor: unsafe name(scalar.anchor),
        tag: unsafe name(scalar.tag))
    case YAML_SEQUENCE_START_EVENT:
      let start = unsafe event.data.sequence_start
      return Event(
        kind: .sequenceStart, position: position, end: end, anchor: unsafe name(start.anchor),
        tag: unsafe name(start.tag))
    case YAML_MAPPING_START_EVENT:
      let start = unsafe event.data.mapping_start
      return Event(
        kind: .mappingStart, position: position, end: end, anchor: unsafe name(start.anchor),
        tag: unsafe name(start.tag))
    case YAML_SEQUENCE_END_EVENT:
      return Event(kind: .sequenceEnd, position: position, end: end)
    case YAML_MAPPING_END_EVENT:
      return Event(kind: .mappingEnd, position: position, end: end)
    default:
      return nil
    }
  }

  private var failure: SyntaxFailure {
    // SAFETY: after a failed parse the error fields are set; the texts are C literals or null.
    let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) }
    let context = unsafe parser.pointee.context.map { unsafe String(cString: $0) }
    return SyntaxFailure(
      problem: problem ?? "it cannot be read",
      position: unsafe Self.position(parser.pointee.problem_mark), context: context,
      contextPosition: context == nil ? nil : unsafe Self.position(parser.pointee.context_mark))
  }

  private static func position(_ mark: yaml_mark_t) -> TextPosition {
    TextPosition(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
  }

  /// A C string of libyaml's as a name; nil for a null pointer.
  @unsafe private static func name(_ text: UnsafeMutablePointer<yaml_char_t>?) -> Name? {
    guard let text = unsafe text else { return nil }
    // SAFETY: libyaml ends its strings with NUL.
    var length = 0
    while unsafe text[length] != 0 { length += 1 }
    return unsafe Name(bytes: Array(UnsafeBufferPointer(start: text, count: length)))
  }
}

/// A position in a file; line and column count from 1, the column in characters.
struct TextPosition: Equatable {
  let line: Int
  let column: Int
}

/// Where and why libyaml stopped.
struct SyntaxFailure {
  /// What libyaml found, in its words.
  let problem: String
  let position: TextPosition
  /// What it was reading, in its words, and where that began.
  let context: String?
  let contextPosition: TextPosition?

  /// The positions at which the cause may be.
  var positions: [TextPosition] { [position] + (contextPosition.map { [$0] } ?? []) }

  /// The position from which the tree is not trusted: the beginning of a list or map in brackets that
  /// has no end, otherwise that of the line that could not be read.
  var beginning: TextPosition {
    let isFlow = context?.hasPrefix("while parsing a flow") ?? false
    return (isFlow ? contextPosition : nil) ?? TextPosition(line: position.line, column: 1)
  }

  func diagnostic(file: String, source: SourceText) -> Diagnostic {
    let beginning = contextPosition.map { " that begins at line \($0.line)" } ?? ""
    let doing = context.map { " \($0)" + ($0.hasPrefix("while parsing") ? beginning : "") } ?? ""
    return Diagnostic(
      error: .yamlSyntax,
      location: SourceLocation(file: file, line: position.line, column: position.column),
      message: "this is not YAML: \(problem)\(doing)", remedy: remedy(source))
  }

  private func remedy(_ source: SourceText) -> String? {
    if source.has(0x09, line: position.line, column: position.column) {
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
