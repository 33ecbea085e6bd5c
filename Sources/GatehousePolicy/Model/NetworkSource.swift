/// Where the addresses of a network are got from, beside those that the policy has itself.
///
/// Nobody is asked while a login waits: `gatehouse-feeds.service` gets the content ahead, and the
/// policy is read with what was got (`FeedContent`).
public struct NetworkSource: Hashable, Sendable {
  /// What is asked.
  public enum Origin: Hashable, Sendable {
    /// The addresses of hosts, by the resolver of the machine.
    case names([String])
    /// A file of an https server.
    case url(Download)
    /// The networks of countries (ISO 3166-1, two capital letters) in a database.
    case countries([String], database: String)
    /// The networks of autonomous systems in a database.
    case systems([UInt32], database: String)
  }

  /// A file that is got by https.
  public struct Download: Hashable, Sendable {
    /// The whole address, which begins with `https://`.
    public var url: String
    /// How the file is to be read.
    public var format: Format
    /// What is taken from a JSON document; empty for a text.
    public var selections: [FeedSelection]
    /// The SHA-256 that the file must have, 64 lowercase hexadecimal digits; nil for any.
    public var sha256: String?
    /// The public key of minisign by which `URL.minisig` must sign the file; nil if it need not be.
    public var publicKey: String?

    /// A file by its address, with what is asked of it.
    public init(
      url: String, format: Format, selections: [FeedSelection] = [], sha256: String? = nil,
      publicKey: String? = nil
    ) {
      self.url = url
      self.format = format
      self.selections = selections
      self.sha256 = sha256
      self.publicKey = publicKey
    }
  }

  /// How a file is to be read.
  public enum Format: String, CaseIterable, Sendable {
    /// One address, prefix or range in each line; `#` and `;` begin a comment.
    case text
    /// A JSON document (RFC 8259), of which `select` says what is taken.
    case json
  }

  /// What is asked.
  public var origin: Origin
  /// How often it is asked.
  public var refresh: Duration
  /// How long what was got last serves while nothing new is got.
  public var maxAge: Duration
  /// By how many per cent of its addresses the content may shrink at one refresh.
  public var shrinkLimit = 20
  /// IPv6 addresses of `names` stand for the network of this prefix length; nil for themselves.
  public var ipv6Prefix: Int?
  /// How long an address of `names` stays after it was found last.
  public var overlap = Duration.zero

  /// A source with the times that are usual for what is asked.
  public init(_ origin: Origin) {
    self.origin = origin
    switch origin {
    case .names:
      refresh = .seconds(300)
      maxAge = .seconds(86_400)
      overlap = .seconds(3600)
    case .url:
      refresh = .seconds(3600)
      maxAge = .seconds(7 * 86_400)
    case .countries, .systems:
      refresh = .seconds(86_400)
      maxAge = .seconds(60 * 86_400)
    }
  }

  /// The most names, countries, systems or selections of a source.
  public static let mostItems = 100
  /// The most bytes of the name of a host (RFC 1035 section 2.3.4).
  static let longestHostName = 253
  /// The most bytes of an address of the web, or of a path.
  public static let longestText = 1024

  /// When what was got at a time lapses, unless it is got again.
  public func lapse(ofContentGot got: Instant) -> Instant { got + maxAge }

  /// Whether half of the time of what was got is over, which is worth a warning.
  public func isOld(contentGot got: Instant, at now: Instant) -> Bool { got + maxAge / 2 <= now }

  /// What is asked, on one line.
  ///
  /// Content is used only for a source with the same text: what another question was answered
  /// counts for nothing.
  public var text: String {
    switch origin {
    case .names(let names):
      let width = ipv6Prefix.map { " ipv6_prefix \($0)" } ?? ""
      return "name \(names.joined(separator: ","))\(width)"
    case .url(let download):
      var words = ["url \(download.url)", "format \(download.format.rawValue)"]
      words += download.selections.map { "select \($0.text)" }
      words += download.sha256.map { ["sha256 \($0)"] } ?? []
      words += download.publicKey.map { ["public_key \($0)"] } ?? []
      return words.joined(separator: " ")
    case .countries(let countries, let database):
      return "country \(countries.joined(separator: ",")) database \(database)"
    case .systems(let systems, let database):
      let numbers = systems.map(String.init).joined(separator: ",")
      return "asn \(numbers) database \(database)"
    }
  }

  /// The same as somebody would say it, for tables and messages.
  public var shownText: String {
    switch origin {
    case .names(let names): names.joined(separator: ", ")
    case .url(let download): download.url
    case .countries(let countries, let database):
      "\(countries.joined(separator: ", ")) in \(database)"
    case .systems(let systems, let database):
      "\(systems.map { "AS\($0)" }.joined(separator: ", ")) in \(database)"
    }
  }
}
