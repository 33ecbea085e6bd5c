import GatehouseDoors
import GatehouseImport
import GatehousePolicy

/// hosts.allow and hosts.deny, which lie in one folder.
enum HostsPair {
  private static let allow = "hosts.allow"
  private static let deny = "hosts.deny"

  /// The path of the other one; nil if a path is that of neither.
  static func other(of path: String) -> String? {
    let folder = path.dropLast(fileName(path).count)
    switch fileName(path) {
    case allow: return folder + deny
    case deny: return folder + allow
    default: return nil
    }
  }

  /// One of them and the other, hosts.allow first.
  static func inOrder(_ named: ImportFile, _ other: ImportFile) -> [ImportFile] {
    fileName(named.name) == allow ? [named, other] : [other, named]
  }

  /// Which of some files is hosts.allow, and which hosts.deny.
  static func of(
    _ files: [ImportFile]
  ) throws(UnreadableImport) -> (allow: ImportFile?, deny: ImportFile?) {
    switch (files.count, fileName(files[0].name)) {
    case (1, allow): return (files[0], nil)
    case (1, deny): return (nil, files[0])
    case (1, _):
      throw UnreadableImport(
        file: files[0].name, line: nil,
        "its name does not say which of hosts.allow and hosts.deny it is; call it so, or name both,"
          + " hosts.allow first")
    case (2, _):
      guard fileName(files[0].name) != deny, fileName(files[1].name) != allow else {
        throw UnreadableImport(
          file: files[0].name, line: nil, "hosts.allow is named first, for it is read first")
      }
      return (files[0], files[1])
    default:
      throw UnreadableImport(
        file: files[2].name, line: nil, "a hosts.allow and a hosts.deny are imported at a time")
    }
  }

  private static func fileName(_ path: String) -> Substring {
    path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
  }
}

extension ThisMachine {
  /// Whether PAM has a file for a service.
  static let hasService: @Sendable (Name) -> Bool = {
    let names = Set(PAMServices.names(of: ThisMachine()).map { Name($0) })
    return { names.contains($0) }
  }()
}
