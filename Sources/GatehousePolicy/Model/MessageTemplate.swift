/// The text that a refused user reads, with placeholders.
public struct MessageTemplate: Hashable, Sendable {
  /// What a template may name in braces.
  enum Placeholder: String, CaseIterable {
    case address, user, service, host, id

    /// The placeholder that is meant by a word that is none; nil if it is not known.
    static func meant(by word: String) -> Placeholder? {
      switch word {
      case "ip", "addr", "from", "origin", "rhost", "client": .address
      case "name", "username", "login": .user
      case "hostname", "machine", "server": .host
      default: nearestName(to: word, among: allCases.map(\.rawValue)).flatMap(Self.init)
      }
    }
  }

  enum Part: Hashable {
    case text(String)
    case placeholder(Placeholder)
  }

  let parts: [Part]

  /// The message of a policy that has none.
  static let standard = MessageTemplate(parts: [
    .text("Access denied from this address ("), .placeholder(.address),
    .text("). Ask your administrator and quote "), .placeholder(.id), .text("."),
  ])

  /// The text with its placeholders filled in.
  ///
  /// The values come from outside, so their control characters are escaped.
  ///
  /// - Parameters:
  ///   - address: The origin as it is shown.
  ///   - user: The user's name.
  ///   - service: The PAM service.
  ///   - host: This machine's name.
  ///   - id: The id of the denial.
  /// - Returns: The finished text.
  public func expand(address: String, user: String, service: String, host: String, id: String)
    -> String
  {
    parts.reduce(into: "") { result, part in
      switch part {
      case .text(let text): result += text
      case .placeholder(.address): result += displayText(of: address)
      case .placeholder(.user): result += displayText(of: user)
      case .placeholder(.service): result += displayText(of: service)
      case .placeholder(.host): result += displayText(of: host)
      case .placeholder(.id): result += displayText(of: id)
      }
    }
  }
}

extension MessageTemplate {
  /// A text in braces that is no placeholder.
  struct UnknownPlaceholder: Error {
    let text: String
  }

  /// Reads a template; every `{` begins a placeholder.
  init(_ text: String) throws(UnknownPlaceholder) {
    var parts: [Part] = []
    var rest = text[...]
    while let brace = rest.firstIndex(of: "{") {
      if brace > rest.startIndex { parts.append(.text(String(rest[..<brace]))) }
      let end = rest[brace...].firstIndex(of: "}") ?? rest.endIndex
      guard end < rest.endIndex,
        let placeholder = Placeholder(rawValue: String(rest[rest.index(after: brace)..<end]))
      else {
        let shown = end < rest.endIndex ? rest[brace...end] : rest[brace...].prefix(20)
        throw UnknownPlaceholder(text: String(shown))
      }
      parts.append(.placeholder(placeholder))
      rest = rest[rest.index(after: end)...]
    }
    if !rest.isEmpty { parts.append(.text(String(rest))) }
    self.init(parts: parts)
  }
}
