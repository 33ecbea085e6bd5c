public import GatehousePlatform
internal import SystemPackage

/// A file with a value of one kind: even after a crash, it holds the old value or the new one.
///
/// A damaged file is set aside: it gets `.damaged` after its name, so that somebody can look at it,
/// and is not read again. A file that was set aside before is removed.
public struct StateFile<Value: Sendable>: Sendable {
  /// Where it lies.
  public let path: String
  private let kind: StateKind<Value>

  /// A file, which need not be there.
  ///
  /// Its folder is made for its owner alone when something is written, if it is not there.
  public init(folder: String, name: String, _ kind: StateKind<Value>) {
    path = "\(folder)/\(name)"
    self.kind = kind
  }

  /// The result of reading.
  public enum Reading {
    /// There is no such file.
    case absent
    /// What is in it.
    case value(Value)
    /// It could not be used.
    case setAside(SetAside)
  }

  // MARK: Reading

  /// Reads the file.
  ///
  /// A file of the first version is written again in the present format.
  ///
  /// - Throws: What the system says, if it is there and cannot be read; it stays as it is.
  public func read() throws(SystemError) -> Reading {
    guard let status = Files.status(of: path, followingLinks: false) else { return .absent }
    guard status.kind == .regular else { return .setAside(setAside(.notAFile)) }
    // Before anything of it is read.
    guard status.size <= kind.byteLimit else {
      return .setAside(setAside(.tooLarge(bytes: status.size, limit: kind.byteLimit)))
    }
    let bytes = try Files.content(of: path, atMost: kind.byteLimit, followingLinks: false)
    do throws(StateProblem) {
      return .value(try kind.decode(bytes))
    } catch {
      guard error == .notState, let value = kind.firstVersion(bytes) else {
        return .setAside(setAside(error))
      }
      try? write(value)
      return .value(value)
    }
  }

  /// Sets the file aside because its value is out of bounds, which only its owner can tell.
  public func setAside(_ problem: StateProblem) -> SetAside {
    let damaged = "\(path).damaged"
    do throws(SystemError) {
      do throws(SystemError) {
        try Files.rename(path, to: damaged)
      } catch {
        // A folder, or what is to take the place of one.
        if Files.isFolder(damaged) {
          try Files.removeTree(damaged)
        } else {
          try Files.remove(damaged)
        }
        try Files.rename(path, to: damaged)
      }
      return SetAside(path: path, problem: problem, obstacle: nil)
    } catch {
      return SetAside(path: path, problem: problem, obstacle: error)
    }
  }

  // MARK: Writing

  /// Replaces the value.
  ///
  /// - Parameters:
  ///   - value: The value.
  ///   - durably: Whether to wait until it is on the disk.
  /// - Throws: Why that could not be done, such as a field out of its bounds; the old value stands
  ///   then.
  public func write(_ value: Value, durably: Bool = true) throws(SystemError) {
    let pieces: [[UInt8]]
    do throws(StateProblem) {
      pieces = try kind.pieces(value)
    } catch {
      throw SystemError("write", path, .fileTooLarge, because: "\(error)")
    }
    try Files.makeFolder(Files.parent(of: path), mode: 0o700, ifAbsent: true)
    try Files.replace(path, with: pieces, .init(mode: 0o600), durably: durably)
  }

  /// Replaces the value, and moves the one before to another file, whose old content is lost.
  ///
  /// - Throws: Why that could not be done; one of the files has the old value then.
  public func write(_ value: Value, keepingOldIn other: StateFile) throws(SystemError) {
    if Files.status(of: path, followingLinks: false)?.kind == .regular {
      let link = "\(other.path).new"
      try Files.remove(link)
      try Files.link(path, to: link)
      try Files.rename(link, to: other.path)
    }
    try write(value)
  }

  /// What is in the file, which is left as it is; nil if there is none, or it cannot be used.
  ///
  /// For a program to which the folder does not belong.
  public func valueIfUsable() -> Value? {
    guard
      let bytes = try? Files.content(of: path, atMost: kind.byteLimit, followingLinks: false)
    else { return nil }
    return (try? kind.decode(bytes)) ?? kind.firstVersion(bytes)
  }

  /// Whether the file holds exactly this value.
  public func holds(_ value: Value) -> Bool {
    guard let pieces = try? kind.pieces(value),
      let file = try? ReadableFile(path, followingLinks: false), file.status.kind == .regular
    else { return false }
    return file.holds(pieces)
  }

  /// Removes the file, if it is there.
  public func remove() throws(SystemError) {
    guard Files.exists(path) else { return }
    try Files.remove(path)
    try Files.syncFolder(Files.parent(of: path))
  }
}

/// A state file that could not be used.
public struct SetAside: Sendable, CustomStringConvertible {
  /// Where it lay.
  public let path: String
  /// What is wrong with it.
  public let problem: StateProblem
  /// Why it still lies there; nil if it was set aside.
  public let obstacle: SystemError?

  /// A clause for a message.
  public var description: String {
    let place =
      obstacle.map { "it cannot be set aside (\($0))" } ?? "it was set aside as \(path).damaged"
    return "\(path) cannot be used: \(problem); \(place)"
  }
}
