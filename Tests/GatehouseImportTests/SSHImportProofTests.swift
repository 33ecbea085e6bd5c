import GatehousePolicy
import GatehouseSSHConfig
import Glibc
import TestKit
import Testing

@testable import GatehouseImport

/// Files in memory.
struct SSHConfigInMemory: SSHConfigSource {
  var files: [String: String]

  func paths(matching pattern: String) -> [String] {
    let pattern = SSHPattern(pattern.utf8)
    return files.keys.filter { pattern.matches($0.utf8) }.sorted()
  }

  func content(of path: String) -> [UInt8]? { files[path].map { Array($0.utf8) } }
}

/// Imports a sshd_config, with the files that it includes from /etc/ssh.
func importedSSH(_ text: String, _ included: [String: String] = [:]) throws -> Import {
  let files = included.merging(["sshd_config": text]) { first, _ in first }
  return try Import(sshd: SSHConfig("sshd_config", from: SSHConfigInMemory(files: files)))
}

extension Policy {
  /// Whether a login by a service is allowed.
  func allows(
    _ user: String, _ groups: Set<String>, _ address: String, service: String = "sshd"
  ) -> Bool {
    !decide(
      Login(
        user: Name(user), groups: Set(groups.map { Name($0) }), service: Name(service),
        origin: Origin(remoteHost: address), time: .now())
    ).isDenial
  }
}

/// Imports of sshd_config against slow twins, for every class of users and addresses.
struct SSHImportProofTests {
  /// Every combination of the groups that the files name, each with a group that they do not.
  private static let combinations = (0..<8).map { bits in
    Set(
      ["users"]
        + RandomSSHConfig.groups.enumerated().filter { bits >> $0.offset & 1 == 1 }
        .map(\.element))
  }

  @Test(
    "for every user, group and address a complete policy decides as sshd, any other allows no more",
    arguments: [Difficulty.tidy, .tangled])
  func everyClass(kind: Difficulty) throws {
    var complete = 0
    let count = 40
    for seed in 0..<UInt64(count) {
      var random = RandomSSHConfig(kind, seed: seed)
      let text = random.next()
      let made = try importedSSH(text)
      let policy = try loaded(made.policy)
      var differences = 0
      for user in RandomSSHConfig.users + ["dave"] {
        for groups in Self.combinations {
          for address in RandomSSHConfig.addresses {
            let lists = SSHListsTwin(file: text, user: user, groups: groups, address: address)
            let expected = lists.allows(user: user, groups: groups, address: address)
            let isAllowed = policy.allows(user, groups, address)
            if isAllowed != expected { differences += 1 }
            #expect(
              expected || !isAllowed || made.diagnostics.contains(where: \.opens),
              "\(user) \(groups) from \(address)\n\(text)\n\(made.policy)\n\(made.diagnostics)")
          }
        }
      }
      if made.isComplete {
        complete += 1
        #expect(differences == 0, "\(text)\n\(made.policy)")
      }
    }
    #expect(complete > count / (kind == .tidy ? 3 : 6))
  }
}
