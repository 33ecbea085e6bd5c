import GatehousePAM
import TestKit

/// Random files of services, such as people write, and such as nobody should.
struct RandomService {
  enum Kind: CaseIterable {
    /// Files without errors, with all that is allowed in them.
    case tidy
    /// Anything may be wrong.
    case wild
  }

  private var random: SeededRandom
  private let kind: Kind
  private let name: String
  private static let auxiliary = ["a", "b", "c", "d"]

  init(_ kind: Kind, seed: UInt64, name: String) {
    random = SeededRandom(seed: seed)
    self.kind = kind
    self.name = name
  }

  /// The service's own file and those that it includes, by their path.
  mutating func next() -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for (number, auxiliary) in Self.auxiliary.enumerated() where chance(9, of: 10) {
      files["/etc/pam.d/\(name)-\(auxiliary)"] = text(Array(Self.auxiliary[(number + 1)...]))
    }
    let own = text(Self.auxiliary)
    switch Int.random(in: 0..<20, using: &random) {
    case 0: files["/usr/lib/pam.d/\(name)"] = own
    case 1:
      files["/usr/lib/pam.d/\(name)"] = text([])
      files["/etc/pam.d/\(name)"] = own
    case 2 where kind == .wild: break
    default: files["/etc/pam.d/\(name)"] = own
    }
    return files
  }

  private mutating func chance(_ part: Int, of whole: Int) -> Bool {
    Int.random(in: 0..<whole, using: &random) < part
  }

  /// A chance that only wild files have.
  private mutating func slip(of whole: Int) -> Bool { kind == .wild && chance(1, of: whole) }

  private mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int.random(in: elements.indices, using: &random)]
  }

  private mutating func text(_ includable: [String]) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 0...7, using: &random) {
      bytes += line(includable)
    }
    if slip(of: 10), !bytes.isEmpty { bytes.removeLast() }
    if slip(of: 60) { bytes += Array("\\\n".utf8) }
    if slip(of: 30), !bytes.isEmpty {
      bytes[Int.random(in: bytes.indices, using: &random)] = pick([
        0, 0xE9, 0x0D, 0x0B, 0x5D, 0x5C, 0x23, 0x0A,
      ])
    }
    return bytes
  }

  private mutating func line(_ includable: [String]) -> [UInt8] {
    switch Int.random(in: 0..<24, using: &random) {
    case 0:
      return Array("\(blank(orNothing: true))# \(slip(of: 3) ? "auth \\" : "a comment")\n".utf8)
    case 1: return Array("\(blank(orNothing: true))\n".utf8)
    case 2 where slip(of: 4):
      // Longer than the buffer of 1.5, at about its end.
      let head = pick([
        "#", "account required pam_debug.so ", "account required pam_debug.so [acct=",
      ])
      let fill = String(repeating: "x", count: Int.random(in: 980...1030, using: &random))
      return Array("\(head)\(fill) account requisite pam_deny.so\(pick(["", " \\"]))\n".utf8)
    default: break
    }
    var words: [String] = []
    let stage = word(
      pick(Array(repeating: "account", count: 12) + ["auth", "session", "password"]),
      orWild: ["acount", "", "[account]", "@include", "account\r", "[", "-"])
    words.append((chance(1, of: 8) ? "-" : "") + stage)
    if chance(1, of: 12) {
      words = ["@include", target(includable)]
    } else if chance(1, of: 4) {
      words += [
        word(pick(["include", "substack", "substack"]), orWild: ["[include]"]), target(includable),
      ]
      if slip(of: 60) { words.removeLast() }
    } else {
      words.append(control())
      words.append(module())
      words += arguments()
      if slip(of: 25) { words.removeLast(Int.random(in: 1...words.count, using: &random)) }
    }
    var line = blank(orNothing: true)
    for word in words { line += word + blank() }
    if chance(1, of: 3) { while line.hasSuffix(" ") || line.hasSuffix("\t") { line.removeLast() } }
    if chance(1, of: 10) { line += "# required \(chance(1, of: 4) ? "\\" : "")" }
    line += slip(of: 40) ? "\r\n" : "\n"
    return Array(line.utf8)
  }

  private mutating func word(_ word: String, orWild others: [String]) -> String {
    slip(of: 30) ? pick(others) : chance(1, of: 8) ? capitals(word) : word
  }

  private mutating func capitals(_ word: String) -> String {
    String(word.map { chance(1, of: 3) ? Character($0.uppercased()) : $0 })
  }

  private mutating func blank(orNothing: Bool = false) -> String {
    if orNothing, chance(3, of: 4) { return "" }
    switch Int.random(in: 0..<16, using: &random) {
    case 0: return "\t"
    case 1: return "  \t "
    case 2: return " \\\n" + (chance(1, of: 2) ? "  " : "")
    case 3 where slip(of: 3):
      return pick([" \\ \n# comment\n", "\\\n\n", " \\\n \\\n ", " \\\t\n"])
    default: return " "
    }
  }

  private mutating func target(_ includable: [String]) -> String {
    if kind == .wild, chance(1, of: 15) {
      return pick([
        "\(name)-a", name, "missing", "/etc/pam.d", ".", "[]", "/", "[\(name)-d]", "a/", "?",
      ])
    }
    guard !includable.isEmpty else { return "\(name)-leaf" }
    let target = "\(name)-\(pick(includable))"
    return chance(1, of: 6) ? "/etc/pam.d/\(target)" : target
  }

  private mutating func control() -> String {
    if chance(1, of: 2) {
      return word(
        pick(["required", "requisite", "sufficient", "optional"]),
        orWild: ["[required]", "requird", "", "[]", "[ required]", "[sufficient"])
    }
    var pairs: [String] = []
    for _ in 0..<Int.random(in: 1...5, using: &random) {
      pairs.append("\(code(orDefault: true))\(gap())=\(gap())\(action())")
    }
    if slip(of: 12) {
      pairs.insert(
        pick([
          "SUCCESS=ok", "success", "success=", "=ok", "success=0", "success=-1", "foo=ok", "ok",
          "success=4294967297", "success=2147483648", "success=99999999999", "success=4294967295",
          "abort=3x", "default=okay", "\\]", "[",
        ]),
        at: Int.random(in: 0...pairs.count, using: &random))
    }
    return "[\(gap())\(pairs.joined(separator: slip(of: 20) ? "" : " "))\(gap())]"
  }

  private mutating func gap() -> String { chance(1, of: 10) ? pick([" ", "  ", "\t"]) : "" }

  private mutating func action() -> String {
    pick([
      "ok", "ok", "ok", "done", "ignore", "ignore", "bad", "die", "reset", "1", "1", "1", "2", "3",
      "5", "07",
    ])
  }

  private mutating func code(orDefault: Bool = false) -> String {
    if orDefault, chance(1, of: 4) { return "default" }
    return pick([
      "success", "success", "success", "new_authtok_reqd", "ignore", "perm_denied",
      "authinfo_unavail", "user_unknown", "auth_err",
      Self.codes[Int.random(in: 0..<32, using: &random)],
    ])
  }

  private mutating func module() -> String {
    if chance(1, of: 12) { return pick(["pam_permit.so", "pam_deny.so", "pam_missing.so"]) }
    if slip(of: 40) {
      return pick([
        "pam_debug", "PAM_DEBUG.so", "?", "[pam_debug.so]", "[]", ".so", "/", "pam_debug.so\r",
        "[pam_deny.so",
      ])
    }
    return "pam_debug.so"
  }

  private mutating func arguments() -> [String] {
    var arguments: [String] = []
    if chance(1, of: 10) { arguments.append(pick(["debug", "[a b]", "auth=success", "x]"])) }
    if chance(11, of: 12) {
      let code = "acct=\(code())"
      arguments.append(chance(1, of: 8) ? "[\(code)]" : code)
    }
    if chance(1, of: 12) { arguments.append("acct=\(code())") }
    if slip(of: 30) { arguments.append(pick(["acct=", "acct=foo", "[acct\\]=x", "["])) }
    return arguments
  }

  private static let codes = ReturnCode.all.map {
    String($0.name.utf8.dropFirst(4).map { Character(Unicode.Scalar($0)).lowercased() }.joined())
  }
}
