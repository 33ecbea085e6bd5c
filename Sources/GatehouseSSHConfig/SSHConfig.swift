/// What sshd reads: sshd_config(5) with the files that it includes, line by line.
///
/// It is for a file that sshd itself accepts. Lines that sshd would stop at are in `problems`, as far
/// as they are seen here: names of keywords and most values are not looked at.
public struct SSHConfig: Sendable {
  /// A place in one of the files.
  public struct Location: Hashable, Sendable {
    /// The index in `files`.
    public let file: Int
    /// The line, counted from 1.
    public let line: Int
  }

  /// A line with a keyword and its values; lines with Match and Include are not among them.
  public struct Line: Hashable, Sendable {
    /// The keyword in small letters.
    public let keyword: String
    /// The values, without their quotes.
    public let values: [[UInt8]]
    /// The Match blocks that all have to match for it to count, by their indices.
    ///
    /// The one it stands in, and those around the Include of its file; empty if it always counts.
    public let blocks: [Int]
    /// Where it stands.
    public let location: Location
  }

  /// The head of a Match block.
  public struct Block: Hashable, Sendable {
    /// What all has to hold; empty for `Match all`.
    public let criteria: [Criterion]
    /// The criteria as they are written, without quotes.
    public let text: String
    /// Where it stands.
    public let location: Location
  }

  /// One criterion of a Match block.
  public struct Criterion: Hashable, Sendable {
    /// Its name in small letters: `user`, `address`.
    public let name: String
    /// Its patterns, with commas between them.
    public let patterns: [UInt8]
  }

  /// Something that sshd stops at, or that is not read here.
  public struct Problem: Hashable, Sendable {
    /// Where it is.
    public let location: Location
    /// What it is, in English: `the quotes do not match`.
    public let text: String
  }

  /// The paths of the files, in the order of reading.
  public internal(set) var files: [String] = []
  /// The lines, in the order of reading.
  public internal(set) var lines: [Line] = []
  /// The Match blocks, in the order of reading.
  public internal(set) var blocks: [Block] = []
  /// What sshd stops at.
  public internal(set) var problems: [Problem] = []

  /// Reads a file, and what it includes.
  /// - Parameters:
  ///   - path: The path of the file.
  ///   - folder: Where sshd looks for included files whose path is not absolute.
  ///   - source: The files.
  public init(_ path: String, folder: String = "/etc/ssh", from source: some SSHConfigSource) {
    var reader = SSHConfigReader(folder: folder, source: source)
    reader.readFirst(path)
    self = reader.config
  }
}

/// The files that a sshd_config is read from.
public protocol SSHConfigSource {
  /// The paths that match a pattern of glob(7), sorted; the path itself if it has no wildcard.
  func paths(matching pattern: String) -> [String]
  /// The content of a file; nil if it cannot be read.
  func content(of path: String) -> [UInt8]?
}
