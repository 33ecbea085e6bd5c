extension PolicyCheck {
  /// `expired_entry`: an entry whose time is over.
  func expiredEntries() -> [Diagnostic] {
    entries.filter { $0.isActive && $0.window.until <= now }.map { entry in
      warning(
        .expiredEntry, entry.location, "\(shown(entry)) ended at \(entry.window.until)",
        remedy: "take the entry out, or give it a later `until`")
    }
  }

  /// `expires_soon`: an entry whose time is over within two weeks.
  func expiringEntries() -> [Diagnostic] {
    entries.filter { $0.isActive && isSoon($0.window.until) }.map { entry in
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
    list.terms.map(\.window.until).max() ?? now
  }

  private func isSoon(_ time: Instant) -> Bool {
    now < time && time <= now + Self.noticePeriod
  }
}
