import PAMKit
import Testing

@testable import GatehousePAM

/// What libpam does that is not plain from its manual, once each, for the model and for libpam itself.
@Suite struct FactTests {
  @Test("the model knows", arguments: Fact.all)
  func model(fact: Fact) {
    var files = FolderFiles(fact.files)
    files.modules = ["pam_debug.so", "pam_permit.so", "pam_deny.so"]
    for (dialect, expected) in [(PAMDialect.debian12, fact.debian12), (.debian13, fact.debian13)] {
      let answer = StackReader.read(fact.service, by: dialect, from: files).answer
      #expect(answer == (expected == "signal" ? nil : expected), "\(fact.says)")
    }
  }

  @Test(
    "libpam does", .enabled(if: RealLibpam.obstacle == nil, "\(RealLibpam.obstacle ?? "")"),
    arguments: Fact.all)
  func libpam(fact: Fact) throws {
    let expected = try RealLibpam.dialect() == .debian12 ? fact.debian12 : fact.debian13
    let answer = try RealLibpam.ask([fact.service], FolderFiles(fact.files))[0]
    // Which signal ends it depends on how busy the machine is.
    #expect(
      answer == expected || answer.hasPrefix("signal") && expected == "signal", "\(fact.says)")
  }

  @Test("upstream looks for includes like services, and knows no @include")
  func upstream() {
    let files = FolderFiles([
      "s": "account include v\n",
      "/usr/lib/pam.d/v": "account required pam_debug.so acct=cred_err\n",
      "t": "@include v\naccount required pam_permit.so\n",
    ])
    #expect(StackReader.read("s", by: .upstream17, from: files).answer == "17")
    // It takes @include for a line of the auth stage.
    #expect(StackReader.read("t", by: .upstream17, from: files).answer == "0")
    let nameless = FolderFiles(["s": "account include\naccount required pam_permit.so\n"])
    #expect(StackReader.read("s", by: .upstream15, from: nameless).answer == "6")
  }

  // Tried by hand with Debian 13's libpam in a system without the two folders.
  @Test(
    "without a folder there is one file for all services",
    arguments: [
      ("sshd", "6"), ("SSHD", "6"), ("login", "0"), ("cron", "26"), ("foo", "17"), ("other", "17"),
      ("other2", "0"), ("x", "17"),
    ])
  func oneFile(service: String, answer: String) {
    var files = FolderFiles([
      "/etc/pam.conf": """
      # comment
      sshd   auth     required pam_deny.so
      SSHD   account  optional pam_debug.so acct=new_authtok_reqd
      sshd   account  include  x
      other  account  required pam_debug.so \\
         acct=cred_err
      login  account  [success=1 default=ignore] pam_permit.so
      login  account  requisite pam_deny.so
      LOGIN  account  required pam_permit.so
      cron   -account required pam_debug.so acct=abort
      Other2 account required pam_permit.so
      x

      """,
      "/etc/x": "account required pam_permit.so\n",
    ])
    files.folders = ["/", "/etc"]
    #expect(StackReader.read(service, by: .debian13, from: files).answer == answer)
  }

  @Test("a module of which no name is left ends its file")
  func nameless() {
    let files = FolderFiles(["s": "account required pam_permit.so\naccount required ?.so\n"])
    let location = PAMLocation(file: "/etc/pam.d/s", line: 2)
    let flaw = PAMFlaw(problem: .unusableName("?.so"), location: location)
    #expect(StackReader.read("s", by: .debian13, from: files) == .refused(flaw))
    // 1.5 goes on with a list of which it did not write the end.
    #expect(StackReader.read("s", by: .debian12, from: files) == .unpredictable(flaw))
  }

  @Test("a code that libpam does not know is a failure, whatever the control says")
  func unknownCode() throws {
    let stack = try account("account optional pam_x.so\naccount required pam_permit.so\n")
    #expect(stack.run { $0 == 0 ? ReturnCode(rawValue: 99) : .success }.code == .permissionDenied)
  }

  @Test("where a jump of the auth stage lands, and over what it goes")
  func landing() throws {
    let files = FolderFiles([
      "s": """
      auth [success=1 default=ignore] pam_gatehouse.so network=office
      auth required pam_google_authenticator.so
      auth substack two
      auth include two
      """,
      "two": "auth required pam_a.so\nauth required pam_b.so\n",
    ])
    guard case .stacks(let stacks) = StackReader.read("s", by: .debian12, from: files) else {
      throw Unreadable()
    }
    let stack = try #require(stacks[.auth])
    #expect(stack.lines.map(\.level) == [0, 0, 0, 1, 1, 0, 0])
    #expect(stack.landing(from: 0, over: 1) == 2)
    // A substack is one line, an include as many as it has.
    #expect(stack.landing(from: 0, over: 2) == 5)
    #expect(stack.landing(from: 0, over: 3) == 6)
    #expect(stack.landing(from: 0, over: 4) == 7)
    #expect(stack.landing(from: 0, over: 5) == nil)
    #expect(stack.landing(from: 3, over: 1) == 5)
    #expect(stack.landing(from: 3, over: 2) == nil)
  }

  @Test("where a line is written, and what is wrong with it")
  func locations() throws {
    let files = FolderFiles([
      "s": "# a\naccount \\\n  required pam_permit.so\n\n@include t\naccount include missing\n",
      "t": "\naccount required\n",
    ])
    guard case .stacks(let stacks) = StackReader.read("s", by: .debian13, from: files) else {
      throw Unreadable()
    }
    let lines = stacks[.account]?.lines ?? []
    #expect(lines.map { "\($0.location)" } == ["s:2", "t:2", "s:6"])
    #expect(
      lines.map(\.kind) == [
        .module(path: "pam_permit.so", arguments: [], isLoadable: true), .broken(.noModule),
        .broken(.unreadable("missing")),
      ])
    #expect(
      StackReader.read(
        "s", by: .debian12, from: FolderFiles(["s": "account required x.so\n@include no\n"]))
        == .refused(
          PAMFlaw(problem: .unreadable("no"), location: PAMLocation(file: "/etc/pam.d/s", line: 2)))
    )
    #expect(
      StackReader.read("s", by: .debian12, from: FolderFiles())
        == .refused(PAMFlaw(problem: .nothingToRead, location: nil)))
  }

  @Test("arguments are cut at blanks, but in brackets")
  func arguments() throws {
    let stack = try account("account required pam_x.so a  [b c\\]d]e\t[f\n")
    #expect(
      stack.lines[0].kind
        == .module(path: "pam_x.so", arguments: ["a", "b c]d", "e", "f\n"], isLoadable: true))
  }

  @Test("includes that multiply without end are not waited for")
  func explosion() {
    var files = FolderFiles()
    for number in 0..<14 {
      files["s\(number)"] = String(repeating: "account include s\(number + 1)\n", count: 9)
    }
    files["s14"] = ""
    guard case .unpredictable(let flaw) = StackReader.read("s0", by: .debian12, from: files) else {
      Issue.record("it was read")
      return
    }
    #expect(flaw.problem == .tooMuch)
  }

  private struct Unreadable: Error {}

  private func account(_ text: String) throws -> PAMStack {
    guard
      case .stacks(let stacks) = StackReader.read(
        "s", by: .debian12, from: FolderFiles(["s": text]))
    else { throw Unreadable() }
    return try #require(stacks[.account])
  }
}

