import GatehousePolicy
import TestKit

/// Users and groups that exist only for a test.
///
/// `pam_access.so` finds them by NSS, in files that are mounted over those in /etc.
struct TestAccounts {
  /// The groups of each user, the primary one first.
  let groups: [(user: String, groups: [String])]

  /// The users that the random files name, in random groups, and one user for each combination of the
  /// groups that the files name.
  init(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let named = ["root", "alice", "Alice", "bob", "carol", "dave", "wheel"].map { user in
      let others = (["wheel", "staff", "contractors"] + RandomAccessFile.users).filter { group in
        group != user && random.once(in: RandomAccessFile.users.contains(group) ? 6 : 3)
      }
      return (user: user, groups: [user] + others)
    }
    let combinations = (0..<8).map { bits in
      let members = ["wheel", "staff", "contractors"].enumerated()
        .filter { bits >> $0.offset & 1 == 1 }.map(\.element)
      // A primary group counts like any other.
      return (user: "user\(bits)", groups: members.isEmpty ? ["users"] : members)
    }
    groups = named + combinations
  }

  private var numbers: [String: Int] {
    let names = Set(groups.flatMap(\.groups)).sorted()
    return Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0 + 5000) })
  }

  /// The accounts in the format of passwd(5).
  var passwd: String {
    groups.enumerated().map { index, entry in
      let group = numbers[entry.groups[0]] ?? 0
      return "\(entry.user):x:\(index + 6000):\(group)::/:/bin/sh\n"
    }.joined()
  }

  /// The groups in the format of group(5).
  var group: String {
    numbers.sorted { $0.value < $1.value }.map { name, number in
      let members = groups.filter { $0.groups.dropFirst().contains(name) }.map(\.user)
      return "\(name):x:\(number):\(members.joined(separator: ","))\n"
    }.joined()
  }
}

/// A question to the real pam_access.so.
struct AccessQuestion {
  /// The index of the file.
  let file: Int
  let user: String
  /// An address, or a terminal if it begins with a slash.
  let address: String
}

/// The real pam_access.so, with its own files and the users and groups of a test.
struct RealAccess {
  let directory: TemporaryDirectory
  private let prefix: [String]

  /// Why it cannot be asked on this machine; nil if it can.
  static let obstacle: String? = {
    do {
      let answers = try RealAccess(TestAccounts(seed: 0)).ask(
        ["-:root:ALL\n"], [AccessQuestion(file: 0, user: "root", address: "192.0.2.1")])
      return answers == [false] ? nil : "pam_access.so does not answer"
    } catch {
      return "this needs root, mount namespaces and pam_access.so: \(error)"
    }
  }()

  init(_ accounts: TestAccounts) throws {
    directory = try TemporaryDirectory()
    prefix = try [
      directory.write(accounts.passwd, to: "passwd"), directory.write(accounts.group, to: "group"),
      directory.write(
        "passwd: files\ngroup: files\nnetgroup: files\nhosts: files\n", to: "nsswitch"),
    ]
  }

  /// Whether pam_access allows each login by the file that its question names, with these options
  /// besides `accessfile=`.
  func ask(
    _ files: [String], _ questions: [AccessQuestion], options: String = ""
  ) throws -> [Bool] {
    let services = try directory.directory("pam")
    for (number, file) in files.enumerated() {
      let path = try directory.write(file, to: "access/\(number).conf")
      try directory.write(
        "account required pam_access.so accessfile=\(path) noaudit \(options)\n",
        to: "pam/file\(number)")
    }
    let host = try builtProgram("access-host")
    let outcome = try run(
      host, prefix + [host, "ask", services],
      input: questions.map { "file\($0.file)\t\($0.user)\t\($0.address)\n" }.joined(),
      seconds: 300)
    let answers = outcome.output.split(separator: "\n").compactMap { Int($0) }
    guard outcome.status == 0, answers.count == questions.count,
      answers.allSatisfy({ $0 == 0 || $0 == 6 })
    else {
      let odd = Set(answers.filter { $0 != 0 && $0 != 6 })
      throw TestKitError(
        "access-host: status \(outcome.status), \(answers.count) answers, odd ones \(odd):"
          + " \(outcome.errors)")
    }
    return answers.map { $0 == 0 }
  }
}
