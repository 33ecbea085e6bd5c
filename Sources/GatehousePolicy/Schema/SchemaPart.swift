/// A part of the schema that is named once and used in many places.
enum SchemaPart: String, CaseIterable {
  case text, names, declaredName, list, sparedList, entry, exceptions, exception, address, origin,
    time,
    timeOrDay

  /// The reference that stands wherever the part is used.
  var reference: JSONValue { ["$ref": .text("#/$defs/\(rawValue)")] }

  /// The part itself, under `$defs`.
  var definition: JSONValue.Member { .init(name: rawValue, value: content) }

  private var content: JSONValue {
    switch self {
    // A policy takes the text as it is written, whatever type YAML gives it.
    case .text: ["type": ["string", "number", "boolean"], "minLength": 1]
    case .names: PolicySchema.list(of: Self.text.reference)
    case .declaredName:
      [
        "pattern": .text("^\(SchemaPattern.name)$"),
        "patternErrorMessage": "a name is a letter or `_`, then up to 63 letters, digits, `_`, `-`",
        "not": ["enum": ["anywhere", "nowhere", "self", "local"]],
      ]
    case .list: PolicySchema.list(of: Self.entry.reference)
    case .sparedList:
      PolicySchema.list(
        of: ["if": ["const": "local"], "then": true, "else": Self.entry.reference])
    case .entry:
      [
        "if": ["type": "object"], "then": PolicySchema.entryObject,
        "else": Self.address.reference,
      ]
    case .exceptions: PolicySchema.list(of: Self.exception.reference)
    case .exception:
      [
        "if": ["type": "object"], "then": PolicySchema.exceptionObject,
        "else": Self.address.reference,
      ]
    case .address:
      [
        "description":
          "An address, a prefix, a range FIRST-LAST, an IPv4 wildcard, or the name of a network.",
        "type": "string", "pattern": .text("^(\(SchemaPattern.name)|\(SchemaPattern.addresses))$"),
        "patternErrorMessage": "this is neither an IP address nor the name of a network",
        "not": ["const": "local"],
      ]
    case .origin:
      [
        "type": "string", "pattern": .text("^(self|local|unknown|\(SchemaPattern.host))$"),
        "patternErrorMessage": "this is neither an IP address nor self, local or unknown",
      ]
    case .time:
      [
        "type": "string", "pattern": .text("^\(SchemaPattern.day)\(SchemaPattern.timeOfDay)$"),
        "patternErrorMessage": "write a time such as 2027-01-31T18:00:00Z",
      ]
    case .timeOrDay:
      [
        "type": "string", "pattern": .text("^\(SchemaPattern.day)(\(SchemaPattern.timeOfDay))?$"),
        "patternErrorMessage": "write a day, 2027-01-31, or a time, 2027-01-31T18:00:00Z",
      ]
    }
  }
}

extension PolicySchema {
  /// An item of a list in its long form, which has either an address or a file.
  fileprivate static var entryObject: JSONValue { entryObject(of: EntryKey.allCases) }

  /// The same in an `except`, where it always counts.
  fileprivate static var exceptionObject: JSONValue {
    entryObject(of: [.address, .file, .description])
  }

  private static func entryObject(of keys: [EntryKey]) -> JSONValue {
    guard case .object(let members) = object(of: keys) else { return false }
    let either: JSONValue = .list(
      [EntryKey.address, .file].map { ["required": [.text($0.rawValue)]] })
    return .object(members + [.init(name: "oneOf", value: either)])
  }
}

// `patternErrorMessage` is not a keyword of the standard, which ignores unknown ones. Editors show
// it instead of the pattern.

/// Regular expressions that mean the same in every dialect.
enum SchemaPattern {
  static let name = "[A-Za-z_][A-Za-z0-9_-]{0,63}"

  static let day = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"

  static let timeOfDay =
    "[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?"
    + "([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"

  static let duration = "[0-9]{1,8}[smhd]"

  static let mailAddress =
    "[A-Za-z0-9_][A-Za-z0-9._+=-]*(@\(label)(\\.\(label))*)?"

  /// The same with `{user}` in the place of a letter.
  static let mailTemplate =
    "([A-Za-z0-9_]|\(user))([A-Za-z0-9._+=-]|\(user))*(@\(userLabel)(\\.\(userLabel))*)?"
  private static let user = "\\{user\\}"
  private static let userLabel =
    "([A-Za-z0-9]|\(user))(([A-Za-z0-9-]|\(user))*([A-Za-z0-9]|\(user)))?"
  private static let label = "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"

  /// The name of a host whose last label does not begin with a digit (RFC 1123 section 2.1).
  static let hostName = "(\(hostLabel)\\.)*\(lastHostLabel)"
  private static let hostLabel = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
  private static let lastHostLabel = "[A-Za-z_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"

  /// An address of https without a user and a fragment.
  static let secureURL =
    "https://[!\"$-.0-9;->A-\\[\\]-~][!\"$-.0->A-\\[\\]-~]*([/?][!\"$-\\[\\]-~]*)?"

  /// A path in a JSON document.
  static let selection = "\(step)(\\.\(step)){0,15}"
  private static let step = "\(member)(\\[\(member)=[^\\x00-\\x1F\\x7F\\]]+\\]){0,16}"
  private static let member = "[^\\x00-\\x20\\x7F.\\[\\]=]+"

  /// Every form of an address or a set of them; for IPv6 it checks the characters only.
  static let addresses = """
    \(ipv4)(/(3[0-2]|[12]?[0-9])|/\(ipv4)|-\(address))?|\
    \(ipv6)(/(12[0-8]|1[01][0-9]|[1-9]?[0-9])|-\(address))?|\
    \(octet)\\.\(octet)\\.\(octet)\\.\\*|\(octet)\\.\(octet)(\\.\\*){2}|\
    \(octet)(\\.\\*){3}|\\*(\\.\\*){3}
    """

  /// Each placeholder in braces, and no other brace that opens.
  static let message = {
    let placeholders = MessageTemplate.Placeholder.allCases.map(\.rawValue)
    return "([^{]|\\{(\(placeholders.joined(separator: "|")))\\})*"
  }()

  /// What PAM holds as the address of a remote host.
  static let host = "(\(ipv4)|\(ipv6)(%.*)?)"

  private static let octet = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
  private static let ipv4 = "\(octet)(\\.\(octet)){3}"
  private static let ipv6 = "[0-9A-Fa-f]*:[0-9A-Fa-f:.]*"
  private static let address = "(\(ipv4)|\(ipv6))"
}
