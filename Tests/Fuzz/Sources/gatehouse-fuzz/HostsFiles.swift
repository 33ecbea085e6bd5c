import GatehouseImport

/// hosts.allow and hosts.deny of TCP wrappers.
enum HostsFiles {
  /// Two files, with the byte 255 between them: hosts.allow, and hosts.deny.
  @Sendable static func run(_ bytes: [UInt8]) {
    let files = zip(["hosts.allow", "hosts.deny"], bytes.parts(2, separator: 0xFF)).map {
      ImportFile(name: $0, content: Array($1))
    }
    _ = try? ImportFormat.of(files)
    guard
      let result = try? Import(hostsAllow: files.first, deny: files.count > 1 ? files[1] : nil)
    else { return }
    result.checkPromises()
  }
}
