import GatehouseDoors
import GatehousePAM
import GatehousePolicy

/// A machine in memory.
struct FakeMachine: DoorMachine {
  /// Its files by path; a name without a folder is one of /etc/pam.d.
  var files: FolderFiles
  var libpam = InstalledLibpam(version: "1.5.2-6+deb12u2", isDebian: true, source: "a test")
  /// What programs print, by their name and arguments.
  var programs: [String: ProgramOutput] = [:]
  var packages: [String: String] = [:]
  var unreadable: [String: String] = [:]

  /// Debian's sshd with a line of ours before everything else, and what a test adds or changes.
  init(_ files: [String: String] = [:], sshd: String? = "usepam yes\nusedns no\n") {
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
  subscript(_ path: String) -> String? {
    get { files[path] }
    set { files[path] = newValue }
  }

  var pamFiles: any PAMFiles { files }

  func names(in folder: String) -> [String] {
    files.files.keys.filter { $0.hasPrefix("\(folder)/") }
      .map { String($0.dropFirst(folder.count + 1)) }
      .filter { !$0.contains("/") }.sorted()
  }

  func file(at path: String) -> DoorFile {
    if let reason = unreadable[path] { return .unreadable(reason) }
    return files.files[path].map { .text(String(decoding: $0, as: UTF8.self)) } ?? .absent
  }

  func place(ofProgram program: String) -> String? {
    program.hasPrefix("/") ? program : "/usr/sbin/\(program)"
  }

  func run(_ program: String, _ arguments: [String]) -> ProgramOutput {
    programs[([program] + arguments).joined(separator: " ")] ?? .absent
  }

  func version(ofPackage name: String) -> String? { packages[name] }

  /// Its doors.
  func doors(_ policy: String? = nil) -> Doors {
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
  func said(of subject: String) -> [String] {
    findings.filter { $0.subject == subject }.map { finding in
      "\(finding.weight.rawValue): \(finding.location.map { "\($0): " } ?? "")\(finding.message)"
    }
  }
}
