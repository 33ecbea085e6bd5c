/// Reads the files of a policy into rules, and reports every mistake.
struct PolicyLoader {
  let snapshot: PolicySnapshot
  /// The policy files that are parsed already, by their names.
  let documents: [String: Document]
  /// Called now and then within long lists, with how far the reading is.
  let progress: (String) -> Void
  /// How many parts networks may take over from the networks that they name; more would take longer
  /// than a second.
  var maximumNetworkParts = 4_000_000
  /// How many runs of addresses may be looked at to take exceptions away, in lists and in networks each;
  /// more would take longer than a second.
  var maximumExceptionRuns = 20_000_000
  var exceptionRuns = 0
  var decoder = FieldDecoder()
  var log: DiagnosticLog {
    get { decoder.log }
    _modify { yield &decoder.log }
  }
  var rules = Rules()
  var message = MessageTemplate.standard
  var identityMaxAge = Duration.seconds(24 * 3600)
  var grantLimits = GrantLimits()
  var notify: NotifySettings?
  var tests: [PolicyTest] = []
  var silenced: Set<WarningName> = []
  /// The texts of the files, by name.
  var sources: [String: SourceText] = [:]
  /// The tables of the `file:` lists that were read.
  var tables: [String: AddressTable] = [:]
  /// Whether the list that is being read may have the word `local`.
  var mayBeLocal = false
  /// False if a part of a file could not be read: what seems to be missing may be there.
  var everythingWasRead = true
  /// Networks and roles whose names were reported; their uses are not reported again.
  var undeclaredNames: Set<Name> = []
  private var sections: [TopLevelKey: [PolicyField]] = [:]

  init(
    _ snapshot: PolicySnapshot, documents: [String: Document] = [:],
    progress: @escaping (String) -> Void
  ) {
    self.snapshot = snapshot
    self.documents = documents
    self.progress = progress
  }

  mutating func load() {
    for file in snapshot.policyFiles { read(file) }
    readNetworks()
    readMode()
    readMessage()
    readIdentity()
    readGrants()
    readNotify()
    readEveryone()
    readRoles()
    readGroups()
    readUsers()
    readServices()
    readBlock()
    readBreakGlass()
    readLocal()
    readServiceAccounts()
    readSecondFactor()
    readAuthorize()
    readTests()
    readSilence()
    rules.index()
  }

  /// Reads `notify`, and nothing else of the files.
  mutating func loadNotifyAlone() {
    for file in snapshot.policyFiles { read(file) }
    readNotify()
  }

  /// Reads where networks are got from, and nothing else of the files.
  mutating func loadSourcesAlone() -> [Name: NetworkSource] {
    for file in snapshot.policyFiles { read(file) }
    var sources: [Name: NetworkSource] = [:]
    for (name, field) in merged(.networks, what: "network", section: .named) {
      guard case .mapping = field.value.kind,
        let fields = decoder.fields(
          of: field.value, path: field.path, at: field.location, NetworkKey.self)
      else { continue }
      sources[name] = source(fields, path: field.path)
    }
    return sources
  }

  /// Reads one file, and keeps its top-level keys.
  private mutating func read(_ file: PolicySnapshot.File) {
    let start = SourceLocation(file: file.name, line: 1, column: 1)
    guard case .bytes(let bytes) = file.content else {
      everythingWasRead = false
      if case .unreadable(let why, let remedy) = file.content {
        log.error(
          .unreadableFile, start, "the file cannot be read: \(why)",
          remedy: remedy ?? "a policy is a file, or a folder with a policy.yaml")
      }
      return
    }
    let document = documents[file.name] ?? Document(parsing: bytes, of: file.name)
    log.add(document.diagnostics)
    everythingWasRead = everythingWasRead && document.isComplete
    log.distrust(document.distrustedFrom)
    sources[file.name] = document.source
    guard let root = document.root else {
      if document.isComplete {
        log.error(
          .emptyFile, start, "the file is empty", remedy: "write at least: version: 1")
      }
      return
    }
    // A file of another version has other keys, so nothing else in it is reported.
    guard
      isSupported(
        root.value(of: TopLevelKey.version), start,
        isRequired: document.isComplete && root.isMapping),
      let fields = decoder.fields(of: root, path: "", at: start, TopLevelKey.self)
    else {
      everythingWasRead = false
      return
    }
    if let version = fields[.version] {
      _ = decoder.scalar(version, what: "the number 1", ifEmpty: "write `version: 1`")
    }
    for key in TopLevelKey.allCases {
      if let field = fields[key] { sections[key, default: []].append(field) }
    }
  }

