public import GatehousePAM
import GatehousePlatform

/// PAM's files of this machine, each read once.
public final class MachinePAMFiles: PAMFiles {
  private var read: [String: PAMFile]
  /// Paths that are there and cannot be read here, with the reason for each.
  public private(set) var unreadable: [String: String] = [:]
  private let moduleFolders: [String]

  /// The files as they are; or with another content of some.
  /// - Parameter changed: The content of files by their paths, in the place of what they have.
  public init(changed: [String: [UInt8]] = [:]) {
    read = changed.mapValues { .file($0) }
    // libpam looks in `security` beside itself; Debian's in /lib/security, too.
    let libraries = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/lib/*-linux-gnu*"]
    moduleFolders = libraries.flatMap { Files.matching("\($0)/security") }
  }

  /// What libpam would read at a path.
  public func file(at path: String) -> PAMFile {
    if let known = read[path] { return known }
    let file = look(at: path)
    read[path] = file
    return file
  }

  private func look(at path: String) -> PAMFile {
    if Files.status(of: path)?.kind == .folder { return .folder }
    do throws(SystemError) {
      guard let bytes = try Files.contentIfPresent(of: path, atMost: 1 << 20) else {
        return .absent
      }
      return .file(bytes)
    } catch {
      unreadable[path] = error.reason
      return .absent
    }
  }

  /// Whether libpam can load a module by a name or a path.
  public func canLoadModule(_ path: String) -> Bool {
    let places = path.hasPrefix("/") ? [path] : moduleFolders.map { "\($0)/\(path)" }
    return places.contains { Files.status(of: $0)?.kind == .regular }
  }
}
