import GatehouseJournal
import GatehousePlatform
import GatehousePolicy
import GatehouseState
import Synchronization

/// The policy that is being loaded, and the loads during which the daemon died in this boot.
///
/// It is written before a load and removed after it, so a new daemon finds what the one before died
/// of. A policy that killed the daemon twice is not loaded again until somebody asks for it; another
/// one serves. A load costs two small writes. They need not reach the disk: the kernel keeps them if
/// the daemon dies, and another boot does not count.
final class LoadMark: Sendable {
  /// The deaths after which a policy is not loaded by itself.
  static let deathLimit = 2
  /// How many are counted at most.
  static let deathCountLimit = 1 << 16
  /// The subject of a load of the policy's folder, until its digest is known.
  ///
  /// It changes with the policy files (not with the lists that they name), so a corrected policy is
  /// loaded again by itself.
  static func subject(ofFolder folder: String) -> String {
    let more = "\(folder)/policy.d"
    let names = (try? Files.names(in: more)) ?? []
    var hash = SHA256()
    for path in [folder, "\(folder)/policy.yaml", more] + names.map({ "\(more)/\($0)" }) {
      let identity = Files.status(of: path)?.identity
      hash.update(Array("\(path) \(identity.map { "\($0)" } ?? "-")\n".utf8).span)
    }
    return folderPrefix + hash.finish().prefix(8).map(hexadecimal).joined()
  }

  private static let folderPrefix = "folder "

  /// The subject of reading the file of a trial, until the candidate's digest is known.
  static let trialSubject = "trial"

  /// What is kept.
  ///
  /// A subject is a policy's digest, or `folder` as long as that is not known.
  struct Record: Equatable, Sendable {
    /// The boot that it belongs to; empty if that is not known.
    var boot: String
    /// What is being loaded; nil if nothing is.
    var subject: String?
    /// How often the daemon died during a load, by its subject.
    var deaths: [String: Int] = [:]
    /// The most subjects with deaths; if there are more, all are forgotten.
    static let subjectLimit = 64
  }

  private struct State {
    var record: Record
    /// The subjects of the running load.
    var begun: Set<String> = []
    var isClosed = false
    /// Whether the last save failed: the log gets the first failure of several in a row.
    var isUnsaved = false
  }

  private let file: StateFile<Record>
  private let log: Log
  private let state: Mutex<State>

  /// Reads what an earlier daemon has left.
  init(folder: String, boot: String?, log: Log) {
    file = StateFile(folder: folder, name: "loading", KeptState.loading)
    self.log = log
    var record = Record(boot: boot ?? "")
    let kept = file.value(
      reportingTo: log, .warning,
      ifLost: "it is not known whether gatehoused died while it loaded a policy")
    if let kept, kept.boot == record.boot { record = kept }
    if let subject = record.subject {
      record.subject = nil
      if record.deaths.count >= Record.subjectLimit { record.deaths = [:] }
      let deaths = min(record.deaths[subject, default: 0] + 1, Self.deathCountLimit)
      record.deaths[subject] = deaths
      log.post(
        .error, .deadlyPolicy,
        "gatehoused died while it loaded \(Self.words(subject)), \(deaths) "
          + "time\(deaths == 1 ? "" : "s") in this boot")
    }
    state = Mutex(State(record: record))
    state.withLock { save(&$0) }
  }

  /// A subject, for a message.
  static func words(_ subject: String) -> String {
    if subject.utf8.count == 64 { return "the policy \(subject.prefix(12))" }
    if subject == trialSubject { return "the candidate on trial" }
    return subject.hasPrefix(folderPrefix)
      ? "the policy of the folder" : "the policy of the \(subject)"
  }

  /// Whether the daemon died too often during loads of these subjects, which are one policy, to try
  /// again by itself.
  func isDeadly(_ subjects: String...) -> Bool {
    state.withLock { state in
      subjects.reduce(0) { $0 + state.record.deaths[$1, default: 0] } >= Self.deathLimit
    }
  }

  /// Whether any load killed the daemon in this boot.
  var hasDeaths: Bool { state.withLock { !$0.record.deaths.isEmpty } }

  /// Marks the beginning of a load, or that its subject is known better now.
  func begin(_ subject: String) {
    state.withLock { state in
      guard !state.isClosed else { return }
      state.begun.insert(subject)
      state.record.subject = subject
      save(&state)
    }
  }

  /// Marks the end of a load.
  ///
  /// Its subjects did not kill the daemon, unless the load was given up.
  func end(wasTried: Bool = true) {
    state.withLock { state in
      if wasTried { for subject in state.begun { state.record.deaths[subject] = nil } }
      state.begun = []
      state.record.subject = nil
      if !state.isClosed { save(&state) }
    }
  }

  /// The daemon was told to end: a load that this breaks off does not count as a death.
  func close() {
    state.withLock { state in
      state.isClosed = true
      state.record.subject = nil
      save(&state)
    }
  }

  private func save(_ state: inout State) {
    let record = state.record
    do throws(SystemError) {
      if record.subject == nil && record.deaths.isEmpty {
        try Files.remove(file.path)
      } else {
        try file.write(record, durably: false)
      }
      state.isUnsaved = false
    } catch {
      defer { state.isUnsaved = true }
      guard !state.isUnsaved else { return }
      log.post(
        .warning, .stateNotKept,
        "which policy is being loaded cannot be kept (\(error)): if loading it kills gatehoused, "
          + "it is loaded again at the next start")
    }
  }
}

extension Diagnostic {
  /// The policy of a folder is not loaded by itself, because the daemon died of it.
  static func deadlyPolicy(_ subject: String) -> Diagnostic {
    Diagnostic(
      error: .deadlyPolicy, location: nil,
      message: "gatehoused died \(LoadMark.deathLimit) times in this boot while it loaded "
        + "\(LoadMark.words(subject)), so it is not loaded again by itself",
      remedy: "give gatehoused more memory or the policy shorter lists, then `gatehouse reload`")
  }
}
