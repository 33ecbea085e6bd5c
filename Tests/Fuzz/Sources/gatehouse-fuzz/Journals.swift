import GatehouseImport
import GatehousePolicy

@testable import GatehouseJournal

/// Entries of the journal.
enum Journals {
  /// A line of sshd; or fields of a decision, with a NUL between them, after the byte 0.
  @Sendable static func run(_ bytes: [UInt8]) {
    if bytes.first == 0 { return decision(Array(bytes.dropFirst())) }
    guard let login = (try? AcceptedLogin(line: bytes)).flatMap(\.self) else { return }
    promise(!login.user.bytes.isEmpty, "a login has a user")
    promise(login.origin != .local, "no line of sshd makes a login local")
    learn(login)
    // As sshd writes it, with vis(3).
    let name = login.user.bytes.flatMap { byte -> [UInt8] in
      switch byte {
      case UInt8(ascii: "\\"): Array(#"\\"#.utf8)
      case 0x20...0x7E: [byte]
      default: Array("\\\(byte >> 6)\(byte >> 3 & 7)\(byte & 7)".utf8)
      }
    }
    guard case .address(let address) = login.origin else { return }
    let line =
      Array("Accepted publickey for ".utf8) + name + Array(" from \(address) port 1 ssh2".utf8)
    promise(
      (try? AcceptedLogin(line: line)) == login, "a login is read as sshd would have written it")
  }

  /// `gatehouse learn` writes a policy that allows the login.
  private static func learn(_ login: AcceptedLogin) {
    let time = Instant(microsecondsSinceEpoch: 1_800_000_000_000_000)
    var logins = LearnedLogins()
    logins.add(login.user, from: login.origin, at: time)
    let text = logins.policy(since: time, now: time)
    let policy = Policy.load(
      PolicySnapshot(policyFiles: [
        .init(name: "policy.yaml", content: .bytes(Array(text.utf8)))
      ])
    ).policy
    guard let policy else { return promise(false, "a learned policy loads:\n\(text)") }
    let asked = Login(
      user: login.user, groups: [], service: "sshd", origin: login.origin, time: time)
    // A name that is not UTF-8 cannot stand in a policy, and an origin without an address is denied.
    guard String(validating: login.user.bytes, as: UTF8.self) != nil, login.origin.isListed,
      login.origin != .machine
    else { return }
    promise(!policy.decide(asked).isDenial, "a learned policy allows what it was learned from")
  }

  private static func decision(_ bytes: [UInt8]) {
    let fields = DecisionEntry.JournalField.allCases
    let parts = bytes.parts(fields.count)
    var values: [DecisionEntry.JournalField: [UInt8]] = [:]
    for (index, field) in fields.enumerated() { values[field] = parts.part(index) }
    let entry = DecisionEntry(values, time: Instant(microsecondsSinceEpoch: 0))
    guard case .success(let login) = entry.login else { return }
    promise(
      !login.user.bytes.isEmpty && !login.service.bytes.isEmpty, "a login has a user and a service")
    if let accepted = entry.accepted {
      promise(accepted.origin == login.origin, "sshd's line has the decision's origin")
    }
  }
}
