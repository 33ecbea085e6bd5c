public import GatehousePolicy

/// The networks of the policy that are got from elsewhere, as root hands them to the user who gets
/// them.
///
/// For each a line `network: NAME`, lines of its times and bounds, the lines of a `FeedRequest`, and an
/// empty line.
public struct FeedPlan: Hashable, Sendable {
  /// A network to be got.
  public struct Item: Hashable, Sendable {
    /// Its name.
    public let name: Name
    /// Where it is got from.
    public let source: NetworkSource
    /// Whether somebody wants it now, whenever it was got last.
    public let isWanted: Bool

    /// A network with its source.
    public init(_ name: Name, _ source: NetworkSource, isWanted: Bool = false) {
      self.name = name
      self.source = source
      self.isWanted = isWanted
    }
  }

  /// The networks, in the order of their names.
  public var items: [Item]

  /// A plan of some networks.
  public init(_ items: [Item]) { self.items = items }

  /// The most bytes of a plan.
  public static let mostBytes = 16 << 20

  /// The network of this name; nil if it is not got from elsewhere.
  public subscript(name: Name) -> Item? { items.first { $0.name == name } }
}

// MARK: - The lines

extension FeedPlan {
  /// The plan in lines.
  public var encoded: [UInt8] {
    items.flatMap { item -> [UInt8] in
      let source = item.source
      let head = [
        "network: \(item.name)", "refresh: \(source.refresh.wholeSeconds)",
        "max-age: \(source.maxAge.wholeSeconds)", "overlap: \(source.overlap.wholeSeconds)",
        "shrink-limit: \(source.shrinkLimit)", "wanted: \(item.isWanted ? 1 : 0)", "",
      ]
      return Array(head.joined(separator: "\n").utf8) + FeedRequest(source).encoded + [0x0A]
    }
  }

  /// Reads the lines of a plan.
  public init(decoding bytes: [UInt8]) throws(FeedMessageError) {
    items = []
    guard !bytes.isEmpty else { return }
    var lines = try FeedLines.lines(of: bytes, atMost: Self.mostBytes)[...]
    while !lines.isEmpty {
      let own = lines.prefix { !$0.isEmpty }
      lines = lines.dropFirst(own.count + 1)
      items.append(try Self.item(own))
    }
  }

  private static func item(_ lines: ArraySlice<Substring>) throws(FeedMessageError) -> Item {
    var lines = lines
    func value(_ key: String) throws(FeedMessageError) -> String {
      guard let line = lines.popFirst(), case let (name, text) = try FeedLines.parts(of: line),
        name == key
      else { throw FeedMessageError("the plan has no \(key) where it should be") }
      return text
    }
    func number(_ key: String) throws(FeedMessageError) -> Int {
      guard let number = Int(try value(key)), (0...(366 * 86_400)).contains(number) else {
        throw FeedMessageError("\(key) of the plan is no number that it can be")
      }
      return number
    }
    let name = Name(try value("network"))
    guard FeedContent.network(ofFile: FeedContent.fileName(of: name)) == name else {
      throw FeedMessageError("the plan has a network that no policy can have")
    }
    let refresh = try number("refresh")
    let maxAge = try number("max-age")
    let overlap = try number("overlap")
    let shrinkLimit = try number("shrink-limit")
    let isWanted = try number("wanted") == 1
    let text = lines.map { "\($0)\n" }.joined()
    let request = try FeedRequest(decoding: Array(text.utf8))
    var source = NetworkSource(request.origin)
    source.ipv6Prefix = request.ipv6Prefix
    source.refresh = .seconds(refresh)
    source.maxAge = .seconds(maxAge)
    source.overlap = .seconds(overlap)
    source.shrinkLimit = shrinkLimit
    return Item(name, source, isWanted: isWanted)
  }
}
