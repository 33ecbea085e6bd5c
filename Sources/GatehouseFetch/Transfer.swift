internal import CCurl
internal import GatehouseFeeds
internal import GatehousePlatform
internal import GatehousePolicy
internal import Glibc

/// One request to a server, and what it answers.
///
/// No redirect is followed.
final class Transfer {
  /// What the server answered.
  struct Answer {
    /// The status, such as 200.
    let status: Int
    /// The whole body.
    let body: [UInt8]
    /// `ETag` and `Last-Modified` of it.
    let marks: [FeedMark: String]
    /// Where it sends whoever asked; nil if nowhere.
    let redirect: String?
    /// Whether the server's address is of the public network; true if that is not known.
    let isGlobal: Bool
  }

  /// The most bytes of the lines before a body.
  private static let mostHeaderBytes = 64 << 10

  private let limit: Int
  private let globalAlone: Bool
  private var body: [UInt8] = []
  private var marks: [FeedMark: String] = [:]
  private var headerBytes = 0
  /// Whether the server says where the body ends; else one that was cut looks like a whole one.
  private var hasEnd = false
  /// Why this end gave up.
  private var refusal: String?
  private var errorText = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))

  /// - Parameters:
  ///   - limit: The most bytes of the body.
  ///   - globalAlone: Whether only an address of the public network may be connected to.
  init(atMost limit: Int, globalAlone: Bool) {
    self.limit = limit
    self.globalAlone = globalAlone
  }

  /// Asks for an address of the web.
  ///
  /// Call it once.
  ///
  /// - Parameters:
  ///   - url: The address, `https://…`.
  ///   - known: The marks of the content that is there.
  ///   - time: How long it may take.
  /// - Returns: What it answers.
  /// - Throws: Why there is no whole answer.
  func answer(
    to url: String, known: [FeedMark: String], within time: Duration
  ) throws(FetchProblem) -> Answer {
    guard let handle = unsafe curl_easy_init() else {
      throw FetchProblem("libcurl cannot be used: it does not start")
    }
    // SAFETY: it is used no more after this function.
    defer { unsafe curl_easy_cleanup(handle) }
    var headers: UnsafeMutablePointer<curl_slist>?
    // SAFETY: the handle, which knows it, is used no more after this function.
    defer { unsafe curl_slist_free_all(headers) }
    for (mark, name) in [(FeedMark.etag, "If-None-Match"), (.lastModified, "If-Modified-Since")] {
      guard let value = known[mark] else { continue }
      // SAFETY: libcurl copies the text.
      unsafe headers = curl_slist_append(headers, "\(name): \(value)") ?? headers
    }
    // SAFETY: this object lives until the function returns, and the handle is not used after that. The
    // list and the buffer live as long.
    let result = unsafe errorText.withUnsafeMutableBufferPointer { buffer in
      let settings = unsafe set(handle, url, time: time, headers, buffer.baseAddress)
      return settings == CURLE_OK ? unsafe curl_easy_perform(handle) : settings
    }
    guard result == CURLE_OK else { throw problem(of: result) }
    var status = 0
    // SAFETY: the type is that of the information.
    unsafe gh_curl_get_number(handle, CURLINFO_RESPONSE_CODE, &status)
    guard hasEnd || status != 200 else {
      throw FetchProblem("may be cut short: the server does not say how long it is")
    }
    let address = unsafe text(CURLINFO_PRIMARY_IP, of: handle).flatMap(IPAddress.init)
    return Answer(
      status: status, body: body, marks: marks,
      redirect: unsafe text(CURLINFO_REDIRECT_URL, of: handle),
      isGlobal: address.map(ForeignAddresses.isGlobal) ?? true)
  }

  /// Sets what is asked, and how.
  @unsafe private func set(
    _ handle: UnsafeMutableRawPointer, _ url: String, time: Duration,
    _ headers: UnsafeMutablePointer<curl_slist>?, _ errorBuffer: UnsafeMutablePointer<CChar>?
  ) -> CURLcode {
    let milliseconds = Int(time / .milliseconds(1))
    let numbers: [(CURLoption, Int)] = [
      (CURLOPT_SSL_VERIFYPEER, 1), (CURLOPT_SSL_VERIFYHOST, 2),
      (CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
      (CURLOPT_DISALLOW_USERNAME_IN_URL, 1),
      (CURLOPT_CONNECTTIMEOUT, 15), (CURLOPT_TIMEOUT_MS, max(1, milliseconds)),
      // Whoever sends less than 1,000 bytes a second for 20 seconds does not get ready.
      (CURLOPT_LOW_SPEED_LIMIT, 1000), (CURLOPT_LOW_SPEED_TIME, 20),
    ]
    // No proxy, whatever the environment says: what is checked is the address that is connected to, and
    // with a proxy that would be the proxy's.
    let texts: [(CURLoption, String)] = [
      (CURLOPT_URL, url), (CURLOPT_PROTOCOLS_STR, "https"), (CURLOPT_PROXY, ""),
      (CURLOPT_USERAGENT, "gatehouse-fetch"),
    ]
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    var results: [CURLcode] = []
    // SAFETY: the types are those of the options; libcurl copies texts, and what else it keeps lives
    // as long as the handle, as the caller promises.
    for (option, value) in numbers {
      results.append(unsafe gh_curl_set_number(handle, option, value))
    }
    for (option, value) in texts { results.append(unsafe gh_curl_set_text(handle, option, value)) }
    unsafe results += [
      gh_curl_set_length(handle, CURLOPT_MAXFILESIZE_LARGE, limit),
      gh_curl_set_list(handle, CURLOPT_HTTPHEADER, headers),
      gh_curl_set_error_buffer(handle, errorBuffer),
      gh_curl_set_receivers(handle, receiveBody, receiveHeader, context),
      gh_curl_set_socket_maker(handle, makeSocket, context),
    ]
    return results.first { $0 != CURLE_OK } ?? CURLE_OK
  }

  @unsafe private func text(_ info: CURLINFO, of handle: UnsafeMutableRawPointer) -> String? {
    var text: UnsafePointer<CChar>?
    // SAFETY: the text belongs to the handle, and is copied.
    guard unsafe gh_curl_get_text(handle, info, &text) == CURLE_OK, let text = unsafe text else {
      return nil
    }
    return unsafe String(cString: text)
  }

  private func problem(of code: CURLcode) -> FetchProblem {
    if let refusal { return FetchProblem(refusal) }
    switch code {
    case CURLE_FILESIZE_EXCEEDED: return FetchProblem(Self.tooLong(limit))
    case CURLE_UNSUPPORTED_PROTOCOL: return FetchProblem("is no address of an https server")
    case CURLE_LOGIN_DENIED:
      return FetchProblem("has a user name in it: a file is got by anybody, or not at all")
    // The second one is what newer libraries say of an end without that of TLS.
    case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR:
      return FetchProblem("was cut short: \(details(of: code))")
    default: return FetchProblem("cannot be got: \(details(of: code))")
    }
  }

  /// What libcurl says of an error.
  private func details(of code: CURLcode) -> String {
    let bytes = errorText.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    guard bytes.isEmpty else { return String(decoding: bytes, as: UTF8.self) }
    // SAFETY: it is a constant text.
    return unsafe String(cString: curl_easy_strerror(code))
  }

  fileprivate static func tooLong(_ limit: Int) -> String {
    "is longer than \(byteCountText(limit))"
  }

  // MARK: - What libcurl calls

  /// Takes a piece of the body; false ends the transfer.
  fileprivate func take(body piece: UnsafeRawBufferPointer) -> Bool {
    guard body.count + piece.count <= limit else {
      refusal = Self.tooLong(limit)
      return false
    }
    // SAFETY: the piece is valid for the length of the call.
    unsafe body += piece
    return true
  }

  /// Takes a line before the body; false ends the transfer.
  fileprivate func take(header line: UnsafeRawBufferPointer) -> Bool {
    headerBytes += line.count
    guard headerBytes <= Self.mostHeaderBytes else {
      refusal = "is preceded by more than \(byteCountText(Self.mostHeaderBytes)) of headers"
      return false
    }
    // SAFETY: the line is valid for the length of the call.
    let text = unsafe String(decoding: line, as: UTF8.self)
    // Another answer begins, such as the one after `100 Continue`.
    if text.hasPrefix("HTTP/") {
      marks = [:]
      // From HTTP/2 on, each answer has an end of its own.
      hasEnd = !text.hasPrefix("HTTP/1.")
    }
    guard let colon = text.firstIndex(of: ":") else { return true }
    let name = text[..<colon].lowercased()
    if name == "content-length" || name == "transfer-encoding" { hasEnd = true }
    guard let mark = FeedMark(rawValue: name), mark == .etag || mark == .lastModified else {
      return true
    }
    let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
    let trimmed = String(value.reversed().drop { $0.isWhitespace }.reversed())
    // What cannot be sent back as it is does not count.
    if FeedMark.isValid(trimmed) { marks[mark] = trimmed }
    return true
  }

  /// A socket for an address that may be connected to.
  fileprivate func socket(for address: UnsafePointer<curl_sockaddr>) -> curl_socket_t {
    // SAFETY: libcurl passes an address that is valid for the call.
    let (family, kind, `protocol`) = unsafe (
      address.pointee.family, address.pointee.socktype, address.pointee.protocol
    )
    if globalAlone {
      // SAFETY: the address begins there, and is as long as libcurl says.
      let start =
        unsafe UnsafeRawPointer(address) + (MemoryLayout<curl_sockaddr>.offset(of: \.addr) ?? 0)
      let target = unsafe SocketAddress.address(
        at: start.assumingMemoryBound(to: sockaddr.self), Int(address.pointee.addrlen))
      guard let target, ForeignAddresses.isGlobal(target) else {
        let shown = target.map { "\($0)" } ?? "an address of another kind"
        refusal = "is at \(shown), and a server of the public network may not send on to there"
        return CURL_SOCKET_BAD
      }
    }
    return Glibc.socket(family, kind | Int32(SOCK_CLOEXEC.rawValue), `protocol`)
  }
}

/// The transfer that libcurl was given.
@unsafe private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
  // SAFETY: it is what `Transfer.set` has given, and lives as long as the handle.
  unsafe context.map { unsafe Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
}

private let receiveBody: curl_write_callback = { bytes, size, count, context in
  // SAFETY: libcurl passes `size * count` bytes.
  let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
  return unsafe transfer(context)?.take(body: piece) == true ? piece.count : 0
}

private let receiveHeader: curl_write_callback = { bytes, size, count, context in
  // SAFETY: libcurl passes `size * count` bytes.
  let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
  return unsafe transfer(context)?.take(header: line) == true ? line.count : 0
}

private let makeSocket: curl_opensocket_callback = { context, _, address in
  guard let transfer = unsafe transfer(context), let address = unsafe address else {
    return CURL_SOCKET_BAD
  }
  return unsafe transfer.socket(for: address)
}
