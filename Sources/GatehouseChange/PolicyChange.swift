public import GatehousePlatform
public import GatehousePolicy

/// A change of the policy in a folder; nobody else can change the policy while this exists.
///
/// The steps are always the same: a candidate is read (`Candidate`), checked and judged by the guard,
/// and written by `put`; then the daemon is asked to load it. A trial serves without being written.
public final class PolicyChange {
  /// Why nothing was changed.
  public enum Obstacle: Error, Sendable {
    /// Another process changes the policy: what it says of itself.
    case busy(String)
    /// A file could not be read or written.
    case disk(SystemError)
  }

  /// A policy that is in the folder now.
  public struct Put: Sendable {
    /// The number of the change in the history.
    public let number: Int
    /// Why some files are not in their places yet, although the new policy is read; nil if all are.
    public let unsettled: SystemError?
    /// The change before, which this one stands for, too, once it is accepted; nil if it stands for none.
    fileprivate var folded: Int?
  }

  /// The history.
  public let history: History
  /// The policy in the folder, as it was read.
  public let present: PolicyReading
  private let author: ChangeRecord.Author?
  private let folder: PolicyFolder
  private let lock: ChangeLock

  /// Begins a change, after it has finished what an earlier one left undone.
  ///
  /// - Parameters:
  ///   - path: The policy's folder.
  ///   - history: The folder of its last policies; made if it does not exist.
  ///   - author: Who makes the change.
  ///   - command: The command that makes it, such as `gatehouse edit`; others are told it.
  /// - Throws: Why the policy cannot be changed now.
  public init(
    of path: String, history: History, author: ChangeRecord.Author?, command: String
  ) throws(Obstacle) {
    self.history = history
    self.author = author
    folder = PolicyFolder(path)
    let attempt: ChangeLock.Attempt
    do throws(SystemError) {
      try history.prepare()
      attempt = try ChangeLock.take(
        "\(history.path)/.lock", as: Self.description(of: command, by: author))
      if case .taken = attempt { try Self.finish(folder, history) }
    } catch {
      throw .disk(error)
    }
    switch attempt {
    case .taken(let lock): self.lock = lock
    case .held(let holder): throw .busy(holder)
    }
    present = PolicySnapshot.read(path: path, insecure: .error)
  }

  /// How other processes are told of this one: its command, number and user, where from, and since
  /// when.
  public static func description(of command: String, by author: ChangeRecord.Author?) -> String {
    let who = author.map { ", \($0)" } ?? ""
    return "\(command), pid \(CurrentProcess.id)\(who), since \(Instant.now().roundedToSeconds)"
  }

  /// Writes a policy into the folder, in place of the present one.
  ///
  /// If the present one is not in the history, because somebody wrote it by hand, it becomes an
  /// entry first.
  ///
  /// - Parameters:
  ///   - archive: The policy; its lists outside of the folder are not written.
  ///   - means: The command that changes it.
  ///   - reason: The reason that was given; nil if none was.
  ///   - backTo: The change whose policy it is, for a rollback.
  ///   - accepted: The SHA-256 of each policy that a daemon is known to have accepted.
  /// - Returns: What was done.
  /// - Throws: Why it could not be written; the policy is still the old one.
  public func put(
    _ archive: SnapshotArchive, means: ChangeRecord.Means, reason: String?, backTo: Int? = nil,
    accepted: Set<String> = []
  ) throws(SystemError) -> Put {
    try recordPresent(accepted: accepted)
    let number = try history.begin(
      ChangeRecord(author: author, means: means, reason: reason, backTo: backTo), archive)
    return Put(number: number, unsettled: try swap(to: archive.snapshot))
  }

  /// Writes the policy from before `put` back into the folder, and takes that change out of the
  /// history.
  ///
  /// - Returns: Whether it is the policy again; false if it could not be read whole.
  /// - Throws: Why it could not be written; the new policy stays.
  public func takeBack(_ put: Put) throws(SystemError) -> Bool {
    guard let archive = SnapshotArchive(present.snapshot) else { return false }
    try history.beginWithdrawal(of: put.number)
    _ = try swap(to: archive.snapshot)
    return true
  }

