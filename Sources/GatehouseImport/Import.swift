public import GatehousePolicy
public import GatehouseSSHConfig

// How an import is proved exact
// -----------------------------
// pam_access goes through a list of lines. The first line that matches decides; if none matches, the
// login is allowed. A policy has no order: it is made of sets. So for each address, the lines are one
// condition on the user and the user's groups, and the policy is another, of a more limited form (see
// `ClassProof`). An import is complete if, for every address, the two conditions are the same for
// every user, named in the file or not, in every combination of groups. This is proved with binary
// decision diagrams (see `BinaryDecisionDiagrams`), not tried out:
//
//  1. Each line is read byte by byte, as pam_access 1.5.2 reads it. Whatever depends on something
//     that a policy does not know is left out and reported: host names, netgroups, `user@host`,
//     programs of the machine, addresses by their last characters (`.1`), masks with gaps,
//     names that are not UTF-8.
//  2. Addresses that the same lines match form a class (`AddressClass`).
//  3. For each address, a policy can do three things in turn: refuse the members of some groups,
//     whatever other groups they are in; then allow the members of other groups; then give everybody
//     else one answer. It can also allow some users before the second step and refuse some before the
//     first. So a group that turns a permission into a refusal for any user belongs to the first
//     step. A group whose remaining members are all allowed belongs to the second. The third is what
//     is left. If that is not what the lines decide, no lists can say it: neither a permission before
//     the refusal of a group that the permitted users may be in (`+:alice:ALL` before
//     `-:(staff):ALL`), nor a refusal of a group except for the members of another.
//  4. If the policy cannot be the same as the lines, it allows as much as it can without allowing
//     more than the lines. Each line whose permission is lost is reported.
//  5. The lists: `everyone.from` is the third step, `also_from` of groups the second, `only_from` of
//     groups the first; the same for users. A group's or user's `only_from` also allows what it
//     holds. If that would allow too much, it becomes the `only_from` of a role, which only confines.
//
// "Every user" means every user that NSS knows, with one exception: pam_access ignores the case of
// ASCII letters in user names and a policy does not, so the policy lists each name in lower case and
// as the file spells it. "Every address" means every address as sshd writes it in PAM_RHOST with
// `UseDNS no`, which writes an IPv4-mapped address as IPv4. Of logins without a remote host, those on
// the console are part of the proof (see `ConsoleProof`), but for root, whom no policy refuses there.
// The policy does not judge the programs of the machine, such as cron and su.

/// A file to import.
public struct ImportFile: Sendable {
  /// The name that diagnostics give it.
  public let name: String
  /// The bytes of the file.
  public let content: [UInt8]

  /// A file with this name and content.
  public init(name: String, content: [UInt8]) {
    self.name = name
    self.content = content
  }
}

/// The options of pam_access that change what a file means.
public struct AccessOptions: Sendable {
  /// `nodefgroup`: a word is a group only if it is in parentheses.
  ///
  /// If false, a plain word means both the user and the members of the group with that name.
  public var groupsInParenthesesOnly = false
  /// `fieldsep=`: the bytes that separate the fields of a line.
  public var fieldSeparators: [UInt8] = Array(":".utf8)
  /// `listsep=`: the bytes that separate the words of a field.
  public var listSeparators: [UInt8] = Array(", \t".utf8)
  /// What the machine knows by a name; nil if nothing is looked up.
  ///
  /// Without `nodefgroup`, a plain word is then the user or the group that there is.
  public var lookup: (@Sendable (Name) -> NameKind)?

  /// The options of `pam_access.so` without arguments.
  public init() {}
}

/// What a machine knows by a name.
public enum NameKind: Sendable {
  /// A user, and no group but, at most, that user's own.
  case user
  /// A group alone.
  case group
  /// Both, neither, or the directory does not say.
  case unclear
}

/// A policy made from files of another tool.
public struct Import: Sendable {
  /// What the files are.
  public let format: ImportFormat
  /// The files that were read, with those that they include.
  public let files: [String]
  /// The policy as YAML.
  ///
  /// It allows nothing that the files refuse, except what a diagnostic with `opens` says.
  public let policy: String
  /// What the policy does not say and what else to know, in the order of the files and lines.
  public let diagnostics: [ImportDiagnostic]

  /// Whether the policy decides every login from an address as the files do.
  public var isComplete: Bool { diagnostics.allSatisfy { $0.kind == .note } }

  /// Imports files in the order in which pam_access reads them: access.conf, then, if none of its
  /// lines matches, access.d/*.conf sorted by name.
  public init(access files: [ImportFile], options: AccessOptions = AccessOptions()) {
    var reader = RuleReader(options: options)
    for (index, file) in files.enumerated() { reader.read(file.content, file: index) }
    let derivation = Derivation(reader.rules, groupsInParentheses: reader.groupsInParentheses)
    self.init(
      .access, files.map(\.name), [ServiceRules(service: nil, derivation: derivation)],
      reader.diagnostics + derivation.diagnostics, spellings: reader.spellings,
      hasLookedUp: reader.hasLookedUp)
  }

