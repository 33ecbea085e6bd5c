/// Finds the lists that apply to a login, and the entries in them that hold its address.
struct AppliedLists {
  let rules: Rules
  let login: Login

  /// The lists that apply, most specific first; none where the origin is no address.
  var all: [Explanation.AppliedList] {
    guard case .address(let address) = login.origin else { return [] }
    return lists.map { list in
      let holdsAddress = list.contains(address, at: login.time)
      var searched: Set<Name> = []
      let match = match(
        in: list.entries, address, networks: [], isHeld: holdsAddress, searched: &searched)
      return Explanation.AppliedList(
        scope: list.scope, key: list.key, effect: list.effect, location: list.location,
        holdsAddress: holdsAddress,
        matched: match?.entry, lapse: match?.lapse)
    }
  }

  /// Every list that the engine may look at for this login, whatever its origin; most specific first.
  var lists: [AddressList] {
    let applicable = Applicable(rules, to: login)
    var lists = applicable.user?.lists.all ?? []
    for group in applicable.groups { lists += group.rules.lists.all }
    for role in applicable.roles { lists += role.rules.lists.all }
    if let service = applicable.service { lists += service.lists.all }
    if let base = applicable.base, applicable.service?.lists.base == nil { lists.append(base) }
    return lists + applicable.block + (applicable.breakGlass?.lists.all ?? [])
  }

  private struct Match {
    let entry: Explanation.AppliedList.Entry
    /// Why the entry does not count; nil if it does.
    let lapse: Explanation.AppliedList.Lapse?
  }

  /// The first entry that holds the address; where the list does not, one that would otherwise.
  ///
  /// A network in `searched` had none; however many ways lead to it, it is looked through once.
  private func match(
    in entries: [ListEntry], _ address: IPAddress, networks: [Name], isHeld: Bool,
    searched: inout Set<Name>
  ) -> Match? {
    for entry in entries {
      let lapse = lapse(of: entry)
      if isHeld && lapse != nil { continue }
      switch entry.content {
      case .network(let name):
        guard searched.insert(name).inserted,
          let inner = match(
            in: rules.networks[name]?.entries ?? [], address, networks: networks + [name],
            isHeld: isHeld, searched: &searched)
        else { continue }
        return Match(entry: inner.entry, lapse: lapse ?? inner.lapse)
      case .range(let range) where range.contains(address):
        return Match(entry: shown(entry, networks), lapse: lapse)
      case .file(let table) where table.contains(address):
        return Match(entry: shown(entry, networks), lapse: lapse)
      case .anywhere:
        return Match(entry: shown(entry, networks), lapse: lapse)
      case .range, .file, .nowhere:
        continue
      }
    }
    return nil
  }

  private func shown(_ entry: ListEntry, _ networks: [Name]) -> Explanation.AppliedList.Entry {
    Explanation.AppliedList.Entry(
      text: displayText(of: entry.text), location: entry.location, networks: networks,
      comment: entry.comment.map { displayText(of: $0) })
  }

  /// Why an entry does not count at the time of the login; nil if it does.
  private func lapse(of entry: ListEntry) -> Explanation.AppliedList.Lapse? {
    if !entry.isActive { return .inactive }
    if login.time < entry.window.since { return .begins(at: entry.window.since) }
    if entry.window.until <= login.time { return .ended(at: entry.window.until) }
    return nil
  }
}
