import ArgumentParser
import GatehouseFit
import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy

/// The machine's users and groups, asked on threads that the command does not wait for past a
/// deadline.
enum ThisDirectory {
  private static let directory = SystemDirectory()
  private static let calls = BlockingCalls(atMost: 16)

  /// How long a command waits for everything that it asks of the directory.
  static let patience = Duration.seconds(60)
  /// How long it waits for one user.
  static let userPatience = Duration.seconds(15)

  /// Whether a policy fits this machine.
  static let fit = PolicyFit(directory: directory, calls: calls)

  /// Who a user is, and in which of these groups.
  static func reading(
    of user: Name, among groups: Set<Name>, within time: Duration = Self.userPatience
  ) throws(DirectoryError) -> UserIdentity {
    let reading = calls.result(within: time) { [directory] in
      Result { () throws(DirectoryError) in try directory.reading(of: user, among: groups) }
    }
    guard let reading else {
      throw DirectoryError(
        "user \"\(user)\": the directory does not answer within \(durationInWords(time))")
    }
    let identity = try reading.get()
    if let problem = identity.problem { throw DirectoryError(problem) }
    return identity
  }

  /// The name of a user by number; nil if there is none, or it cannot be read in time.
  static func name(ofUser user: UInt32) -> Name? {
    calls.result(within: userPatience) {
      (try? SystemDirectory.name(ofUser: user)).flatMap(\.self)
    }.flatMap(\.self)
  }

  /// Everybody whom a question about everybody covers.
  ///
  /// - Parameters:
  ///   - named: Users to include whether the directory knows them or not.
  ///   - groups: The groups that matter.
  ///   - time: How long to wait for all of it.
  /// - Returns: The users, and a sentence on each reason why some may be missing.
  /// - Throws: If it cannot be found out who is in which group.
  static func population(
    named: Set<Name>, among groups: Set<Name>, within time: Duration
  ) throws(CommandFailure) -> (people: [UserIdentity], notes: [String]) {
    let end = Uptime.now + time
    let listed = directory.enumeration(on: calls, within: time)
    var line = ProgressLine()
    defer { line.finish() }
    do throws(DirectoryError) {
      let population = try Population(
        of: directory, listing: listed, named: named, among: groups, on: calls,
        within: end - .now
      ) { line.show("\($0) of \($1) users read") }
      return (population.people, population.gaps.map { $0.sentence(after: time) })
    } catch {
      throw .unreachable(
        "the users and their groups cannot be read: \(error)",
        remedy: "check that the directory answers: getent group")
    }
  }
}

extension Population.Gap {
  /// What is missing, in a sentence.
  fileprivate func sentence(after time: Duration) -> String {
    switch self {
    case .cutList:
      "the directory did not list all of its users within \(durationInWords(time)), "
        + "so some are missing"
    case .silent(let services):
      "\(services.joined(separator: ", ")) (nsswitch.conf) lists no users: of its users, only those "
        + "that the policy names and the listed members of its groups are here"
    case .unread(let count, let example, let problem):
      "\(count) user\(count == 1 ? "" : "s") could not be read, such as \(example): \(problem)"
    case .late(let count, let example):
      "\(count) user\(count == 1 ? " was" : "s were") not read within \(durationInWords(time)), "
        + "such as \(example)"
    }
  }
}

/// The option that says how long to wait for the directory.
struct DirectoryOptions: ParsableArguments {
  @Option(
    name: .customLong("directory-timeout"),
    help: ArgumentHelp(
      "How long to wait for users and groups, such as 90s (default: 60s).", valueName: "duration"))
  private var text: String?

  /// How long to wait.
  var time: Duration { text.flatMap { duration(of: $0) } ?? ThisDirectory.patience }

  func validate() throws {
    guard let text else { return }
    guard let time = duration(of: text), time > .zero else {
      throw ValidationError(
        "--directory-timeout \(text): not a duration, which is a number and s, m or h, such as 90s")
    }
  }
}
