import GatehouseIdentity
import GatehousePolicy
import GatehouseRecord

/// Who could repair the machine, and from where they have come.
struct Repairers {
  /// A login by which somebody has come, or come in.
  struct Way: Hashable {
    let origin: Origin
    let service: Name
    let last: Instant
  }

  /// Those of whom it is certain, sorted.
  let certain: [Name]
  private let certainSet: Set<Name>
  private let unread: Set<Name>
  private let openWays: [Name: [Way]]
  private let record: LoginRecord
  private let oldest: Instant

  init(_ judgement: Judgement) {
    let scene = judgement.scene
    let policies = [judgement.old, judgement.new].compactMap(\.self)
    var certain: Set<Name> = ["root"]
    var unread: Set<Name> = []
    var groups = Guard.repairGroups
    for policy in policies {
      certain.formUnion(policy.breakGlassUsers)
      groups.formUnion(policy.breakGlassGroups)
    }
    var people = Set(scene.people.keys)
    people.formUnion(scene.sessions.map(\.user))
    for user in scene.record.users {
      people.insert(user)
      if scene.record.hasUsedSudo(user) { certain.insert(user) }
    }
    for user in people where !certain.contains(user) {
      let subject = judgement.subject(user)
      if let own = subject.groups {
        if subject.isRoot == true || !own.isDisjoint(with: groups) { certain.insert(user) }
      } else if subject.problem != nil {
        unread.insert(user)
      }
    }
    certain = certain.filter { !judgement.subject($0).isCertainlyAbsent }
    certainSet = certain
    self.certain = certain.sorted()
    self.unread = unread
    record = scene.record
    oldest = scene.now - Guard.placeAge
    var openWays: [Name: [Way]] = [:]
    for session in scene.sessions where session.origin.isListed {
      openWays[session.user, default: []].append(
        Way(origin: session.origin, service: session.service, last: scene.now))
    }
    self.openWays = openWays
  }

  /// Whether somebody can repair the machine; nil if the directory failed to say.
  func contains(_ user: Name) -> Bool? {
    if certainSet.contains(user) { return true }
    return unread.contains(user) ? nil : false
  }

  /// The people who may be repairers, but whose groups could not be read.
  var possible: [Name] { unread.sorted() }

  /// From where somebody has come in by a service that may open a session, within `Guard.placeAge`,
  /// the newest first.
  ///
  /// The machine itself counts only for one who has come from no address: whoever comes from it is in
  /// the machine already.
  func ways(of user: Name) -> [Way] {
    var ways = Set(openWays[user] ?? [])
    for (place, visits) in record.places(of: user)
    where visits.last >= oldest && place.origin.isListed && SessionOpeners.mayOpen(place.service) {
      ways.insert(Way(origin: place.origin, service: place.service, last: visits.last))
    }
    let remote = ways.filter { $0.origin != .machine }
    return (remote.isEmpty ? ways : remote).sorted { left, right in
      (right.last, left.service, left.origin.description)
        < (left.last, right.service, right.origin.description)
    }
  }
}

extension LoginRecord {
  /// Whether somebody was let in by sudo.
  fileprivate func hasUsedSudo(_ user: Name) -> Bool {
    places(of: user).contains { place, visits in
      SudoService.all.contains(place.service) && visits.allowed > 0
    }
  }
}
