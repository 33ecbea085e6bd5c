import GatehousePolicy
import Glibc
import TestKit
import Testing

@testable import GatehouseImport

/// Imported policies against the real pam_access.so.
@Suite(.enabled(if: RealAccess.obstacle == nil, "\(RealAccess.obstacle ?? "")"))
struct RealAccessTests {
  @Test(
    "an imported policy decides as pam_access does, or reports what it does not say",
    arguments: Difficulty.allCases, [false, true])
  func random(kind: Difficulty, groupsInParenthesesOnly: Bool) throws {
    var complete = 0
    let count = 10
    for round in 0..<comparisons {
      let seed = UInt64(round) * 1000
      let files = (0..<count).map {
        var file = RandomAccessFile(kind, seed: seed + UInt64($0))
        return file.next()
      }
      let comparison = Comparison(groupsInParenthesesOnly: groupsInParenthesesOnly)
      complete += try comparison.run(files, TestAccounts(seed: seed))
    }
    // If too few imports were complete, the test would show nothing.
    #expect(complete >= comparisons * count / (kind == .tidy ? 3 : 10))
  }
}

extension RealAccessTests {
  /// The example lines of access.conf(5), and others as people write them.
  private static let files = [
    """
    +:root:crond :0 tty1 tty2 tty3 tty4 tty5 tty6
    +:root:192.168.200.1 192.168.200.4 192.168.200.9
    +:root:127.0.0.1
    +:root:192.168.201.
    +:root:foo1.bar.org foo2.bar.org
    +:root:.foo.bar.org
    -:root:ALL
    +:@admins foo:ALL
    +:john foo:2001:db8:0:101::1
    +:john:2001:db8:0:101::/64
    +:(wheel):ALL
    -:ALL EXCEPT (wheel) shutdown sync:LOCAL
    -:ALL:ALL

    """,
    """
    # Who may come from where.
    +:root:10.0.0.0/24 2001:db8:1::/64
    -:root:ALL
    -:(contractors):ALL EXCEPT 10.8.0.0/16
    +:(wheel) (staff):10.0.0.0/8 192.168.0.0/16
    +:alice:203.0.113.7 2001:db8:ffff::7
    -:ALL:ALL

    """,
    "-:ALL EXCEPT root alice (wheel):ALL EXCEPT 10.0.0.0/8 192.168.201. 2001:db8::/32\n",
    "+ : alice bob : 192.0.2.0/255.255.255.0, 198.51.100.7\n- : ALL : ALL\n",
    "-:bob carol:0.0.0.0/0.0.0.0\n-:(staff):::/::\n",
  ]

  @Test("the examples are decided as pam_access does", arguments: [false, true])
  func examples(groupsInParenthesesOnly: Bool) throws {
    let comparison = Comparison(groupsInParenthesesOnly: groupsInParenthesesOnly)
    let files = Self.files + ImportTests.examples.map(\.file)
    let complete = try comparison.run(files, TestAccounts(seed: groupsInParenthesesOnly ? 1 : 2))
    #expect(complete > files.count / 3)
  }
}

/// How often random files are compared, each time with other accounts.
private let comparisons = rounds("GATEHOUSE_IMPORT_ROUNDS", usually: 3)

/// A comparison of imported policies with pam_access.
struct Comparison {
  var options = AccessOptions()

  init(groupsInParenthesesOnly: Bool) {
    options.groupsInParenthesesOnly = groupsInParenthesesOnly
  }

