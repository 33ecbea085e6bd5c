public import GatehousePAM

/// Files in memory, by their path.
public struct FolderFiles: PAMFiles, Sendable {
  /// The content by absolute path.
  public var files: [String: [UInt8]] = [:]
  /// The folders that are there.
  public var folders: Set<String> = ["/", "/etc", "/etc/pam.d", "/usr/lib/pam.d"]
  /// The modules that libpam can load; nil for all but ``missing``.
  public var modules: Set<String>?
  /// Modules that it cannot load.
  public var missing: Set<String> = []

  /// Files with these texts, by path.
  public init(_ texts: [String: String] = [:]) {
    for (path, text) in texts { self[path] = text }
  }

  /// The text of a file; a name without a folder is one of /etc/pam.d.
  public subscript(_ path: String) -> String? {
    get { files[Self.absolute(path)].map { String(decoding: $0, as: UTF8.self) } }
    set { files[Self.absolute(path)] = newValue.map { Array($0.utf8) } }
  }

  private static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : "/etc/pam.d/\(path)"
  }

  /// What is at a path.
  public func file(at path: String) -> PAMFile {
    // As the kernel reads a path, but for `..`.
    let parts = path.split(separator: "/").filter { $0 != "." }
    let plain = "/" + parts.joined(separator: "/")
    if folders.contains(plain) { return .folder }
    guard let bytes = files[plain], !path.hasSuffix("/") else { return .absent }
    return .file(bytes)
  }

  /// Whether libpam can load a module.
  public func canLoadModule(_ path: String) -> Bool {
    modules?.contains(path) ?? !missing.contains(path)
  }
}

extension PAMStack {
  /// What libpam returns for it if each line returns what its pam_debug line says, or what
  /// pam_permit, pam_deny and the like always return.
  public var result: ReturnCode {
    run { index in
      guard case .module(_, let arguments, _) = lines[index].kind,
        let name = lines[index].moduleName
      else { return .permissionDenied }
      return ModuleKnowledge.answers(of: name, arguments: arguments)[0].code
    }.code
  }
}

extension ServiceReading {
  /// What the test program prints for the service's account stage, or nil if nobody can know.
  public var answer: String? {
    switch self {
    case .stacks(let stacks): "\(stacks[.account, default: PAMStack(lines: [])].result.rawValue)"
    case .refused: "start 26"
    case .unpredictable: nil
    }
  }
}
