import GatehouseControl
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy
import GatehouseWire

/// The answer to a login.
enum LoginAnswer: Sendable {
  /// The serving policy decided.
  case decided(Ruling)
  /// No policy serves; the module's option `onerr` decides.
  case noPolicy
  /// The login is local, and its PAM line leaves local logins alone: nothing is decided or logged.
  case local

  /// What was decided, and by what; nil if nothing was.
  var ruling: Ruling? {
    if case .decided(let ruling) = self { ruling } else { nil }
  }

  /// The decision; nil if nothing was decided.
  var decision: Decision? { ruling?.decision }

  /// The reason, as the log and the module get it.
  var reason: String {
    switch self {
    case .decided(let ruling): ruling.decision.reason.rawValue
    case .noPolicy: LoginHistory.noPolicy
    case .local: Reason.local.rawValue
    }
  }

  /// The answer, as the module gets it.
  var wire: AnswerDecision {
    switch self {
    case .decided(let ruling):
      switch ruling.decision.verdict {
      case .allow: .allow
      case .deny: .deny
      case .ignore: .ignore
      }
    case .noPolicy: .noPolicy
    case .local: .local
    }
  }
}

/// The answers since the daemon started, counted for each question.
struct AnswerCounts {
  /// The most services that are told apart.
  private static let serviceLimit = 32
  private static let otherServices: Name = "other"

  /// There are few services, and few kinds of answers by each, so looking through them takes less time
  /// than a hash of one.
  private var answers: [DaemonStatus.Answers] = []
  private var services: [Name] = []

  /// The counts as the status has them.
  var value: DaemonStatus.Counts {
    var value = DaemonStatus.Counts()
    value.answers = answers
    for answer in answers {
      switch answer.verdict {
      case .allow?: value.allow += answer.count
      case .deny?: value.deny += answer.count
      case .ignore?: value.ignore += answer.count
      case nil: value.noPolicy += answer.count
      }
      if answer.wouldDeny { value.wouldDeny += answer.count }
      if let reason = answer.reason { value.reasons[reason, default: 0] += answer.count }
    }
    return value
  }

  /// Counts an answered login; one that is left alone as local does not count.
  ///
  /// - Parameters:
  ///   - answer: The answer.
  ///   - service: The PAM service, as it was judged.
  ///   - mode: The mode of the policy that decided; nil without one.
  mutating func count(_ answer: LoginAnswer, by service: Name, in mode: Mode?) {
    if case .local = answer { return }
    let decision = answer.decision
    let place = answers.firstIndex {
      $0.reason == decision?.reason && $0.verdict == decision?.verdict && $0.mode == mode
        && $0.wouldDeny == decision?.wouldDeny ?? false && $0.service == service
    }
    if let place {
      answers[place].count += 1
    } else if services.contains(service) || services.count < Self.serviceLimit
      || service == Self.otherServices
    {
      if !services.contains(service), service != Self.otherServices { services.append(service) }
      answers.append(
        DaemonStatus.Answers(
          service: service, verdict: decision?.verdict, reason: decision?.reason,
          wouldDeny: decision?.wouldDeny ?? false, mode: mode, count: 1))
    } else {
      count(answer, by: Self.otherServices, in: mode)
    }
  }
}

/// Makes the ids that a refused user quotes: ten characters with 50 random bits, which sound different
/// when they are read out over the telephone.
struct AnswerIDs {
  /// Lowercase letters and digits without l, o, 0 and 1.
  private static let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789".utf8)
  private static let length = 10

  private var random: [UInt8] = []
  private var used = 0

  /// The next id; the kernel is asked for the random bytes of many at once.
  mutating func next() throws(SystemError) -> String {
    if used + Self.length > random.count { try refill() }
    let alphabet = Self.alphabet
    // SAFETY: as many bytes are written as there is room for, and all of them are ASCII.
    let id = unsafe String(unsafeUninitializedCapacity: Self.length) { id in
      for place in 0..<Self.length {
        // Five of the bits: there are 32 letters.
        unsafe id[place] = alphabet[Int(random[used + place] & 31)]
      }
      return Self.length
    }
    used += Self.length
    return id
  }

  private mutating func refill() throws(SystemError) {
    random = try Machine.randomBytes(256)
    used = 0
  }
}
