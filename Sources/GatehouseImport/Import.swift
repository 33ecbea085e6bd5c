import GatehousePolicy

// What can be said exactly
// ------------------------
// pam_access asks an ordered list of lines, of which the first that matches decides, and allows
// where none does. A policy is set algebra. For one address, the lines are a condition on the user
// and the user's groups; and so is a policy (see `ClassProof`), of a narrower kind. The import is
// complete where, for every address, the two conditions are the same for every user, named in the
// file or not, in whatever combination of groups. This is proved, never tried (see `Diagrams`):
//
//  1. Each line is read as pam_access 1.5.2 reads it, byte by byte (`Reading`). What depends on
//     something that a policy does not know is left out and reported: names of hosts, netgroups,
//     `user@host`, terminals, services and LOCAL, addresses by their last characters (`.1`), masks
//     with gaps, names that are not UTF-8.
//  2. Addresses that the same lines hold form a class (`AddressClass`).
//  3. For each address, a policy can say: the members of some groups are refused, whatever else they
//     are; then the members of other groups are allowed; then everybody gets one answer. Some users
//     are allowed before the second step, some are refused before the first. So if a group turns a
//     permission into a refusal for anybody, it is in the first step; if all its other members are
//     allowed, in the second; and the third is what is left. If this is not what the lines decide, no
//     lists are: a permission before the refusal of a group whose members it may be for cannot be
//     said (`+:alice:ALL` before `-:(staff):ALL`), nor a refusal of a group but for another's.
//  4. Where the policy is not what the lines decide, it allows the most that it can without allowing
//     more than the lines, and each line whose permission is lost is reported.
//  5. The lists: `everyone.from` is the third step, `also_from` of groups the second, `only_from` the
//     first; of users likewise. Where an `only_from` would allow too much, because that of a group or
//     a user also allows what it holds, it is that of a role, which only confines.
//
// "Every user" is every user that NSS knows, but: pam_access ignores the case of ASCII letters in
// names of users, a policy does not; the names stand in the policy in small letters and as the file
// has them. "Every address" is every address as sshd writes it in PAM_RHOST with `UseDNS no`: an
// IPv4-mapped one as IPv4. Logins without a remote host are not judged by a policy at all.

/// A file in the format of access.conf(5).
public struct AccessFile: Sendable {
  /// Its name, for findings.
  public let name: String
  /// What is in it.
  public let content: [UInt8]

  /// A file by its name and content.
  public init(name: String, content: [UInt8]) {
    self.name = name
    self.content = content
  }
}

/// The options of pam_access that change what a file means.
public struct AccessOptions: Sendable {
  /// `nodefgroup`: a word is a group only in parentheses.
  ///
  /// Else a plain word means the user of that name and the members of the group of that name.
  public var groupsInParenthesesOnly = false
  /// `fieldsep=`: what parts the fields of a line.
  public var fieldSeparators: [UInt8] = Array(":".utf8)
  /// `listsep=`: what parts the words of a field.
  public var listSeparators: [UInt8] = Array(", \t".utf8)

  /// The options of a plain `pam_access.so`.
  public init() {}
}

/// A policy made from files in the format of access.conf(5).
public struct Import: Sendable {
  /// The policy, as YAML.
  ///
  /// It allows nothing that the files refuse, but for what a finding says (`Finding.opens`).
  public let policy: String
  /// What is not said in the policy, and what else is to be known; in the order of the lines.
  public let findings: [Finding]

  /// Whether the policy decides every login from an address as pam_access does.
  public var isComplete: Bool { !findings.contains { $0.kind == .notSaid } }

  /// Imports files; pam_access reads access.conf first and then, where no line of it matched,
  /// access.d/*.conf in the order of their names.
  public init(_ files: [AccessFile], options: AccessOptions = AccessOptions()) {
    var reader = RuleReader(options: options)
    for (number, file) in files.enumerated() { reader.read(file.content, file: number) }
    let derivation = Derivation(reader.rules, groupsInParentheses: reader.groupsInParentheses)
    // Together by file, and each once.
    findings = files.enumerated().flatMap { number, file in
      Set(
        (reader.remarks + derivation.remarks).filter { $0.place.file == number }
          .map { Finding($0, file: file.name) }
      ).sorted()
    }
    var writer = PolicyWriter(derivation, spellings: reader.spellings, findings: findings)
    policy = writer.write(sources: files.map(\.name))
  }
}

extension Finding {
  fileprivate init(_ remark: Remark, file: String) {
    self.init(
      kind: remark.kind, name: remark.name, file: file, line: remark.place.line,
      message: remark.message, opens: remark.opens)
  }
}
