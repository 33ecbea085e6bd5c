import CPosix
public import GatehousePolicy

extension SystemDirectory {
  /// The users that NSS enumerates (getpwent(3)), each once, sorted by name.
  ///
  /// Many directories do not enumerate theirs: that a user is missing here means nothing. To be
  /// called by one thread at a time.
  public func accounts() -> [Account] {
    var accounts: [Name: Account] = [:]
    setpwent()
    defer { endpwent() }
    // SAFETY: the entry is valid until the next call, and what is needed of it is copied here.
    while let entry = unsafe getpwent() {
      guard let written = unsafe entry.pointee.pw_name else { continue }
      let bytes = unsafe UnsafeBufferPointer(start: written, count: strlen(written))
      let name = Name(bytes: unsafe bytes.map { UInt8(bitPattern: $0) })
      guard accounts[name] == nil else { continue }
      accounts[name] = Account(name: name, primaryGroupID: unsafe entry.pointee.pw_gid)
    }
    return accounts.values.sorted { $0.name < $1.name }
  }
}

extension Directory {
  /// Reads which of these groups each of the accounts belongs to, asking for each group once.
  ///
  /// As good as `reading(of:among:)`: all of it is good, or an error is thrown.
  public func readings(
    of accounts: [Account], among groups: Set<Name>
  ) throws(DirectoryError) -> [Identity] {
    var held: [Set<UInt32>] = []
    for account in accounts { held.append(groups.isEmpty ? [] : Set(try groupIDs(of: account))) }
    // After the members' own lists, which may come back short without an error: that each group is
    // found now, or reported absent, says that the directory was there.
    var ids: [Name: UInt32] = [:]
    for group in groups.sorted() { ids[group] = try groupID(of: group) }
    return zip(accounts, held).map { account, held in
      let own = ids.filter { held.contains($0.value) }
      return Identity(
        name: account.name, isKnown: true, groups: Set(own.keys), askedGroups: groups)
    }
  }
}
