import ArgumentParser
import GatehouseChange
import GatehouseControl
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy

/// What a shell offers for a word that is being typed, looked up when it asks.
///
/// It only reads: the policy's files, the machine's own, and what the daemon answers at once. What
/// cannot be read gives no names and no message. The directory is not asked, since it may be slow.
struct Offers {
  /// At most so many names are offered.
  private static let most = 500
  /// How long the daemon may take.
  private static let patience = Duration.milliseconds(500)

  /// The words of the command line.
  private let words: [String]

  /// An offer of the names that `find` returns.
  fileprivate static func kind(
    _ find: @escaping @Sendable (Offers) -> [String]
  ) -> CompletionKind {
    .custom { words, _, typed in fitting(typed, of: find(Offers(words: words))) }
  }

  /// An offer for a list with commas, of which the last item is completed.
  fileprivate static func commaList(
    of find: @escaping @Sendable (Offers) -> [String]
  ) -> CompletionKind {
    .custom { words, _, typed in
      let given = typed.lastIndex(of: ",").map { String(typed[...$0]) } ?? ""
      return fitting(String(typed.dropFirst(given.count)), of: find(Offers(words: words)))
        .map { given + $0 }
    }
  }

  /// The names that begin with what was typed, sorted.
  private static func fitting(_ typed: String, of names: [String]) -> [String] {
    Array(
      Set(names.filter { $0.hasPrefix(typed) && isPlain($0) }).sorted().prefix(most))
  }

  /// Whether a name means itself in every shell.
  ///
  /// bash expands what it is offered, so no other name may reach it.
  private static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix("-")
      && name.utf8.allSatisfy { byte in
        byte >= 0x80 || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
          || (0x61...0x7A).contains(byte) || ".,_-+@".utf8.contains(byte)
      }
  }

  // MARK: What there is

  /// The names of the machine, and of the policy that the command line names or else the machine's.
  fileprivate func names(_ kind: NamesHere.Kind) -> [String] {
    NamesHere(policyAt: value(of: "--policy") ?? value(of: "--folder") ?? Check.standardPath)[kind]
  }

  fileprivate var grants: [Grant] {
    (try? daemon?.ask(GrantsRequest(), patience: Self.patience))?.grants ?? []
  }

  /// The ids of the newest decisions of a week, or of the denials among them.
  fileprivate func decisions(denied: Bool) -> [String] {
    var filter = DecisionFilter()
    if denied { filter.outcomes = [.deny] }
    filter.since = .now() - .seconds(7 * 86_400)
    guard var log = try? DecisionLog(.machine, filter) else { return [] }
    return (try? log.newest(50) { _ in })?.compactMap(\.id) ?? []
  }

  fileprivate var changes: [String] {
    let history = History(path: value(of: "--history") ?? History.standardPath)
    return (try? history.numbers())?.map(String.init) ?? []
  }

  fileprivate var sessions: [String] { (try? LoginManager().sessions())?.map(\.id) ?? [] }

  /// The files of the policy that `gatehouse edit` takes.
  fileprivate var policyFiles: [String] {
    let folder = value(of: "--folder") ?? Check.standardPath
    func names(in folder: String) -> [String] { (try? Files.names(in: folder)) ?? [] }
    return names(in: folder).filter { !Files.isFolder("\(folder)/\($0)") }
      + names(in: "\(folder)/policy.d").map { "policy.d/\($0)" }
  }

  private var daemon: RunningDaemon? {
    let named = value(of: "--socket").map { ["--socket", $0] } ?? []
    return (try? DaemonOptions.parse(named)).map(RunningDaemon.init)
  }

  /// The value of an option that was typed before.
  private func value(of option: String) -> String? {
    guard let index = words.lastIndex(of: option), index + 1 < words.count else { return nil }
    return words[index + 1]
  }
}

extension CompletionKind {
  /// A user of this machine's own files, or one that the policy names.
  static let user = Offers.kind { $0.names(.user) }
  /// Users, separated by commas, and other words.
  static func users(or words: [String]) -> CompletionKind {
    Offers.commaList(of: { $0.names(.user) + words })
  }
  /// Users and groups, separated by commas.
  static let usersAndGroups = Offers.commaList(of: { $0.names(.user) + $0.names(.group) })
  /// A group of this machine's own files, or one that the policy names.
  static let group = Offers.kind { $0.names(.group) }
  /// A network of the policy, or one of some words.
  static func network(or words: [String] = []) -> CompletionKind {
    Offers.kind { $0.names(.network) + words }
  }
  /// A role of the policy.
  static let role = Offers.kind { $0.names(.role) }
  /// A PAM service of this machine, or one that the policy names.
  static let service = Offers.kind { $0.names(.service) }
  /// The id of a grant, or a user who has one.
  static let grant = Offers.kind { $0.grants.flatMap { [$0.id, $0.user.description] } }
  /// The id of a decision of late.
  static let decision = Offers.kind { $0.decisions(denied: false) }
  /// The id of a denial of late.
  static let denial = Offers.kind { $0.decisions(denied: true) }
  /// The number of a change of the policy.
  static let change = Offers.kind(\.changes)
  /// The name of an open session.
  static let session = Offers.kind(\.sessions)
  /// A file of the machine's policy.
  static let filesOfPolicy = Offers.kind(\.policyFiles)
}
