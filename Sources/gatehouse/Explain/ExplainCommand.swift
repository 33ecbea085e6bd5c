import ArgumentParser
import GatehouseControl
import GatehousePolicy
import GatehouseReport

/// `gatehouse explain`: the decision about one login, or about each of a batch.
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say whether a user may log in from an address, and why.",
    usage: """
      gatehouse explain USER [--from] ADDRESS [--service SERVICE] [--group GROUP …]
                               [--role ROLE] [--at TIME] [--policy PATH] [--json|--quiet]
      gatehouse explain --factor USER [--from] ADDRESS [OPTION …]
      gatehouse explain --batch [--policy PATH]
      """,
    discussion: """
      Asks the running daemon, or the policy that --policy names.

      Exit status: 0 for allow or ignore, 1 for deny (also if monitor mode lets the login \
      through).

      With --factor it says whether the user needs a second factor from there. Exit status: 0 if \
      not, 1 if so. Without the daemon, every place is a new one.

      With --batch, each line of standard input is a question in JSON, such as
        {"user": "alice", "from": "192.0.2.7", "groups": ["staff"]}
      with the members user and from, and optionally service, groups, at and role. from may be \
      empty, as for a program that gives no address. In its place, origin names the kind: self, \
      local, unknown or session (a login session that does not tell). Each question is answered by \
      one line of JSON, in order. Exit status: 0, or 2 if a line was not a valid question.
      """)

  @Argument(help: ArgumentHelp("The user who logs in.", valueName: "user"), completion: .user)
  var user: String?

  @OptionGroup var origin: OriginOptions

  private var from: String? { origin.given }

  @Option(help: "The PAM service (default: sshd; login with --from local).", completion: .service)
  var service: String?

  @Option(
    name: .customLong("group"),
    help: ArgumentHelp(
      "A group of the user, instead of the groups that this machine reports; may be repeated.",
      valueName: "group"), completion: .group)
  var groups: [String] = []

  @Option(help: "Ask for this role.", completion: .role)
  var role: String?

  @Flag(help: "Say whether a second factor is needed, and why.")
  var factor = false

  @OptionGroup var when: TimeOptions

  @Flag(help: "Answer JSON questions from standard input, one a line.")
  var batch = false

  @Option(
    help: ArgumentHelp(
      "Ask this policy, a file or a folder like /etc/gatehouse, instead of the daemon.",
      valueName: "path"), completion: .file())
  var policy: String?

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: AnswerOptions

  func validate() throws {
    guard !factor || (role == nil && !batch) else {
      throw ValidationError(
        "--factor is about one user and place: --role and --batch make no sense")
    }
    if batch {
      let named = user != nil || from != nil || !groups.isEmpty || role != nil || when.isGiven
      guard !named && service == nil else {
        throw ValidationError("--batch takes its questions from standard input only")
      }
      guard !output.quiet else {
        throw ValidationError("--batch prints its answers, so --quiet makes no sense with it")
      }
    } else {
      _ = try question()
    }
    guard policy == nil || daemon.socket == nil else {
      throw ValidationError("--policy asks no daemon, so --socket makes no sense with it")
    }
  }

  func run() throws {
    if batch { return try runBatch() }
    let question = try question()
    // Below the answer, which says first that it knows no such user.
    defer {
      NamesHere(policyAt: policy ?? Check.standardPath).hint(
        [(.user, groups.isEmpty ? user : nil), (.service, service), (.role, role)]
          + groups.map { (.group, $0) })
    }
    if let policy {
      var answers = PolicyAnswers(try PolicyFiles.usable(path: policy))
      try print(.explained(answers.explain(question)))
    }
    do {
      try print(RunningDaemon(daemon).explain(question))
    } catch let error as UnaskableQuestion {
      throw CommandFailure.misuse(
        "the daemon cannot be asked this: \(error.problem)",
        remedy: "ask the policy itself: --policy \(Check.standardPath)")
    }
  }

  private func print(_ reply: ExplainReply) throws -> Never {
    if factor { try output.print(FactorReport(reply)) }
    try output.print(reply)
  }

  private func runBatch() throws {
    if let policy {
      var answers = PolicyAnswers(try PolicyFiles.usable(path: policy))
      var writer = JSONWriter()
      var batch = Batch { question, output in
        writer.removeAll()
        writer.batchLine(answers.decide(question))
        output += writer.bytes
      }
      return try batch.run()
    }
    let daemon = RunningDaemon(daemon)
    var batch = Batch { question, output in
      let reply = try daemon.explain(question)
      output += reply.batchLine()
      if case .noPolicy = reply {
        throw CommandFailure.unreachable(
          "the daemon has no policy", remedy: "`gatehouse check` says what is wrong with it")
      }
    }
    try batch.run()
  }

  /// The question that the arguments ask.
  private func question() throws -> ExplainQuestion {
    guard let user else { throw ValidationError("which USER? (or --batch)") }
    guard let from else {
      throw ValidationError("from where? --from ADDRESS, or --from self, or --from local")
    }
    try validateNames([user, service, role] + groups)
    return ExplainQuestion(
      user: Name(user), from: from, service: service.map { Name($0) },
      groups: groups.isEmpty ? nil : Set(groups.map { Name($0) }), time: when.time,
      role: role.map { Name($0) })
  }
}
