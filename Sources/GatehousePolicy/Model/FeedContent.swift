/// What was got for a network, as it lies in a file beside the policy.
///
/// The file begins with lines of a name, a colon and a text; after an empty line come the addresses,
/// one in each line as in a list. It is a file of root's, and yet nothing in it is believed but what
/// a list may have.
public struct FeedContent: Hashable, Sendable {
  /// What the lines before the addresses say.
  public struct Head: Hashable, Sendable {
    /// The text of the source that it was got from (`NetworkSource.text`).
    public var source: String
    /// When it was got: asked for and answered, changed or not.
    public var got: Instant
    /// When the addresses changed last.
    public var changed: Instant
    /// When the database was built that it is from; nil if it is from none.
    public var built: Instant?

    /// What is to be said of content that was got from a source.
    public init(source: String, got: Instant, changed: Instant, built: Instant? = nil) {
      self.source = source
      self.got = got
      self.changed = changed
      self.built = built
    }
  }

  /// Where the lines before the addresses end in a file.
  struct End {
    /// How many bytes they have, the empty line included.
    var length = 0
    /// How many lines they are, the empty one included.
    var lineCount = 0
  }

  /// Why bytes are not what was got for a network.
  public enum Damage: Error, Hashable, Sendable, CustomStringConvertible {
    /// The lines before the addresses are not there, or too long.
    case noHead
    /// One of these lines is wrong, or given twice.
    case badHead(line: Int)
    /// A line after them is no address.
    case badAddress

    /// A clause for a message.
    public var description: String {
      switch self {
      case .noHead: "it does not say from where it is"
      case .badHead(let line): "line \(line) is wrong"
      case .badAddress: "it holds a line that is no address"
      }
    }
  }

  /// What is said of it.
  public var head: Head
  /// The addresses.
  public var addresses: AddressSet

  /// Addresses that were got, with what is to be said of them.
  public init(head: Head, addresses: AddressSet) {
    self.head = head
    self.addresses = addresses
  }

  /// The folder of the files, which are named like their networks.
  public static let folder = "/var/lib/gatehouse-networks"
  /// The most bytes that such a file may have.
  public static let longest = PolicySnapshot.maximumListLength
  /// The most bytes of the lines before the addresses.
  static let longestHead = 1 << 16
  fileprivate static let firstLine = "gatehouse network, format 1"

  /// The name that the content of a network has among the files of a policy.
  public static func fileName(of network: Name) -> String { "\(folder)/\(network)" }

  /// The network for which a file of a policy was got; nil if it is not in the folder for them.
  public static func network(ofFile name: String) -> Name? {
    guard name.hasPrefix("\(folder)/") else { return nil }
    let name = Name(name.dropFirst(folder.utf8.count + 1))
    return isDeclarableName(name) ? name : nil
  }

  /// The file.
  public var bytes: [UInt8] {
    let bytes = Array(
      ([Self.firstLine, "source: \(head.source)", "got: \(head.got)", "changed: \(head.changed)"]
        + (head.built.map { ["built: \($0)"] } ?? []) + ["", ""]).joined(separator: "\n").utf8)
    return bytes + addresses.lines
  }

  /// Reads the lines of a file before its addresses.
  public static func head(of bytes: [UInt8]) throws(Damage) -> Head { try Head.read(from: bytes).0 }

  /// Reads a file.
  public init(_ bytes: [UInt8]) throws(Damage) {
    let (head, end) = try Head.read(from: bytes)
    let file = ListFile(name: "", bytes: bytes, after: end)
    guard file.diagnostics.isEmpty else { throw .badAddress }
    self.init(head: head, addresses: file.addresses)
  }
}

extension FeedContent.Head {
  /// Reads the lines before the addresses.
  static func read(
    from bytes: [UInt8]
  ) throws(FeedContent.Damage) -> (Self, FeedContent.End) {
    var fields: [String: String] = [:]
    var end = FeedContent.End()
    while true {
      let rest = bytes[end.length...].prefix(FeedContent.longestHead - end.length)
      guard let feed = rest.firstIndex(of: UInt8(ascii: "\n")) else { throw .noHead }
      let line = String(validating: bytes[end.length..<feed], as: UTF8.self) ?? "\u{7F}"
      end.length = feed + 1
      end.lineCount += 1
      if line.isEmpty { break }
      if end.lineCount == 1 {
        guard line == FeedContent.firstLine else { throw .noHead }
        continue
      }
      let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, displayText(of: line) == line,
        ["source:", "got:", "changed:", "built:"].contains(parts[0]),
        fields.updateValue(String(parts[1]), forKey: String(parts[0].dropLast())) == nil
      else { throw .badHead(line: end.lineCount) }
    }
    func time(_ name: String) throws(FeedContent.Damage) -> Instant? {
      guard let text = fields[name] else { return nil }
      guard let time = Instant(rfc3339: text) else { throw .noHead }
      return time
    }
    guard let source = fields["source"], let got = try time("got"),
      let changed = try time("changed")
    else { throw .noHead }
    return (Self(source: source, got: got, changed: changed, built: try time("built")), end)
  }
}
