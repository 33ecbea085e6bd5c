import GatehousePolicy

/// A mail with a text and a page attached, for sendmail(8) to send (RFC 5322, RFC 2045).
///
/// It is ASCII alone, in lines of at most 76 bytes, so that nothing on its way has to change it.
public struct MailMessage: Sendable {
  /// Where a mail may go.
  public struct Address: Sendable {
    /// As it stands in the header.
    public let text: String

    /// The most bytes (RFC 5321 §4.5.3.1.3).
    private static let longest = 254

    /// A user of this machine, or `local@domain`; nil for anything else.
    ///
    /// Only letters, digits and `._+=-` are taken before the `@`, and no `-`, `+` or `.` at the beginning:
    /// what means something to a shell, to sendmail or to a header cannot stand there.
    public init?(_ text: String) {
      let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
      guard (1...2).contains(parts.count), text.utf8.count <= Self.longest,
        let first = parts[0].first, Self.isPlain(first) || first == UInt8(ascii: "_"),
        parts[0].allSatisfy({ Self.isPlain($0) || "._+=-".utf8.contains($0) })
      else { return nil }
      if parts.count == 2 {
        let labels = parts[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let areNames = labels.allSatisfy { label in
          guard let first = label.first, let last = label.last else { return false }
          return label.allSatisfy { Self.isPlain($0) || $0 == UInt8(ascii: "-") }
            && Self.isPlain(first) && Self.isPlain(last)
        }
        guard areNames else { return nil }
      }
      self.text = text
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: false
      }
    }
  }

  /// Who gets it.
  public let address: Address
  /// What it is about.
  public let subject: String
  /// The text, in UTF-8.
  public let text: [UInt8]
  /// The page that is attached.
  public let page: [UInt8]

  /// A mail.
  public init(to address: Address, subject: String, text: [UInt8], page: [UInt8]) {
    self.address = address
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
    func part(_ type: String, _ more: [String], _ content: [UInt8]) {
      line("--\(Self.boundary)")
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
    line("To: \(address.text)")
    line("Subject: \(Self.encoded(subject))")
    line("Auto-Submitted: auto-generated")
    line("MIME-Version: 1.0")
    line("Content-Type: multipart/mixed; boundary=\"\(Self.boundary)\"")
    line()
    part("text/plain; charset=utf-8", [], text)
    part(
      "text/html; charset=utf-8",
      ["Content-Disposition: attachment; filename=\"gatehouse-report.html\""],
      page)
    line("--\(Self.boundary)--")
    return mail
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
