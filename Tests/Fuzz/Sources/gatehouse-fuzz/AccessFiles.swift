import GatehouseImport
import GatehousePolicy

/// access.conf(5) of pam_access.
enum AccessFiles {
  /// Up to three files, with the byte 255 between them.
  @Sendable static func run(_ bytes: [UInt8]) {
    let files = bytes.parts(3, separator: 0xFF).enumerated().map { number, content in
      ImportFile(name: "access-\(number).conf", content: content)
    }
    guard (try? ImportFormat.of(files, wanted: .access)) != nil else { return }
    let result = Import(access: files)
    result.checkPromises()
  }
}

extension Import {
  /// What is promised of each import, whatever the files are.
  func checkPromises() {
    let load = Policy.load(
      PolicySnapshot(policyFiles: [
        .init(name: "policy.yaml", content: .bytes(Array(policy.utf8)))
      ]))
    promise(load.policy != nil, "an imported policy loads: \(load.diagnostics)\n\(policy)")
    promise(load.policy?.mode == .monitor, "an imported policy refuses nobody")
    promise(
      policy.unicodeScalars.allSatisfy { $0 == "\n" || !$0.isUnsafeToShow },
      "an imported policy is safe to show")
  }
}
