internal import CPosix
internal import CSystemd
internal import Glibc

/// Tells systemd how a daemon is (sd_notify(3)); without systemd nobody is told.
public struct ServiceManager: Sendable {
  /// The service manager that started this process.
  public init() {}

  /// Whether one has started this process, and wants to be told.
  public var isThere: Bool { Environment["NOTIFY_SOCKET"] != nil }

  /// The daemon waits before it starts, for so many starts before have failed.
  public func waiting(_ pause: Duration, after failures: Int) {
    notify("STATUS=Starting in \(pause), after \(failures) failed starts")
  }

  /// The daemon answers.
  public func ready(_ status: String) { notify("READY=1\nSTATUS=\(status)") }

  /// The policy is being read again; `ready` ends it.
  ///
  /// systemd wants the time of its own clock, to tell this reload from an earlier one.
  public func reloading() {
    let time = SystemClock.awakeSinceBoot().wholeMicroseconds
    notify("RELOADING=1\nMONOTONIC_USEC=\(time)\nSTATUS=Reading the policy again")
  }

  /// How far the reading of a policy is, if that takes a while; from any thread.
  public func reading(_ place: String) { notify("STATUS=Reading the policy: \(place)") }

  /// The daemon answers what is in flight and ends.
  public func stopping() { notify("STOPPING=1\nSTATUS=Answering what is in flight") }

  private func notify(_ state: String) {
    // SAFETY: the text is a C string for the length of the call. An error is nobody's concern:
    // systemd decides by what it got.
    _ = unsafe sd_notify(0, state)
  }
}

/// The machine's logs.
public enum SystemLog {
  /// The number of the facility `auth` in an entry of the journal.
  public static var facility: Int { Int(LOG_AUTH >> 3) }

  /// Whether this process can write to a journal.
  public static var hasJournal: Bool { Files.isWritable("/run/systemd/journal/socket") }

  /// Writes an entry to the journal; may block.
  ///
  /// - Parameters:
  ///   - bytes: The fields, `NAME=value`, one after the other.
  ///   - parts: Where each of them stands.
  /// - Returns: Whether it was taken.
  public static func writeToJournal(_ bytes: inout [UInt8], parts: [Range<Int>]) -> Bool {
    // SAFETY: each part points into `bytes`, which do not change and outlive the call.
    unsafe bytes.withUnsafeMutableBytes { bytes in
      var pieces: [iovec] = unsafe []
      for part in parts {
        unsafe pieces.append(
          iovec(
            iov_base: bytes.baseAddress.map { unsafe $0 + part.lowerBound }, iov_len: part.count))
      }
      return unsafe sd_journal_sendv(pieces, Int32(pieces.count)) >= 0
    }
  }

  /// Writes a line to syslog(3), facility auth; may block.
  public static func writeToSyslog(_ line: [UInt8], priority: Int32) {
    // SAFETY: the line is a C string for the length of the call, and no format.
    unsafe gh_syslog(priority | LOG_AUTH, String(decoding: line, as: UTF8.self))
  }
}
