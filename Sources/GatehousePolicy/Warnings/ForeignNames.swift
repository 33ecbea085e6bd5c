/// A name of a user or group that means something else to other programs: a pattern, a list, a group.
///
/// Here it is a name like any other. If the machine has nobody of that name, something else was meant.
public struct ForeignName: Hashable, Sendable {
  /// The name.
  public let name: Name
  /// Whether it stands for a group.
  public let isGroup: Bool
  /// The first location of the name.
  public let location: SourceLocation
  private let meaning: String
  private let remedy: String

  fileprivate init?(_ name: Name, isGroup: Bool, location: SourceLocation) {
    guard let (meaning, remedy) = Self.meaning(of: name, isGroup: isGroup) else { return nil }
    self.name = name
    self.isGroup = isGroup
    self.location = location
    self.meaning = meaning
    self.remedy = remedy
  }

  /// What it means elsewhere, and what to write here; nil if it is a name everywhere.
  private static func meaning(
    of name: Name, isGroup: Bool
  ) -> (meaning: String, remedy: String)? {
    let bytes = name.bytes
    guard let first = bytes.first else { return nil }
    let rest = Name(bytes: Array(bytes.dropFirst()))
    let underGroups =
      isGroup ? "write `\(rest)`" : "write the name of the group, `\(rest)`, under `groups`"
    switch first {
    case UInt8(ascii: "%"): return ("sudo takes it for a group", underGroups)
    case UInt8(ascii: "@"): return ("other programs take it for a netgroup or group", underGroups)
    case UInt8(ascii: "+"), UInt8(ascii: "-"):
      return ("other programs take the first character for allow or deny", "write `\(rest)`")
    default: break
    }
    if bytes.contains(UInt8(ascii: "*")) || bytes.contains(UInt8(ascii: "?")) {
      return (
        "other programs take it for a pattern",
        "write each name on its own, or a group of these users under `groups`"
      )
    }
    if bytes.contains(UInt8(ascii: "!")) {
      return ("other programs take `!` for not", "name those who are meant")
    }
    if bytes.contains(UInt8(ascii: ",")) {
      return ("other programs take it for several names", "write each name on its own")
    }
    return nil
  }

  /// The error, for a name that the machine does not have.
  public var error: Diagnostic {
    Diagnostic(
      error: .foreignName, location: location,
      message: message + ", and this machine has none", remedy: remedy)
  }

  /// The warning, if it is not known whether the machine has it.
  public var warning: Diagnostic {
    Diagnostic(
      warning: .foreignName, location: location,
      message: message + ", and applies to nobody else", remedy: remedy)
  }

  private var message: String {
    "`\(name)`: \(meaning); here it is the \(isGroup ? "group" : "user") of exactly this name"
  }
}

extension Policy {
  /// The names of users and groups that mean something else to other programs, sorted by location.
  public var foreignNames: [ForeignName] {
    let users = mentionedUsers.compactMap { ForeignName($0, isGroup: false, location: $1) }
    let groups = mentionedGroups.compactMap { ForeignName($0, isGroup: true, location: $1) }
    return (users + groups).sorted { $0.location < $1.location }
  }
}
