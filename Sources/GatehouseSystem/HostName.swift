internal import CPosix
internal import GatehouseWire

/// The machine's own name.
public enum HostName {
  /// Whether the text is the machine's own host name, as `gethostname` gives it.
  ///
  /// Upper and lower case count as the same. No other name of the machine is looked up.
  public static func isOwn(_ text: Span<UInt8>) -> Bool {
    var storage = [256 of CChar](repeating: 0)
    var span = storage.mutableSpan
    // SAFETY: the call writes at most the buffer's own number of bytes, and keeps no pointer.
    let result = unsafe span.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return CInt(-1) }
      // One less than there is: it stays terminated whatever the call does.
      return unsafe gethostname(start, buffer.count &- 1)
    }
    guard result == 0, !text.isEmpty else { return false }
    var position = 0
    while position < span.count {
      let own = lowercased(UInt8(bitPattern: span[position]))
      guard let other = text.byte(at: position) else { return own == 0 }
      guard own == lowercased(other), own != 0 else { return false }
      position &+= 1
    }
    return false
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    0x41...0x5A ~= byte ? byte | 0x20 : byte
  }
}
