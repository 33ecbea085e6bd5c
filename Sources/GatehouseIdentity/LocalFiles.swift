internal import GatehousePlatform
internal import GatehousePolicy

/// The users and groups in the machine's own files (passwd(5), group(5)), read without NSS: no service
/// that hangs can hold that up.
struct LocalFiles {
  /// The most bytes that are read of a file.
  private static let byteLimit = 256 << 20
  /// Services that give groups to nobody but the users whom they have.
  private static let servicesWithoutLocalUsers: Set<String> = ["sss", "winbind"]

  private let users: [UInt8]
  private let groups: [UInt8]

  /// Those of `/etc`; what cannot be read is empty.
  init() {
    self.init(
      users: (try? Files.content(of: "/etc/passwd", atMost: Self.byteLimit)) ?? [],
      groups: (try? Files.content(of: "/etc/group", atMost: Self.byteLimit)) ?? [])
  }

  /// By the content of both files.
  init(users: [UInt8], groups: [UInt8]) {
    self.users = users
    self.groups = groups
  }

  /// Whether `/etc/passwd` has an account under this name and number.
  static func has(_ account: Account) -> Bool {
    let users = (try? Files.content(of: "/etc/passwd", atMost: byteLimit)) ?? []
    return LocalFiles(users: users, groups: []).account(of: account.name)?.userID == account.userID
  }

  /// The account of a user; nil if there is none, or its line is not understood.
  func account(of user: Name) -> Account? {
    guard !user.bytes.isEmpty, !user.bytes.contains(UInt8(ascii: ":")) else { return nil }
    for line in users.split(separator: UInt8(ascii: "\n")) where line.starts(with: user.bytes) {
      let fields = Self.fields(line)
      guard fields.count >= 4, fields[0].elementsEqual(user.bytes) else { continue }
      guard let id = Self.number(fields[2]), let group = Self.number(fields[3]) else { return nil }
      return Account(name: user, userID: id, primaryGroupID: group)
    }
    return nil
  }

  /// What the files say of a user; nil if they do not have the user.
  ///
  /// - Parameters:
  ///   - user: The user.
  ///   - groups: The groups that are asked about.
  ///   - distant: The services that may have more: nsswitch.conf(5).
  /// - Returns: The user, with groups that are unsure if one of these services could have them.
  func reading(
    of user: Name, among groups: Set<Name>, beside distant: Set<String>
  ) -> UserIdentity? {
    guard let account = account(of: user) else { return nil }
    let own = self.groups(of: account).intersection(groups)
    let isSure =
      account.userID == 0 || distant.isSubset(of: Self.servicesWithoutLocalUsers)
    return UserIdentity(
      name: account.name, userID: account.userID, groups: own,
      unsureGroups: isSure ? [] : groups.subtracting(own), askedGroups: groups,
      source: "files")
  }

  /// The groups of an account.
  private func groups(of account: Account) -> Set<Name> {
    var found: Set<Name> = []
    for line in groups.split(separator: UInt8(ascii: "\n")) {
      let fields = Self.fields(line)
      guard fields.count >= 4, !fields[0].isEmpty else { continue }
      if Self.number(fields[2]) == account.primaryGroupID
        || Self.list(fields[3], has: account.name.bytes)
      {
        found.insert(Name(bytes: fields[0]))
      }
    }
    return found
  }

  /// Whether a list with commas has a name; without an array of all the names, which may be many.
  private static func list(_ list: ArraySlice<UInt8>, has name: [UInt8]) -> Bool {
    var rest = list
    while true {
      let end = rest.firstIndex(of: UInt8(ascii: ",")) ?? rest.endIndex
      if rest[..<end].elementsEqual(name) { return true }
      guard end < rest.endIndex else { return false }
      rest = rest[(end + 1)...]
    }
  }

  private static func fields(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
  }

  private static func number(_ text: ArraySlice<UInt8>) -> UInt32? {
    UInt32(String(decoding: text, as: UTF8.self))
  }
}

/// The groups in `/etc/group`, read without NSS.
struct LocalGroups {
  /// The ids of the groups.
  let ids: Set<UInt32>
  private let members: [Name: [Name]]

  /// Those of `/etc/group`; none if it cannot be read.
  init() { self.init((try? Files.content(of: "/etc/group", atMost: 256 << 20)) ?? []) }

  /// By the content of the file.
  init(_ content: [UInt8]) {
    var ids: Set<UInt32> = []
    var members: [Name: [Name]] = [:]
    for line in content.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      guard fields.count >= 4, !fields[0].isEmpty,
        let id = UInt32(String(decoding: fields[2], as: UTF8.self))
      else { continue }
      ids.insert(id)
      members[Name(bytes: fields[0])] =
        fields[3].split(separator: UInt8(ascii: ",")).map { Name(bytes: $0) }
    }
    self.ids = ids
    self.members = members
  }

  /// Whether there is a group of this name.
  func has(_ group: Name) -> Bool { members[group] != nil }

  /// The members that a group lists.
  func members(of group: Name) -> [Name] { members[group] ?? [] }
}