  /// Compares the decisions for every user from every boundary address, and returns how many of the
  /// imports were complete.
  func run(_ files: [String], _ accounts: TestAccounts) throws -> Int {
    let imports = files.map {
      Import(access: [ImportFile(name: "access.conf", content: Array($0.utf8))], options: options)
    }
    var questions: [AccessQuestion] = []
    for (number, file) in files.enumerated() {
      // In PAM_RHOST a link-local address has a zone.
      let addresses =
        boundaryAddresses(of: file).map(\.description) + ["fe80::1%lo", "/dev/tty1", "/dev/tty9"]
      // pam_access ignores case, so it takes Alice for alice; a policy does so only if the file has
      // both.
      for (user, _) in accounts.groups where user != "Alice" || file.contains("Alice") {
        for address in addresses {
          questions.append(AccessQuestion(file: number, user: user, address: address))
        }
      }
    }
    let answers = try RealAccess(accounts).ask(
      files, questions, options: options.groupsInParenthesesOnly ? "nodefgroup" : "")
    let policies = try imports.map { try loaded($0.policy) }
    let groups = Dictionary(
      uniqueKeysWithValues: accounts.groups.map { ($0.user, Set($0.groups.map { Name($0) })) })
    var reported: Set<Int> = []
    for (question, answer) in zip(questions, answers) where !reported.contains(question.file) {
      let decision = policies[question.file].decide(
        Login(
          user: Name(question.user), groups: groups[question.user],
          service: question.isLocal ? "login" : "sshd",
          origin: question.isLocal ? .local : Origin(remoteHost: question.address), time: .now()))
      let made = imports[question.file]
      // No policy refuses root on the console.
      if question.isLocal, question.user == "root" {
        #expect(!decision.isDenial)
        continue
      }
      let isRight =
        made.isComplete
        ? !decision.isDenial == answer
        : answer || decision.isDenial || made.diagnostics.contains { $0.opens(question) }
      if !isRight { reported.insert(question.file) }
      #expect(
        isRight,
        """
        \(question.user) (\(groups[question.user] ?? [])) from \(question.address): \
        pam_access \(answer ? "allows" : "refuses"), the policy: \(decision)
        \(files[question.file])
        \(made.policy)
        """)
    }
    return imports.count(where: \.isComplete)
  }

  /// The first and last address of every network in a file, their neighbours, an address inside, and
  /// some random addresses.
  private func boundaryAddresses(of file: String) -> Set<IPAddress> {
    let words = file.split { " ,\t:\n\r\0".contains($0) && $0 != ":" }
      .flatMap { [$0] + $0.split(separator: ":", maxSplits: 2).suffix(1) }
    var result: Set<IPAddress?> = [address(.ipv4, 0xC000_0201), address(.ipv6, 1 << 100)]
    for word in words {
      guard case .addresses(let set, _) = OriginWord(Array(word.utf8)[...]) else { continue }
      for range in set.ranges {
        for bits in [range.first, range.last, range.first &- 1, range.last &+ 1, range.middle] {
          result.insert(address(range.family, bits))
        }
      }
    }
    var random = SeededRandom(seed: UInt64(file.utf8.count))
    for _ in 0..<4 {
      result.insert(address(.ipv4, UInt128(random.next() >> 32)))
      result.insert(address(.ipv6, UInt128(random.next()) << 64 | UInt128(random.next())))
    }
    // A loopback address is the machine itself, which access.conf has no word for.
    return Set(result.compactMap(\.self).filter { !$0.isLoopback })
  }
}

/// Loads a policy from its text; throws the errors if it does not load.
func loaded(_ text: String) throws -> Policy {
  let load = Policy.load(
    PolicySnapshot(policyFiles: [.init(name: "policy.yaml", content: .bytes(Array(text.utf8)))]))
  guard let policy = load.policy else {
    throw TestKitError("\(load.diagnostics.map(\.description))\n\(text)")
  }
  return policy
}

extension ImportDiagnostic {
  /// Whether, because of this, the policy may allow a login, and not only from a named host or by a
  /// program of the machine.
  fileprivate func opens(_ question: AccessQuestion) -> Bool {
    opens && name != "host_name" && name != "local_login" && (name != "console" || question.isLocal)
  }
}

extension AccessQuestion {
  fileprivate var isLocal: Bool { address.hasPrefix("/") }
}

extension AddressRange {
  fileprivate var middle: UInt128 { first + (last - first) / 3 }
}

/// The address with these bits, of which those beyond the family's width are ignored.
private func address(_ family: IPAddress.Family, _ bits: UInt128) -> IPAddress? {
  switch family {
  case .ipv4:
    let octets = [24, 16, 8, 0].map { String((bits >> UInt128($0)) & 0xFF) }
    return IPAddress(octets.joined(separator: "."))
  case .ipv6:
    let groups = (0..<8).map { String((bits >> UInt128(112 - 16 * $0)) & 0xFFFF, radix: 16) }
    return IPAddress(groups.joined(separator: ":"))
  }
}
