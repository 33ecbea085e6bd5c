extension WarningFinder {
  /// `expired_entry`: an entry whose time is over.
  func expiredEntries() -> [Diagnostic] {
    entries.filter { $0.isActive && $0.plannedEnd <= now }.map { entry in
      warning(
        .expiredEntry, entry.location, "\(shown(entry)) ended at \(entry.window.until)",
        remedy: "take the entry out, or give it a later `until`")
    }
  }

  /// `expires_soon`: an entry whose time is over within two weeks.
  func expiringEntries() -> [Diagnostic] {
    entries.filter { $0.isActive && isSoon($0.plannedEnd) }.map { entry in
      warning(
        .expiresSoon, entry.location, "\(shown(entry)) ends at \(entry.window.until)",
        remedy: "give it a later `until`, if it is still needed")
    }
  }

  /// `empty_soon`: a list that holds addresses now, and none any more in two weeks.
  func expiringLists() -> [Diagnostic] {
    let end = now + Self.noticePeriod
    return rules.lists.filter { list in
      !list.isEmpty(at: now) && list.isEmpty(from: end)
    }.map { list in
      warning(
        .emptySoon, list.location,
        "\(list.path) matches nothing from \(lastEnd(of: list)) on, when its last entry ends",
        remedy: "give an entry that is still needed a later `until`")
    }
  }

  private func lastEnd(of list: AddressList) -> Instant {
    list.timedSets.map(\.window.until).max() ?? now
  }

  private func isSoon(_ time: Instant) -> Bool {
    now < time && time <= now + Self.noticePeriod
  }
}

extension WarningFinder {
  /// `idle_exception`: an entry of an `except` that takes nothing away.
  func idleExceptions() -> [Diagnostic] {
    let ofNetworks = rules.networks.values.flatMap { network in
      idle(network.exceptions, in: network.entries)
    }
    return (ofNetworks + entries.flatMap { idle($0.exceptions, in: [$0.whole]) }).map { exception in
      warning(
        .idleException, exception.location,
        "\(shown(exception)) takes nothing away: the addresses do not hold it",
        remedy: "take it out of the except, or correct it")
    }
  }

  /// Those of the exceptions that have nothing in common with what some entries hold at any time.
  private func idle(_ exceptions: [ListEntry], in entries: [ListEntry]) -> [ListEntry] {
    guard !exceptions.isEmpty else { return [] }
    // Unpacked once, however many exceptions there are.
    let table = AddressTable(entries, networks: rules.networks)
    let held = table.set
    return exceptions.filter { exception in
      let taken = AddressTable([exception], networks: rules.networks)
      return !(taken.holdsMachine && table.holdsMachine)
        && !taken.set.ranges.contains(where: held.meets)
    }
  }
}

extension WarningFinder {
  /// `privacy_address`: a single IPv6 address that looks like one which changes every day.
  func privacyAddresses() -> [Diagnostic] {
    entries.compactMap { entry in
      guard entry.isActive, case .range(let range) = entry.content, range.isSingle,
        range.family == .ipv6, !hasStableInterface(range.first)
      else { return nil }
      return warning(
        .privacyAddress, entry.location,
        "\(shown(entry)) looks like a temporary (privacy) address, which changes",
        remedy: "list its /64, or give that machine a stable address")
    }
  }

  /// `unspecified_address`: `0.0.0.0` or `::` alone, from which nobody comes (RFC 6890).
  func unspecifiedAddresses() -> [Diagnostic] {
    entries.compactMap { entry in
      guard entry.isActive, case .range(let range) = entry.content, range.isSingle,
        range.first == 0
      else { return nil }
      return warning(
        .unspecifiedAddress, entry.location,
        "\(shown(entry)) is one address, and nobody comes from it",
        remedy: "write \(shown(entry).dropFirst().dropLast())/0 or anywhere if all are meant")
    }
  }

  /// Whether the lower half of an address looks as if somebody, or a network card, had chosen it.
  private func hasStableInterface(_ bits: UInt128) -> Bool {
    let interface = UInt64(truncatingIfNeeded: bits)
    // Counted up by hand: ::1, ::53, ::1:2.
    if interface >> 32 == 0 { return true }
    // From a hardware address (EUI-64: RFC 4291 appendix A).
    if (interface >> 24) & 0xFFFF == 0xFFFE { return true }
    // An IPv4 address, ISATAP's form (RFC 5214) or one octet in the digits of each group.
    if interface >> 32 & 0xFDFF_FFFF == 0x0000_5EFE { return true }
    return stride(from: 48, through: 0, by: -16).allSatisfy { shift in
      let digits = String((interface >> UInt64(shift)) & 0xFFFF, radix: 16)
      return Int(digits).map { $0 <= 255 } ?? false
    }
  }
}
