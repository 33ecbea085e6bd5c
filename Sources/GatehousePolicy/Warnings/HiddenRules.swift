extension PolicyCheck {
  /// `hidden_rule`: an `also_from` that adds nothing to any base list.
  func hiddenAdditions() -> [Diagnostic] {
    let everyone = rules.everyone.lists.base?.addresses(at: now) ?? .everything
    let common = rules.services.values.compactMap { $0.lists.base?.addresses(at: now) }
      .reduce(everyone) { $0.intersection($1) }
    // Many lists may share a large table: each is looked at once.
    var verdicts: [ObjectIdentifier: Bool] = [:]
    func isCommon(_ table: AddressTable) -> Bool {
      if let verdict = verdicts[ObjectIdentifier(table)] { return verdict }
      let verdict = table.set.isSubset(of: common)
      verdicts[ObjectIdentifier(table)] = verdict
      return verdict
    }
    return rules.lists.filter { list in
      list.effect == .adds && !list.isEmpty(at: now)
        && list.terms.allSatisfy { !$0.window.contains(now) || isCommon($0.table) }
    }.map { list in
      warning(
        .hiddenRule, list.location,
        "\(list.path) adds nothing: "
          + (rules.everyone.lists.base == nil
            ? "there is no everyone.from, so every address is allowed already"
            : "all of it is in everyone.from already"),
        remedy: "use only_from to confine")
    }
  }

  /// `blocked_entry`: an entry of which `block` denies every address.
  func blockedEntries() -> [Diagnostic] {
    let blocked = rules.block.reduce(AddressSet.nothing) { $0.union($1.addresses(at: now)) }
    guard !blocked.isEmpty else { return [] }
    return rules.lists.filter(\.effect.isBlocked).flatMap { list in
      list.entries.filter { entry in
        let tables = tables(of: entry)
        return !tables.isEmpty && tables.allSatisfy { $0.set.isSubset(of: blocked) }
      }.map { entry in
        warning(
          .blockedEntry, entry.location,
          "\(shown(entry)) in \(list.path) allows nothing: block denies all of it",
          remedy: "take it out here or in block")
      }
    }
  }

  /// `blocks_everyone`: a `block` that denies all addresses of a family.
  func blockedEverything() -> [Diagnostic] {
    rules.block.flatMap(\.entries).filter { entry in
      let addresses = tables(of: entry).reduce(AddressSet.nothing) { $0.union($1.set) }
      return [IPAddress.Family.ipv4, .ipv6].contains {
        AddressSet.everything(of: $0).isSubset(of: addresses)
      }
    }.map { entry in
      warning(
        .blocksEveryone, entry.location,
        "\(shown(entry)) in block denies every address, but to break_glass",
        remedy: "to allow a few places only, use everyone.from")
    }
  }
}
