import ArgumentParser
import GatehouseControl
import GatehouseJSON
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// Answers questions from a policy, without the daemon.
struct PolicyAnswers {
  private let policy: Policy
  private var users: KnownUsers

  init(_ policy: Policy) {
    self.policy = policy
    users = KnownUsers(among: policy.groupNames)
  }

  /// The full explanation.
  mutating func explain(_ question: ExplainQuestion) -> ExplainedLogin {
    let (login, source) = login(question)
    return ExplainedLogin(
      explanation: policy.explain(login),
      // There is no record beside it, so each place is new.
      factor: policy.explainFactor(of: login, isNewPlace: true),
      remoteHost: question.from ?? "", groupSource: source,
      groupService: source == .nss ? users[question.user].source : nil,
      policy: PolicyIdentity(policy))
  }

  /// The decision without its explanation.
  mutating func decide(_ question: ExplainQuestion) -> Decision {
    policy.decide(login(question).login)
  }

  /// The login that a question is about, and where the user's groups are from.
  mutating func login(
    _ question: ExplainQuestion
  ) -> (login: Login, groups: ExplainedLogin.GroupSource) {
    var (name, groups, source) = (
      question.user, question.groups, ExplainedLogin.GroupSource.given
    )
    var isRoot: Bool?
    if policy.hasVirtualAccounts(question.service) {
      (groups, source) = ([], .virtualAccounts)
    } else if groups == nil {
      let user = users[question.user]
      (name, groups, source) = (user.name, user.groups, user.isKnown ? .nss : .unknownUser)
      isRoot = user.isRoot
    }
    let login = Login(
      user: name, groups: groups, isRoot: isRoot, service: question.service,
      origin: question.origin, time: question.time ?? .now(), role: question.role)
    return (login, source)
  }
}

/// `gatehouse explain --batch`: reads questions as lines of JSON, and answers each with a line.
struct Batch {
  /// In bytes; a question has a few hundred.
  private static let longestLine = 1 << 20
  private static let fullOutput = 1 << 16

  /// Answers a question with a line, newline included.
  private let answer: (ExplainQuestion, inout [UInt8]) throws -> Void
  private var output: [UInt8] = []
  private var lines = 0
  private var refused = 0

  init(answer: @escaping (ExplainQuestion, inout [UInt8]) throws -> Void) {
    self.answer = answer
  }

  /// Answers standard input to its end.
  mutating func run() throws {
    do {
      try answerAll()
      try flush()
    } catch {
      try flush()
      throw error
    }
    if refused > 0 {
      throw CommandFailure.misuse("\(refused) of \(lines) lines were not valid questions")
    }
  }

  private mutating func answerAll() throws {
    var buffer = LineBuffer(limit: Self.longestLine)
    while true {
      let block: [UInt8]
      do throws(SystemError) {
        block = try StandardStream.nextInput()
      } catch {
        throw CommandFailure.unreadable("standard input", error)
      }
      if block.isEmpty { break }
      buffer.append(block[...])
      while let line = buffer.next() { try take(line, of: buffer) }
      // Answers come out before the program waits for more input.
      try flush()
    }
    if let line = buffer.last() { try take(line, of: buffer) }
  }

  private mutating func take(_ line: LineBuffer.Line, of buffer: LineBuffer) throws {
    lines += 1
    switch line {
    case .complete(let range):
      do {
        try answer(ExplainQuestion(buffer.bytes, in: range), &output)
      } catch let error as JSONError {
        refuse("line \(lines), column \(error.column): \(error.problem)")
      } catch let error as UnaskableQuestion {
        refuse("line \(lines): \(error.problem)")
      }
    case .tooLong:
      refuse("line \(lines): longer than \(Self.longestLine) bytes")
    }
    if output.count >= Self.fullOutput { try flush() }
  }

  private mutating func refuse(_ problem: String) {
    refused += 1
    var writer = JSONWriter()
    writer.batchLine(error: problem)
    output += writer.bytes
  }

  private mutating func flush() throws {
    try Terminal.print(output)
    output.removeAll(keepingCapacity: true)
  }
}