  /// Imports the lists of a sshd_config: AllowUsers, DenyUsers, AllowGroups and DenyGroups, in Match
  /// blocks and outside of them.
  ///
  /// The policy restricts sshd alone. Throws an `UnreadableImport` if sshd does not start with the file,
  /// as far as that is seen here, or if it has no such list.
  public init(sshd config: SSHConfig) throws(UnreadableImport) {
    let read = try SSHRules(config)
    guard read.hasLists else {
      throw UnreadableImport(
        file: config.files.first ?? "", line: nil,
        "it has no AllowUsers, DenyUsers, AllowGroups or DenyGroups, so sshd lets in everybody who"
          + " can authenticate")
    }
    let derivation = Derivation(read.rules, groupsInParentheses: nil)
    self.init(
      .sshd, config.files, [ServiceRules(service: "sshd", derivation: derivation)],
      read.diagnostics + derivation.diagnostics)
  }

  /// Imports hosts.allow and hosts.deny of TCP wrappers, which are one policy; nil is a file that is
  /// not there.
  ///
  /// The policy restricts the services that the files name, and those of `HostsServices` that they mean
  /// by ALL. `hasService` says which PAM services the machine has; nil if that is not looked up.
  /// Throws an `UnreadableImport` if the files refuse nobody.
  public init(
    hostsAllow allow: ImportFile?, deny: ImportFile?,
    hasService: (@Sendable (Name) -> Bool)? = nil
  ) throws(UnreadableImport) {
    let files = [allow, deny].compactMap(\.self)
    let read = HostsRules(allow: allow, deny: deny, hasService: hasService)
    guard read.refuses else {
      throw UnreadableImport(
        file: files.first?.name ?? "", line: nil,
        "nothing is refused by it"
          + (deny == nil ? " without a hosts.deny" : files.count > 1 ? " and the other file" : "")
          + ", so TCP wrappers let in everybody who can authenticate")
    }
    self.init(.hosts, files.map(\.name), read.services, read.diagnostics)
  }

  init(
    _ format: ImportFormat, _ files: [String], _ parts: [ServiceRules],
    _ diagnostics: [LocatedDiagnostic], spellings: [Name: Set<Name>] = [:],
    hasLookedUp: Bool = false
  ) {
    self.format = format
    self.files = files
    self.diagnostics = files.enumerated().flatMap { index, file in
      // Several words of a line can lead to the same diagnostic; it is reported once.
      Set(
        diagnostics.filter { $0.location.file == index }
          .map { ImportDiagnostic($0, file: file) }
      ).sorted()
    }
    var writer = PolicyWriter(parts, spellings: spellings, diagnostics: self.diagnostics)
    policy = writer.write(format, sources: files, hasLookedUp: hasLookedUp)
  }
}

/// What the rules of one service come to.
struct ServiceRules {
  /// The service; nil for all of them.
  let service: Name?
  let derivation: Derivation
}

/// Something to know about one line of an imported file.
public struct ImportDiagnostic: Hashable, Sendable {
  /// What it means for the import.
  public enum Kind: String, Sendable {
    /// Because of this line, the policy allows a login that is refused now: the import is incomplete.
    case error
    /// The policy does not say everything that the line says, and allows less: the import is
    /// incomplete.
    case notImported = "not_said"
    /// The policy says exactly what the other tool does with the line, which may not be what its
    /// author meant.
    case note
  }

  /// What it means for the import.
  public let kind: Kind
  /// A stable name in snake_case, such as `host_name`.
  public let name: String
  /// The name of the file.
  public let file: String
  /// The line, counted from 1.
  public let line: Int
  /// What it is about, and why, in English.
  public let message: String
  /// Whether, because of this, the policy allows a login that is refused now.
  public var opens: Bool { kind == .error }

  fileprivate init(_ diagnostic: LocatedDiagnostic, file: String) {
    kind = diagnostic.kind
    name = diagnostic.name
    self.file = file
    line = diagnostic.location.line
    message = diagnostic.message
  }
}

extension ImportDiagnostic: CustomStringConvertible {
  /// One line: `access.conf:3: not imported: …`.
  public var description: String {
    let label =
      switch kind {
      case .error: "error"
      case .notImported: "not imported"
      case .note: "note"
      }
    return "\(Name(file)):\(line): \(label): \(message)"
  }
}

extension ImportDiagnostic: Comparable {
  /// Orders the diagnostics of one file by line, then errors first and notes last.
  public static func < (left: ImportDiagnostic, right: ImportDiagnostic) -> Bool {
    (left.line, left.rank, left.message) < (right.line, right.rank, right.message)
  }

  private var rank: Int {
    switch kind {
    case .error: 0
    case .notImported: 1
    case .note: 2
    }
  }
}

/// A diagnostic made while the files are known by index only.
struct LocatedDiagnostic {
  let kind: ImportDiagnostic.Kind
  let name: String
  let location: LineLocation
  let message: String

  init(
    _ kind: ImportDiagnostic.Kind, _ name: String, at location: LineLocation, _ message: String
  ) {
    self.kind = kind
    self.name = name
    self.location = location
    self.message = message
  }
}

/// A line of one of the imported files.
struct LineLocation: Hashable {
  /// The index of the file, in the order of reading.
  let file: Int
  /// The line, counted from 1.
  let line: Int
}
