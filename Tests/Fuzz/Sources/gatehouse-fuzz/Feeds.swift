import GatehouseFeeds

@testable import GatehouseFetch
@testable import GatehousePolicy

/// What servers send of addresses, and what gatehouse-fetch is asked and says.
enum Feeds {
  /// A list of addresses, beside the reader of the policy's own lists.
  @Sendable static func list(_ bytes: [UInt8]) {
    let own = ListFile(
      name: "list", bytes: bytes.map { $0 == UInt8(ascii: ";") ? UInt8(ascii: "#") : $0 })
    do throws(FetchProblem) {
      let addresses = try ForeignList.addresses(in: bytes)
      promise(own.diagnostics.isEmpty, "a list of others is read as strictly as one's own")
      promise(own.addresses == addresses, "both have the same addresses")
      checked(addresses)
    } catch {
      promise(isOneLine(error.description), "a reason is one line")
      promise(
        !own.diagnostics.isEmpty || own.addresses.isEmpty,
        "a list of one's own is one of others, too")
    }
  }

  /// A path, an empty line, and a document.
  @Sendable static func json(_ bytes: [UInt8]) {
    let parts = bytes.parts(2, separator: 0x0A)
    guard parts.count == 2, let selection = FeedSelection(parts[0].text) else { return }
    do throws(FetchProblem) {
      let addresses = try SelectedAddresses.addresses(in: parts[1], [selection])
      promise(!addresses.isEmpty, "what selects nothing is no success")
      let end = parts[1].lastIndex { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } ?? 0
      promise(
        (try? SelectedAddresses.addresses(in: Array(parts[1][..<end]), [selection])) == nil,
        "a document that is cut selects nothing")
      checked(addresses)
    } catch {
      promise(isOneLine(error.description), "a reason is one line")
    }
  }

  /// A signature of minisign: none but the right one fits.
  @Sendable static func signature(_ bytes: [UInt8]) {
    let key = MinisignKey("RWQgLTeZ/lieMonERpyNgc0QyzjQXI8z3Bu7x7Q6yEu4sdOFkaEC4hbs")
    let other = Array("192.0.2.1\n".utf8)
    promise(
      (try? key?.check(other, signedBy: bytes)) == nil, "nobody signs without the secret key")
    if let key = MinisignKey(bytes.text) { _ = try? key.check(other, signedBy: bytes) }
  }

  /// A request or reply: what can be read says the same once it is written.
  @Sendable static func message(_ bytes: [UInt8]) {
    if let request = try? FeedRequest(decoding: bytes) {
      promise(
        (try? FeedRequest(decoding: request.encoded)) == request, "a request is what it encodes to")
    }
    if let reply = try? FeedReply(decoding: bytes) {
      promise((try? FeedReply(decoding: reply.encoded)) == reply, "a reply is what it encodes to")
    }
  }

  /// What is promised of addresses that were read.
  private static func checked(_ addresses: AddressSet) {
    let reply = FeedReply.found(addresses, marks: [:])
    promise(
      addresses.isEmpty || (try? FeedReply(decoding: reply.encoded)) == reply,
      "addresses come over whole")
    guard ForeignAddresses.impossibility(in: addresses) == nil else { return }
    let loopback = IPAddress("127.0.0.1").map { addresses.contains($0) }
    promise(loopback != true, "nobody comes from 127.0.0.1")
  }

  private static func isOneLine(_ text: String) -> Bool {
    FeedReply.oneLine(text) == text
  }
}
