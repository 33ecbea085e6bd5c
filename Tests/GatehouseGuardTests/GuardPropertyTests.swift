import GatehouseControl
import GatehouseGuard
import GatehousePolicy
import GuardKit
import TestKit
import Testing

@Suite("The guard and random changes")
struct GuardPropertyTests {
  @Test(
    "what it finds is what a slow reading finds, and nobody is left outside by what it accepts",
    arguments: 0..<towns)
  func changes(seed: Int) throws {
    var accepted = 0
    var refused = 0
    var excused = 0
    for number in 0..<25 {
      var town = RandomTown(seed: UInt64(seed * 1000 + number))
      let change = town.change()
      let times = town.looks()
      let (old, new) = try (policy(change.old), policy(change.new))
      let verdict = Guard(old: old, new: new, scene: town.village.scene).verdict()
      let slow = SlowGuard(town: town, old: old, new: new, times: times)
      let told: Comment = "seed \(seed * 1000 + number)\n\(change.old)\n---\n\(change.new)"
      let found = Set(
        verdict.losses.map { loss in
          loss.kind == .breakGlass ? "break_glass" : "\(loss.kind.rawValue) \(loss.names[0])"
        })
      #expect(found == slow.losses(), told)
      #expect(verdict.judgedUntil == nil && !verdict.isWaiting, told)
      let meant = verdict.losses.filter { $0.excuse == .meant }
      if !meant.isEmpty {
        excused += 1
        #expect(meant.allSatisfy { !$0.isOwn }, told)
        let asker = town.village.scene.asker?.user
        let isOfOthers = meant.contains { $0.names != [asker].compactMap(\.self) }
        if isOfOthers && new.breakGlassUsers.isEmpty { #expect(slow.anotherKeeps(), told) }
      }
      if verdict.isObstacle { refused += 1 } else { accepted += 1 }
      if number.isMultiple(of: 5) {
        let plan = slow.plan()
        let (losing, gaining) = (verdict.losing.map(\.key), verdict.gaining.map(\.key))
        #expect(Set(losing).isSubset(of: plan.losing.union(town.sessionKeys)), told)
        #expect(Set(gaining).isSubset(of: plan.gaining.union(town.sessionKeys)), told)
        if verdict.losingCount.places <= GuardVerdict.rowLimit {
          #expect(plan.losing.isSubset(of: losing), told)
        }
        if verdict.gainingCount.places <= GuardVerdict.rowLimit {
          #expect(plan.gaining.isSubset(of: gaining), told)
        }
      }
    }
    #expect(accepted > 0 && refused > 0, "\(accepted) accepted, \(refused) refused, \(excused)")
  }
}

extension PlanRow {
  fileprivate var key: String { "\(user) \(origin) \(service)" }
}

extension RandomTown {
  /// The places of open sessions, which the record need not have.
  fileprivate var sessionKeys: Set<String> {
    Set(village.scene.sessions.map { "\($0.user) \($0.origin) \($0.service)" })
  }
}

/// In how many towns 25 changes each are made.
private let towns = rounds("GATEHOUSE_GUARD_TOWNS", usually: 16)
