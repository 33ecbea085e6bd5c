import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy

/// Whether the machine has the users and groups that a policy names, and spells them so.
struct NameFit {
  /// A name that the policy has.
  private struct Mention: Sendable {
    let name: Name
    let isGroup: Bool
    let location: SourceLocation

    var kind: String { isGroup ? "group" : "user" }
  }

  /// What the directory says of a name.
  private enum Answer: Sendable {
    /// It has it, spelt like this.
    case present(Name)
    case absent
    case failed(String)
  }

  let policy: Policy
  let occasion: PolicyFit.Occasion
  let localUsers: Set<Name>
  let localGroups: Set<Name>

  /// The most names for each of which it is said that the directory failed.
  private static let failureLimit = 20

  func diagnostics(
    _ directory: any NameDirectory, _ calls: BlockingCalls, within time: Duration,
    _ progress: (Int, Int) -> Void
  ) -> [Diagnostic] {
    // A name that stands in the machine's own files is there, and spelt so.
    let users = policy.mentionedUsers.filter { !localUsers.contains($0.key) }
      .map { Mention(name: $0.key, isGroup: false, location: $0.value) }
    let groups = policy.mentionedGroups.filter { !localGroups.contains($0.key) }
      .map { Mention(name: $0.key, isGroup: true, location: $0.value) }
    let mentions = (users + groups).sorted { $0.location < $1.location }
    let answers = calls.results(
      of: mentions, within: time, progress: { progress($0, mentions.count) }
    ) { mention in Self.answer(about: mention, directory) }
    let foreign = Dictionary(
      policy.foreignNames.map { (ForeignKey(name: $0.name, isGroup: $0.isGroup), $0) },
      uniquingKeysWith: { first, _ in first })
    let confined = policy.confinedNames
    var found: [Diagnostic] = []
    var failures: [Diagnostic] = []
    var late: [Mention] = []
    for (mention, answer) in zip(mentions, answers) {
      let foreign = foreign[ForeignKey(name: mention.name, isGroup: mention.isGroup)]
      switch answer {
      case .present(mention.name): break
      case .present(let spelling): found.append(otherSpelling(of: mention, spelling))
      case .absent: found.append(absence(of: mention, foreign, confined))
      case .failed(let problem):
        failures.append(foreign?.warning ?? unread(mention, because: problem))
      case nil:
        if let foreign { found.append(foreign.warning) }
        late.append(mention)
      }
    }
    return found + bounded(failures) + lateness(of: late, after: time)
  }

  private struct ForeignKey: Hashable {
    let name: Name
    let isGroup: Bool
  }

  private static func answer(
    about mention: Mention, _ directory: any NameDirectory
  ) -> Answer {
    do throws(DirectoryError) {
      let spelling =
        mention.isGroup
        ? try directory.group(named: mention.name)?.name
        : try directory.account(of: mention.name)?.name
      return spelling.map { .present($0) } ?? .absent
    } catch {
      return .failed(error.description)
    }
  }

  // MARK: What is said

  /// `other_spelling`: the rules of this name are for nobody, since a login has the directory's.
  private func otherSpelling(of mention: Mention, _ spelling: Name) -> Diagnostic {
    let message =
      "the directory spells the \(mention.kind) `\(mention.name)` as `\(spelling)`, "
      + "so the rules of this name apply to nobody"
    let quotes = spelling.bytes.contains(UInt8(ascii: "\\")) ? ", without double quotes" : ""
    let remedy = "write `\(spelling)`\(quotes)"
    if case .start = occasion {
      return Diagnostic(
        warning: .otherSpelling, location: mention.location, message: message, remedy: remedy)
    }
    return Diagnostic(
      error: .otherSpelling, location: mention.location, message: message, remedy: remedy)
  }

  private func absence(
    of mention: Mention, _ foreign: ForeignName?,
    _ confined: (users: Set<Name>, groups: Set<Name>)
  ) -> Diagnostic {
    if let foreign {
      return switch occasion {
      case .check, .change: foreign.error
      case .reload, .start: foreign.warning
      }
    }
    let message =
      "there is no \(mention.kind) `\(mention.name)` on this machine, so its rules apply to nobody"
    let isConfined = (mention.isGroup ? confined.groups : confined.users).contains(mention.name)
    if case .change(let allowed) = occasion, isConfined, !allowed.contains(mention.name) {
      return Diagnostic(
        error: mention.isGroup ? .unknownGroup : .unknownUser, location: mention.location,
        message: message + ", and what they confine stays open",
        remedy: (nearest(to: mention).map { "\($0); or " } ?? "correct the name, or ")
          + "add --allow-unknown=\(mention.name) if it is right")
    }
    return Diagnostic(
      warning: mention.isGroup ? .unknownGroup : .unknownUser, location: mention.location,
      message: message, remedy: nearest(to: mention))
  }

  /// The local name that was most likely meant.
  private func nearest(to mention: Mention) -> String? {
    if let written = mention.name.withBackslashes {
      return "between double quotes a backslash makes another character: write '\(written)'"
    }
    let local = mention.isGroup ? localGroups : localUsers
    let beforeDomain = Name(bytes: mention.name.bytes.prefix { $0 != UInt8(ascii: "@") })
    if beforeDomain != mention.name, local.contains(beforeDomain) {
      return "write `\(beforeDomain)`: the name is not followed by a host here"
    }
    return nearestName(to: mention.name.description, among: local.map(\.description))
      .map { "did you mean `\($0)`?" }
  }

  private func unread(_ mention: Mention, because problem: String) -> Diagnostic {
    Diagnostic(
      warning: mention.isGroup ? .groupNotRead : .userNotRead, location: mention.location,
      message: "cannot find out whether there is a \(mention.kind) `\(mention.name)`: \(problem)")
  }

  private func bounded(_ failures: [Diagnostic]) -> [Diagnostic] {
    guard failures.count > Self.failureLimit, let next = failures.dropFirst(Self.failureLimit).first
    else { return failures }
    return failures.prefix(Self.failureLimit) + [
      Diagnostic(
        warning: .userNotRead, location: nil,
        message: "the same for \(failures.count - Self.failureLimit) more names: "
          + next.message)
    ]
  }

  private func lateness(of late: [Mention], after time: Duration) -> [Diagnostic] {
    [false, true].compactMap { isGroup in
      let names = late.filter { $0.isGroup == isGroup }
      guard let first = names.first else { return nil }
      let many = names.count > 1 ? " and \(names.count - 1) more" : ""
      return Diagnostic(
        warning: isGroup ? .groupNotRead : .userNotRead, location: first.location,
        message: "the directory did not say within \(durationInWords(time)) whether there is a "
          + "\(first.kind) `\(first.name)`\(many)",
        remedy: "try again when it answers: getent \(isGroup ? "group" : "passwd") \(first.name)")
    }
  }
}
