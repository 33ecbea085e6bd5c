// Reads the lists of a policy.

extension PolicyLoader {
  /// Reads every list that a scope has.
  mutating func lists<Setting>(_ fields: PolicyFields<ScopeKey<Setting>>, of scope: Scope)
    -> FewLists
  {
    var lists = FewLists()
    for (row, field) in fields.lists() {
      if let list = list(field, scope: scope, row: row) { lists.set(list) }
    }
    return lists
  }

  /// Reads a list of a scope; nil if it is not a list.
  mutating func list(_ field: PolicyField, scope: Scope, row: ListRow) -> AddressList? {
    mayBeLocal = row.effect == .sparesFactor
    defer { mayBeLocal = false }
    guard var entries = entries(field) else { return nil }
    for entry in entries {
      checkNetwork(of: entry)
      for exception in entry.exceptions {
        checkNetwork(of: exception)
        checkPermanence(of: exception, rules.networks)
      }
    }
    entries.removeAll { isTooLong($0) }
    if row.effect == .blocks { entries = entries.map(\.lasting) }
    return AddressList(
      scope: scope, row: row, location: field.location, entries: entries,
      networks: rules.networks)
  }

  /// The entries of a list; nil if it is not a list.
  mutating func entries(_ field: PolicyField) -> [ListEntry]? {
    decoder.items(field, ifEmpty: "write [nowhere], or leave the key out")?
      .compactMap { entry($0, called: "an entry of \(field.path)") }
  }

  /// The entries of an `except`, each of which always counts and is called so; nil if it is not a list.
  mutating func exceptions(_ field: PolicyField, called name: String) -> [ListEntry]? {
    decoder.items(field, ifEmpty: "write what is taken away, or leave the key out")?
      .compactMap { entry($0, called: name, isException: true) }
  }

  private mutating func entry(_ node: Node, called path: String, isException: Bool = false)
    -> ListEntry?
  {
    switch node.kind {
    case .invalid:
      return nil
    case .scalar(let scalar):
      guard !scalar.text.isEmpty else {
        decoder.empty(path, at: node.location, remedy: "write an address")
        return nil
      }
      if mayBeLocal, !isException, scalar.text == "local" {
        return ListEntry(content: .local, text: "local", location: node.location)
      }
      return content(scalar, at: node.location).map {
        ListEntry(content: $0, text: scalar.copy, location: node.location)
      }
    case .sequence:
      if reportUnquotedAddress(node) { return nil }
      log.error(
        .wrongKind, node.location, "\(path) is a list",
        remedy: "an entry is an address, the name of a network, or a map with `address` or `file`")
      return nil
    case .mapping:
      if reportUnquotedAddress(node) { return nil }
      return longEntry(node, path: path, isException: isException)
    }
  }

  /// An entry with its description, times and exceptions.
  private mutating func longEntry(_ node: Node, path: String, isException: Bool) -> ListEntry? {
    guard
      let fields = decoder.fields(of: node, path: path, at: node.location, EntryKey.self)
    else { return nil }
    if isException { reportPassing(fields, path: path) }
    let comment = fields[.description].flatMap { decoder.scalar($0) }?.copy
    let isActive = fields[.active].flatMap { decoder.boolean($0) } ?? true
    let window = window(since: fields[.since], until: fields[.until])
    let exceptions =
      isException ? [] : fields[.exceptions].flatMap { self.exceptions($0, called: $0.path) } ?? []
    var entry: ListEntry?
    switch (fields[.address], fields[.file]) {
    case (let address?, nil):
      entry = shortEntry(address)
    case (nil, let file?):
      entry = fileEntry(file)
    case (_?, let file?):
      log.error(
        .wrongValue, file.location, "\(path) has both `address` and `file`",
        remedy: "make two entries of it")
    case (nil, nil):
      log.error(
        .missingKey, node.location, "\(path) has neither `address` nor `file`",
        remedy: "write {address: 192.0.2.1, …}")
    }
    entry?.details = .init(
      comment: comment, isActive: isActive, window: window, exceptions: exceptions)
    return entry
  }

  /// Reports what an entry of an `except` cannot have.
  private mutating func reportPassing(_ fields: PolicyFields<EntryKey>, path: String) {
    if let field = fields[.exceptions] {
      log.error(
        .wrongValue, field.location, "\(path) has an `except` of its own",
        remedy: "make a network with an `except`, and name that network here")
    }
    var passing = [fields[.since], fields[.until]].compactMap(\.self)
    if let active = fields[.active], case .scalar(let scalar) = active.value.kind,
      scalar.text == "false"
    {
      passing.append(active)
    }
    for field in passing {
      log.error(
        .wrongValue, field.location,
        "\(path) must count at any time: what it takes away would come back",
        remedy: "take the key out, or the whole entry if it is not to count")
    }
  }

  private mutating func shortEntry(_ field: PolicyField) -> ListEntry? {
    if reportUnquotedAddress(field.value) { return nil }
    guard let scalar = decoder.scalar(field, what: "an address or the name of a network") else {
      return nil
    }
    return content(scalar, at: field.value.location).map {
      ListEntry(content: $0, text: scalar.copy, location: field.value.location)
    }
  }

