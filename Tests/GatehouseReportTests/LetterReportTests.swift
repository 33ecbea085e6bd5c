import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import Testing

@testable import GatehouseReport

@Suite("The letter with a code")
struct LetterReportTests {
  private static let time = Instant(microsecondsSinceEpoch: 1_795_000_000_000_000)

  private func report(
    _ kind: Letter.Kind = .code, user: Name = "alice", on machine: String = "gate"
  ) throws -> LetterReport {
    let address = try #require(MailAddress("alice@example.org"))
    let isCode = kind == .code
    return LetterReport(
      Letter(
        id: isCode ? "k3f9xk3f9x" : "k3f9xk3f9x-guessed", kind: kind, user: user,
        service: "sshd", role: isCode ? "admin" : nil, origin: Origin(written: "203.0.113.9"),
        time: Self.time, until: isCode ? Self.time + .seconds(600) : nil,
        code: isCode ? "ABCDEFGHJK" : nil, way: .mail(address)), on: machine)
  }

  private func local(_ time: Instant) -> String {
    LocalTime(microsecondsSinceEpoch: time.microseconds).description
  }

  @Test("has the code in two halves, whom it is for, until when, and what to do")
  func code() throws {
    let report = try report()
    #expect(report.subject == "gate: code to log in as alice from 203.0.113.9")
    #expect(
      String(decoding: report.text, as: UTF8.self) == """
        A code to log in to gate as alice.

          code       ABCDE-FGHJK
          until      \(local(Self.time + .seconds(600)))
          user       alice
          from       203.0.113.9
          service    sshd
          role       admin
          when       \(local(Self.time))
          id         k3f9xk3f9x

        If this was you: log in again from there, and enter the code when you are
        asked for it. It counts once, and only from that address. Small letters do
        as well.

        If it was not you: give the code to nobody. Nobody gets in without it, but
        whoever tried has your password or your key: change it, and tell your
        administrators the id.

        """)
  }

  @Test("of three wrong tries it has no code, and the id of the denial")
  func guessed() throws {
    let report = try report(.guessed)
    #expect(report.subject == "gate: wrong codes for alice from 203.0.113.9")
    let text = String(decoding: report.text, as: UTF8.self)
    #expect(text.hasPrefix("Three wrong codes were entered for alice on gate. The code that was"))
    #expect(text.contains("\n  id         k3f9xk3f9x\n") && !text.contains("  code "))
    let hasCode = report.environment.contains { $0.hasPrefix("GATEHOUSE_CODE=") }
    #expect(!hasCode && report.environment.contains("GATEHOUSE_LETTER=guessed"))
  }

  @Test("a command finds each part in its environment")
  func environment() throws {
    let environment = try report().environment
    for line in [
      "GATEHOUSE_LETTER=code", "GATEHOUSE_CODE=ABCDE-FGHJK", "GATEHOUSE_USER=alice",
      "GATEHOUSE_ORIGIN=203.0.113.9", "GATEHOUSE_SERVICE=sshd", "GATEHOUSE_ROLE=admin",
      "GATEHOUSE_DENIAL=k3f9xk3f9x", "GATEHOUSE_MACHINE=gate",
      "GATEHOUSE_SUBJECT=gate: code to log in as alice from 203.0.113.9",
      "GATEHOUSE_TIME=\(Self.time)", "GATEHOUSE_UNTIL=\(Self.time + .seconds(600))",
    ] { #expect(environment.contains(line), "\(line)") }
  }

  @Test("no name ends a line or commands a terminal, and no line is too long")
  func hostile() throws {
    let evil = "\u{1B}[2J\n\u{202E}=" + String(repeating: "x", count: 300)
    let report = try report(user: Name(evil), on: evil)
    let text = String(decoding: report.text, as: UTF8.self)
    for text in [text, report.subject] + report.environment {
      #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || !$0.isUnsafeToShow })
    }
    #expect(!report.subject.contains("\n"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= NoticeLines.columns })
  }

  @Test("the code is never in what is said of a mailer that failed")
  func problem() throws {
    let report = try report()
    for said in ["status 1: ABCDE-FGHJK", "x abcdefghjk", "abcde-fghjk"] {
      #expect(!report.problem(said).uppercased().contains("FGHJK"))
    }
    #expect(report.problem("no queue") == "no queue")
    #expect(try self.report(.guessed).problem("no queue") == "no queue")
  }
}
