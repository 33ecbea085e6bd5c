// Reads where the addresses of a network are got from, and what was got.

extension PolicyLoader {
  /// The source that a network's map names; nil if it names none, or a wrong one.
  mutating func source(_ fields: PolicyFields<NetworkKey>, path: String) -> NetworkSource? {
    let named = NetworkSetting.sources.compactMap { fields[.setting($0)] }
    guard let first = named.first else {
      reportAlone(fields, path: path)
      return nil
    }
    for other in named.dropFirst() {
      log.error(
        .wrongValue, other.location,
        "\(path) has two sources, and one is at \(first.location.fileAndLine)",
        remedy: "make two networks, and a third that names both")
    }
    guard named.count == 1, let origin = origin(fields, path: path) else { return nil }
    var source = NetworkSource(origin)
    let before = log.errorCount
    if let field = fields[.setting(.refresh)] {
      source.refresh = duration(field, from: .seconds(60)) ?? source.refresh
    }
    if let field = fields[.setting(.maxAge)] {
      source.maxAge = duration(field, from: .seconds(60)) ?? source.maxAge
    }
    if let field = fields[.setting(.overlap)] {
      source.overlap = duration(field, from: .zero) ?? source.overlap
    }
    if let field = fields[.setting(.shrinkLimit)] {
      source.shrinkLimit = percentage(field) ?? source.shrinkLimit
    }
    if let field = fields[.setting(.ipv6Prefix)] { source.ipv6Prefix = count(field, in: 32...128) }
    if source.maxAge < source.refresh, log.errorCount == before {
      log.error(
        .badTime, named[0].location,
        "\(path): what was got would end (max_age \(durationText(source.maxAge))) before it is got "
          + "again (refresh \(durationText(source.refresh)))",
        remedy: "make max_age several times as long as refresh")
    }
    return log.errorCount == before ? source : nil
  }

  /// Reports keys that need a source, where there is none.
  private mutating func reportAlone(_ fields: PolicyFields<NetworkKey>, path: String) {
    for key in NetworkSetting.ofSources {
      guard let field = fields[.setting(key)] else { continue }
      log.error(
        .missingKey, field.location, "\(field.path) means nothing: \(path) has no source",
        remedy: "name one by `name`, `url`, `country` or `asn`, or take the key out")
    }
  }

  private mutating func origin(_ fields: PolicyFields<NetworkKey>, path: String)
    -> NetworkSource.Origin?
  {
    let before = log.errorCount
    let source = NetworkSetting.sources.first { fields[.setting($0)] != nil }
    for key in NetworkSetting.ofSources {
      guard let field = fields[.setting(key)], let source, !key.serves(source) else { continue }
      log.error(
        .wrongValue, field.location, "\(field.path) has no meaning beside `\(source.rawValue)`",
        remedy: "take the key out")
    }
    var origin: NetworkSource.Origin?
    if let field = fields[.setting(.name)] {
      origin = .names(texts(field, what: "the name of a host", readHostName))
    } else if let field = fields[.setting(.url)] {
      origin = download(field, fields).map(NetworkSource.Origin.url)
    } else if let field = fields[.setting(.country)] {
      let countries = texts(field, what: "a country", readCountry)
      origin = database(fields, at: field, path: path).map { .countries(countries, database: $0) }
    } else if let field = fields[.setting(.asn)] {
      let systems = texts(field, what: "the number of an autonomous system", readSystem)
      origin = database(fields, at: field, path: path).map { .systems(systems, database: $0) }
    }
    return log.errorCount == before ? origin : nil
  }

  /// What a text or a list of texts means, without what it says twice; wrong ones are reported.
  private mutating func texts<Value: Hashable>(
    _ field: PolicyField, what: String,
    _ read: (Node.Scalar) -> Result<Value, Misreading>
  ) -> [Value] {
    var items = [field.value]
    if case .sequence = field.value.kind {
      items = decoder.items(field, ifEmpty: "leave the key out") ?? []
    }
    if items.count > NetworkSource.mostItems {
      log.error(
        .wrongValue, field.value.location, "\(field.path) has \(items.count) entries",
        remedy: "write at most \(NetworkSource.mostItems)")
      return []
    }
    var values: [Value] = []
    for item in items {
      let entry = PolicyField(path: field.path, location: item.location, value: item)
      guard let scalar = decoder.scalar(entry, what: what) else { continue }
      switch read(scalar) {
      case .success(let value): if !values.contains(value) { values.append(value) }
      case .failure(let misreading):
        log.error(
          .wrongValue, item.location, "\(field.path): `\(scalar.name)` is not \(what)",
          remedy: misreading.remedy)
      }
    }
    return values
  }

