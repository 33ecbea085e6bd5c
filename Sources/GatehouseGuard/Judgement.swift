import GatehouseControl
import GatehouseIdentity
import GatehousePolicy

/// One judging of a new policy, with what was found out until now.
final class Judgement {
  /// The most times at which somebody is judged; the nearest ones.
  static let timeLimit = 1000
  /// The most decisions about those whose loss may refuse the policy; then there are only those about
  /// the present.
  static let decisionLimit = 2_000_000

  let old: Policy?
  let new: Policy
  let scene: GuardScene
  /// The last time that is judged.
  let end: Instant
  /// Whether any list changes until then.
  let isChanging: Bool

  /// Who could not be judged.
  private(set) var unjudged: Set<UnjudgedPerson> = []
  /// The people who were judged.
  private(set) var judged: Set<Name> = []
  /// Until when, if that is not the whole time.
  private(set) var judgedUntil: Instant?
  private var subjects: [Name: Subject] = [:]
  private var decisionCount = 0
  private(set) lazy var repairers = Repairers(self)

  init(old: Policy?, new: Policy, scene: GuardScene) {
    self.old = old
    self.new = new
    self.scene = scene
    let (now, end) = (scene.now, scene.now + Guard.horizon)
    self.end = end
    isChanging = [old, new].contains { $0?.changes(after: now, until: end) ?? false }
  }

  // MARK: People

  /// Somebody as a login has them.
  struct Subject {
    let name: Name
    /// Nil if they could not be read.
    let groups: Set<Name>?
    let isRoot: Bool?
    let isCertainlyAbsent: Bool
    /// Why the groups could not be read.
    let problem: String?
  }

  func subject(_ user: Name) -> Subject {
    if let known = subjects[user] { return known }
    let subject: Subject
    switch scene.people[user] {
    case .known(let identity):
      subject = Subject(
        name: identity.name, groups: identity.groups, isRoot: identity.isRoot,
        isCertainlyAbsent: identity.isCertainlyAbsent, problem: nil)
    case .unreadable(let problem):
      subject = Subject(
        name: user, groups: nil, isRoot: nil, isCertainlyAbsent: false, problem: problem)
    case nil:
      subject = Subject(
        name: user, groups: nil, isRoot: nil, isCertainlyAbsent: false, problem: nil)
    }
    subjects[user] = subject
    return subject
  }

  func login(
    of user: Name, by service: Name, from origin: Origin, role: Name? = nil
  ) -> Login {
    let subject = subject(user)
    return Login(
      user: subject.name, groups: subject.groups, isRoot: subject.isRoot,
      exists: !subject.isCertainlyAbsent, service: service, origin: origin, time: scene.now,
      role: role)
  }

  // MARK: Logins

  /// What becomes of a login at one time.
  enum Outcome {
    /// The new policy lets it in.
    case kept
    /// Neither lets it in.
    case deniedBefore
    /// The old policy lets it in, or may for all that is known, and the new one denies it.
    case lost(Decision)
    /// What the new policy says depends on groups that could not be read.
    case unclear
  }

  func outcome(of login: Login) -> Outcome {
    decisionCount += 2
    let decision = new.decide(login)
    guard decision.verdict == .deny else { return .kept }
    if let old {
      let before = old.decide(login)
      if before.verdict == .deny, !isUnclear(before, of: login) { return .deniedBefore }
    }
    return isUnclear(decision, of: login) ? .unclear : .lost(decision)
  }

  private func isUnclear(_ decision: Decision, of login: Login) -> Bool {
    login.groups == nil && decision.reason == .identityUnavailable
  }

  /// The present, and the later times at which the answer to one of the logins may change, within the
  /// limits.
  func times(of logins: [Login]) -> [Instant] {
    guard isChanging else { return [scene.now] }
    let later = Set(logins.flatMap(laterTimes)).sorted()
    let affordable = (Self.decisionLimit - decisionCount) / max(2, 2 * logins.count)
    return cut([scene.now] + later, at: min(Self.timeLimit, max(1, affordable)))
  }

  func laterTimes(of login: Login) -> [Instant] {
    guard isChanging else { return [] }
    return new.changeTimes(of: login, until: end)
      + (old?.changeTimes(of: login, until: end) ?? [])
  }

  /// Leaves out the times that are too many, and remembers from when on.
  func cut(_ times: [Instant], at limit: Int = timeLimit) -> [Instant] {
    guard times.count > limit else { return times }
    judgedUntil = min(judgedUntil ?? times[limit], times[limit])
    return Array(times.prefix(limit))
  }

  /// The time of a loss as it is told: nil for the present.
  func told(_ time: Instant) -> Instant? { time == scene.now ? nil : time }

  // MARK: What is remembered

  func note(judged user: Name) { judged.insert(user) }

  /// The answer to a login of this user depends on groups that are not known.
  func note(unclear user: Name, matters: Bool) {
    unjudged.insert(
      UnjudgedPerson(
        user: user, why: .directory, problem: subject(user).problem, matters: matters))
  }

  /// A part of the scene could not be read.
  func note(_ part: GuardScene.UnreadPart, matters: Bool) {
    unjudged.insert(
      UnjudgedPerson(
        user: part.user, session: part.session, why: part.isSession ? .session : .scene,
        problem: part.problem, matters: matters))
  }
}

extension Set<UnjudgedPerson> {
  /// Those who matter first, by name; nobody twice for one reason.
  func sorted() -> [UnjudgedPerson] {
    let mattering = Set<Key>(lazy.filter(\.matters).map(Key.init))
    return filter { $0.matters || !mattering.contains(Key($0)) }
      .sorted { left, right in
        left.matters != right.matters ? left.matters : Key(left) < Key(right)
      }
  }

  /// What tells one from the others.
  private struct Key: Hashable, Comparable {
    let user: Name
    let session: String
    let why: String

    init(_ person: UnjudgedPerson) {
      user = person.user ?? ""
      session = person.session ?? ""
      why = person.why.rawValue
    }

    static func < (left: Key, right: Key) -> Bool {
      (left.user, left.session, left.why) < (right.user, right.session, right.why)
    }
  }
}