  /// What a text in a list means: an address or the name of a network.
  private mutating func content(_ scalar: Node.Scalar, at location: SourceLocation)
    -> ListEntry.Content?
  {
    let name = scalar.name
    if isDeclarableName(name) {
      switch scalar.text {
      case "anywhere": return .anywhere
      case "nowhere": return .nowhere
      case "self": return .machine
      case "local" where mayBeLocal:
        log.error(
          .wrongValue, location, "`local` cannot be in a map or an `except`",
          remedy: "write it as an entry of its own: [local]")
        return nil
      case "local":
        log.error(
          .wrongValue, location, "`local` cannot be in a list",
          remedy: "the key `local` says who may log in at the console")
        return nil
      default: return .network(name)
      }
    }
    guard !undeclaredNames.contains(name) else { return nil }
    do throws(AddressProblem) {
      return .range(try AddressRange(name.bytes.span))
    } catch {
      log.error(
        .badAddress, location, "`\(name)` \(error.message)", remedy: error.remedy)
      return nil
    }
  }

  /// Reports an address without quotes that YAML read as a map or list.
  ///
  /// Returns whether it was one.
  private mutating func reportUnquotedAddress(_ node: Node) -> Bool {
    switch node.kind {
    case .sequence, .mapping: break
    case .scalar, .invalid: return false
    }
    guard let source = sources[node.location.file],
      let word = source.word(line: node.location.line, column: node.location.column),
      word.looksLikeAddress
    else { return false }
    log.add([
      Document.unquotedAddress(word.text, node.location.file, word.line, word.column)
    ])
    return true
  }

  private mutating func fileEntry(_ field: PolicyField) -> ListEntry? {
    guard let scalar = decoder.scalar(field, what: "the name of a file") else { return nil }
    let name = PolicySnapshot.listName(scalar.text, in: field.location.file)
    guard let table = table(ofFile: name, namedAt: field.value.location) else { return nil }
    return ListEntry(
      content: .file(table), text: "file \(scalar.text)", location: field.value.location)
  }

  /// The addresses of a file.
  ///
  /// It is read once, however many lists name it.
  private mutating func table(ofFile name: String, namedAt location: SourceLocation)
    -> AddressTable?
  {
    guard let bytes = bytes(ofFile: name, called: "a `file`", namedAt: location) else { return nil }
    if let table = tables[name] { return table }
    let file = ListFile(
      name: name, bytes: bytes, isConfidential: snapshot.confidentialLists.contains(name)
    ) { [progress] in
      progress("\(displayText(of: name)), line \($0)")
    }
    log.add(file.diagnostics)
    let table = AddressTable(file.addresses, holdsMachine: file.holdsMachine)
    tables[name] = table
    return table
  }

  /// The bytes of a file that a key names; nil if it could not be read, which is reported.
  mutating func bytes(ofFile name: String, called key: String, namedAt location: SourceLocation)
    -> [UInt8]?
  {
    let usual = "\(key) is relative to the policy file that names it"
    switch snapshot.listFiles[name] {
    case .bytes(let bytes)?: return bytes
    case .unreadable(let why, let remedy)?:
      log.error(
        .unreadableFile, location, "the list `\(displayText(of: name))` cannot be read: \(why)",
        remedy: remedy ?? usual)
    case nil:
      log.error(
        .unreadableFile, location, "the list `\(displayText(of: name))` was not read", remedy: usual
      )
    }
    return nil
  }

  /// Reports an entry of an `except` that names a network which does not count as a whole at any time.
  mutating func checkPermanence(of exception: ListEntry, _ networks: [Name: Network]) {
    guard case .network(let name) = exception.content,
      let passing = networks[name]?.passingEntry
    else { return }
    log.error(
      .wrongValue, exception.location,
      "`\(name)` in an `except` must count at any time, and its entry at \(passing.fileAndLine) does not",
      remedy: "write the addresses here, or take `since`, `until` or `active` out there")
  }

  /// Whether it takes too long to work out what an entry means; reports it then.
  private mutating func isTooLong(_ entry: ListEntry) -> Bool {
    guard !entry.exceptions.isEmpty else { return false }
    // Reported already.
    guard exceptionRuns <= maximumExceptionRuns else { return true }
    exceptionRuns += [entry].exceptionRuns(entry.exceptions, rules.networks)
    guard exceptionRuns > maximumExceptionRuns else { return false }
    log.error(
      .tooManyParts, entry.location,
      "the entries that have an `except` come to more than \(maximumExceptionRuns) addresses here",
      remedy: "make one network of what they have in common, with the `except` in it")
    return true
  }

  /// Reports a network that does not exist.
  mutating func checkNetwork(of entry: ListEntry) {
    // If part of a file could not be read, the network may be declared there.
    guard case .network(let name) = entry.content, rules.networks[name] == nil,
      !undeclaredNames.contains(name), everythingWasRead
    else { return }
    let known = rules.networks.keys.map(\.description) + ["anywhere", "nowhere", "self"]
    let meant =
      ["all", "any"].contains(entry.text.lowercased())
      ? "anywhere" : nearestName(to: name.description, among: known)
    log.error(
      .unknownNetwork, entry.location, "there is no network `\(name)`",
      remedy: meant.map { "did you mean `\($0)`?" } ?? "define it under `networks`")
  }
}
