/// Why an entry cannot be changed as somebody asked.
public struct EntryProblem: Error, Hashable, Sendable {
  /// What is wrong, and where.
  public let message: String
  /// What to do about it; nil if there is no advice.
  public let remedy: String?

  init(_ message: String, remedy: String? = nil) {
    self.message = message
    self.remedy = remedy
  }
}

/// An entry of a list as it is typed on the command line.
public struct TypedEntry: Hashable, Sendable {
  /// What it names.
  enum Subject: Hashable {
    case range(AddressRange)
    /// A network, or `anywhere`, `nowhere` or `self`.
    case name(Name)
  }

  /// The address, or the name of a network.
  public let text: String
  let subject: Subject
  /// The end, as a policy has it; nil if it has none.
  private(set) var until: String?
  /// The moment from which on it does not count; nil if it does not end.
  public private(set) var end: Instant?
  /// Its description; nil if it has none.
  public private(set) var description: String?
  /// False if it is not to count.
  public private(set) var isActive = true

  /// An entry that is an address alone.
  ///
  /// - Parameter text: An address, a prefix, a range, the name of a network, or `self` or `anywhere`.
  /// - Throws: If a list cannot have it.
  public init(_ text: String) throws(EntryProblem) {
    let name = Name(text)
    self.text = text
    if isDeclarableName(name) {
      guard text != "local" else {
        throw EntryProblem(
          "`local` cannot be in a list",
          remedy: "the key `local` of the policy says who may log in at the console")
      }
      subject = .name(name)
      return
    }
    do throws(AddressProblem) {
      subject = .range(try AddressRange(name.bytes.span))
    } catch {
      throw EntryProblem("`\(name)` \(error.message)", remedy: error.remedy)
    }
  }

  /// Gives it an end: a day, or a time in RFC 3339.
  ///
  /// - Throws: If it is neither, or over by `now`.
  public mutating func end(_ text: String, now: Instant = .now()) throws(EntryProblem) {
    guard let end = CivilDate(text).map(Instant.init(endOf:)) ?? Instant(rfc3339: text) else {
      throw EntryProblem(
        "`\(displayText(of: text))` is not a date or time",
        remedy: "write a day such as 2027-01-31, or a time such as 2027-01-31T18:00:00Z")
    }
    guard end > now else {
      throw EntryProblem(
        "`\(displayText(of: text))` is over already", remedy: "write a time that is to come")
    }
    until = text
    self.end = end
  }

  /// Gives it a description.
  ///
  /// - Throws: If it is empty, or has a character that cannot be shown.
  public mutating func describe(_ text: String) throws(EntryProblem) {
    guard !text.isEmpty, GatehousePolicy.written(text, isQuoted: true) != nil else {
      throw EntryProblem("the description is empty, or has a control character")
    }
    description = text
  }

  /// Has it not count.
  public mutating func deactivate() { isActive = false }

  /// An origin that it holds: the address, the first of several, or the machine itself; nil for the name
  /// of a network.
  public var origin: Origin? {
    switch subject {
    case .range(let range): .address(range.firstAddress)
    case .name("self"): .machine
    case .name: nil
    }
  }

  /// Whether it holds one origin alone.
  var isOneOrigin: Bool {
    switch subject {
    case .range(let range): range.isSingle
    case .name(let name): name == "self"
    }
  }

  /// Its keys beside the address, each with whether its value is a word of the language.
  private var details: [(key: EntryKey, value: String, isWord: Bool)] {
    [
      description.map { (.description, $0, false) }, until.map { (.until, $0, false) },
      isActive ? nil : (.active, "false", true),
    ].compactMap(\.self)
  }

  /// It in a line, as a policy has it; nil if it has a character that cannot be shown.
  func written(isQuoted: Bool) -> String? {
    guard let address = GatehousePolicy.written(text, isQuoted: isQuoted) else { return nil }
    let details = details
    guard !details.isEmpty else { return address }
    var parts = [isQuoted ? "\"address\": \(address)" : "address: \(address)"]
    for (key, value, isWord) in details {
      let written = isWord ? value : GatehousePolicy.written(value, isQuoted: isQuoted)
      guard let written else { return nil }
      parts.append(
        isQuoted ? "\"\(key.rawValue)\": \(written)" : "\(key.rawValue): \(written)")
    }
    return "{\(parts.joined(separator: ", "))}"
  }

  /// What it says in a file.
  var content: FileContent {
    guard !details.isEmpty else { return .text(text) }
    var map: [Name: FileContent] = [Name(EntryKey.address.rawValue): .text(text)]
    for (key, value, _) in details { map[Name(key.rawValue)] = .text(value) }
    return .map(map)
  }

  /// Whether an entry of a policy is for the same addresses as they are written.
  func isSubject(of entry: ListEntry) -> Bool {
    switch (subject, entry.content) {
    case (.range(let range), .range(let other)): range == other
    case (.name(let name), .network(let other)): name == other
    case (.name("anywhere"), .anywhere), (.name("nowhere"), .nowhere), (.name("self"), .machine):
      true
    default: false
    }
  }

  /// Whether an entry of a policy says the same.
  func isSame(as entry: ListEntry) -> Bool {
    isSubject(of: entry) && entry.isActive == isActive && entry.exceptions.isEmpty
      && entry.window == TimeWindow(since: .distantPast, until: end ?? .distantFuture)
      && (description == nil || description == entry.comment)
  }
}
