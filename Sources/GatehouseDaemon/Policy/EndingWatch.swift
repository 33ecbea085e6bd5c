import GatehouseControl
import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import GatehouseRecord

/// Finds out who of the login record will lose a login within two weeks, because an entry ends: when a
/// policy begins to serve, and then once a day.
///
/// Lives on the loop; the search runs on the worker's thread.
final class EndingWatch {
  private static let interval = Duration.seconds(86_400)
  /// How long the directory may take.
  private static let patience = Duration.seconds(5)

  private let worker: Worker
  private let calls = BlockingCalls(atMost: 4)
  private let record: @Sendable () -> LoginRecord
  private let read: @Sendable (Name, Set<Name>) -> UserIdentity?
  private var policy: Policy?
  private var timer: EventSource?

  /// What was found last of the policy that serves.
  private(set) var logins: [EndingLogin] = []

  /// `record` gives the login record as it is.
  init(
    loop: EventLoop, worker: Worker, directory: some Directory,
    record: @escaping @Sendable () -> LoginRecord
  ) throws(SystemError) {
    self.record = record
    read = { user, groups in
      let identity = try? directory.reading(of: user, among: groups)
      return identity?.problem == nil ? identity : nil
    }
    self.worker = worker
    timer = try loop.timer { [unowned self] in search() }
  }

  /// Starts again with the policy that serves from now on.
  func watch(_ policy: Policy) {
    self.policy = policy
    logins = []
    search()
  }

  private func search() {
    guard let policy else { return }
    worker.run { [calls, record, read] in
      EndingLogin.all(under: policy, of: record, at: .now()) { users in
        let groups = policy.groupNames
        let identities = calls.results(of: users, within: Self.patience) { read($0, groups) }
        return Dictionary(
          zip(users, identities).compactMap { user, identity in
            identity.flatMap(\.self).map { (user, $0) }
          }, uniquingKeysWith: { first, _ in first })
      }
    } then: { [unowned self] found in
      guard self.policy === policy else { return }
      logins = found
      timer?.set(after: Self.interval)
    }
  }
}

extension EndingLogin {
  /// How far ahead is looked.
  static let period = Duration.seconds(14 * 86_400)
  /// How old a login may be that counts.
  static let recent = Duration.seconds(30 * 86_400)
  /// The most that are kept.
  static let limit = 100

  /// The logins of the record that a policy will refuse, the first ones first; a user who cannot be
  /// read is left out, and so is everybody if the policy refuses nobody.
  ///
  /// - Parameters:
  ///   - policy: The policy that serves.
  ///   - record: Gives who came from where; asked only if an entry begins or ends at all.
  ///   - now: The present.
  ///   - identities: Reads users; those whom it leaves out could not be read.
  /// - Returns: The logins.
  static func all(
    under policy: Policy, of record: () -> LoginRecord, at now: Instant,
    identities: ([Name]) -> [Name: UserIdentity]
  ) -> [EndingLogin] {
    let end = now + period
    guard policy.mode == .enforce, policy.changes(after: now, until: end) else { return [] }
    let record = record()
    let people = identities(record.users.sorted())
    var found: [EndingLogin] = []
    for (name, identity) in people {
      let user = ResolvedUser(identity, of: name)
      for (place, visits) in record.places(of: name)
      where visits.allowed > 0 && visits.last > now - recent {
        var login = Login(user, service: place.service, origin: place.origin, time: now)
        let present = policy.decide(login)
        guard !present.isDenial else { continue }
        let loss = policy.changeTimes(of: login, until: end).first { time in
          login.time = time
          return policy.decide(login).isDenial
        }
        guard let loss else { continue }
        found.append(
          EndingLogin(
            user: user.name, origin: place.origin, service: place.service, at: loss,
            rule: present.rule))
      }
    }
    return Array(
      found.sorted { ($0.at, $0.user, $0.service) < ($1.at, $1.user, $1.service) }
        .prefix(limit))
  }
}
