import GatehouseControl
import GatehousePolicy

extension Judgement {
  /// Gives each loss its excuse, or what is missing for one.
  ///
  /// A loss that the new policy states in plain words counts as meant if the one who asks loses nothing
  /// themselves, and another one who can repair the machine keeps a place. If it is one of the asker's
  /// own other sessions or addresses, nobody else need keep one.
  func excused(_ found: [Found], allowing allowance: LockoutAllowance) -> [Lockout] {
    let asker = scene.asker?.user
    let isAskerHurt = found.contains { one in
      one.loss.isOwn || (!one.isStated && asker.map(one.loss.names.contains) ?? false)
    }
    let isAskerUnclear = asker.map { user in
      unjudged.contains { $0.user == user && $0.matters }
    }
    lazy var another = anotherKeeps(than: asker)
    return found.map { one in
      var loss = one.loss
      if allowance.allows(loss.names) {
        loss.excuse = .allowed
      } else if one.isStated {
        if isAskerHurt || isAskerUnclear ?? false {
          loss.missing = .askerKeeps
        } else if loss.names != [asker].compactMap(\.self), !another {
          loss.missing = .anotherKeeps
        } else {
          loss.excuse = .meant
        }
      }
      return loss
    }
  }

  /// Whether one who can repair the machine, other than the one who asks, keeps a place for the whole
  /// time: an address of the last days, an open session, or a way in by break-glass.
  private func anotherKeeps(than asker: Name?) -> Bool {
    repairers.certain.contains { user in user != asker && keepsPlace(user) }
  }

  private func keepsPlace(_ user: Name) -> Bool {
    let logins = repairers.ways(of: user).map { login(of: user, by: $0.service, from: $0.origin) }
    let breakGlass = [old, new].flatMap {
      $0?.breakGlassChangeTimes(after: scene.now, until: end) ?? []
    }
    let times = cut(Set(times(of: logins) + breakGlass).sorted())
    return times.allSatisfy { time in
      logins.contains { new.decide($0.at(time)).verdict != .deny }
        || hasBreakGlassWay(user, at: time)
    }
  }
}
