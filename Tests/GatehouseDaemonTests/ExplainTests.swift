import GatehouseControl
import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import GatehouseReport
import GatehouseState
import TestKit
import Testing

@testable import GatehouseDaemon

/// What the daemon says that a login would get.
struct ExplainTests {
  private static let policy = """
    version: 1
    everyone: {from: [192.0.2.0/24]}
    groups: {staff: {also_from: [198.51.100.0/24]}}
    services: {radius: {accounts: virtual}, kiosk: {without_address: local}}
    local: {users: [alice]}
    """

  private func request(
    _ user: Name, from host: Name? = nil, origin: String? = nil, service: Name = "sshd",
    groups: [Name]? = nil
  ) -> ExplainRequest {
    var request = ExplainRequest()
    request.user = user
    request.remoteHost = host
    request.origin = origin
    request.service = service
    request.groups = groups
    return request
  }

  @Test(
    "the origin is the one that a login would have now",
    arguments: [
      ("192.0.2.1", nil, "sshd", "self"), ("::ffff:192.0.2.1", nil, "vsftpd", "self"),
      ("fe80::1%eth0", nil, "sshd", "self"), ("fe80::1%eth1", nil, "sshd", "fe80::1"),
      ("fe80::1", nil, "sshd", "fe80::1"), ("127.0.0.1", nil, "sshd", "self"),
      ("192.0.2.2", nil, "sshd", "192.0.2.2"), ("self", nil, "sshd", "origin_unknown"),
      ("192.0.2.1%eth0", nil, "sshd", "origin_unknown"), (nil, nil, "sshd", "no_address"),
      ("", nil, "su", "local"), (nil, "self", "sshd", "self"), (nil, "local", "sshd", "local"),
      ("192.0.2.1", "unknown", "sshd", "origin_unknown"),
      ("192.0.2.1", "session", "sudo", "session_unclear"),
    ] as [(Name?, String?, Name, String)])
  func origin(host: Name?, word: String?, service: Name, expected: String) {
    let origin = request("bob", from: host, origin: word, service: service).origin {
      $0.isLoopback || $0.description == "192.0.2.1" || $0.description == "fe80::1" && $1 == "eth0"
    }
    #expect(origin.keptText == expected)
  }

  /// The verdict and the reason in the words of the command.
  private func explain(_ daemon: InProcessDaemon, _ request: ExplainRequest) throws -> String {
    let text = try daemon.report(request, as: .text).text
    let verdict = text.split(separator: "\n").first {
      $0.hasPrefix("ALLOW  ") || $0.hasPrefix("DENY  ")
    }
    return verdict?.split(separator: " ").prefix(2).joined(separator: " ") ?? text
  }

  @Test("an address that this machine has is the machine itself")
  func ownAddress() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    for address in Machine.ownAddresses() where !address.text.contains(":") {
      let text = try daemon.report(request("bob", from: Name(address.text))).text
      #expect(text.contains(#""origin":{"kind":"self""#), "\(address) \(text)")
    }
    let other = try daemon.report(request("bob", from: "192.0.2.199")).text
    #expect(other.contains(#""origin":{"kind":"address","address":"192.0.2.199"}"#))
  }

  @Test("who is certainly not there is unknown, and known if the groups are given")
  func unknownUser() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    // A directory that may be away from its server does not know everybody.
    #expect(try explain(daemon, request("dave", from: "192.0.2.9")) == "ALLOW listed")
    daemon.directory.change { $0.isCertainOfAbsence = true }
    #expect(try explain(daemon, request("erin", from: "192.0.2.9")) == "DENY user_unknown")
    #expect(
      try explain(daemon, request("erin", from: "198.51.100.1", groups: ["staff"]))
        == "ALLOW listed")
    #expect(try explain(daemon, request("bob", from: "198.51.100.1")) == "ALLOW listed")
  }

  @Test("root is who has uid 0, and the name root if the groups are given")
  func root() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    daemon.directory.change {
      $0.accounts["toor"] = Account(name: "toor", userID: 0, primaryGroupID: 0)
      $0.accounts["root"] = Account(name: "root", userID: 77, primaryGroupID: 77)
    }
    func login(_ user: Name, _ groups: [Name]? = nil) throws -> String {
      try explain(daemon, request(user, origin: "local", service: "login", groups: groups))
    }
    #expect(try login("toor") == "ALLOW local")
    #expect(try login("root") == "DENY local_not_listed")
    #expect(try login("toor", []) == "DENY local_not_listed")
    #expect(try login("root", []) == "ALLOW local")
    #expect(try login("alice") == "ALLOW local")
    #expect(try login("bob") == "DENY local_not_listed")
  }

  @Test("nobody is asked about the users of a service that has its own")
  func virtualAccounts() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    daemon.directory.change { $0.isCertainOfAbsence = true }
    #expect(
      try explain(daemon, request("erin", from: "192.0.2.9", service: "radius")) == "ALLOW listed")
    #expect(
      try explain(
        daemon, request("bob", from: "198.51.100.1", service: "radius", groups: ["staff"]))
        == "DENY not_listed")
    #expect(daemon.directory.lookUps == 0)
  }

  @Test("a service is local without an address, if the policy says so")
  func withoutAddress() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    #expect(try explain(daemon, request("alice", service: "kiosk")) == "ALLOW local")
    #expect(try explain(daemon, request("bob", service: "kiosk")) == "DENY local_not_listed")
    #expect(try explain(daemon, request("alice", service: "xrdp-sesman")) == "DENY no_address")
  }
}