/// Files, and what the account stage of the service `s` comes to with them.
struct Fact: CustomTestStringConvertible {
  var says: String
  var service = "s"
  var files: [String: String]
  var debian12: String
  var debian13: String

  var testDescription: String { says }

  init(
    _ says: String, service: String = "s", _ files: [String: String], _ debian12: String,
    _ debian13: String? = nil
  ) {
    self.says = says
    self.service = service
    self.files = files
    self.debian12 = debian12
    self.debian13 = debian13 ?? debian12
  }

  /// A file `s` with these lines, D standing for pam_debug.so.
  init(_ says: String, _ lines: String, _ debian12: String, _ debian13: String? = nil) {
    self.init(says, ["s": Self.lines(lines)], debian12, debian13)
  }

  /// Lines parted by semicolons, all of the account stage unless they say something else.
  private static func lines(_ text: String) -> String {
    text.split(separator: ";").map { part in
      let line = String(part.drop { $0 == " " })
      let isWhole = ["@", "-", "auth", "acount", "account"].contains { line.hasPrefix($0) }
      return (isWhole ? line : "account \(line)") + "\n"
    }.joined()
  }

  private static func files(_ texts: [String: String]) -> [String: String] {
    texts.mapValues(lines)
  }

  /// A file that puts in another one, and so on, so many times; the last one lets in.
  private static func chain(of word: String, _ count: Int) -> [String: String] {
    var files = ["s\(count)": "account required pam_permit.so\n"]
    for number in 0..<count {
      files[number == 0 ? "s" : "s\(number)"] = "account \(word) s\(number + 1)\n"
    }
    return files
  }

