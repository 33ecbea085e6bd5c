import GatehouseControl
import GatehouseIdentity
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy
import GatehouseRecord
import GatehouseWire

/// Answers requests by the serving generation.
///
/// Lives on the loop. A question whose user is known is answered before the call returns; else as soon as a reading of
/// the user's identity has come, or its time is over. Then, with the answer sent, it is logged.
final class Answerer {
  /// Makes replies beside the loop; at most as many wait as there are connections.
  let replies: Worker
  let tests: PAMTests
  let keeper: PolicyKeeper
  let identities: IdentityService
  let grants: GrantBook
  let codes: CodeBook
  let denials: DenialBook
  let shadows: ShadowKeeper
  let sessions: any LoginSessions
  let origins: OriginResolver
  let book: LoginBook
  let endings: EndingWatch
  let own: any MachineAddresses
  let log: Log
  private let hostName: String
  let folder: String
  let socket: String
  let startedAt = Instant.now()
  private var ids = AnswerIDs()
  /// The answer that is being sent.
  var frame = Frame(.answer)
  private(set) var counts = AnswerCounts()
  private(set) var latencies = DaemonStatus.Latencies()
  private(set) var malformedRequests = 0

  init(
    replies: Worker, tests: PAMTests, keeper: PolicyKeeper, identities: IdentityService,
    grants: GrantBook, codes: CodeBook,
    denials: DenialBook, shadows: ShadowKeeper,
    sessions: any LoginSessions, origins: OriginResolver, book: LoginBook, endings: EndingWatch,
    own: any MachineAddresses, log: Log, hostName: String, folder: String, socket: String
  ) {
    self.replies = replies
    self.tests = tests
    self.keeper = keeper
    self.identities = identities
    self.grants = grants
    self.codes = codes
    self.denials = denials
    self.shadows = shadows
    self.sessions = sessions
    self.origins = origins
    self.book = book
    self.endings = endings
    self.own = own
    self.log = log
    self.hostName = hostName
    self.folder = folder
    self.socket = socket
  }

  /// Answers a request, now or later; throws if it is malformed.
  func answer(_ frame: Span<UInt8>, for connection: ClientConnection) throws(WireError) {
    do throws(WireError) {
      if try Header(of: frame).kind == Kind.question.rawValue {
        answer(try Question(decoding: frame), in: frame, connection)
      } else {
        try answer(RequestKind(of: frame), frame, connection)
      }
    } catch {
      malformedRequests += 1
      throw error
    }
  }

  /// Answers an administrator's request.
  private func answer(
    _ kind: RequestKind, _ frame: Span<UInt8>, _ connection: ClientConnection
  ) throws(WireError) {
    switch kind {
    case .explain: explain(try ExplainRequest(decoding: frame), connection)
    case .status: status(try StatusRequest(decoding: frame), connection)
    case .reload:
      try reload(try ReloadRequest(decoding: frame), connection)
    case .judge: try judge(try JudgeRequest(decoding: frame), connection)
    case .trial: try begin(try TrialRequest(decoding: frame), connection)
    case .confirm: confirm(try ConfirmRequest(decoding: frame), connection)
    case .endTrial: end(try EndTrialRequest(decoding: frame), connection)
    case .grant: grant(try GrantRequest(decoding: frame), connection)
    case .grants:
      reply(to: try GrantsRequest(decoding: frame), GrantList(grants: grants.grants), connection)
    case .revoke: revoke(try RevokeRequest(decoding: frame), connection)
    case .approve: approve(try ApproveRequest(decoding: frame), connection)
    case .shadow:
      let request = try ShadowRequest(decoding: frame)
      let (candidate, monitored) = shadows.watched(beside: keeper.serving)
      reply(to: request, connection) {
        ShadowState(watched: [candidate?.value, monitored?.value].compactMap(\.self))
      }
    case .startShadow:
      let request = try StartShadowRequest(decoding: frame)
      shadows.start(try candidate(from: connection)) { [unowned self] in
        reply(to: request, $0, connection)
      }
    case .stopShadow:
      let request = try StopShadowRequest(decoding: frame)
      shadows.stop { [unowned self] in reply(to: request, $0, connection) }
    case .services:
      let request = try ServicesRequest(decoding: frame)
      book.uses { [unowned self] in reply(to: request, $0, connection) }
    case .places:
      let request = try PlacesRequest(decoding: frame)
      book.read { [unowned self] record in
        reply(to: request, connection) { PlaceList(record, of: request.user) }
      }
    case .history:
      let request = try HistoryRequest(decoding: frame)
      let file = try history(from: connection)
      book.take(history: { LoginRecord(in: file) }) { [unowned self] in
        reply(to: request, $0, connection)
      }
    case .sessions: sessions(try SessionsRequest(decoding: frame), connection)
    case .letters: letters(try LettersRequest(decoding: frame), connection)
    case .refresh: refresh(try RefreshRequest(decoding: frame), connection)
    case .pamTest:
      let request = try PAMTestRequest(decoding: frame)
      tests.begin(request, for: connection) { [unowned self] in
        reply(to: request, $0, connection)
      }
    }
  }

