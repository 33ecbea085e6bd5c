public import GatehousePolicy

/// What gatehouse-fetch is asked on its standard input: one source, and what is known of the content
/// that it gave last.
///
/// A line for each thing: a name, a colon, a space and a text, in UTF-8 and without control characters.
public struct FeedRequest: Hashable, Sendable {
  /// What is asked.
  public var origin: NetworkSource.Origin
  /// IPv6 addresses of names stand for the network of this prefix length; nil for themselves.
  public var ipv6Prefix: Int?
  /// What was said of the content that is there (`FeedReply.found`); empty if none is to be compared.
  public var marks: [String: String]

  /// Asks for what a source has.
  ///
  /// - Parameters:
  ///   - source: The source.
  ///   - marks: The marks of the content that is there; only if it was got from this very source.
  public init(_ source: NetworkSource, marks: [String: String] = [:]) {
    origin = source.origin
    ipv6Prefix = source.ipv6Prefix
    self.marks = marks
  }

  /// The most bytes of a request.
  public static let mostBytes = 256 << 10
  /// How long the program takes at most; it ends by itself then.
  public static let longestFetch = Duration.seconds(120)
}

/// What is remembered of content, to ask whether there is any other.
public enum FeedMark: String, CaseIterable, Sendable {
  /// `ETag` of the server's answer.
  case etag
  /// `Last-Modified` of the server's answer.
  case lastModified = "last-modified"
  /// When the database was built, in seconds since 1970.
  case built
  /// Which file the database was, and in which state.
  case file

  /// The most bytes of a mark.
  static let longest = 1024

  /// Whether a text can be a mark: printable ASCII, not empty, without a space at an end.
  public static func isValid(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= longest
      && text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
      && text.utf8.first != 0x20 && text.utf8.last != 0x20
  }
}

/// A request or reply that cannot be one.
public struct FeedMessageError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, on one line.
  public let description: String

  init(_ description: String) { self.description = description }
}

// MARK: - The lines

extension FeedRequest {
  private enum Key: String {
    case name, url, format, select, sha256, country, asn, database, mark
    case publicKey = "public-key"
    case ipv6Prefix = "ipv6-prefix"
  }

  /// The request in lines.
  public var encoded: [UInt8] {
    var lines: [(Key, String)] = []
    switch origin {
    case .names(let names): lines += names.map { (.name, $0) }
    case .url(let download):
      lines += [(.url, download.url), (.format, download.format.rawValue)]
      lines += download.selections.map { (.select, $0.text) }
      lines += download.sha256.map { [(.sha256, $0)] } ?? []
      lines += download.publicKey.map { [(.publicKey, $0)] } ?? []
    case .countries(let countries, let database):
      lines += countries.map { (.country, $0) } + [(.database, database)]
    case .systems(let systems, let database):
      lines += systems.map { (.asn, "\($0)") } + [(.database, database)]
    }
    lines += ipv6Prefix.map { [(.ipv6Prefix, "\($0)")] } ?? []
    lines += marks.sorted { $0.key < $1.key }.map { (.mark, "\($0.key) \($0.value)") }
    return Array(lines.map { "\($0.rawValue): \($1)\n" }.joined().utf8)
  }

