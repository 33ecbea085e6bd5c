import ArgumentParser
import GatehouseFit
import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import Synchronization

/// The machine's users and groups, asked on threads that the command does not wait for past a
/// deadline.
enum ThisDirectory {
  private static let directory = SystemDirectory()
  private static let calls = BlockingCalls(atMost: 16)

  /// How long a command waits for everything that it asks of the directory, if that answers at all.
  private static let patience = Duration.seconds(60)
  /// How long it waits for one answer: as long as a login does.
  private static let answerPatience = Duration.seconds(2)
  /// How long it waits in vain for single answers, all together; after that nothing is waited for.
  private static let vainPatience = Duration.seconds(6)
  /// How long it has waited in vain.
  private static let waited = Mutex(Duration.zero)

  /// Whether a policy fits this machine.
  static let fit = PolicyFit(directory: directory, calls: calls)

  /// How long to wait for everything that is asked: as it was given, or else a minute if the directory
  /// answers at all.
  static func time(_ given: Duration?) -> Duration {
    given ?? (answers ? patience : answerPatience)
  }

  /// Whether the services that may be away answer in time, be it with an error.
  private static let answers: Bool = {
    guard !NameServices.current.distant.isEmpty else { return true }
    // A name that no file has, so that they are asked.
    return inTime { (try? directory.group(named: "gatehouse asks who answers")) == nil } != nil
  }()

  /// What a call gives; nil if that does not come in time.
  private static func inTime<Value: Sendable>(
    _ call: @escaping @Sendable () -> Value
  ) -> Value? {
    let time = waited.withLock { min(answerPatience, vainPatience - $0) }
    guard time > .zero else { return nil }
    let value = calls.result(within: time, call)
    guard value == nil else { return value }
    let isFirst = waited.withLock { waited in
      defer { waited += time }
      return waited == .zero
    }
    if isFirst {
      Terminal.say(
        "gatehouse: the directory does not answer within \(durationInWords(answerPatience)); "
          + "what only it knows counts as unknown\n")
    }
    return nil
  }

  /// Who a user is, and in which of these groups.
  ///
  /// While the directory does not answer, it is as the machine's own files say if they know all of it.
  static func reading(
    of user: Name, among groups: Set<Name>
  ) throws(DirectoryError) -> UserIdentity {
    let reading =
      inTime { [directory] in
        Result { () throws(DirectoryError) in try directory.reading(of: user, among: groups) }
      }
      ?? .failure(
        DirectoryError(
          "user \"\(user)\": the directory does not answer within "
            + durationInWords(answerPatience)))
    if case .success(let identity) = reading, identity.problem == nil { return identity }
    if let local = directory.localReading(of: user, among: groups), local.isSure { return local }
    let identity = try reading.get()
    throw DirectoryError(identity.problem ?? "user \"\(user)\": not known at the moment")
  }

  /// The entry of a group, or nil in it if there certainly is no such group; nil if the directory does
  /// not say so in time.
  static func group(named name: Name) -> GroupEntry?? {
    let answer = inTime { [directory] in Result { try directory.group(named: name) } }
    guard case .success(let group)? = answer else { return nil }
    return group == nil && !directory.isCertainOfGroupAbsence ? nil : .some(group)
  }

  /// The name of a user by number; nil if there is none, or it cannot be read in time.
  static func name(ofUser user: UInt32) -> Name? {
    inTime { (try? SystemDirectory.name(ofUser: user)).flatMap(\.self) }.flatMap(\.self)
  }

  /// What of the machine's files a user may read; nil if there is no such user, or that is not known in
  /// time.
  static func fileReader(of user: Name) -> FileReader? {
    inTime { [directory] in
      (try? directory.account(of: user)).flatMap(\.self).map { account in
        FileReader(
          id: account.userID, groups: directory.memberships(of: account, among: []).ids)
      }
    }.flatMap(\.self)
  }

  /// Everybody whom a question about everybody covers.
  ///
  /// - Parameters:
  ///   - named: Users to include whether the directory knows them or not.
  ///   - groups: The groups that matter.
  ///   - time: How long to wait for all of it; nil for as long as `time` says.
  /// - Returns: The users, and a sentence on each reason why some may be missing.
  /// - Throws: If it cannot be found out who is in which group.
  static func population(
    named: Set<Name>, among groups: Set<Name>, within time: Duration?
  ) throws(CommandFailure) -> (people: [UserIdentity], notes: [String]) {
    let time = Self.time(time)
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
        remedy: "check that the directory answers: getent group; if it is only slow, "
          + "--directory-timeout waits longer")
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
      "How long to wait for users and groups, such as 90s (default: 60s, and 2s if nothing answers).",
      valueName: "duration"))
  private var text: String?

  /// How long to wait; nil if that is not said.
  var time: Duration? { text.flatMap { duration(of: $0) } }

  func validate() throws {
    guard let text else { return }
    guard let time = duration(of: text), time > .zero else {
      throw ValidationError(
        "--directory-timeout \(text): not a duration, which is a number and s, m or h, such as 90s")
    }
  }
}
