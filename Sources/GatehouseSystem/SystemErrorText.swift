internal import CPosix
public import GatehouseWire

/// The system's own words for an `errno`.
public enum SystemErrorText {
  /// The `errno` that says that this user may not do it (EACCES).
  public static var permissionDenied: CInt { EACCES }

  /// Adds the words, such as "Permission denied", to a line.
  public static func append<let capacity: Int>(
    _ code: CInt, to line: inout BoundedBytes<capacity>
  ) {
    var storage = [128 of UInt8](repeating: 0)
    var span = storage.mutableSpan
    // SAFETY: the call writes at most the buffer's own number of bytes, and keeps no pointer.
    let length = unsafe span.withUnsafeMutableBytes { buffer in
      unsafe gh_write_error_text(code, buffer.baseAddress, buffer.count)
    }
    line.append(storage.span.bytes(from: 0, count: Int(length)))
  }
}
