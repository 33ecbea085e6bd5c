import GatehouseIdentity
import GatehousePolicy
import TestKit
import Testing

@testable import GatehouseFit

/// Whether sssd is set to say how old its answers are.
struct SSSDSettingsTests {
  private static let both = "user_attributes = +lastUpdate, +initgrExpireTimestamp\n"

  private func settings(_ files: String...) -> SSSDSettings {
    SSSDSettings(files: files.map { Array($0.utf8) })
  }

  @Test(arguments: [
    "[nss]\n\(both)",
    "[sssd]\nservices = nss\n[ nss ]\n# a comment\n  \n\(both)[domain/a]\n",
    "[nss]\nuser_attributes=+name,+initgrExpireTimestamp,+lastUpdate",
    "[nss]\r\nuser_attributes = +lastUpdate,\r\n  +initgrExpireTimestamp\r\n",
    // sssd takes the InfoPipe's if the section has none.
    "[nss]\ndebug_level = 1\n[ifp]\n\(both)",
    "[nss]\nuser_attributes = +name\n\(both)",
  ])
  func bothAttributesAreEnough(_ file: String) { #expect(settings(file) == .told, "\(file)") }

  @Test(arguments: [
    ("[nss]\n", ["lastUpdate", "initgrExpireTimestamp"]),
    ("[nss]\nuser_attributes = +lastUpdate\n", ["initgrExpireTimestamp"]),
    ("[nss]\nuser_attributes = +lastUpdate, initgrExpireTimestamp\n", ["initgrExpireTimestamp"]),
    ("[nss]\nuser_attributes = +lastUpdate, -initgrExpireTimestamp\n", ["initgrExpireTimestamp"]),
    ("[nss]\n#\(both)", ["lastUpdate", "initgrExpireTimestamp"]),
    ("[nss]\n;\(both)", ["lastUpdate", "initgrExpireTimestamp"]),
    ("[domain/nss]\n\(both)", ["lastUpdate", "initgrExpireTimestamp"]),
    (
      "[nss]\nuser_attributes = +lastupdate +initgrExpireTimestamp\n",
      ["lastUpdate", "initgrExpireTimestamp"]
    ),
    // The section's own counts, whatever the InfoPipe's says.
    ("[nss]\nuser_attributes = +lastUpdate\n[ifp]\n\(both)", ["initgrExpireTimestamp"]),
  ])
  func oneThatIsMissingIsNamed(_ file: String, _ missing: [String]) {
    #expect(settings(file) == .lacking(missing), "\(file)")
  }

  @Test func whatIsReadLastCounts() {
    #expect(settings("[nss]\n", "[nss]\n\(Self.both)") == .told)
    #expect(settings("[nss]\n\(Self.both)", "[nss]\nuser_attributes = +name\n") != .told)
    #expect(settings("[nss]\n\(Self.both)", "[domain/a]\nuser_attributes = +name\n") == .told)
  }

  @Test func filesAreReadAsSSSDReadsThem() throws {
    let folder = try TemporaryDirectory()
    #expect(SSSDSettings(in: folder.path) == .absent)
    try folder.write("[nss]\n", to: "sssd.conf")
    try folder.write("[nss]\n\(Self.both)", to: "conf.d/.hidden.conf")
    try folder.write("[nss]\n\(Self.both)", to: "conf.d/old.conf.bak")
    #expect(SSSDSettings(in: folder.path) != .told)
    try folder.write("[nss]\n\(Self.both)", to: "conf.d/10-gatehouse.conf")
    #expect(SSSDSettings(in: folder.path) == .told)
    try folder.write("[nss]\nuser_attributes =\n", to: "conf.d/20-late.conf")
    #expect(SSSDSettings(in: folder.path) != .told)
    try folder.directory("conf.d/30-folder.conf")
    guard case .unreadable = SSSDSettings(in: folder.path) else {
      Issue.record("a file that cannot be read was passed over")
      return
    }
  }

  @Test func itIsAWarningOnlyIfSSSDServesAndThePolicyNamesGroups() throws {
    func names(
      _ settings: SSSDSettings, _ policy: String = "groups: {staff: {only_from: [192.0.2.1]}}",
      _ services: String = "passwd: files sss\ngroup: files sss"
    ) throws -> [String] {
      let load = Policy.load(
        PolicySnapshot(policyFiles: [
          .init(name: "policy.yaml", content: .bytes(Array("version: 1\n\(policy)\n".utf8)))
        ]))
      let policy = try #require(load.policy)
      return settings.diagnostics(of: policy, asking: NameServices(services)).map(\.name)
    }
    let lacking = SSSDSettings.lacking(["lastUpdate"])
    #expect(try names(lacking) == ["sssd_attributes"])
    #expect(try names(.unreadable("permission denied")) == ["sssd_attributes"])
    #expect(try names(.told) == [])
    #expect(try names(.absent) == [])
    #expect(try names(lacking, "everyone: {from: [192.0.2.1]}") == [])
    #expect(try names(lacking, "mode: off\ngroups: {staff: {only_from: [192.0.2.1]}}") == [])
    #expect(
      try names(lacking, "groups: {a: {only_from: [self]}}", "passwd: files\ngroup: files") == [])
  }
}