  private mutating func download(_ field: PolicyField, _ fields: PolicyFields<NetworkKey>)
    -> NetworkSource.Download?
  {
    guard let scalar = decoder.scalar(field, what: "an address that begins with https://") else {
      return nil
    }
    guard isSecureURL(scalar.text) else {
      log.error(
        .wrongValue, field.value.location,
        "\(field.path): `\(scalar.name)` is not an address that can be got safely",
        remedy: "write one that begins with https:// and a host, with no user, space or `#` in it")
      return nil
    }
    var download = NetworkSource.Download(url: scalar.text, format: .text)
    if let select = fields[.setting(.select)] {
      download.selections = texts(select, what: "a path in a JSON document", readSelection)
      download.format = .json
    }
    if let format = fields[.setting(.format)] {
      guard let choice = decoder.choice(format, of: NetworkSource.Format.allCases) else {
        return nil
      }
      switch (choice, fields[.setting(.select)]) {
      case (.json, nil):
        log.error(
          .missingKey, format.location, "\(format.path) is json, and nothing is selected of it",
          remedy: "write select: and the path of the addresses, such as prefixes.ip_prefix")
      case (.text, let select?):
        log.error(
          .wrongValue, select.location, "\(select.path) selects of JSON, and the format is text",
          remedy: "write format: json, or take `select` out")
      default: break
      }
    }
    if let field = fields[.setting(.sha256)] {
      download.sha256 = text(field, what: "64 hexadecimal digits, as sha256sum gives them") {
        $0.utf8.count == 64 && $0.utf8.allSatisfy { $0.hexadecimalDigit != nil }
      }?.lowercased()
    }
    if let field = fields[.setting(.publicKey)] {
      download.publicKey = text(field, what: "the 56 characters of a public key of minisign") {
        $0.utf8.count == 56 && $0.hasPrefix("RW") && $0.utf8.allSatisfy(isBase64)
      }
    }
    return download
  }

  /// A text that has a form; another is reported.
  private mutating func text(_ field: PolicyField, what: String, _ fits: (String) -> Bool)
    -> String?
  {
    guard let scalar = decoder.scalar(field, what: what) else { return nil }
    if fits(scalar.text) { return scalar.copy }
    log.error(
      .wrongValue, field.value.location, "\(field.path): `\(scalar.name)` is not \(what)",
      remedy: "write \(what)")
    return nil
  }

  private mutating func database(
    _ fields: PolicyFields<NetworkKey>, at source: PolicyField, path: String
  ) -> String? {
    guard let field = fields[.setting(.database)] else {
      log.error(
        .missingKey, source.location, "\(source.path) needs a `database`",
        remedy: "write database: and the path of an .mmdb file on this machine")
      return nil
    }
    return text(field, what: "the absolute path of an .mmdb file") {
      isPlainText($0) && $0.hasPrefix("/") && !$0.hasSuffix("/")
    }
  }

  /// A whole number up to 100, with or without the sign for it; nil if the value is reported as wrong.
  private mutating func percentage(_ field: PolicyField) -> Int? {
    guard let scalar = decoder.scalar(field, what: "a number of per cent") else { return nil }
    var digits = scalar.text[...]
    if digits.hasSuffix("%") {
      digits.removeLast()
      if digits.hasSuffix(" ") { digits.removeLast() }
    }
    guard let number = wholeNumber(String(digits)), number <= 100 else {
      log.error(
        .wrongValue, field.value.location, "\(field.path) cannot be `\(scalar.name)`",
        remedy: "write a number of per cent, at most 100: 20%")
      return nil
    }
    return number
  }

  /// A duration of at least some length; nil if the value is reported as wrong.
  private mutating func duration(_ field: PolicyField, from shortest: Duration) -> Duration? {
    guard let duration = duration(field) else { return nil }
    guard duration < shortest else { return duration }
    log.error(
      .badTime, field.value.location, "\(field.path) is shorter than \(durationText(shortest))",
      remedy: "write at least \(durationText(shortest))")
    return nil
  }
}

/// Why a text is not what a source can have, by what to do about it.
private struct Misreading: Error {
  let remedy: String
}

