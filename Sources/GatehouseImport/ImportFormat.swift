import GatehousePolicy
import GatehouseSSHConfig

/// What can be imported.
public enum ImportFormat: String, CaseIterable, Sendable {
  /// access.conf(5) of pam_access.
  case access
  /// sshd_config(5) of OpenSSH.
  case sshd
  /// hosts.allow and hosts.deny of TCP wrappers: hosts_access(5).
  case hosts
}

extension ImportFormat: CustomStringConvertible {
  /// What a file of it is, to put after "is".
  public var description: String {
    switch self {
    case .access: "an access.conf of pam_access"
    case .sshd: "a sshd_config of OpenSSH"
    case .hosts: "a hosts.allow or hosts.deny of TCP wrappers"
    }
  }
}

extension ImportFormat {
  /// Finds out what files are.
  ///
  /// Beside another file, one may have comments alone. `wanted` is the format that somebody says
  /// they have. Throws an `UnreadableImport` if a file is nothing that can be imported, or may be
  /// several things.
  public static func of(
    _ files: [ImportFile], wanted: ImportFormat? = nil, options: AccessOptions = AccessOptions()
  ) throws(UnreadableImport) -> ImportFormat {
    var found: (format: ImportFormat, file: String)?
    var empty: String?
    for file in files {
      let format: ImportFormat
      switch Content(file, options, wanted) {
      case .nothing:
        empty = empty ?? file.name
        continue
      case .other(let text): throw UnreadableImport(file: file.name, line: nil, text)
      case .formats(let formats):
        if let wanted, !formats.contains(wanted) {
          throw UnreadableImport(
            file: file.name, line: nil, "it is \(formats[0]), and not \(wanted)")
        }
        guard formats.count == 1 || wanted != nil else {
          throw UnreadableImport(
            file: file.name, line: nil,
            "some lines look like \(formats[0]), others like \(formats[1]); say which with --format"
          )
        }
        format = wanted ?? formats[0]
      }
      if let found, found.format != format {
        throw UnreadableImport(
          file: file.name, line: nil,
          "it is \(format), and \(Name(found.file)) is \(found.format); import one at a time")
      }
      found = (format, file.name)
    }
    guard let found else {
      throw UnreadableImport(
        file: empty ?? "", line: nil,
        "it is empty, or has comments alone: there is nothing to import"
      )
    }
    return found.format
  }
}

/// Why files are not imported.
///
/// An import of what they are not would let everybody in from everywhere.
public struct UnreadableImport: Error, Hashable, Sendable {
  /// The file.
  public let file: String
  /// The line, counted from 1; nil if it is about the whole file.
  public let line: Int?
  /// Why, as a clause: `it is empty`.
  public let problem: String

  /// What is wrong with a file.
  public init(file: String, line: Int?, _ problem: String) {
    (self.file, self.line, self.problem) = (file, line, problem)
  }

  init(_ config: SSHConfig, at location: SSHConfig.Location, _ problem: String) {
    self.init(file: config.files[location.file], line: location.line, problem)
  }
}

extension UnreadableImport: CustomStringConvertible {
  /// One clause, with the place: `hosts.allow:3: …`.
  public var description: String {
    "\(Name(file)):\(line.map { "\($0):" } ?? "") \(problem)"
  }
}

/// What is in a file.
private enum Content {
  case nothing
  /// At least one.
  case formats([ImportFormat])
  case other(String)

  init(_ file: ImportFile, _ options: AccessOptions, _ wanted: ImportFormat?) {
    guard !file.content.contains(0) else {
      self = .other("it is not text")
      return
    }
    let lines = String(decoding: file.content, as: UTF8.self)
      .split(whereSeparator: \.isNewline)
      .map { $0.drop(while: \.isWhitespace) }
      .filter { !$0.isEmpty && !$0.hasPrefix("#") }
    guard !lines.isEmpty else {
      self = .nothing
      return
    }
    let isAccess = chunks(of: file.content).contains { chunk in
      if case .entry = AccessLine(chunk, fieldSeparators: options.fieldSeparators) {
        true
      } else {
        false
      }
    }
    let words = lines.compactMap { $0.split(whereSeparator: { " \t=".contains($0) }).first }
    let isSSHD = words.contains { Self.sshdWords.contains($0.lowercased()) }
    let isPolicy = lines.contains { $0.hasPrefix("version:") }
    let formats: [ImportFormat] = (isAccess ? [.access] : []) + (isSSHD ? [.sshd] : [])
    if !formats.isEmpty {
      self = .formats(formats)
    } else if !isPolicy, HostsRules.areLikely(in: file.content, isWanted: wanted == .hosts) {
      self = .formats([.hosts])
    } else if isPolicy {
      self = .other("it looks like a policy of Gatehouse, which needs no import")
    } else {
      self = .other(
        "it is nothing that import reads: it has no line of access.conf (a + or -, and three"
          + " fields), no keyword of sshd_config, and no rule of hosts.allow (daemons: addresses)")
    }
  }

  /// Some keywords of sshd_config(5), in lower case: no such file is without all of them.
  private static let sshdWords: Set<String> = [
    "acceptenv", "addressfamily", "allowgroups", "allowusers", "authenticationmethods",
    "authorizedkeysfile", "denygroups", "denyusers", "hostkey", "include", "listenaddress",
    "loglevel", "match", "maxauthtries", "passwordauthentication", "permitrootlogin", "port",
    "pubkeyauthentication", "subsystem", "usedns", "usepam", "x11forwarding",
  ]
}