  /// Puts what was got for networks in place of what was got before.
  ///
  /// In the history it takes the place of the change before, once it is accepted, if that was one of
  /// its kind and this one is small.
  ///
  /// - Parameters:
  ///   - contents: The files by their paths.
  ///   - archive: The policy with them.
  ///   - reason: Which networks, for the history.
  ///   - accepted: The SHA-256 of each policy that a daemon is known to have accepted.
  /// - Returns: What was done.
  /// - Throws: Why they could not be written; they are the old ones then.
  public func put(
    contents: [String: [UInt8]], _ archive: SnapshotArchive, reason: String,
    accepted: Set<String> = []
  ) throws(SystemError) -> Put {
    try recordPresent(accepted: accepted)
    let before = try history.newest()
    let number = try history.begin(
      ChangeRecord(author: author, means: .feeds, reason: reason), archive)
    do throws(SystemError) {
      try Files.replace(contents, Self.ownership)
    } catch {
      try? history.abandon()
      throw error
    }
    try history.complete()
    let isSmall = contents.values.allSatisfy { $0.count <= Self.mostFoldedBytes }
    let isAlike = before?.record.means == .feeds && before?.record.reason == reason
    return Put(number: number, unsettled: nil, folded: isSmall && isAlike ? before?.number : nil)
  }

  /// Puts back what was got for networks before `put(contents:)`, and takes that change out of the
  /// history.
  public func takeBack(_ put: Put, contents: [String]) throws(SystemError) {
    try history.beginWithdrawal(of: put.number)
    var old: [String: [UInt8]] = [:]
    for path in contents {
      if case .bytes(let bytes)? = present.snapshot.listFiles[path] { old[path] = bytes }
    }
    try Files.replace(old, Self.ownership)
    for path in contents where old[path] == nil { try Files.remove(path) }
    try history.complete()
  }

  /// The most bytes of what was got whose change is folded.
  private static let mostFoldedBytes = 4096

  /// Of what was got for networks.
  private static let ownership = Files.Ownership(mode: 0o644)

  /// Notes in the history that a daemon serves what `put` wrote.
  public func accept(_ put: Put) throws(SystemError) {
    if let entry = try history.entry(put.number) { try history.accept(entry) }
    if let folded = put.folded { try history.fold(folded) }
  }

  /// Makes an entry of the policy in the folder, unless it is the newest entry already.
  ///
  /// - Parameter accepted: The SHA-256 of each policy that a daemon is known to have accepted.
  /// - Throws: If the history cannot be read or written.
  public func recordPresent(accepted: Set<String> = []) throws(SystemError) {
    let readable = PolicySnapshot(
      policyFiles: present.snapshot.policyFiles.filter(\.content.isReadable),
      listFiles: present.snapshot.listFiles.filter(\.value.isReadable))
    guard !readable.policyFiles.isEmpty, let archive = SnapshotArchive(readable) else { return }
    let isAccepted = accepted.contains(archive.digest)
    let newest = try history.newest()
    if let newest, newest.archive.digest == archive.digest {
      if isAccepted { try history.accept(newest) }
      return
    }
    // The author is not known; it need not be the user who notices the change.
    let isFetched = newest?.archive.snapshot.inside == readable.inside
    var record = ChangeRecord(author: nil, means: isFetched ? .feeds : .hand, reason: nil)
    record.isAccepted = isAccepted
    _ = try history.begin(record, archive)
    try history.complete()
  }

  private func swap(to snapshot: PolicySnapshot) throws(SystemError) -> SystemError? {
    do throws(SystemError) {
      try folder.stage(snapshot)
      try folder.commit()
    } catch {
      try? history.abandon()
      throw error
    }
    do throws(SystemError) {
      try Self.finish(folder, history)
      return nil
    } catch {
      return error
    }
  }

  /// Finishes what was committed, and takes back what was not.
  private static func finish(_ folder: PolicyFolder, _ history: History) throws(SystemError) {
    if folder.isUnsettled {
      try folder.settle(over: history.newest()?.archive.snapshot.inside)
      try history.complete()
      try folder.retire()
    } else {
      try folder.tidy()
      try history.abandon()
    }
  }
}

/// The right to change a policy, which one process has at a time (flock(2)).
///
/// It ends with its owner, or with the process.
final class ChangeLock {
  private let file: OwnedDescriptor

  /// The result of trying to take the lock.
  enum Attempt {
    case taken(ChangeLock)
    /// Another process has it; this is its description, which may be empty.
    case held(by: String)
  }

  /// Tries to take the lock; never waits.
  ///
  /// - Parameters:
  ///   - path: The lock's file; made if it does not exist.
  ///   - description: How other processes are told of this one.
  /// - Returns: The lock, or the process that has it.
  /// - Throws: If its file cannot be opened.
  static func take(_ path: String, as description: String) throws(SystemError) -> Attempt {
    let file = try Files.openForLock(path)
    guard try file.lock(path) else {
      let content = try Files.contentIfPresent(of: path, atMost: 1 << 16) ?? []
      return .held(by: String(decoding: content.prefix(200), as: UTF8.self))
    }
    // On a full disk the description is missing; the lock holds anyway.
    try? file.rewrite(Array(description.utf8), path)
    return .taken(ChangeLock(file))
  }

  private init(_ file: consuming OwnedDescriptor) { self.file = file }
}
