public import GatehouseControl
import GatehousePolicy

extension GrantList: Report {
  /// Always yes.
  public var status: ReportStatus { .yes }

  /// The grants, beginning with the one that ends first.
  private var sorted: [Grant] { grants.sorted().reversed() }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.line(StyledText(grants.isEmpty ? "no grants" : counted(grants.count, "grant"), .strong))
    guard !grants.isEmpty else { return page.bytes }
    page.line()
    page.rows(
      sorted.map { grant in
        [
          StyledText(grant.id, .strong),
          StyledText(grant.user.description),
          StyledText("from \(grant.place)"),
          StyledText(grant.service.map { "for \($0)" } ?? ""),
          StyledText(grant.role.map { "role \($0)" } ?? ""),
          StyledText("until \(grant.until.roundedToSeconds)"),
          StyledText(grant.origination, .faint),
        ]
      })
    return page.bytes
  }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    writer.member("time", now)
    writer.member("grants", sorted)
  }
}

extension GrantPlace: JSONWritable {
  /// Writes an object of `kind`, and the `address` or `network` if it is one.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("kind", kind)
      if case .network(let network) = self {
        if network.isSingle {
          $0.member("address", description)
        } else {
          $0.member("network", description)
        }
      }
    }
  }
}

extension Grant {
  /// Who gave it and why: `by alice from 192.0.2.1: on call`.
  var origination: String {
    codeDenial.map { "authorised by the user, denial \($0)" } ?? "by \(author): \(why)"
  }
}

extension Grant: JSONWritable {
  /// Writes an object.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("id", id)
      $0.member("user", user)
      $0.member("origin", place)
      $0.member("service", service)
      $0.member("role", role)
      $0.member("since", since)
      $0.member("until", until)
      $0.member("author", author)
      $0.member("why", why)
      $0.member("denial", codeDenial)
    }
  }
}

/// One method that authenticated a user to sshd.
struct ProvenMethod: Equatable {
  /// Its name, such as `publickey` or `keyboard-interactive/pam`.
  let method: String
  /// The kind of the key, such as `ssh-ed25519`; nil for a method without one.
  let keyType: String?
  /// The key's fingerprint as `ssh-keygen -l` prints it; nil if the key was cut off, and for a
  /// certificate, which has the fingerprint of the key in it.
  let fingerprint: String?

  /// The methods that sshd lists, each in a line that a newline ends: its name, and for a key the
  /// type and the base64 of its public half.
  static func all(in text: Name) -> [ProvenMethod] {
    var lines = text.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    // After the last newline there is nothing, or the beginning of a line that was cut off.
    let cut = lines.popLast().map { [ProvenMethod($0, isWhole: false)] } ?? []
    return (lines.map { ProvenMethod($0, isWhole: true) } + cut).compactMap(\.self)
  }

  /// The ending of the types of OpenSSH's certificates (PROTOCOL.certkeys of OpenSSH).
  private static let certificate = "-cert-v01@openssh.com"

  private init?(_ line: ArraySlice<UInt8>, isWhole: Bool) {
    let words = line.split(separator: UInt8(ascii: " ")).map { Name(bytes: $0) }
    guard let method = words.first?.description else { return nil }
    self.method = method
    keyType = words.count > 1 ? words[1].description : nil
    guard isWhole, words.count == 3, keyType?.hasSuffix(Self.certificate) == false,
      let key = Base64.decode(words[2].bytes)
    else {
      fingerprint = nil
      return
    }
    fingerprint =
      "SHA256:" + String(decoding: Base64.encode(SHA256.digest(of: key)), as: UTF8.self)
  }

  /// The method and its key, such as `publickey ssh-ed25519 SHA256:…`.
  var text: String { [method, keyType, fingerprint].compactMap(\.self).joined(separator: " ") }
}

/// The base64 of RFC 4648; written without padding.
enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var bits = 0
    var count = 0
    for byte in bytes {
      bits = bits << 8 | Int(byte)
      count += 8
      while count >= 6 {
        count -= 6
        result.append(alphabet[bits >> count & 63])
      }
      bits &= 63
    }
    if count > 0 { result.append(alphabet[bits << (6 - count) & 63]) }
    return result
  }

  /// Nil if the text is not whole, padded base64.
  static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    guard !text.isEmpty, text.count.isMultiple(of: 4) else { return nil }
    let padding = text.suffix(2).filter { $0 == UInt8(ascii: "=") }.count
    var result: [UInt8] = []
    var bits = 0
    var count = 0
    for character in text.dropLast(padding) {
      guard let value = alphabet.firstIndex(of: character) else { return nil }
      bits = bits << 6 | value
      count += 6
      if count >= 8 {
        count -= 8
        result.append(UInt8(bits >> count & 255))
      }
      bits &= 63
    }
    return result
  }
}
