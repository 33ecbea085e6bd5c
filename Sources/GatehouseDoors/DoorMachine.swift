public import GatehousePAM

/// What is at a path that a program would read.
public enum DoorFile: Hashable, Sendable {
  /// Nothing.
  case absent
  /// Something that cannot be read here, and why.
  case unreadable(String)
  /// A file with this text.
  case text(String)
}

/// What a program said that was run to its end.
public enum ProgramOutput: Hashable, Sendable {
  /// There is no such program.
  case absent
  /// It failed, or did not end in time: what it said last.
  case failed(String)
  /// It ended with status 0 and printed this.
  case text(String)
}

/// A machine whose doors are looked at: its files and its programs.
///
/// The caller has them: only `MachinePAMFiles` reads from a disk.
public protocol DoorMachine {
  /// The files of PAM as its libpam reads them.
  var pamFiles: any PAMFiles { get }
  /// Whose libpam reads them, and how that is known.
  var libpam: InstalledLibpam { get }
  /// Paths of PAM's files that are there and cannot be read here, with the reason for each.
  var unreadable: [String: String] { get }
  /// The names in a folder, sorted; empty if there is none.
  func names(in folder: String) -> [String]
  /// What is at a path.
  func file(at path: String) -> DoorFile
  /// Where a program is, links followed, by its path or by its name along PATH; nil if it is nowhere.
  func place(ofProgram program: String) -> String?
  /// Runs a program, named by its path or by its name along PATH, with these arguments.
  func run(_ program: String, _ arguments: [String]) -> ProgramOutput
  /// The version of an installed package; nil if it is not installed or nobody can say.
  func version(ofPackage name: String) -> String?
}

/// The libpam of a machine.
public struct InstalledLibpam: Hashable, Sendable {
  /// How it reads its files.
  public var dialect: PAMDialect
  /// Its version, such as `1.5.2`; nil if it is not known.
  public var version: String?
  /// How that was found out, for people.
  public var source: String

  /// A libpam by the version of its package.
  /// - Parameters:
  ///   - version: The package's version, with the epoch and the packager's suffix that it may have.
  ///   - isDebian: Whether it is Debian's, or of a system that came from it.
  ///   - source: How that was found out.
  public init(version: String?, isDebian: Bool, source: String) {
    let upstream = version.map { text in
      let plain = text.split(separator: ":").last.map(String.init) ?? text
      return String(plain.prefix { $0.isNumber || $0 == "." })
    }
    let numbers = (upstream ?? "").split(separator: ".").compactMap { Int($0) }
    // Without a version, the newest: what it reads differently are lines that nobody writes.
    let isOld =
      numbers.count >= 2 && (numbers[0], numbers[1]) < (1, 6)
    dialect = PAMDialect(generation: isOld ? .fixedBuffer : .wholeLines, isDebian: isDebian)
    self.version = upstream
    self.source = source
  }
}
