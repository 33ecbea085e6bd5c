public import GatehouseDoors
public import GatehousePAM
import GatehousePolicy

/// A machine in memory.
public struct FakeMachine: DoorMachine {
  /// Its files by path; a name without a folder is one of /etc/pam.d.
  public var files: FolderFiles
  /// The libpam that is gone by.
  public var libpam = InstalledLibpam(version: "1.5.2-6+deb12u2", isDebian: true, source: "a test")
  /// What programs print, by their name and arguments.
  public var programs: [String: ProgramOutput] = [:]
  /// The versions of packages, by their name.
  public var packages: [String: String] = [:]
  /// Files that cannot be read, with the reason, by path.
  public var unreadable: [String: String] = [:]

  /// Debian's sshd with a line of ours before everything else, and what a test adds or changes.
  public init(_ files: [String: String] = [:], sshd: String? = "usepam yes\nusedns no\n") {
    var all = [
      "sshd": "account required pam_nologin.so\n@include common-account\n",
      "common-account": """
      account requisite pam_gatehouse.so
      account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so
      account requisite pam_deny.so
      account required pam_permit.so

      """,
      "other": "@include common-account\n",
    ]
    all.merge(files) { $1 }
    self.files = FolderFiles(all)
    programs["sshd -T"] = sshd.map { .text($0) }
  }

  /// Gives the machine another file, or takes one away.
  public subscript(_ path: String) -> String? {
    get { files[path] }
    set { files[path] = newValue }
  }

  /// Its files, for libpam.
  public var pamFiles: any PAMFiles { files }

  /// The files of a folder, sorted.
  public func names(in folder: String) -> [String] {
    files.files.keys.filter { $0.hasPrefix("\(folder)/") }
      .map { String($0.dropFirst(folder.count + 1)) }
      .filter { !$0.contains("/") }.sorted()
  }

  /// The file at a path.
  public func file(at path: String) -> DoorFile {
    if let reason = unreadable[path] { return .unreadable(reason) }
    return files.files[path].map { .text(String(decoding: $0, as: UTF8.self)) } ?? .absent
  }

  /// Where a program is: each one is there.
  public func place(ofProgram program: String) -> String? {
    program.hasPrefix("/") ? program : "/usr/sbin/\(program)"
  }

  /// What a program prints.
  public func run(_ program: String, _ arguments: [String]) -> ProgramOutput {
    programs[([program] + arguments).joined(separator: " ")] ?? .absent
  }

  /// The version of a package; nil if it is not installed.
  public func version(ofPackage name: String) -> String? { packages[name] }

  /// Its doors.
  public func doors(_ policy: String? = nil) -> Doors {
    let snapshot = policy.map { text in
      PolicySnapshot(
        policyFiles: [.init(name: "policy.yaml", content: .bytes(Array(text.utf8)))], listFiles: [:]
      )
    }
    return Doors(of: self, policy: snapshot.flatMap { Policy.load($0).policy })
  }
}

extension Doors {
  /// What is found about a subject, each with its weight: `urgent: what was found`.
  public func said(of subject: String) -> [String] {
    findings.filter { $0.subject == subject }.map { finding in
      "\(finding.weight.rawValue): \(finding.location.map { "\($0): " } ?? "")\(finding.message)"
    }
  }
}
