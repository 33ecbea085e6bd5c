public import GatehousePlatform
public import GatehousePolicy

/// A change of the policy in a folder: nobody else changes it as long as this lives.
///
/// The way is always the same: a candidate is read (`Candidate`) and checked, judged by the
/// `LockoutGuard`, and written by `put`; then the daemon is asked to load it. What is to serve
/// without being written, as a trial does, is taken after the guard instead of `put`.
public final class PolicyChange {
  /// Why nothing was changed.
  public enum Obstacle: Error, Sendable {
    /// Another process changes the policy: what it says of itself.
    case busy(String)
    /// A file could not be read or written.
    case disk(SystemError)
  }

  /// A policy that stands in the folder now.
  public struct Put: Sendable {
    /// The number of the change in the history.
    public let number: Int
    /// The policy files that went, because the new policy has none of their names; sorted.
    public let removed: [String]
    /// Why not all files are in their places; the new policy is the one that is read all the same.
    public let unsettled: SystemError?
  }

  /// The history.
  public let history: History
  /// The policy that stands in the folder, as it was read.
  public let present: PolicyReading
  /// The SHA-256 of that policy; nil where a file of it cannot be read.
  public private(set) lazy var presentDigest = SnapshotArchive(present.snapshot)?.digest
  private let author: ChangeRecord.Author?
  private let folder: PolicyFolder
  private let lock: ChangeLock

  /// Begins a change, and ends first what an earlier one left undone.
  ///
  /// - Parameters:
  ///   - path: The policy's folder.
  ///   - history: Where its last policies are kept; made where it is not there.
  ///   - author: Who makes the change.
  ///   - command: What does it, for whoever comes meanwhile: `gatehouse edit`.
  /// - Throws: Why there can be no change now.
  public init(
    of path: String, history: History, author: ChangeRecord.Author?, command: String
  ) throws(Obstacle) {
    self.history = history
    self.author = author
    folder = PolicyFolder(path)
    let attempt: ChangeLock.Attempt
    do throws(SystemError) {
      try history.prepare()
      let user = author.map { ", \($0.user)" } ?? ""
      attempt = try ChangeLock.take(
        "\(history.path)/.lock", as: "\(command), pid \(CurrentProcess.id)\(user)")
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

  /// Writes a policy into the folder, in place of the one that stands there.
  ///
  /// Where that is none of the history's, because somebody wrote it by hand, it becomes an entry
  /// first.
  ///
  /// - Parameters:
  ///   - archive: The policy; its lists outside of the folder are not written.
  ///   - means: How.
  ///   - reason: Why.
  /// - Returns: What was done.
  /// - Throws: Why nothing was: the policy is the one that stood there.
  public func put(
    _ archive: SnapshotArchive, means: ChangeRecord.Means, reason: String?
  ) throws(SystemError) -> Put {
    try recordPresent()
    let removed = present.snapshot.policyFiles.map(\.name).filter { name in
      !archive.snapshot.policyFiles.contains { $0.name == name }
    }
    let number = try history.begin(
      ChangeRecord(author: author, means: means, reason: reason), archive)
    return Put(number: number, removed: removed, unsettled: try swap(to: archive.snapshot))
  }

  /// Writes the policy that stood in the folder before `put` back, and takes that change out of the
  /// history.
  ///
  /// - Returns: Whether it counts again; not where it could not be read whole.
  /// - Throws: Why it could not be written: the new policy stands.
  public func takeBack(_ put: Put) throws(SystemError) -> Bool {
    guard let archive = SnapshotArchive(present.snapshot) else { return false }
    try history.beginWithdrawal(of: put.number)
    _ = try swap(to: archive.snapshot)
    return true
  }

  /// Makes an entry of the policy that stands in the folder, where the newest is another.
  public func recordPresent() throws(SystemError) {
    let readable = PolicySnapshot(
      policyFiles: present.snapshot.policyFiles.filter(\.content.isReadable),
      listFiles: present.snapshot.listFiles.filter(\.value.isReadable))
    guard !readable.policyFiles.isEmpty, let archive = SnapshotArchive(readable),
      try history.newest()?.archive.digest != archive.digest
    else { return }
    // Who it was is not known: the one who comes across it need not be.
    _ = try history.begin(ChangeRecord(author: nil, means: .hand, reason: nil), archive)
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

  /// Ends what was committed, and takes back what was not.
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

extension PolicySnapshot.Content {
  fileprivate var isReadable: Bool {
    if case .bytes = self { true } else { false }
  }
}

/// The right to change a policy, which one process has at a time (flock(2)).
///
/// It ends with its owner, or with the process.
final class ChangeLock {
  private let file: OwnedDescriptor

  /// What came of trying to take the lock.
  enum Attempt {
    case taken(ChangeLock)
    /// Another process has it: what that process says of itself; may be empty.
    case held(by: String)
  }

  /// Tries to take the lock; never waits.
  ///
  /// - Parameters:
  ///   - path: The lock's file, made where it is not there.
  ///   - description: What another process is told of this one.
  /// - Returns: The lock, or who has it.
  /// - Throws: That its file cannot be opened.
  static func take(_ path: String, as description: String) throws(SystemError) -> Attempt {
    let file = try Files.openForLock(path)
    guard try file.lock(path) else {
      let content = try Files.contentIfPresent(of: path, atMost: 1 << 16) ?? []
      return .held(by: String(decoding: content.prefix(200), as: UTF8.self))
    }
    // On a full disk nobody is told who it is; the lock holds all the same.
    try? file.rewrite(Array(description.utf8), path)
    return .taken(ChangeLock(file))
  }

  private init(_ file: consuming OwnedDescriptor) { self.file = file }
}