  private static let long = String(repeating: "x", count: 1023)

  static let all: [Fact] = [
    Fact(
      "the first failure keeps the result, and PAM_NEW_AUTHTOK_REQD may be one",
      "[default=bad success=ok] pam_debug.so acct=new_authtok_reqd; required pam_deny.so", "12"),
    Fact(
      "a reset forgets a denial",
      "required pam_deny.so; [default=reset] pam_debug.so acct=ignore; required pam_permit.so", "0"),
    Fact(
      "done after a failure does not end the stack",
      "required pam_deny.so; sufficient pam_permit.so; [default=reset] pam_permit.so;"
        + " required pam_permit.so", "0"),
    Fact(
      "PAM_INCOMPLETE is returned at once",
      "[default=ok] pam_debug.so acct=incomplete; required pam_permit.so", "31"),
    Fact(
      "@include puts the text in: an end in it is an end of all",
      files([
        "s": "@include x; required pam_deny.so",
        "x": "[success=1 new_authtok_reqd=done default=ignore] pam_debug.so acct=new_authtok_reqd",
      ]), "12"),
    Fact(
      "without ignore=ignore, PAM_IGNORE is refused",
      "[success=ok default=bad] pam_debug.so acct=ignore; required pam_permit.so", "6"),
    Fact("PAM_IGNORE alone is refused", "required pam_debug.so acct=ignore", "6"),
    Fact(
      "ok makes PAM_IGNORE the result",
      "[default=ok] pam_debug.so acct=ignore; required pam_permit.so",
      "25"),
    Fact(
      "done ends only the substack",
      files([
        "s": "substack x; required pam_debug.so acct=cred_err",
        "x": "sufficient pam_permit.so; required pam_deny.so",
      ]), "17"),
    Fact(
      "die ends only the substack, and a reset behind it forgets it",
      files([
        "s": "substack x; [default=reset] pam_permit.so; required pam_permit.so",
        "x": "requisite pam_deny.so; required pam_permit.so",
      ]), "0"),
    Fact(
      "a reset in a substack goes back to where it began",
      files([
        "s": "required pam_debug.so acct=cred_err; substack x",
        "x": "required pam_deny.so; [default=reset] pam_permit.so",
      ]), "17"),
    Fact(
      "a jump counts a substack as one line",
      files([
        "s": "[success=1 default=ignore] pam_permit.so; substack x; required pam_permit.so",
        "x": "required pam_deny.so; required pam_deny.so",
      ]), "0"),
    Fact(
      "a jump counts an include as each of its lines",
      files([
        "s": "[success=1 default=ignore] pam_permit.so; include x; required pam_permit.so",
        "x": "required pam_permit.so; required pam_deny.so",
      ]), "7"),
    Fact(
      "a jump to the end is fine",
      "required pam_permit.so; [success=1 default=ignore] pam_permit.so; required pam_deny.so", "0"),
    Fact(
      "a jump beyond the end is a failure",
      "required pam_permit.so; [success=2 default=ignore] pam_permit.so; required pam_deny.so", "6"),
    Fact(
      "a service without a line of the stage runs that of other",
      files(["s": "auth required pam_permit.so", "other": "required pam_debug.so acct=cred_err"]),
      "17"),
    Fact("no line anywhere is a denial", "auth required pam_permit.so", "6"),
    Fact(
      "an error in other refuses every service",
      files(["s": "required pam_permit.so", "other": "@include missing"]), "start 26"),
    Fact(
      "the service other has each line twice", service: "other",
      files(["other": "[success=2 default=bad] pam_permit.so; required pam_permit.so"]), "0"),
    Fact(
      "Debian looks for an include in /etc/pam.d alone",
      ["s": "account include v\n", "/usr/lib/pam.d/v": "account required pam_permit.so\n"], "6"),
    Fact(
      "the vendor's folder has services", ["/usr/lib/pam.d/s": "account required pam_permit.so\n"],
      "0"),
    Fact(
      "the administrator's file wins",
      [
        "/usr/lib/pam.d/s": "account required pam_permit.so\n",
        "s": "account required pam_debug.so acct=cred_err\n",
      ], "17"),
    Fact(
      "a name is made small: a file with capitals is never read", service: "Svc",
      ["Svc": "account required pam_permit.so\n"], "start 26"),
    Fact(
      "of a name only what follows the last slash counts", service: "a/b/s",
      ["s": "account required pam_permit.so\n"], "0"),
    Fact(
      "an @include that cannot be read refuses everybody", "required pam_permit.so; @include no",
      "start 26"),
    Fact(
      "but in a file reached by include it takes the control of the line before it: optional",
      files(["s": "include x", "x": "optional pam_permit.so; @include missing"]), "0"),
    Fact(
      "but in a file reached by include it takes the control of the line before it: required",
      files(["s": "include x", "x": "required pam_permit.so; @include missing"]), "6"),
    Fact(
      "an include that cannot be read is one bad line",
      "[success=1 default=ignore] pam_permit.so; include missing; required pam_permit.so", "0"),
    Fact(
      "a substack that cannot be read is two, and one jump ends between them",
      "[success=1 default=ignore] pam_permit.so; substack missing; required pam_permit.so", "6"),
    Fact(
      "a substack that cannot be read is two, and two jumps go over them",
      "[success=2 default=ignore] pam_permit.so; substack missing; required pam_permit.so", "0"),
    Fact("an include without a name crashes", "include", "signal"),
    Fact(
      "a file that includes itself crashes 1.5, and is a bad line later",
      "required pam_permit.so; include s",
      "signal", "6"),
    Fact("a folder reads as an empty file", "include .; required pam_permit.so", "0"),
    Fact(
      "1.5 splits a line that is too long",
      ["s": "account required pam_permit.so \(long.dropFirst(31))account required pam_deny.so\n"],
      "7", "0"),
    Fact(
      "1.5 splits a comment, too",
      ["s": "account required pam_permit.so\n#\(long.dropFirst())account required pam_deny.so\n"],
      "7", "0"),
    Fact(
      "1.5 hangs at a backslash that fills its buffer",
      ["s": "account required pam_permit.so \(long.dropFirst(32))\\\n\n"], "signal", "0"),
    Fact(
      "after a backslash 1.5 passes over comments, later versions end the line",
      ["s": "account required \\\n# comment\npam_permit.so\n"], "0", "6"),
    Fact(
      "after a backslash 1.5 passes over blank lines and swallows the next",
      ["s": "account required pam_debug.so acct=cred_err \\\n\naccount required pam_deny.so\n"],
      "17"),
    Fact(
      "a file that ends behind a backslash is an error",
      ["s": "account required pam_permit.so \\\n"], "start 26"),
    Fact(
      "a file may end without a newline", ["s": "account required pam_debug.so acct=cred_err"], "17"
    ),
    Fact(
      "a carriage return belongs to the name", ["s": "account required pam_permit.so\r\n"], "28"),
    Fact(
      "a line without a module fails by its own control: required",
      "required; required pam_permit.so", "6"),
    Fact(
      "a line without a module fails by its own control: optional",
      "optional; required pam_permit.so", "0"),
    Fact(
      "an unknown stage is a line of auth", "acount required pam_deny.so; required pam_permit.so",
      "0"),
    Fact(
      "in a file that is included it is a failing line of the stage",
      files(["s": "include x", "x": "acount required pam_permit.so"]), "6"),
    Fact("a hyphen only silences the log", "-account required pam_missing_altogether.so", "28"),
    Fact(
      "keywords ignore case", "REQUIRED pam_debug.so acct=cred_err; required pam_permit.so", "17"),
    Fact("names in brackets do not", "[SUCCESS=ok] pam_permit.so", "6"),
    Fact(
      "an error in brackets makes all of it bad",
      "[success=ok default=ignore foo=ok] pam_permit.so", "6"),
    Fact("default fills what is not set: later", "[default=bad success=ok] pam_permit.so", "0"),
    Fact(
      "default fills what is not set: once",
      "[default=ignore default=bad] pam_deny.so; required pam_permit.so", "0"),
    Fact(
      "a keyword in brackets is one",
      "[required] pam_debug.so acct=cred_err; required pam_permit.so", "17"),
    Fact("an unknown keyword is a wrong bracket", "requird pam_permit.so", "6"),
    Fact("blanks may stand around =", "[ success = ok  default\t=bad ] pam_permit.so", "0"),
    Fact(
      "a number that is too large wraps around in 1.5",
      "[success=4294967297 default=bad] pam_permit.so; required pam_deny.so; required pam_permit.so",
      "0", "6"),
    Fact("plain includes go 15 deep", chain(of: "include", 15), "0"),
    Fact("plain includes go deeper in 1.5", chain(of: "include", 16), "0", "6"),
    Fact("substacks go 15 deep", chain(of: "substack", 15), "0"),
    Fact("substacks go no deeper", chain(of: "substack", 16), "6"),
  ]
}
