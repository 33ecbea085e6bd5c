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
    /// How many bytes and lines it has, the empty line included; 0 for one that was not read.
    private(set) var length = 0
    private(set) var lineCount = 0

    /// What is to be said of content that was got from a source.
    public init(source: String, got: Instant, changed: Instant, built: Instant? = nil) {
      self.source = source
      self.got = got
      self.changed = changed
      self.built = built
    }

    /// Whether both say the same.
    public static func == (left: Head, right: Head) -> Bool {
      left.source == right.source && left.got == right.got && left.changed == right.changed
        && left.built == right.built
    }

    /// Takes in what it says.
    public func hash(into hasher: inout Hasher) {
      hasher.combine(source)
      hasher.combine(got)
      hasher.combine(changed)
      hasher.combine(built)
    }
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
    var bytes = Array(
      ([Self.firstLine, "source: \(head.source)", "got: \(head.got)", "changed: \(head.changed)"]
        + (head.built.map { ["built: \($0)"] } ?? []) + ["", ""]).joined(separator: "\n").utf8)
    for prefix in addresses.prefixes { bytes += Array("\(prefix)\n".utf8) }
    return bytes
  }

  /// Reads a file.
  public init(_ bytes: [UInt8]) throws(Damage) {
    head = try Head(bytes)
    let file = ListFile(name: "", bytes: bytes, after: head)
    guard file.diagnostics.isEmpty else { throw .badAddress }
    addresses = file.addresses
  }
}

extension FeedContent.Head {
  /// Reads the lines before the addresses.
  init(_ bytes: [UInt8]) throws(FeedContent.Damage) {
    var fields: [String: String] = [:]
    var length = 0
    var lineCount = 0
    while true {
      let rest = bytes[length...].prefix(FeedContent.longestHead - length)
      guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { throw .noHead }
      let line = String(validating: bytes[length..<end], as: UTF8.self) ?? "\u{7F}"
      length = end + 1
      lineCount += 1
      if line.isEmpty { break }
      if lineCount == 1 {
        guard line == FeedContent.firstLine else { throw .noHead }
        continue
      }
      let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, displayText(of: line) == line,
        ["source:", "got:", "changed:", "built:"].contains(parts[0]),
        fields.updateValue(String(parts[1]), forKey: String(parts[0].dropLast())) == nil
      else { throw .badHead(line: lineCount) }
    }
    func time(_ name: String) throws(FeedContent.Damage) -> Instant? {
      guard let text = fields[name] else { return nil }
      guard let time = Instant(rfc3339: text) else { throw .noHead }
      return time
    }
    guard let source = fields["source"], let got = try time("got"),
      let changed = try time("changed")
    else { throw .noHead }
    self.init(source: source, got: got, changed: changed, built: try time("built"))
    self.length = length
    self.lineCount = lineCount
  }
}
