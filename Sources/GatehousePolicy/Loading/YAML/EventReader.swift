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
    let place: SyntaxFailure.Place
    var anchor: Name?
    var tag: Name?
  }

  enum Step {
    case event(Event)
    case end
    case failure(SyntaxFailure)
  }

  // libyaml keeps pointers into the parser and the input, so both have a fixed place.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeMutableBufferPointer<UInt8>

  /// Nil where there is no memory.
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

  /// The next event that matters, the end, or why there is none.
  func next() -> Step {
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
    let place = unsafe place(event.start_mark)
    switch unsafe event.type {
    case YAML_DOCUMENT_START_EVENT:
      return Event(kind: .documentStart, place: place)
    case YAML_ALIAS_EVENT:
      return Event(kind: .alias(unsafe name(event.data.alias.anchor) ?? ""), place: place)
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      let text = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      return Event(
        kind: .scalar(
          Node.Scalar(
            text: unsafe String(decoding: text, as: UTF8.self),
            isPlain: unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE)),
        place: place, anchor: unsafe name(scalar.anchor), tag: unsafe name(scalar.tag))
    case YAML_SEQUENCE_START_EVENT:
      let start = unsafe event.data.sequence_start
      return Event(
        kind: .sequenceStart, place: place, anchor: unsafe name(start.anchor),
        tag: unsafe name(start.tag))
    case YAML_MAPPING_START_EVENT:
      let start = unsafe event.data.mapping_start
      return Event(
        kind: .mappingStart, place: place, anchor: unsafe name(start.anchor),
        tag: unsafe name(start.tag))
    case YAML_SEQUENCE_END_EVENT:
      return Event(kind: .sequenceEnd, place: place)
    case YAML_MAPPING_END_EVENT:
      return Event(kind: .mappingEnd, place: place)
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
      place: unsafe Self.place(parser.pointee.problem_mark), context: context,
      contextPlace: context == nil ? nil : unsafe Self.place(parser.pointee.context_mark))
  }

  private static func place(_ mark: yaml_mark_t) -> SyntaxFailure.Place {
    SyntaxFailure.Place(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
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