/// The name of a host as the resolver takes it (RFC 1123 section 2.1): no address, no dot at its end.
private func readHostName(_ scalar: Node.Scalar) -> Result<String, Misreading> {
  let text = scalar.text.lowercased()
  let labels = text.split(separator: ".", omittingEmptySubsequences: false)
  let isName =
    text.utf8.count <= NetworkSource.longestHostName
    && labels.allSatisfy { label in
      (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
        && label.utf8.allSatisfy {
          $0.isLowercaseLetter || $0.decimalDigit != nil || $0 == UInt8(ascii: "-")
            || $0 == UInt8(ascii: "_")
        }
    }
  // A name that ends in a number would be taken for an address.
  guard isName, labels.last?.utf8.first?.decimalDigit == nil else {
    return .failure(Misreading(remedy: "write a name such as alice.dyn.example.net"))
  }
  return .success(text)
}

private func readCountry(_ scalar: Node.Scalar) -> Result<String, Misreading> {
  let isCode =
    scalar.text.utf8.count == 2 && scalar.text.uppercased() == scalar.text
    && scalar.text.lowercased().utf8.allSatisfy(\.isLowercaseLetter)
  return isCode
    ? .success(scalar.copy)
    : .failure(Misreading(remedy: "write two capital letters (ISO 3166-1), such as DE"))
}

private func readSystem(_ scalar: Node.Scalar) -> Result<UInt32, Misreading> {
  if let number = UInt32(scalar.text), number > 0, String(number) == scalar.text {
    return .success(number)
  }
  return .failure(Misreading(remedy: "write the number alone, such as 64500"))
}

private func readSelection(_ scalar: Node.Scalar) -> Result<FeedSelection, Misreading> {
  FeedSelection(scalar.copy).map(Result.success)
    ?? .failure(Misreading(remedy: "write members with dots between: prefixes[region=x].ip_prefix"))
}

/// Whether it is an address of https with a host, of printable ASCII, without a user or fragment.
private func isSecureURL(_ text: String) -> Bool {
  guard text.hasPrefix("https://"), isPlainText(text), !text.utf8.contains(UInt8(ascii: "#")),
    !text.utf8.contains(UInt8(ascii: "\\"))
  else { return false }
  let authority = text.dropFirst("https://".count).prefix { $0 != "/" && $0 != "?" }
  return !authority.isEmpty && !authority.utf8.contains(UInt8(ascii: "@"))
    && !authority.hasPrefix(":")
}

/// Whether it is of printable ASCII without spaces, and not too long.
private func isPlainText(_ text: String) -> Bool {
  text.utf8.count <= NetworkSource.longestText && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
}

private func isBase64(_ byte: UInt8) -> Bool {
  (byte | 0x20).isLowercaseLetter || byte.decimalDigit != nil || "+/=".utf8.contains(byte)
}

extension UInt8 {
  fileprivate var isLowercaseLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
}

extension PolicyLoader {
  /// The entry that stands for what was got from a network's source.
  mutating func entry(ofSource source: NetworkSource, of network: Name, at location: SourceLocation)
    -> ListEntry?
  {
    let name = FeedContent.fileName(of: network)
    var fetched = Fetched(source: source)
    var table = AddressTable(AddressSet.nothing, holdsMachine: false)
    switch snapshot.listFiles[name] {
    case nil: break
    case .unreadable(let why, let remedy)?:
      log.error(
        .unreadableFile, location, "what was got for `\(network)` cannot be read: \(why)",
        remedy: remedy ?? "look at \(name), or remove it and run `gatehouse feeds refresh`")
      return nil
    case .bytes(let bytes)?:
      do throws(FeedContent.Damage) {
        let (head, end) = try FeedContent.Head.read(from: bytes)
        let file = ListFile(name: name, bytes: bytes, after: end)
        guard file.diagnostics.isEmpty else { throw .badAddress }
        if head.source == source.text {
          fetched.got = head.got
          fetched.changed = head.changed
          fetched.built = head.built
          table = AddressTable(file.addresses, holdsMachine: false)
        }
      } catch {
        log.error(
          .damagedContent, location, "what was got for `\(network)` is damaged: \(error)",
          remedy: "`rm \(name)`, then `gatehouse feeds refresh`")
        return nil
      }
    }
    return ListEntry(
      content: .file(table), text: source.shownText, location: location,
      details: .init(
        comment: nil, isActive: true,
        window: TimeWindow(
          since: .distantPast, until: fetched.got.map(source.lapse(ofContentGot:)) ?? .distantFuture
        ),
        exceptions: [], fetched: fetched))
  }
}

/// What is known of the content of a network that is got from elsewhere.
struct Fetched: Sendable {
  let source: NetworkSource
  /// When it was got last; nil if nothing of this source was got yet.
  var got: Instant?
  /// When its addresses changed last.
  var changed: Instant?
  /// When the database was built that it is from; nil if it is from none.
  var built: Instant?
}

extension NetworkSource {
  /// Where the networks of the policy in a folder are got from; its lists are not read.
  ///
  /// - Parameter path: A folder laid out like `/etc/gatehouse`.
  /// - Returns: Nil if a file cannot be read, or has an error.
  public static func all(ofPolicyIn path: String) -> [Name: NetworkSource]? {
    var reader = SnapshotReader(insecure: .error)
    reader.readPolicyFiles(of: path)
    let reading = reader.reading
    guard !reading.diagnostics.contains(where: { $0.severity == .error }) else { return nil }
    var loader = PolicyLoader(reading.snapshot, documents: reading.documents) { _ in }
    let sources = loader.loadSourcesAlone()
    return loader.log.hasErrors ? nil : sources
  }
}
