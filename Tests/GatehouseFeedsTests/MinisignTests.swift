import Testing

@testable import GatehouseFetch

/// A list that minisign 0.11 has signed in both ways, and its key.
enum Signed {
  static let key = "RWQgLTeZ/lieMonERpyNgc0QyzjQXI8z3Bu7x7Q6yEu4sdOFkaEC4hbs"
  static let otherKey = "RWSB6c4kwzrnOwMPHybFvTdpe8sDmm4JE7aR4c2kpWAudGPxZkc/cbjV"
  static let list = "192.0.2.0/24\n198.51.100.7\n"
  static let signature = """
    untrusted comment: signature from minisign secret key
    RUQgLTeZ/lieMvgW9ZMJIktDdoJoC1B2fWvZ8rfJHgFcIeQtGIcZfbEfQMH78zySfVpIX6uq40GdS5D0ChMPm5axfZHXwU1dkwE=
    trusted comment: list of 2026-11-27
    V1/WxpxsAKYRjSANPs4c4XAguSe53HQZur1LXIRUWRBtOsqwW2GHMzCjlUsB6jys65hQkHse1iQhtdnEG/5MBw==

    """
  /// As older minisigns sign: the file itself, not its hash.
  static let oldSignature = """
    untrusted comment: signature from minisign secret key
    RWQgLTeZ/lieMqtWfVBd1iqC89zLNpghBZO+93v/frXQzw/Hi59ILKiGPpizD6cnWbe0i0xjCAZwEZrZUwBwAX37jb7ItFj6PwU=
    trusted comment: list of 2026-11-27
    bhni75SEK07K8Kqouj+R0MNPzL4N60uUHuI8cxexPc5uHW59d7EVYwbc6NJlpdURXI72EGtr1qyYkhL4wOefCg==

    """
}

@Suite("Signatures of minisign")
struct MinisignTests {
  @Test(
    "fit the file that was signed, in both kinds",
    arguments: [Signed.signature, Signed.oldSignature])
  func whole(signature: String) throws {
    let key = try #require(MinisignKey(Signed.key))
    try key.check(Array(Signed.list.utf8), signedBy: Array(signature.utf8))
    let crlf = signature.replacing("\n", with: "\r\n")
    try key.check(Array(Signed.list.utf8), signedBy: Array(crlf.utf8))
  }

  @Test(
    "fit no other file, not one with a bit changed",
    arguments: [Signed.signature, Signed.oldSignature])
  func changed(signature: String) throws {
    let key = try #require(MinisignKey(Signed.key))
    let list = Array(Signed.list.utf8)
    for place in list.indices {
      var other = list
      other[place] ^= 1
      let error = #expect(throws: FetchProblem.self) {
        try key.check(other, signedBy: Array(signature.utf8))
      }
      #expect(error?.description == "does not fit the file: that was changed after it was signed")
    }
    #expect(throws: FetchProblem.self) { try key.check([], signedBy: Array(signature.utf8)) }
  }

  @Test("count no more once anything but the first line is changed")
  func changedSignature() throws {
    let key = try #require(MinisignKey(Signed.key))
    let signature = Array(Signed.signature.utf8)
    let start = try #require(signature.firstIndex(of: 0x0A)) + 1
    // The last byte is the end of a line that may be missing.
    for place in start..<signature.count - 1 {
      var other = signature
      other[place] ^= 1
      #expect(throws: FetchProblem.self, "byte \(place)") {
        try key.check(Array(Signed.list.utf8), signedBy: other)
      }
    }
  }

  @Test(
    "that are another's, or none, say so",
    arguments: [
      (
        Signed.otherKey, Signed.signature,
        "is by the key 329E58FE99372D20, and `public_key` is 3BE73AC324CEE981"
      ),
      (Signed.key, "", "is no signature of minisign"),
      (Signed.key, "<html>\n\n\n\n", "is no signature of minisign"),
      (
        Signed.key, Signed.signature.replacing("27", with: "28"),
        "has a trusted comment that was changed"
      ),
      (
        Signed.key, Signed.signature.replacing("\nRUQ", with: "\nRVQ"),
        "is a signature of a kind that minisign does not make"
      ),
    ])
  func refused(key: String, signature: String, problem: String) throws {
    let key = try #require(MinisignKey(key))
    let error = #expect(throws: FetchProblem.self) {
      try key.check(Array(Signed.list.utf8), signedBy: Array(signature.utf8))
    }
    #expect(error?.description == problem)
  }

  @Test(
    "are checked with a public key alone",
    arguments: [
      "", "RWQ", Signed.key + "A", String(Signed.key.dropLast(4)), "x" + Signed.key.dropFirst(),
    ])
  func keys(text: String) { #expect(MinisignKey(text) == nil) }
}
