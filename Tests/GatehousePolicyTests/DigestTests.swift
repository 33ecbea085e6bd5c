import Testing

@testable import GatehousePolicy

@Suite("SHA-256")
struct DigestTests {
  @Test(
    "The examples of FIPS 180-4 have their digests",
    arguments: [
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ])
  func examples(text: String, digest: String) {
    #expect(SHA256.digest(of: Array(text.utf8)).map(hexadecimal).joined() == digest)
  }

  @Test("A million letters a, at once and in pieces, have the digest of FIPS 180-4")
  func million() {
    let digest = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    for length in [1, 63, 4095, 4096, 5000, 1_000_000] {
      var hash = SHA256()
      var left = 1_000_000
      while left > 0 {
        hash.update([UInt8](repeating: UInt8(ascii: "a"), count: min(length, left)).span)
        left -= min(length, left)
      }
      #expect(hash.finish().map(hexadecimal).joined() == digest)
    }
  }
}
