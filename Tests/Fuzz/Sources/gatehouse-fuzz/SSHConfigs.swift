import GatehouseImport
import GatehouseSSHConfig

/// sshd_config(5), with one file that may be included.
enum SSHConfigs {
  private struct Source: SSHConfigSource {
    let files: [String: [UInt8]]

    func paths(matching pattern: String) -> [String] {
      let pattern = SSHPattern(pattern.utf8)
      return files.keys.filter { pattern.matches($0.utf8) }.sorted()
    }

    func content(of path: String) -> [UInt8]? { files[path] }
  }

  /// Two files, with the byte 255 between them: sshd_config, and /etc/ssh/more.
  @Sendable static func run(_ bytes: [UInt8]) {
    let parts = bytes.parts(2, separator: 0xFF)
    let files = Dictionary(
      zip(["sshd_config", "/etc/ssh/more"], parts.map { Array($0) }),
      uniquingKeysWith: { first, _ in first })
    let config = SSHConfig("sshd_config", from: Source(files: files))
    guard let result = try? Import(sshd: config) else { return }
    result.checkPromises()
  }
}