  /// Sends a reply, and ends the connection.
  func reply<R: Request>(to request: R, _ value: R.Reply, _ connection: ClientConnection) {
    reply(to: request, connection) { value }
  }

  /// Makes a reply, sends it, and ends the connection.
  ///
  /// It may be long, so it is made and encoded on the thread beside the loop.
  func reply<R: Request>(
    to _: R, _ connection: ClientConnection, _ value: @escaping @Sendable () -> R.Reply
  ) {
    replies.run { () -> Result<SealedMemoryFile, any Error> in
      Result {
        let bytes = try ValueEncoder.encode(value())
        guard bytes.count <= ControlLimit.reply else { throw ReplyTooLong(count: bytes.count) }
        return try SealedMemoryFile(bytes)
      }
    } then: { [log] result in
      switch result {
      case .success(let file): connection.reply(file)
      case .failure(let error):
        log.post(.error, .failed, "a reply (\(R.kind)) could not be sent: \(error)")
        connection.reply(nil)
      }
    }
  }

  private struct ReplyTooLong: Error, CustomStringConvertible {
    let count: Int
    var description: String { "it has \(count) bytes, more than \(ControlLimit.reply)" }
  }

  /// How long the daemon may take, so that its answer comes before the client gives up.
  static func time(for timeLeft: UInt32) -> Duration {
    let most: UInt32 = 60_000
    let time = min(timeLeft, most)
    let reserve = min(max(time / 10, 5), 200)
    return .milliseconds(UInt64(time > reserve ? time - reserve : 0))
  }

  // MARK: Questions

  private func answer(_ question: Question, in frame: Span<UInt8>, _ connection: ClientConnection) {
    let generation = keeper.serving
    let asked = origins.resolve(question, in: frame, for: generation?.policy, at: connection)
    let subject = QuestionSubject(of: question, in: frame)
    let time = Self.time(for: question.timeLeft)
    guard let policy = generation?.policy, let outsider = asked.outsider,
      policy.mayBeServiceAccount(outsider.name)
    else { return answer(asked, about: subject, within: time, generation, connection) }
    resolve(outsider, of: asked, by: policy, within: time) { [unowned self] asked, time in
      answer(asked, about: subject, within: time, generation, connection)
    }
  }

  /// Finds out whether the caller, in no session, is a service account, and calls back with the login
  /// and the time that is left.
  private func resolve(
    _ outsider: SessionOrigin.Outsider, of asked: AskedLogin, by policy: Policy,
    within time: Duration, _ completion: @escaping (AskedLogin, Duration) -> Void
  ) {
    guard let scope = keeper.serving?.identityScope else { return completion(asked, time) }
    let begin = Uptime.now
    identities.find(outsider.name, for: scope, within: time / 2) { identity in
      var asked = asked
      if let identity, let user = identity.userID, outsider.users.allSatisfy({ $0 == user }),
        policy.isServiceAccount(user: identity.name, groups: identity.groups)
      {
        asked = asked.asLocal
      }
      completion(asked, max(.zero, time - (.now - begin)))
    }
  }

  private func answer(
    _ asked: AskedLogin, about subject: QuestionSubject, within time: Duration,
    _ generation: Generation?, _ connection: ClientConnection
  ) {
    switch subject {
    case .networks(let names): return answer(asked, in: names, generation, connection)
    case .factor: return answerFactor(of: asked, within: time, generation, connection)
    case .code(let text):
      return answerCode(text, of: asked, within: time, generation, connection)
    case .login(leavesLocal: true) where asked.isLocal:
      let isTest = tests.isTested(connection.peer)
      _ = send(.local, id: "", connection)
      if isTest { note(asked, .local, id: "", message: "", connection) }
    case .login: answer(asked, within: time, generation, connection)
    }
  }

