import GatehousePolicy
import Glibc
import TestKit
import Testing

@testable import GatehouseImport

/// Imports of sshd_config against the lists that the real sshd prints for a connection.
@Suite(.enabled(if: RealSSHD.obstacle == nil, "\(RealSSHD.obstacle ?? "")"))
struct RealSSHDTests {
  @Test(
    "an imported sshd_config decides by the lists that sshd -T -C prints, or says what it leaves out"
  )
  func random() throws {
    let included =
      "DenyUsers bob@10.1.0.0/16\nMatch Group staff\n  AllowUsers alice *@2001:db8::/32\n"
    let batch = 250
    var compared = 0
    var complete = 0
    for start in stride(from: 0, to: fileCount, by: batch) {
      let seed = UInt64(start)
      let accounts = TestAccounts(seed: seed)
      let sshd = try RealSSHD(accounts)
      let folder = sshd.directory.path
      _ = try sshd.directory.write(included, to: "included.conf")
      let files = (0..<min(batch, fileCount - start)).map { index in
        var random = RandomSSHConfig(
          Difficulty.allCases[index % 3], seed: seed + UInt64(index))
        return random.next().replacing("DIR", with: folder)
      }
      var random = SeededRandom(seed: seed)
      let questions = files.indices.map { index in
        SSHDQuestion(
          file: index, user: random.pick(accounts.groups),
          address: random.pick(RandomSSHConfig.addresses))
      }
      let answers = try sshd.ask(files, questions)
      let imports = files.map {
        try? importedSSH($0, ["\(folder)/included.conf": included])
      }
      let policies = try imports.map { try $0.map { try loaded($0.policy) } }
      complete += imports.count { $0?.isComplete == true }
      for (question, answer) in zip(questions, answers) {
        let (user, groups) = (question.user.user, Set(question.user.groups))
        let text = files[question.file]
        guard let lists = answer else {
          // What stops sshd is not imported.
          #expect(imports[question.file] == nil, "sshd stops, and it is imported:\n\(text)")
          continue
        }
        guard let made = imports[question.file], let policy = policies[question.file] else {
          // Lists that mean different things to versions of sshd.
          #expect(text.contains("@") || text.contains("'"), "not imported:\n\(text)")
          continue
        }
        compared += 1
        let expected = lists.allows(user: user, groups: groups, address: question.address)
        let isAllowed = policy.allows(user, groups, question.address)
        let isRight =
          made.isComplete
          ? isAllowed == expected
          : expected || !isAllowed || made.diagnostics.contains(where: \.opens)
        #expect(
          isRight,
          """
          \(user) \(groups) from \(question.address): sshd \(expected), the policy \(isAllowed)
          \(text)
          \(lists.lists)
          \(made.policy)
          """)
      }
    }
    // If too few were compared or complete, the test would show nothing.
    #expect(compared > fileCount / 2)
    #expect(complete > fileCount / 6)
  }
}

/// How many random files are compared.
private let fileCount = rounds("GATEHOUSE_SSHD_FILES", usually: 1000)

/// A connection about which sshd is asked.
struct SSHDQuestion {
  /// The index of the file.
  let file: Int
  let user: (user: String, groups: [String])
  let address: String
}

/// The real sshd, with its own files and the users and groups of a test.
struct RealSSHD {
  let directory: TemporaryDirectory
  private let prefix: [String]

  /// Why it cannot be asked on this machine; nil if it can.
  static let obstacle: String? = {
    do {
      let question = SSHDQuestion(file: 0, user: ("root", ["root"]), address: "192.0.2.1")
      let lists = try RealSSHD(TestAccounts(seed: 0)).ask(
        ["AllowUsers x\nMatch Address 192.0.2.1\nAllowUsers y\n"], [question])
      return lists == [SSHListsTwin(printed: "allowusers y\n")] ? nil : "sshd -T does not answer"
    } catch {
      return "this needs root, mount namespaces and sshd: \(error)"
    }
  }()

  init(_ accounts: TestAccounts) throws {
    directory = try TemporaryDirectory()
    prefix = try [
      directory.write(
        accounts.passwd + "uid-0:x:0:0::/:/bin/sh\n"
          + "sshd:x:199:65534::/run/sshd:/usr/sbin/nologin\n", to: "passwd"),
      directory.write(accounts.group, to: "group"),
      directory.write("passwd: files\ngroup: files\n", to: "nsswitch"),
    ]
  }

  /// The lists that sshd prints for each connection; nil if it stops at the file.
  func ask(_ files: [String], _ questions: [SSHDQuestion]) throws -> [SSHListsTwin?] {
    let key = directory.file("key")
    for (number, file) in files.enumerated() {
      _ = try directory.write("HostKey \(key)\n\(file)", to: "sshd/\(number)")
    }
    // sshd looks for the folder of its unprivileged process.
    let script = """
      mkdir -p /run/sshd
      [ -e "$2" ] || ssh-keygen -q -t ed25519 -N '' -f "$2"
      while IFS=$(printf '\\t') read -r file user address; do
        if /usr/sbin/sshd -T -f "$1/$file" -C "user=$user,host=$address,addr=$address,\
      laddr=10.9.9.9,lport=22" > "$1/out" 2> "$1/errors"; then
          grep -E '^(allow|deny)(users|groups) ' "$1/out"
        else
          echo STOP
        fi
        echo END
      done
      """
    let outcome = try run(
      try builtProgram("access-host"),
      prefix + ["/bin/sh", "-c", script, "sh", directory.file("sshd"), key],
      input: questions.map { "\($0.file)\t\($0.user.user)\t\($0.address)\n" }.joined(),
      seconds: 600)
    let answers = outcome.output.split(separator: "END\n", omittingEmptySubsequences: false)
      .dropLast().map(String.init)
    guard outcome.status == 0, answers.count == questions.count else {
      throw TestKitError(
        "sshd: status \(outcome.status), \(answers.count) answers: \(outcome.errors)")
    }
    return answers.map { $0.contains("STOP") ? nil : SSHListsTwin(printed: $0) }
  }
}
