@testable import GatehouseControl
@testable import GatehousePolicy

/// Policies: their files, what they decide, and one address more.
enum Policies {
  private static let now = Instant(microsecondsSinceEpoch: 1_800_000_000_000_000)

  /// policy.yaml, policy.d/more.yaml and the list `lists/a`, with a NUL between them.
  private static func snapshot(_ parts: [[UInt8]]) -> PolicySnapshot {
    var files = [PolicySnapshot.File(name: "policy.yaml", content: .bytes(parts[0]))]
    if let more = parts.part(1) {
      files.append(.init(name: "policy.d/more.yaml", content: .bytes(more)))
    }
    return PolicySnapshot(
      policyFiles: files, listFiles: ["lists/a": .bytes(parts.part(2) ?? [])])
  }

  @Sendable static func load(_ bytes: [UInt8]) {
    let snapshot = snapshot(bytes.parts(3))
    let load = Policy.load(snapshot)
    let errors = load.diagnostics.filter { $0.severity == .error }
    promise((load.policy == nil) == !errors.isEmpty, "a policy loads if it has no error")
    for diagnostic in load.diagnostics {
      let place = diagnostic.location
      promise(
        place.map { (1...bytes.count + 2).contains($0.line) && $0.column >= 1 } ?? false,
        "an error has a place in its file")
      promise(
        diagnostic.description.unicodeScalars.allSatisfy { !$0.isUnsafeToShow },
        "a message is safe to show")
    }
    guard let policy = load.policy else { return }
    promise(Policy.load(snapshot).policy?.digest == policy.digest, "a policy has one digest")
    _ = policy.warnings(now: now)
    _ = policy.endingLists(now: now)
    _ = policy.failingTests(now: now)
    archive(snapshot, policy)
    let comparison = PolicyComparison(old: policy, new: policy, from: now)
    promise(
      comparison.difference(for: .everyoneElse).parts.isEmpty,
      "a policy does not differ from itself")
    let users = policy.mentionedUsers.keys.sorted().prefix(2) + ["nobody"]
    let groups = Set(policy.mentionedGroups.keys.sorted().prefix(2))
    for user in users {
      check(policy, user: user, groups: [])
      check(policy, user: user, groups: groups)
    }
  }

  private static func archive(_ snapshot: PolicySnapshot, _ policy: Policy) {
    guard let archive = SnapshotArchive(snapshot, of: policy) else {
      return promise(false, "a policy that was read can be kept")
    }
    promise(
      (try? SnapshotArchive(decoding: archive.bytes)) == archive,
      "a policy that is kept is the same")
  }

  /// What is said of every address is what is decided from one.
  private static func check(_ policy: Policy, user: Name, groups: Set<Name>) {
    func login(_ origin: Origin) -> Login {
      Login(user: user, groups: groups, service: "sshd", origin: origin, time: now)
    }
    let map = policy.decisions(of: login(.machine))
    var probes = ["203.0.113.9", "10.15.1.11", "::1", "2001:db8::1"].compactMap { IPAddress($0) }
    probes += map.allowed.prefix(2).compactMap { $0.addresses.prefixes.first?.address }
    for address in probes {
      let decision = policy.decide(login(.address(address)))
      promise(
        map.allowedAddresses.contains(address) == !decision.isDenial,
        "`where` says of \(address) what is decided from there")
      promise(
        policy.explain(login(.address(address))).decision == decision, "`explain` says it, too")
    }
    let factors = policy.factors(of: login(.machine))
    for address in probes {
      let login = login(.address(address))
      let decision = policy.secondFactor(for: login, isNewPlace: false)
      let part = factors.parts.first { $0.addresses.contains(address) }
      promise(
        part?.verdict.reason == decision.reason,
        "`where --factor` says of \(address) what is decided from there")
      promise(
        policy.explainFactor(of: login, isNewPlace: false).decision == decision,
        "`explain --factor` says it, too")
      let code = policy.explain(login).code
      promise(
        code == nil
          || code == policy.codeOffer(for: login)
            && policy.decide(login).reason.canBeAuthorized,
        "no code is offered but by the policy, and to who was refused")
    }
  }

  /// A policy, a user and an address, with a NUL between them.
  @Sendable static func edit(_ bytes: [UInt8]) {
    let parts = bytes.parts(3)
    let snapshot = PolicySnapshot(policyFiles: [
      .init(name: "policy.yaml", content: .bytes(parts[0]))
    ])
    let login = Login(
      user: Name(bytes: parts.part(1) ?? Array("bob".utf8)), groups: [], service: "sshd",
      origin: Origin(written: (parts.part(2) ?? Array("192.0.2.1".utf8)).text), time: now)
    guard let addition = snapshot.adding(originOf: login),
      case .bytes(let after) = addition.snapshot.policyFiles[0].content
    else { return }
    let decision = Policy.load(addition.snapshot).policy?.decide(login)
    promise(decision.map { !$0.isDenial } ?? false, "who was added gets in")
    let head = zip(parts[0], after).prefix { $0 == $1 }.count
    let tail = zip(parts[0].reversed(), after.reversed()).prefix { $0 == $1 }.count
    promise(head + tail >= parts[0].count, "everything else in the file stays as it was")
  }
}
