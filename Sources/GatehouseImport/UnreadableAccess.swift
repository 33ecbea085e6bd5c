import GatehousePolicy

/// Why files are not imported: pam_access would find no rule in one of them, and therefore let
/// everybody in from everywhere.
public struct UnreadableAccess: Error, Hashable, Sendable {
  /// What a file looks like instead.
  public enum Likeness: String, CaseIterable, Hashable, Sendable {
    /// No line but comments and blank ones.
    case empty
    /// It has NUL bytes, as programs, archives and UTF-16 text have.
    case binary
    /// OpenSSH's sshd_config(5).
    case sshdConfig
    /// hosts.allow or hosts.deny, hosts_access(5).
    case hostsAccess
    /// A policy of Gatehouse.
    case gatehousePolicy
    /// Something else.
    case unknown
  }

  /// The file.
  public let file: String
  /// What it looks like.
  public let likeness: Likeness

  /// Why these files are not imported; nil if each of them has a rule, or nothing but comments
  /// beside another one that has.
  public init?(_ files: [AccessFile], options: AccessOptions = AccessOptions()) {
    var empty: String?
    var hasRule = false
    for file in files {
      switch Content(file, options) {
      case .rules: hasRule = true
      case .nothing: empty = empty ?? file.name
      case .other(let likeness):
        self.init(file: file.name, likeness: likeness)
        return
      }
    }
    guard !hasRule, let empty else { return nil }
    self.init(file: empty, likeness: .empty)
  }

  private init(file: String, likeness: Likeness) {
    self.file = file
    self.likeness = likeness
  }
}

extension UnreadableAccess: CustomStringConvertible {
  /// One clause: `hosts.allow has no rule of access.conf: it looks like …`.
  public var description: String {
    let looks =
      switch likeness {
      case .empty: "it is empty, or has comments alone"
      case .binary: "it is not text"
      case .sshdConfig: "it looks like sshd's sshd_config"
      case .hostsAccess: "it looks like hosts.allow or hosts.deny of TCP wrappers"
      case .gatehousePolicy: "it looks like a policy of Gatehouse"
      case .unknown: "no line begins with + or - and has three fields"
      }
    return "\(Name(file)) has no rule of access.conf: \(looks)"
  }
}

/// What is in a file.
private enum Content {
  case rules, nothing
  case other(UnreadableAccess.Likeness)

  init(_ file: AccessFile, _ options: AccessOptions) {
    guard !file.content.contains(0) else {
      self = .other(.binary)
      return
    }
    var hasText = false
    for chunk in chunks(of: file.content) {
      switch AccessLine(chunk, fieldSeparators: options.fieldSeparators) {
      case .entry:
        self = .rules
        return
      case .blank: break
      case .skipped, .undefined: hasText = true
      }
    }
    self = hasText ? .other(Self.likeness(of: file.content)) : .nothing
  }

  private static func likeness(of content: [UInt8]) -> UnreadableAccess.Likeness {
    let lines = String(decoding: content, as: UTF8.self)
      .split(whereSeparator: \.isNewline)
      .map { $0.drop(while: \.isWhitespace) }
      .filter { !$0.isEmpty && !$0.hasPrefix("#") }
    if lines.contains(where: { $0.hasPrefix("version:") }) { return .gatehousePolicy }
    let words = lines.compactMap { $0.split(whereSeparator: { " \t=".contains($0) }).first }
    if words.contains(where: { sshdWords.contains($0.lowercased()) }) { return .sshdConfig }
    let areHosts = lines.allSatisfy { line in
      line.split(separator: ":", omittingEmptySubsequences: false).count >= 2
    }
    return areHosts ? .hostsAccess : .unknown
  }

  /// Some keywords of sshd_config(5), in lower case: no such file is without all of them.
  private static let sshdWords: Set<String> = [
    "acceptenv", "addressfamily", "allowgroups", "allowusers", "authenticationmethods",
    "authorizedkeysfile", "denygroups", "denyusers", "hostkey", "include", "listenaddress",
    "loglevel", "match", "maxauthtries", "passwordauthentication", "permitrootlogin", "port",
    "pubkeyauthentication", "subsystem", "usedns", "usepam", "x11forwarding",
  ]
}
