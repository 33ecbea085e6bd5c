/// Builds the tree of one file from libyaml's events, and reports the features of YAML that a policy
/// may not use.
struct TreeBuilder {
  struct ParsedTree {
    var root: Node?
    var diagnostics: [Diagnostic]
    /// Whether the whole file is in the tree.
    var isComplete = true
    /// The location from which the tree is not trusted.
    var distrustedFrom: SourceLocation?
    /// Why libyaml stopped, if it did.
    var failure: SyntaxFailure?
  }

  /// A list or map whose end has not been seen.
  private struct OpenCollection {
    let location: SourceLocation
    let isMapping: Bool
    var items: [Node] = []
    var pairs: [Node.Pair] = []
    var key: Node?
    /// The keys so far, each with its line.
    var keys: [KeyText: Int] = [:]

    var node: Node {
      Node(kind: isMapping ? .mapping(pairs) : .sequence(items), location: location)
    }
  }

  /// Deeper than any policy needs, and shallow enough for recursion over the tree.
  private static let maximumDepth = 16

  private let file: String
  /// The locations at which a word was replaced; these were reported.
  private let repaired: Set<SourceLocation>
  private var open: [OpenCollection] = []
  private var documents = 0
  private var reading = ParsedTree(root: nil, diagnostics: [])

  init(file: String, repaired: [SourceText.Word]) {
    self.file = file
    self.repaired = Set(
      repaired.map { SourceLocation(file: file, line: $0.line, column: $0.column) })
  }

  consuming func read(_ bytes: [UInt8]) -> ParsedTree {
    guard let events = EventReader(bytes) else {
      report(
        .unreadableFile, location(.init(line: 1, column: 1)),
        "there is not enough memory to read it")
      reading.isComplete = false
      return reading
    }
    loop: while true {
      switch events.next() {
      case .event(let event):
        guard handle(event) else { break loop }
      case .end:
        break loop
      case .failure(let failure):
        reading.failure = failure
        reading.distrustedFrom = location(failure.beginning)
        reading.isComplete = false
        break loop
      }
    }
    closeWhatIsOpen()
    return reading
  }

  /// Closes the lists and maps that were open when the parser stopped.
  ///
  /// The innermost, which may lack a part of its value, and empty ones would only mislead.
  private mutating func closeWhatIsOpen() {
    var isInnermost = true
    while let last = open.popLast() {
      let isMisleading =
        last.items.isEmpty && last.pairs.isEmpty || isInnermost && open.count >= 2
      isInnermost = false
      add(isMisleading ? Node(kind: .invalid, location: last.location) : last.node)
    }
  }

  /// Returns whether to go on.
  private mutating func handle(_ event: EventReader.Event) -> Bool {
    let location = location(event.position)
    switch event.kind {
    case .documentStart:
      documents += 1
      guard documents == 1 else {
        report(
          .yamlFeature, location, "a second document begins here",
          remedy: "a policy file is one document: take out the `---`")
        return false
      }
    case .alias(let name):
      report(
        .yamlFeature, location, "`*\(name)` is a YAML alias, which a policy may not use",
        remedy: "write the value out, or put a text that begins with `*` in quotes")
      add(Node(kind: .invalid, location: location))
    case .scalar(let scalar):
      reportProperties(event, location)
      add(Node(kind: repaired.contains(location) ? .invalid : .scalar(scalar), location: location))
    case .sequenceStart, .mappingStart:
      reportProperties(event, location)
      guard open.count < Self.maximumDepth else {
        report(.tooDeep, location, "lists and maps are nested too deeply here")
        reading.isComplete = false
        reading.distrustedFrom = open.dropFirst().first?.location
        return false
      }
      open.append(OpenCollection(location: location, isMapping: event.kind.isMappingStart))
    case .sequenceEnd, .mappingEnd:
      if let closed = open.popLast() { add(closed.node) }
    }
    return true
  }

  /// Reports anchors and tags, which are not part of the policy language.
  private mutating func reportProperties(_ event: EventReader.Event, _ location: SourceLocation) {
    if let anchor = event.anchor {
      report(
        .yamlFeature, location, "`&\(anchor)` is a YAML anchor, which a policy may not use",
        remedy: "take it out, and give a set of addresses a name under `networks`")
    }
    if let tag = event.tag {
      report(
        .yamlFeature, location, "`\(tag)` is a YAML tag, which a policy may not use",
        remedy: "take it out")
    }
  }

  /// Adds a complete value as the value of a key, an item of a list, or the root.
  private mutating func add(_ node: Node) {
    guard var parent = open.popLast() else {
      reading.root = node
      return
    }
    defer { open.append(parent) }
    guard parent.isMapping else {
      parent.items.append(node)
      return
    }
    guard let key = parent.key else {
      parent.key = checkedKey(node, in: &parent)
      return
    }
    parent.key = nil
    if !key.isInvalid { parent.pairs.append(Node.Pair(key: key, value: node)) }
  }

  /// The key, or an invalid node if it is reported: if it is not a text, or given twice, or a merge
  /// key.
  private mutating func checkedKey(_ node: Node, in parent: inout OpenCollection) -> Node {
    let invalid = Node(kind: .invalid, location: node.location)
    guard case .scalar(let scalar) = node.kind else {
      if !node.isInvalid {
        report(
          .wrongKind, node.location, "a key is \(node.kindInWords)", remedy: "a key must be a text")
      }
      return invalid
    }
    if scalar.isPlain && scalar.name == "<<" {
      report(
        .yamlFeature, node.location, "`<<` is a YAML merge key, which a policy may not use",
        remedy: "write the values out")
      return invalid
    }
    let text = KeyText(text: scalar.text)
    if let line = parent.keys[text] {
      report(
        .duplicateKey, node.location, "the key `\(scalar.name)` is given twice",
        remedy: "it is also at line \(line): keep one of the two")
      return invalid
    }
    parent.keys[text] = node.location.line
    return node
  }

  private func location(_ position: TextPosition) -> SourceLocation {
    SourceLocation(file: file, line: position.line, column: position.column)
  }

  private mutating func report(
    _ name: ErrorName, _ location: SourceLocation, _ message: String, remedy: String? = nil
  ) {
    reading.diagnostics.append(
      Diagnostic(
        error: name, location: location, message: message, remedy: remedy))
  }
}

/// The text of a key, compared by its bytes; it shares the memory of the tree.
private struct KeyText: Hashable {
  let text: String

  static func == (left: KeyText, right: KeyText) -> Bool {
    left.text.utf8.elementsEqual(right.text.utf8)
  }

  func hash(into hasher: inout Hasher) {
    // SAFETY: the bytes are read during the call alone.
    unsafe text.utf8.span.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
  }
}