  private func answer(
    _ asked: AskedLogin, in network: Name, _ generation: Generation?,
    _ connection: ClientConnection
  ) {
    let networks = network.bytes.split(separator: UInt8(ascii: ",")).map { Name(bytes: $0) }
    let reason = NetworkReason(
      of: asked.origins, in: networks, by: generation?.policy, at: .now())
    let id = nextID()
    frame.setAnswer(reason.answer, reason: reason.rawValue, id: id)
    let isTest = tests.isTested(connection.peer)
    let wasDelivered = connection.reply(&frame)
    if isTest {
      let answered = PAMTestResult.Answered(
        service: asked.service, user: asked.user, origin: asked.origin, role: nil,
        network: network, answer: reason.answer.word, reason: reason.rawValue, id: id)
      return tests.add(answered, of: connection.peer)
    }
    let record = NetworkRecord(
      asked: asked, networks: networks,
      missing: networks.filter { generation?.policy.hasNetwork($0) == false }, reason: reason,
      generation: generation?.label, id: id, peer: connection.peer, wasDelivered: wasDelivered)
    log.post(record.priority) { record.entry }
  }

  private func answer(
    _ asked: AskedLogin, within time: Duration, _ generation: Generation?,
    _ connection: ClientConnection
  ) {
    guard let generation else {
      return finish(
        asked, as: ResolvedUser(nil, of: asked.user), .noPolicy, nil, connection)
    }
    // Nobody in the machine's directory is meant.
    if generation.policy.hasVirtualAccounts(asked.service) {
      return decide(
        asked, as: ResolvedUser(asked.user, groups: []), generation, connection)
    }
    let scope = generation.identityScope
    if let identity = identities.known(asked.user, for: scope) {
      return decide(asked, as: ResolvedUser(identity, of: asked.user), generation, connection)
    }
    // What the first steps decide without groups must not wait for a directory.
    let nobody = ResolvedUser(nil, of: asked.user)
    let early = asked.ruling(by: generation.policy, as: nobody)
    if early.step <= .blocked, early.step != .roleMembership,
      early.decision.reason != .identityUnavailable
    {
      return finish(asked, as: nobody, .decided(early), generation, connection)
    }
    identities.read(asked.user, for: scope, within: time) { [unowned self] identity in
      decide(asked, as: ResolvedUser(identity, of: asked.user), generation, connection)
    }
  }

  private func decide(
    _ asked: AskedLogin, as user: ResolvedUser, _ generation: Generation,
    _ connection: ClientConnection
  ) {
    let ruling = asked.ruling(by: generation.policy, as: user, grants: grants.grants)
    finish(asked, as: user, .decided(ruling), generation, connection)
  }

  /// Sends the answer, and only then counts and logs it; `generation` is nil if there is no policy.
  private func finish(
    _ asked: AskedLogin, as resolved: ResolvedUser, _ answer: LoginAnswer,
    _ generation: Generation?, _ connection: ClientConnection
  ) {
    // As it was decided on.
    let user = resolved.name
    let ruling = answer.ruling
    let isDenied = ruling?.decision.verdict == .deny
    let asked = ruling.map { asked.decided(by: $0.origin) } ?? asked
    let id = nextID()
    var message = ""
    if isDenied, let ruling, ruling.isAboutOrigin, let policy = generation?.policy {
      message = policy.message.expand(
        address: asked.shownOrigin, user: user.description, service: asked.service.description,
        host: hostName, id: id)
    }
    let isTest = tests.isTested(connection.peer)
    var plan: CodePlan?
    if !isTest, isDenied, let ruling, let generation {
      plan = codePlan(for: asked, as: resolved, ruling.decision, generation, connection)
      if let sentence = plan?.sentence { message = message.followed(by: sentence) }
    }
    let wasDelivered = send(answer, message: message, id: id, connection)
    if isTest {
      return note(asked, answer, id: id, message: message, connection)
    }
    counts.count(answer, by: asked.service, in: generation?.policy.mode)
    if let arrival = connection.arrival {
      latencies.add(microseconds: Int((.now - arrival).wholeMicroseconds))
    }
    let record = AnswerRecord(
      asked: asked, user: user, answer: answer, generation: generation?.label, id: id,
      peer: connection.peer, wasDelivered: wasDelivered)
    log.post(record.priority, record)
    origins.note(
      asked, as: user, isKnown: resolved.isKnown, isAdmitted: ruling != nil && !isDenied,
      provesPlace: ruling.map { $0.decision.verdict == .allow && !$0.decision.wouldDeny } ?? false,
      isRefused: isDenied && wasDelivered, list: ruling?.list, by: connection.peer)
    guard let ruling, let generation else { return }
    if generation.source == .candidate, let trial = keeper.trial, trial.generation === generation {
      trial.note(ruling.decision, of: user, from: asked.origin)
    }
    if isDenied { denials.add(asked.denial(ruling.decision, of: user, id: id)) }
    if let plan, wasDelivered { carryOut(plan, for: asked, as: user, denial: id) }
    shadows.judge(asked, as: user, ruling, by: generation, id: id)
  }

