internal import GatehouseFeeds
internal import GatehousePlatform
internal import GatehousePolicy

/// A file of an https server, and what was asked of it.
struct Downloader {
  /// What a server gave.
  enum Outcome {
    /// The file is the one that the marks are of.
    case unchanged
    /// The file, with its marks.
    case file([UInt8], marks: [FeedMark: String])
  }

  /// The most bytes of a file.
  static let longestFile = 64 << 20
  /// The most bytes of a signature of minisign.
  private static let longestSignature = 64 << 10
  /// The most redirects.
  private static let mostRedirects = 5

  /// When to give up.
  let end: Uptime

  /// The addresses of a file, checked; nil if it is the one that the marks are of.
  func addresses(
    of download: NetworkSource.Download, known: [FeedMark: String]
  ) throws(FetchProblem) -> (AddressSet, marks: [FeedMark: String])? {
    let url = download.url
    let key: MinisignKey?
    if let text = download.publicKey {
      guard let read = MinisignKey(text) else {
        throw FetchProblem("`public_key` of \(shown(url)) is no public key of minisign")
      }
      key = read
    } else {
      key = nil
    }
    var isGlobal: Bool?
    guard
      case .file(let bytes, let marks) = try get(
        url, atMost: Self.longestFile, known: known, &isGlobal)
    else { return nil }
    if let sha256 = download.sha256 {
      let digest = SHA256.digest(of: bytes).map(hexadecimal).joined()
      guard digest == sha256 else {
        throw FetchProblem(
          "\(shown(url)) has the SHA-256 \(digest), and `sha256` is another")
      }
    }
    if let key {
      let place = "\(url).minisig"
      guard
        case .file(let signature, _) = try get(
          place, atMost: Self.longestSignature, known: [:], &isGlobal)
      else { throw FetchProblem("\(shown(place)) was not sent") }
      try located(place) { () throws(FetchProblem) in
        try key.check(bytes, signedBy: signature)
      }
    }
    return try located(url) { () throws(FetchProblem) in
      let addresses =
        switch download.format {
        case .text: try ForeignList.addresses(in: bytes)
        case .json: try SelectedAddresses.addresses(in: bytes, download.selections)
        }
      if let problem = ForeignAddresses.widePrefix(in: addresses) { throw FetchProblem(problem) }
      return (addresses, marks)
    }
  }

  /// Gets a file, over redirects.
  ///
  /// A server inside may be asked: the policy names it, and its certificate must be of that name. A
  /// server outside may not send on to one inside, so that it cannot ask others in the place of this
  /// machine.
  ///
  /// - Parameters:
  ///   - url: Its address.
  ///   - limit: The most bytes of it.
  ///   - known: The marks of the content that is there.
  ///   - isGlobal: Whether the first server of all is of the public network; nil before it was asked.
  /// - Returns: The file, or that it is the one that is there.
  /// - Throws: Why there is none, with the place.
  private func get(
    _ url: String, atMost limit: Int, known: [FeedMark: String], _ isGlobal: inout Bool?
  ) throws(FetchProblem) -> Outcome {
    var target = url
    for _ in 0...Self.mostRedirects {
      let place =
        target == url ? shown(url) : "\(shown(url)), which sends on to \(shown(target)),"
      guard target.lowercased().hasPrefix("https://") else {
        throw FetchProblem("\(place) is not followed: it does not begin with https://")
      }
      let transfer = Transfer(atMost: limit, globalAlone: isGlobal ?? false)
      let answer: Transfer.Answer
      do throws(FetchProblem) {
        answer = try transfer.answer(to: target, known: known, within: end - .now)
      } catch {
        throw FetchProblem("\(place) \(error.description)")
      }
      isGlobal = isGlobal ?? answer.isGlobal
      switch answer.status {
      case 200: return .file(answer.body, marks: answer.marks)
      case 304 where !known.isEmpty: return .unchanged
      case 301, 302, 303, 307, 308:
        guard let next = answer.redirect else {
          throw FetchProblem("\(place) sends on, and does not say where to")
        }
        target = next
      default:
        throw FetchProblem("\(place) answers with status \(answer.status)")
      }
    }
    throw FetchProblem("\(shown(url)) sends on more than \(Self.mostRedirects) times")
  }

  /// Puts the place before a problem.
  private func located<Result>(
    _ url: String, _ body: () throws(FetchProblem) -> Result
  ) throws(FetchProblem) -> Result {
    do throws(FetchProblem) {
      return try body()
    } catch {
      throw FetchProblem("\(shown(url)) \(error.description)")
    }
  }

  /// An address of the web for a message.
  private func shown(_ url: String) -> String { displayText(of: String(url.prefix(200))) }
}
