import GatehousePlatform

/// A file in the daemon's state folder: the old content or the new one, whatever happens.
struct StateFile: Sendable {
  private let folder: String
  private let name: String
  /// Where it lies.
  var path: String { "\(folder)/\(name)" }

  init(folder: String, name: String) {
    self.folder = folder
    self.name = name
  }

  /// The most bytes that are read of any of them: a kept policy with its lists is the longest.
  static let longest = 1 << 30

  /// What is in it; nil if there is no such file.
  func read() throws(SystemError) -> [UInt8]? {
    try Files.contentIfPresent(of: path, atMost: Self.longest, followingLinks: false)
  }

  /// Whether exactly these pieces are in it, one after the other.
  func holds(_ pieces: [[UInt8]]) -> Bool {
    (try? ReadableFile(path, followingLinks: false).holds(pieces)) ?? false
  }

  /// Puts new content in place of the old.
  func write(_ bytes: [UInt8]) throws(SystemError) { try write([bytes]) }

  /// Puts these pieces in place of the old content.
  func write(_ pieces: [[UInt8]]) throws(SystemError) {
    try Files.makeFolder(folder, mode: 0o700, ifAbsent: true)
    try Files.replace(path, with: pieces, .init(mode: 0o600))
  }

  /// Takes the file away, if there is one.
  func remove() throws(SystemError) {
    guard Files.exists(path) else { return }
    try Files.remove(path)
    try Files.syncFolder(folder)
  }
}
