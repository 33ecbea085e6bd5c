public import GatehousePolicy

/// A mail with a text and, if wanted, a page attached, for sendmail(8) to send (RFC 5322, RFC 2045).
///
/// It is ASCII alone, in lines of at most 76 bytes, so that nothing on its way has to change it.
public struct MailMessage: Sendable {
  /// Who gets it.
  public let addresses: [MailAddress]
  /// What it is about.
  public let subject: String
  /// The text, in UTF-8.
  public let text: [UInt8]
  /// The page that is attached; nil if there is none.
  public let page: [UInt8]?

  /// A mail.
  public init(
    to addresses: [MailAddress], subject: String, text: [UInt8], page: [UInt8]? = nil
  ) {
    self.addresses = addresses
    self.subject = subject
    self.text = text
    self.page = page
  }

  /// Never in base64, so never in a part (RFC 2045 §6.7).
  private static let boundary = "=_gatehouse-report_="

  /// The whole mail, to which sendmail(8) adds sender, date and id.
  public var bytes: [UInt8] {
    var mail: [UInt8] = []
    func line(_ text: String = "") { mail += "\(text)\n".utf8 }
    func content(_ type: String, _ more: [String], _ content: [UInt8]) {
      line("Content-Type: \(type)")
      line("Content-Transfer-Encoding: base64")
      more.forEach { line($0) }
      line()
      let encoded = Base64.encode(content) + Base64.padding(of: content.count)
      for start in stride(from: 0, to: encoded.count, by: 76) {
        mail += encoded[start..<min(start + 76, encoded.count)]
        line()
      }
    }
    // An address has a line of its own.
    line("To: \(addresses.map(\.text).joined(separator: ",\n "))")
    line("Subject: \(Self.encoded(subject))")
    line("Auto-Submitted: auto-generated")
    line("MIME-Version: 1.0")
    guard let page else {
      if Self.isPlain(text) {
        line("Content-Type: text/plain; charset=us-ascii")
        line()
        return mail + text
      }
      content("text/plain; charset=utf-8", [], text)
      return mail
    }
    line("Content-Type: multipart/mixed; boundary=\"\(Self.boundary)\"")
    line()
    line("--\(Self.boundary)")
    content("text/plain; charset=utf-8", [], text)
    line("--\(Self.boundary)")
    content(
      "text/html; charset=utf-8",
      ["Content-Disposition: attachment; filename=\"gatehouse-report.html\""],
      page)
    line("--\(Self.boundary)--")
    return mail
  }

  /// Whether a text can stand in a mail as it is: ASCII, in lines that nothing on its way breaks.
  private static func isPlain(_ text: [UInt8]) -> Bool {
    text.split(separator: UInt8(ascii: "\n")).allSatisfy { line in
      line.count <= 120 && line.allSatisfy { (0x20..<0x7F).contains($0) }
    }
  }

  /// A text for a header: as it is if it is short, printable ASCII, or else in encoded words (RFC 2047).
  private static func encoded(_ text: String) -> String {
    let shown = displayText(of: text)
    let isPlain = shown.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
    if isPlain, shown.utf8.count <= 60, !shown.utf8.contains(UInt8(ascii: "=")) { return shown }
    var words: [[UInt8]] = []
    for scalar in shown.unicodeScalars.prefix(200) {
      let bytes = Array(String(scalar).utf8)
      // 36 bytes are 48 of base64, so a line has less than 76 bytes.
      if let last = words.last, last.count + bytes.count <= 36 {
        words[words.count - 1] += bytes
      } else {
        words.append(bytes)
      }
    }
    return words.map { word in
      let encoded = Base64.encode(word) + Base64.padding(of: word.count)
      return "=?utf-8?B?\(String(decoding: encoded, as: UTF8.self))?="
    }.joined(separator: "\n ")
  }
}

extension Base64 {
  /// What makes the base64 of so many bytes whole.
  static func padding(of count: Int) -> [UInt8] {
    Array(repeating: UInt8(ascii: "="), count: (3 - count % 3) % 3)
  }
}