  /// Whether the rest of a file means anything.
  ///
  /// A missing version, or one that is not a text, is reported, and the rest of the file is read.
  private mutating func isSupported(
    _ version: Node?, _ start: SourceLocation, isRequired: Bool
  ) -> Bool {
    guard let version else {
      if isRequired {
        log.error(
          .missingVersion, start, "the file has no version", remedy: "write `version: 1` first")
      }
      return true
    }
    guard case .scalar(let scalar) = version.kind, !scalar.text.isEmpty,
      scalar.text != "1" || !scalar.isPlain
    else { return true }
    if scalar.text == "1" {
      log.error(
        .wrongKind, version.location, "version must be a number, and this is a text",
        remedy: "write it without quotes")
      return true
    }
    log.error(
      .unsupportedVersion, version.location,
      "policy version \(scalar.name) is not supported", remedy: "supported: 1")
    return false
  }

  /// A key that may stand in one file only.
  mutating func single(_ key: TopLevelKey) -> PolicyField? {
    guard let fields = sections[key], let first = fields.first else { return nil }
    for other in fields.dropFirst() {
      log.error(
        .definedTwice, other.location, "`\(key.rawValue)` is given in two files",
        remedy: "it is also at \(first.location): keep one of the two")
    }
    return first
  }

  /// A key that is put together from every file.
  func collected(_ key: TopLevelKey) -> [PolicyField] {
    sections[key] ?? []
  }

  enum NameKind {
    /// A Unix name: anything.
    case unix
    /// A name that the policy gives.
    case named
  }

  /// The entries of a map that is put together from every file, each name defined once.
  mutating func merged(_ key: TopLevelKey, what: String, section: NameKind) -> [(Name, PolicyField)]
  {
    let sections = collected(key)
    var places: [Name: SourceLocation] = [:]
    var result: [(Name, PolicyField)] = []
    for section in sections {
      guard let fields = decoder.namedFields(of: section) else {
        everythingWasRead = false
        continue
      }
      for (name, field) in fields {
        if let first = places[name] {
          log.error(
            .definedTwice, field.location, "the \(what) `\(name)` is defined in two files",
            remedy: "it is also at \(first): a name is defined once")
          continue
        }
        // The YAML tree has no key twice, so names can only clash between files.
        if sections.count > 1 { places[name] = field.location }
        result.append((name, field))
      }
    }
    guard section == .named else { return result }
    return result.filter { name, field in isAllowedName(name, what: what, at: field.location) }
  }

  private mutating func isAllowedName(_ name: Name, what: String, at location: SourceLocation)
    -> Bool
  {
    if ["anywhere", "nowhere", "self", "local"].contains(name) {
      log.error(
        .badName, location, "`\(name)` is reserved and cannot name a \(what)",
        remedy: "choose another name")
    } else if !isDeclarableName(name) {
      log.error(
        .badName, location, "`\(name)` cannot name a \(what)",
        remedy: "a name is a letter or `_`, then up to 63 letters, digits, `_` and `-`")
    } else {
      return true
    }
    undeclaredNames.insert(name)
    return false
  }
}

/// Whether a name has the form of a network's or role's: `[A-Za-z_][A-Za-z0-9_-]{0,63}`.
func isDeclarableName(_ name: Name) -> Bool {
  guard let first = name.bytes.first, name.bytes.count <= 64 else { return false }
  let isLetter = { (byte: UInt8) in
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
  }
  return isLetter(first)
    && name.bytes.allSatisfy {
      isLetter($0) || $0.decimalDigit != nil || $0 == UInt8(ascii: "-")
    }
}
