import GatehousePolicy
import Testing

@testable import GatehouseReport

@Suite("The mail of a report")
struct MailMessageTests {
  private func mail(_ subject: String = "Gatehouse on gate") throws -> String {
    let address = try #require(MailAddress("ops@example.org"))
    return String(
      decoding: MailMessage(
        to: [address], subject: subject, text: Array("ann\n.\nFrom bob\n\u{e9}".utf8),
        page: Array("<!DOCTYPE html>".utf8)
      ).bytes, as: UTF8.self)
  }

  @Test("has a text and a page, in ASCII and short lines")
  func whole() throws {
    let mail = try mail()
    let parts = mail.split(separator: "--=_gatehouse-report_=")
    #expect(
      parts.first == """
        To: ops@example.org
        Subject: Gatehouse on gate
        Auto-Submitted: auto-generated
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="=_gatehouse-report_="


        """)
    #expect(parts.count == 4 && parts.last == "--\n")
    func content(_ part: Substring) throws -> String {
      let start = try #require(part.firstRange(of: "\n\n")).upperBound
      let text = part[start...].filter { $0 != "\n" }
      return String(decoding: try #require(Base64.decode(Array(text.utf8))), as: UTF8.self)
    }
    #expect(try content(parts[1]) == "ann\n.\nFrom bob\n\u{e9}")
    #expect(try content(parts[2]) == "<!DOCTYPE html>")
    #expect(mail.utf8.allSatisfy { $0 == 0x0A || (0x20..<0x7F).contains($0) })
    #expect(mail.split(separator: "\n").allSatisfy { $0.utf8.count <= 78 })
  }

  @Test(
    "no subject can begin another header",
    arguments: [
      "a\nBcc: eve@example.org", "a\r\n\r\nbody", "\u{202E}gate", "=?utf-8?B?eA==?=",
      String(repeating: "\u{444}", count: 300),
    ])
  func subject(text: String) throws {
    let mail = try mail(text)
    let head = try #require(mail.firstRange(of: "\n\n")).lowerBound
    let names = mail[..<head].split(separator: "\n").filter { !$0.hasPrefix(" ") }
      .compactMap { $0.split(separator: ":").first }
    #expect(names == ["To", "Subject", "Auto-Submitted", "MIME-Version", "Content-Type"])
    #expect(mail[..<head].split(separator: "\n").allSatisfy { $0.utf8.count <= 78 })
  }

  @Test(
    "an address is a user or local@domain",
    arguments: ["root", "ops@example.org", "a.b+c_d@sub-1.example.org", "x@localhost", "_ops"])
  func addresses(text: String) { #expect(MailAddress(text)?.text == text) }

  @Test(
    "nothing else is one",
    arguments: [
      "", "@", "a@", "@b", "-t", "-f@example.org", "a b@example.org", "a@b@c", "a@b\nBcc: c@d",
      "|/bin/sh", "/etc/passwd", "a@[127.0.0.1]", "a@-b.org", "a@b..org", "\"a\"@b.org",
      "a,b@c.org",
      "A <a@b.org>", "\u{e9}@b.org", ".a@b.org", "a!b", "a%b@c.org",
      String(repeating: "a", count: 255),
    ])
  func noAddresses(text: String) { #expect(MailAddress(text) == nil) }
}
