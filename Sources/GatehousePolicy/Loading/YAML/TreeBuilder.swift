/// Builds the tree of one file out of libyaml's events, and reports what a policy may not use.
struct TreeBuilder {
  struct Reading {
    var root: Node?
    var diagnostics: [Diagnostic]
    /// Whether the whole file is in the tree.
    var isComplete = true
    /// Where that begins which may not be as it was meant.
    var distrustedFrom: SourceLocation?
    /// Why libyaml gave up, if it did.
    var failure: SyntaxFailure?
  }

  /// A list or map whose end has not been seen.
  private struct Open {
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

  /// Deeper than any policy goes, and shallow enough for every recursion over the tree.
  private static let greatestDepth = 16

  private let file: String
  /// Places at which a word was replaced: what stands there was reported.
  private let repaired: Set<SourceLocation>
  private var open: [Open] = []
  private var documents = 0
  private var reading = Reading(root: nil, diagnostics: [])

  init(file: String, repaired: [SourceText.Word]) {
    self.file = file
    self.repaired = Set(
      repaired.map { SourceLocation(file: file, line: $0.line, column: $0.column) })
  }

  consuming func read(_ bytes: [UInt8]) -> Reading {
    guard let events = EventReader(bytes) else {
      report(
        .unreadableFile, location(.init(line: 1, column: 1)), "there is no memory to read it")
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

  /// Keeps what was open when the reading ended as far as it goes.
  ///
  /// The innermost, a part of a value, and what has nothing in it yet would only mislead.
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
    let place = location(event.place)
    switch event.kind {
    case .documentStart:
      documents += 1
      guard documents == 1 else {
        report(
          .yamlFeature, place, "a second document begins here",
          remedy: "a policy file is one document: take out the `---`")
        return false
      }
    case .alias(let name):
      report(
        .yamlFeature, place, "`*\(name)` is a YAML alias, which a policy may not use",
        remedy: "write the value out, or put a text that begins with `*` in quotes")
      add(Node(kind: .invalid, location: place))
    case .scalar(let scalar):
      reportProperties(event, place)
      add(Node(kind: repaired.contains(place) ? .invalid : .scalar(scalar), location: place))
    case .sequenceStart, .mappingStart:
      reportProperties(event, place)
      guard open.count < Self.greatestDepth else {
        report(.tooDeep, place, "lists and maps are nested too deeply here")
        reading.isComplete = false
        reading.distrustedFrom = open.dropFirst().first?.location
        return false
      }
      open.append(Open(location: place, isMapping: event.kind.isMappingStart))
    case .sequenceEnd, .mappingEnd:
      if let closed = open.popLast() { add(closed.node) }
    }
    return true
  }

  /// Anchors and tags are not of the policy language.
  private mutating func reportProperties(_ event: EventReader.Event, _ place: SourceLocation) {
    if let anchor = event.anchor {
      report(
        .yamlFeature, place, "`&\(anchor)` is a YAML anchor, which a policy may not use",
        remedy: "take it out, and give a set of addresses a name under `networks`")
    }
    if let tag = event.tag {
      report(
        .yamlFeature, place, "`\(tag)` is a YAML tag, which a policy may not use",
        remedy: "take it out")
    }
  }

  /// Puts a finished value where it belongs: the value of a key, an item, or the root.
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

  /// A key that may stand: a text, not given before, no merge key.
  private mutating func checkedKey(_ node: Node, in parent: inout Open) -> Node {
    let invalid = Node(kind: .invalid, location: node.location)
    guard case .scalar(let scalar) = node.kind else {
      if !node.isInvalid {
        report(
          .wrongKind, node.location, "a key is \(node.kindInWords)", remedy: "a key is a text")
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
        remedy: "it stands at line \(line) too: keep one of the two")
      return invalid
    }
    parent.keys[text] = node.location.line
    return node
  }

  private func location(_ place: SyntaxFailure.Place) -> SourceLocation {
    SourceLocation(file: file, line: place.line, column: place.column)
  }

  private mutating func report(
    _ name: ErrorName, _ location: SourceLocation, _ message: String, remedy: String? = nil
  ) {
    reading.diagnostics.append(
      Diagnostic(
        error: name, location: location, message: message, remedy: remedy))
  }
}

/// The text of a key, equal to another one's if its bytes are; it takes no memory beside the tree's.
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