  /// Remembers the answer to a question that was a test, and nothing else of it.
  private func note(
    _ asked: AskedLogin, _ answer: LoginAnswer, id: String, message: String,
    _ connection: ClientConnection
  ) {
    let decision = answer.decision
    let answered = PAMTestResult.Answered(
      service: asked.service, user: asked.user, origin: asked.origin, role: asked.role,
      network: nil, answer: answer.wire.word, reason: answer.reason, rule: decision?.rule,
      wouldDeny: decision?.wouldDeny ?? false, roles: decision?.roles ?? [], id: id,
      message: message)
    tests.add(answered, of: connection.peer)
  }

  /// Sends an answer and ends the connection; false if the asker had gone.
  private func send(
    _ answer: LoginAnswer, message: String = "", id: String, _ connection: ClientConnection
  ) -> Bool {
    Self.send(answer, message, id, in: &frame, connection)
  }

  private static func send(
    _ answer: LoginAnswer, _ message: String, _ id: String, in frame: inout Frame,
    _ connection: ClientConnection
  ) -> Bool {
    let ruling = answer.ruling
    frame.setAnswer(
      answer.wire, reason: answer.reason, message: message, id: id,
      roles: ruling?.decision.roles ?? [], wouldDeny: ruling?.decision.wouldDeny ?? false)
    return connection.reply(&frame)
  }

  func nextID() -> String {
    do throws(SystemError) {
      return try ids.next()
    } catch {
      // Without random bytes a login is still decided; its entry is found by user and time.
      log.post(.error, .failed, "an answer has no id of its own: \(error)")
      return "none"
    }
  }
}

extension Ruling {
  /// Whether a denial is about where the user comes from, so that the policy's message says what is
  /// wrong; for other denials the module has a text of its own.
  fileprivate var isAboutOrigin: Bool {
    switch decision.reason {
    case .userUnknown, .identityUnavailable, .noAddress, .sessionUnclear, .localNotListed: false
    case .roleUnavailable: step != .roleMembership
    default: true
    }
  }
}

extension String {
  /// The text and a sentence after it, of which the sentence is whole in an answer.
  fileprivate func followed(by sentence: String) -> String {
    guard !isEmpty else { return sentence }
    let room = WireLimit.message - sentence.utf8.count - 1
    let end = utf8.index(startIndex, offsetBy: room, limitedBy: endIndex) ?? endIndex
    return "\(String(unicodeScalars[..<end])) \(sentence)"
  }
}

extension Policy {
  /// Whether a user would be a service account, if they were in the right groups.
  fileprivate func mayBeServiceAccount(_ user: Name) -> Bool {
    isServiceAccount(user: user, groups: groupNames)
  }
}

/// What a question asks about a login.
private enum QuestionSubject {
  /// Whether it may go on; a local one may be left to the module.
  case login(leavesLocal: Bool)
  /// Whether its origin is in one of these networks, joined by commas.
  case networks(Name)
  /// Whether a second factor is needed.
  case factor
  /// Whether a code is open, or, if one was entered, whether it is right.
  case code([UInt8]?)

  init(of question: Question, in frame: Span<UInt8>) {
    let flags = question.login.flags
    if let networks = question.network {
      self = .networks(Name(bytes: frame.array(of: networks)))
    } else if flags.asksCode {
      self = .code(frame.array(ifPresent: question.code))
    } else {
      self = flags.asksFactor ? .factor : .login(leavesLocal: flags.leavesLocal)
    }
  }
}

extension AnswerDecision {
  /// The word for it in a reply.
  var word: String {
    switch self {
    case .allow: "allow"
    case .deny: "deny"
    case .ignore: "ignore"
    case .noPolicy: "no_policy"
    case .local: "local"
    }
  }
}

extension Frame {
  /// Makes it an answer; see `setAnswer` of GatehouseWire.
  mutating func setAnswer(
    _ decision: AnswerDecision, reason: String, message: String = "", id: String,
    roles: [Name] = [], wouldDeny: Bool = false
  ) {
    var joined: [UInt8] = []
    for role in roles {
      if !joined.isEmpty { joined.append(UInt8(ascii: ",")) }
      joined += role.bytes
    }
    setAnswer(
      decision, reason: reason.utf8.span, message: message.utf8.span, id: id.utf8.span,
      roles: joined.span, wouldDeny: wouldDeny)
  }
}
