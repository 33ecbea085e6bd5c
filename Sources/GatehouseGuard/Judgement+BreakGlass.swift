import GatehouseControl
import GatehousePolicy
import GatehouseRecord

extension Judgement {
  /// The last way in by break-glass, if the old policy has one and the new one has none at that time.
  func breakGlass() -> [Found] {
    guard let old, new.mode == .enforce else { return [] }
    let now = scene.now
    let times = [old, new].flatMap { $0.breakGlassChangeTimes(after: now, until: end) }
    for time in cut([now] + Set(times).sorted()) {
      guard let before = old.breakGlassReach(at: time) else { continue }
      let names = before.users.filter(mayExist).sorted() + before.groups.sorted()
      if names.isEmpty || hasBreakGlassWay(at: time, before) { continue }
      return [
        Found(loss: Lockout(.breakGlass, names: names, at: told(time)), isStated: false)
      ]
    }
    return []
  }

  /// Whether somebody can come in by the new policy's break-glass: a user, from an address that users
  /// of break-glass have come from, or that the old policy's has too.
  private func hasBreakGlassWay(at time: Instant, _ before: BreakGlassReach) -> Bool {
    guard let reach = new.breakGlassReach(at: time) else { return false }
    let users = breakGlassUsers(of: reach)
    guard !users.isEmpty || !reach.groups.isDisjoint(with: before.groups) else { return false }
    if !reach.addresses.intersection(before.addresses).isEmpty { return true }
    let all = users.union(breakGlassUsers(of: before))
    return all.contains { user in addresses(of: user).contains(where: reach.addresses.contains) }
  }

  /// Whether this user keeps a way in by the new policy's break-glass at a time.
  func hasBreakGlassWay(_ user: Name, at time: Instant) -> Bool {
    guard let reach = new.breakGlassReach(at: time), breakGlassUsers(of: reach).contains(user)
    else {
      return false
    }
    if let before = old?.breakGlassReach(at: time),
      !reach.addresses.intersection(before.addresses).isEmpty
    {
      return true
    }
    return addresses(of: user).contains(where: reach.addresses.contains)
  }

  /// The users that are not certainly absent, with the known members of the groups.
  private func breakGlassUsers(of reach: BreakGlassReach) -> Set<Name> {
    var users = reach.users.filter(mayExist)
    guard !reach.groups.isEmpty else { return users }
    for user in repairers.certain {
      guard let groups = subject(user).groups, !groups.isDisjoint(with: reach.groups) else {
        continue
      }
      users.insert(user)
    }
    return users
  }

  private func mayExist(_ user: Name) -> Bool { !subject(user).isCertainlyAbsent }

  /// Every address that somebody has come from, however long ago.
  private func addresses(of user: Name) -> [IPAddress] {
    scene.record.places(of: user).compactMap { place, _ in
      if case .address(let address) = place.origin { address } else { nil }
    }
  }
}