  /// Reads the lines of a request.
  public init(decoding bytes: [UInt8]) throws(FeedMessageError) {
    var values: [Key: [String]] = [:]
    for line in try FeedLines.lines(of: bytes, atMost: Self.mostBytes) {
      let (name, value) = try FeedLines.parts(of: line)
      guard let key = Key(rawValue: name) else {
        throw FeedMessageError("the request has `\(displayText(of: name))`, which nobody knows")
      }
      values[key, default: []].append(value)
      guard values[key, default: []].count <= NetworkSource.mostItems else {
        throw FeedMessageError("the request has more than \(NetworkSource.mostItems) of \(name)")
      }
    }
    func one(_ key: Key) throws(FeedMessageError) -> String? {
      let all = values.removeValue(forKey: key) ?? []
      guard all.count <= 1 else {
        throw FeedMessageError("the request has \(key.rawValue) more than once")
      }
      return all.first
    }
    func needed(_ key: Key) throws(FeedMessageError) -> String {
      guard let value = try one(key) else {
        throw FeedMessageError("the request has no \(key.rawValue)")
      }
      return value
    }
    marks = try Self.marks(values.removeValue(forKey: .mark) ?? [])
    ipv6Prefix = nil
    if let text = try one(.ipv6Prefix) {
      guard let length = Int(text), (0...128).contains(length) else {
        throw FeedMessageError("ipv6-prefix of the request is no number from 0 to 128")
      }
      ipv6Prefix = length
    }
    if let names = values.removeValue(forKey: .name) {
      origin = .names(names)
    } else if let url = try one(.url) {
      guard let format = NetworkSource.Format(rawValue: try needed(.format)) else {
        throw FeedMessageError("the request has no format that is known")
      }
      var selections: [FeedSelection] = []
      for text in values.removeValue(forKey: .select) ?? [] {
        guard let selection = FeedSelection(text) else {
          throw FeedMessageError("the request has a select that is no path")
        }
        selections.append(selection)
      }
      origin = .url(
        NetworkSource.Download(
          url: url, format: format, selections: selections, sha256: try one(.sha256),
          publicKey: try one(.publicKey)))
    } else if let countries = values.removeValue(forKey: .country) {
      origin = .countries(countries, database: try needed(.database))
    } else if let texts = values.removeValue(forKey: .asn) {
      let systems = texts.compactMap { UInt32($0) }
      guard systems.count == texts.count else {
        throw FeedMessageError("the request has an asn that is no number")
      }
      origin = .systems(systems, database: try needed(.database))
    } else {
      throw FeedMessageError("the request has no source")
    }
    if let key = values.keys.map(\.rawValue).min() {
      throw FeedMessageError("the request has \(key), which does not go with its source")
    }
  }

  private static func marks(_ texts: [String]) throws(FeedMessageError) -> [String: String] {
    var marks: [String: String] = [:]
    for text in texts {
      let (name, value) = try FeedLines.mark(text)
      guard marks.updateValue(value, forKey: name) == nil else {
        throw FeedMessageError("the mark \(name) is there twice")
      }
    }
    return marks
  }
}

/// The lines of requests and replies.
enum FeedLines {
  /// Lines of UTF-8 without control characters, each with its end.
  static func lines(
    of bytes: [UInt8], atMost limit: Int
  ) throws(FeedMessageError) -> [Substring] {
    guard bytes.count <= limit else {
      throw FeedMessageError("it is longer than \(limit) bytes")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw FeedMessageError("it is not UTF-8")
    }
    guard text.utf8.last == 0x0A else { throw FeedMessageError("its last line is cut") }
    guard text.utf8.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x0A }) else {
      throw FeedMessageError("it has a control character")
    }
    // By bytes: a character can hold a line feed.
    return text.utf8.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false)
      .map { Substring($0) }
  }

  /// `name: text`.
  static func parts(of line: Substring) throws(FeedMessageError) -> (name: String, text: String) {
    let utf8 = line.utf8
    guard let colon = utf8.firstIndex(of: UInt8(ascii: ":")),
      utf8[utf8.index(after: colon)...].first == UInt8(ascii: " ")
    else { throw FeedMessageError("the line `\(displayText(of: String(line)))` has no `: `") }
    let text = utf8[utf8.index(colon, offsetBy: 2)...]
    return (String(line[..<colon]), String(Substring(text)))
  }

  /// `name text` of a mark.
  static func mark(_ text: String) throws(FeedMessageError) -> (name: String, value: String) {
    let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, FeedMark(rawValue: String(parts[0])) != nil,
      FeedMark.isValid(String(parts[1]))
    else { throw FeedMessageError("`\(displayText(of: text))` is no mark") }
    return (String(parts[0]), String(parts[1]))
  }
}
