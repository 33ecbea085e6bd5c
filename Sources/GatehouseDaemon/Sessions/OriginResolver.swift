import GatehouseIdentity
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy
import GatehouseRecord
import GatehouseWire

/// Finds out where logins come from, and remembers who has come in.
///
/// Lives on the loop. What it reads are a few small files in memory, and only for a question that a
/// login session has to answer.
final class OriginResolver {
  private let own: any MachineAddresses
  private let sessions: any LoginSessions
  private let book: LoginBook
  private let watch: () -> SessionWatch?
  private let log: Log
  private var complaints = RateLimit(every: .seconds(60))

  /// `watch` gives who watches the sessions of the machine, once they are there.
  init(
    own: any MachineAddresses, sessions: any LoginSessions, book: LoginBook, log: Log,
    watch: @escaping () -> SessionWatch?
  ) {
    self.own = own
    self.sessions = sessions
    self.book = book
    self.log = log
    self.watch = watch
  }

  /// A question's login, with its origin as a policy has it resolved; nil if there is no policy.
  func resolve(
    _ question: Question, in frame: Span<UInt8>, for policy: Policy?,
    at connection: ClientConnection
  ) -> AskedLogin {
    AskedLogin(
      question, in: frame, isOwn: { [own] in own.isOwn($0, zone: $1) },
      isLocalByPolicy: { policy?.isLocalWithoutAddress($0) ?? false },
      lookUp: { origin(of: $0, for: policy, at: connection) })
  }

  /// Where the login session of the process at the other end was opened from.
  private func origin(
    of caller: Caller, for policy: Policy?, at connection: ClientConnection
  ) -> SessionOrigin {
    do throws(SystemError) {
      let found = try SessionOrigin(
        process: connection.peer, caller: caller, in: sessions, by: judge(for: policy))
      // The number is that of the process that connected, which now waits at its own socket: as
      // long as it does, no other process can have the number. Should it have died, it may be
      // another's that was looked at; then its socket is closed, too.
      return connection.isOpen ? found : .unknown
    } catch {
      if let unsaid = complaints.take(at: .now) {
        let more = unsaid > 0 ? " (and \(unsaid) more since the last such entry)" : ""
        log.post(
          .warning, .originsUnknown,
          "an origin is unknown, since a session cannot be read: \(error)\(more)")
      }
      return .unknown
    }
  }

  /// What judges sessions under a policy; nil if there is none.
  func judge(for policy: Policy?) -> SessionJudge {
    SessionJudge(
      isOwn: { [own] in own.isOwn($0, zone: $1) },
      isLocalByPolicy: { policy?.isLocalWithoutAddress($0) ?? false },
      isSelfLogin: { [unowned self] in isSelfLogin($0) },
      arrivals: { [book] in book.arrivals.origins(of: $0, since: $1) },
      seenSince: watch()?.isWatching == true ? book.seenSince : nil)
  }

  /// Why origins may be unknown now that would be known otherwise; nil if nothing is wrong.
  var problem: String? { own.problem ?? watch()?.problem }

  // MARK: Who has come in

  /// Sessions are there that were not before.
  func see(_ new: [LoginSession], for policy: Policy?) {
    let judge = judge(for: policy)
    let now = SystemClock.awakeSinceBoot()
    for session in new {
      guard session.isRemoteLogin || session.isOfPerson, let name = session.userName,
        // What somebody opens who is in the machine already says nothing of where they came from.
        LocalService.of((session.service ?? "").utf8.span) != .changesUser
      else { continue }
      let user = Name(name)
      let origin = judge.origin(of: session).origin
      book.arrive(user, from: origin, at: session.since ?? now)
      book.add(
        LoginNote(
          user: user, origin: origin, service: Name(session.service ?? ""), outcome: .seen,
          time: .now()))
    }
  }

  /// A login was answered.
  ///
  /// - Parameters:
  ///   - asked: The login.
  ///   - user: Its user's name, as it was decided on.
  ///   - isKnown: Whether a directory has confirmed the name.
  ///   - isAdmitted: Whether it was let in.
  ///   - provesPlace: Whether the policy itself let it in.
  ///   - isRefused: Whether it is certain that it was not: with no answer, or without a policy, the
  ///     module's `onerr` may have let it in.
  ///   - list: The list that decided; nil if none did.
  ///   - peer: The process that asked.
  func note(
    _ asked: AskedLogin, as user: Name, isKnown: Bool, isAdmitted: Bool, provesPlace: Bool,
    isRefused: Bool, list: DecidingList?, by peer: Int32
  ) {
    let mayOpen = !isRefused && !asked.isOfSession && SessionOpeners.mayOpen(asked.service)
    book.add(
      asked, as: user, isKnown: isKnown, isAdmitted ? .allowed : .refused,
      provesPlace: provesPlace && !asked.isOfSession, by: list, openedBy: mayOpen ? peer : nil)
    guard mayOpen else { return }
    let now = SystemClock.awakeSinceBoot()
    asked.forEachOrigin { book.arrive(user, from: $0, at: now) }
    let service = asked.service
    if asked.origin == .machine, OriginRule.isSSH(service.bytes.span), !asked.hasAddress {
      addSelfLogin(of: user, by: peer)
    }
  }

  private func addSelfLogin(of user: Name, by peer: Int32) {
    guard let process = try? sessions.status(ofProcess: peer) else { return }
    var processes = [SelfLogin.Process(number: peer, start: process.start)]
    if let parent = try? sessions.status(ofProcess: process.parent) {
      processes.append(.init(number: process.parent, start: parent.start))
    }
    book.add(SelfLogin(user: user, processes: processes))
  }

  /// Whether the process that opened a session is that of such a login, and not of the listening sshd.
  private func isSelfLogin(_ session: LoginSession) -> Bool {
    guard let leader = session.leader, let user = session.userName.map({ Name($0) }),
      let start = (try? sessions.status(ofProcess: leader))?.start
    else { return false }
    let process = SelfLogin.Process(number: leader, start: start)
    return book.selfLogins.contains { $0.user == user && $0.processes.contains(process) }
  }
}
