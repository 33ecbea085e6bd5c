internal import CPosix
internal import GatehousePlatform
internal import GatehousePolicy

/// One look at a user's groups: what it needs of the machine's files, of sssd and of winbind is read once.
struct UserLook {
  private let account: Account
  private let name: CStringBytes?
  private let groups: Set<Name>
  /// The services that may be away.
  private let distant: Set<String>
  private let localGroups: LocalGroups

  /// A look at an account, and at groups that matter.
  init(at account: Account, among groups: Set<Name>) {
    self.account = account
    self.groups = groups
    name = CStringBytes(account.name)
    distant = NameServices.current.distant
    // Only beside others it matters which groups are here.
    localGroups = distant.isEmpty ? LocalGroups([]) : LocalGroups()
  }

  /// What is known; blocks for as long as the directory takes.
  func memberships() -> Memberships {
    let asked = distant.intersection(["sss", "winbind"])
    // Neither gives groups to a user whom it does not have.
    guard let name, !distant.isEmpty, !LocalFiles.has(account) else { return listed(by: "files") }
    guard !asked.isEmpty else { return listed(by: distant.sorted().joined(separator: ", ")) }
    var record: SSSD.Record?
    if asked.contains("sss") {
      let answer = SSSD.groupIDs(of: name.bytes, primary: account.primaryGroupID)
      // After it, since this is renewed by it.
      record = answer == .failed ? nil : SSSD.record(of: name.bytes)
      switch (answer, record?.hasGroups) {
      // Of groups that were looked up for themselves it knows some of the members.
      case (.list(let ids), nil), (.list(let ids), true?):
        // After it, since what NSS has of sssd is from a cache of its own, which is renewed by this.
        return listed(by: "sss", besides: ids, age: record?.age ?? .zero)
      case (.noSuchUser, true?): return listed(by: "sss", age: record?.age ?? .zero)
      default: break
      }
    }
    let listed = listed(by: "winbind", age: record?.age ?? .zero)
    // After the list: so winbind had its controller when it gave that.
    if asked.contains("winbind"), Winbind.reachesController(of: account.name) { return listed }
    return unlisted(by: asked, record)
  }

  // MARK: With a list

  /// The list of NSS (getgrouplist(3)), and ids that it may lack.
  private func listed(
    by service: String, besides ids: [UInt32] = [], age: Duration = .zero
  ) -> Memberships {
    var found = Memberships(
      ids: [account.primaryGroupID], isComplete: false, age: age, source: service)
    do throws(DirectoryError) {
      found.ids = try listedIDs().union(ids)
      found.isComplete = true
    } catch { found.problem = error.description }
    addNamesakes(to: &found)
    return found
  }

  private func listedIDs() throws(DirectoryError) -> Set<UInt32> {
    guard let name else { return [account.primaryGroupID] }
    // NGROUPS_MAX of Linux; getgrouplist(3) itself knows no bound, but a login can hold no more.
    let most = 65_536
    var room = 64
    while true {
      var ids = [gid_t](repeating: 0, count: room)
      var count = Int32(room)
      // SAFETY: `count` says how long `ids` is, and the name is a C string.
      let result = unsafe name.bytes.withUnsafeBufferPointer { name in
        unsafe getgrouplist(name.baseAddress, account.primaryGroupID, &ids, &count)
      }
      if result >= 0 { return Set(ids.prefix(Int(count))) }
      guard room < most else {
        throw DirectoryError("user \"\(account.name)\": more than \(most) groups")
      }
      room = min(most, max(room * 2, Int(count)))
    }
  }

  /// Adds the groups of `/etc/group` of whose name there is another one in a directory that has the
  /// account.
  ///
  /// Services other than sssd cannot be asked for that by themselves, so the names of the ids are.
  private func addNamesakes(to found: inout Memberships) {
    let names = groups.filter(localGroups.has)
    guard !names.isEmpty, !distant.isSubset(of: ["sss"]) else { return }
    for id in found.ids.subtracting(localGroups.ids) {
      do throws(DirectoryError) {
        if let name = try Self.name(ofGroup: id), names.contains(name) { found.named.insert(name) }
      } catch {
        found.unknown = names
        found.problem = found.problem ?? error.description
      }
    }
  }

  // MARK: Without a list

  /// What the groups' own entries say, since these services do not know the groups of the user.
  private func unlisted(by services: Set<String>, _ record: SSSD.Record?) -> Memberships {
    let name = services.contains("sss") ? "sssd" : "winbind"
    var found = Memberships(
      ids: [account.primaryGroupID], isComplete: false,
      problem: "user \"\(account.name)\": \(name) does not know the groups of this user at the "
        + "moment",
      age: record?.age ?? .zero, source: services.sorted().joined(separator: ", "))
    for group in groups {
      switch isListed(in: group, record) {
      case true?: found.named.insert(group)
      case false?: found.lacking.insert(group)
      case nil: break
      }
    }
    return found
  }

  /// Whether a group's entry lists the account; nil if that tells nothing.
  ///
  /// sssd lists nobody in any group with `ignore_group_members`. If it does not have the groups of the
  /// user, what it has of a group may be from before the user became a member; and so may what winbind
  /// has, which is why its list was no answer.
  private func isListed(in group: Name, _ record: SSSD.Record?) -> Bool? {
    if localGroups.members(of: group).contains(account.name) { return true }
    guard distant.contains("sss"), let name = CStringBytes(group) else {
      let members = (try? SystemDirectory().group(named: group))?.members ?? []
      return members.contains(account.name) ? true : nil
    }
    let isComplete = record?.hasGroups != false
    switch SSSD.group(named: name.bytes) {
    case .found(_, let members):
      if members.contains(account.name) { return true }
      return members.isEmpty || !isComplete ? nil : false
    case .noSuchGroup: return localGroups.has(group) && isComplete ? false : nil
    case .failed: return nil
    }
  }

  /// The name of a group by number (getgrgid_r(3)); nil if there is no such group.
  private static func name(ofGroup group: UInt32) throws(DirectoryError) -> Name? {
    do throws(SystemError) {
      // SAFETY: of the entry, which points into `buffer`, the name is copied.
      return try unsafe nameServiceLookUp("group \(group)") { buffer in
        var entry = unsafe CPosix.group()
        var found: UnsafeMutablePointer<CPosix.group>?
        let result = unsafe getgrgid_r(group, &entry, buffer.baseAddress, buffer.count, &found)
        guard result == 0, unsafe found != nil, let written = unsafe entry.gr_name else {
          return (result, nil)
        }
        return (0, unsafe Name(written))
      }
    } catch {
      throw DirectoryError(error.description)
    }
  }
}

extension SSSD.Record {
  /// How many seconds ago sssd may have had an answer that it was asked for just now.
  private static let askingSeconds: Int64 = 3

  /// How long ago sssd had it from its server.
  var age: Duration {
    let age = Instant.now().microseconds / 1_000_000 - updatedAt
    // It counts in seconds, and asking takes some of them.
    return age > Self.askingSeconds ? .seconds(age) : .zero
  }
}
