import GatehouseControl
import GatehousePolicy
import GatehouseRecord

/// What the new policy changes for everybody of the login record.
struct Plan {
  /// The most decisions about later times, of all places.
  static let laterDecisionLimit = 400_000
  /// The most later times of one place; the nearest ones.
  static let laterTimeLimit = 32

  /// Who loses, or who gains: how many there are, and the first rows of them.
  struct Side {
    private(set) var rows: [PlanRow] = []
    private(set) var count = GuardVerdict.Count()
    private var users: Set<Name> = []
    /// The row before which another one has to come; nil while there is room for all.
    private var bound: PlanRow?

    fileprivate mutating func add(_ row: PlanRow) {
      users.insert(row.user)
      count = GuardVerdict.Count(places: count.places + 1, users: users.count)
      if let bound, !Self.precedes(row, bound) { return }
      rows.append(row)
      if rows.count == 2 * GuardVerdict.rowLimit { cut() }
    }

    /// Sorts the rows, and leaves out those that are too many.
    fileprivate mutating func cut() {
      rows.sort(by: Self.precedes)
      guard rows.count > GuardVerdict.rowLimit else { return }
      rows.removeLast(rows.count - GuardVerdict.rowLimit)
      bound = rows.last
    }

    /// The soonest first, then by name.
    private static func precedes(_ left: PlanRow, _ right: PlanRow) -> Bool {
      if left.at != right.at {
        guard let first = left.at else { return true }
        guard let second = right.at else { return false }
        return first < second
      }
      guard left.user == right.user, left.service == right.service else {
        return (left.user, left.service) < (right.user, right.service)
      }
      return left.origin.description < right.origin.description
    }
  }

  /// Who would no longer be let in.
  let losing: Side
  /// Who would newly be let in.
  let gaining: Side
  /// Whether later times were judged for a part of the places only.
  let isCut: Bool

  init(_ judgement: Judgement) {
    var losing = Side()
    var gaining = Side()
    var left = Self.laterDecisionLimit
    var isCut = false
    for place in Self.places(of: judgement.scene) {
      let login = judgement.login(
        of: place.place.user, by: place.place.service, from: place.place.origin)
      var times = [judgement.scene.now]
      if judgement.isChanging {
        if left > 0 {
          let later = Set(judgement.laterTimes(of: login)).sorted()
          times += later.prefix(Self.laterTimeLimit)
          isCut = isCut || later.count > Self.laterTimeLimit
          // What it costs to find the times counts, too.
          left -= 2 + later.count * 2
        } else {
          isCut = true
        }
      }
      var (hasLost, hasGained) = (false, false)
      for time in times {
        let login = login.at(time)
        switch judgement.outcome(of: login) {
        case .deniedBefore: break
        case .unclear: judgement.note(unclear: place.place.user, matters: false)
        case .lost(let decision):
          if !hasLost { losing.add(PlanRow(place, decision, judgement.told(time))) }
          hasLost = true
        case .kept:
          guard !hasGained, let old = judgement.old, old.decide(login).isCertainDenial(of: login)
          else { break }
          gaining.add(PlanRow(place, judgement.new.decide(login), judgement.told(time)))
          hasGained = true
        }
        if hasLost && hasGained { break }
      }
    }
    losing.cut()
    gaining.cut()
    self.losing = losing
    self.gaining = gaining
    self.isCut = isCut
  }

  /// A place, and the last login from it.
  fileprivate typealias Seen = (place: LoginRecord.Place, last: Instant?)

  /// The places of the record, and those of open sessions that it does not have.
  private static func places(of scene: GuardScene) -> [Seen] {
    let (admitted, refused) = (scene.record.admitted, scene.record.refused)
    var places: [Seen] = admitted.visits.map { ($0.key, $0.value.last) }
    places += refused.visits.map { ($0.key, $0.value.last) }
    for session in Set(scene.sessions) where session.origin.isListed {
      let place = LoginRecord.Place(
        user: session.user, service: session.service, origin: session.origin)
      if !admitted.contains(place) && !refused.contains(place) { places.append((place, nil)) }
    }
    return places
  }
}

extension PlanRow {
  fileprivate init(_ seen: Plan.Seen, _ decision: Decision, _ at: Instant?) {
    self.init(
      user: seen.place.user, origin: seen.place.origin, isNetwork: seen.place.isNetwork,
      service: seen.place.service, lastSeen: seen.last, reason: decision.reason,
      rule: decision.rule, at: at)
  }
}

extension Decision {
  /// Whether it denies, and not for want of groups that could not be read.
  fileprivate func isCertainDenial(of login: Login) -> Bool {
    verdict == .deny && !(login.groups == nil && reason == .identityUnavailable)
  }
}
