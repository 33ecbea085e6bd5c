#if !hasFeature(Embedded)
  internal import CPosix

  /// A nameless file in memory that nobody can change or cut any more, not even who made it
  /// (memfd_create(2)): what travels beside a frame and is longer than one.
  public final class SealedFile: Sendable {
    /// The open file.
    public let descriptor: Descriptor

    /// Why there is no such file, or it cannot be read.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
      /// It is no file in memory, or one that could still be changed.
      case notSealed
      /// It is longer than it may be.
      case tooLong
      /// Another error of the system, by its `errno`.
      case system(CInt)

      /// A clause for a message.
      public var description: String {
        switch self {
        case .notSealed: "it is no sealed file in memory"
        case .tooLong: "it is too long"
        // SAFETY: a constant C string, valid for ever.
        case .system(let code): unsafe String(cString: gh_error_text(code))
        }
      }
    }

    /// Makes one that holds these bytes.
    public init(_ content: Span<UInt8>) throws(Failure) {
      // SAFETY: a literal is a C string for the length of the call.
      let number = unsafe gh_memory_file("gatehouse")
      guard number >= 0 else { throw .system(-number) }
      let owned = Descriptor(adopting: number)
      var done = 0
      while done < content.count {
        // SAFETY: the call reads the buffer's own number of bytes, and does not keep the pointer.
        let count = unsafe content.extracting(droppingFirst: done).withUnsafeBytes {
          unsafe gh_write(number, $0.baseAddress, $0.count)
        }
        if count == -Int(EINTR) { continue }
        guard count >= 0 else { throw .system(CInt(truncatingIfNeeded: -count)) }
        done += count
      }
      let result = gh_seal(number)
      guard result == 0 else { throw .system(-result) }
      // Whoever gets it reads it from its start.
      guard lseek(number, 0, SEEK_SET) == 0 else { throw .system(EINVAL) }
      descriptor = owned
    }

    /// Takes over one that somebody else has made.
    ///
    /// Only where nobody can change it any more and it has at most `limit` bytes: so it can be
    /// read later, and by a thread that may wait.
    public init(checking descriptor: consuming Descriptor, atMost limit: Int) throws(Failure) {
      guard gh_is_sealed(descriptor.rawValue) else { throw .notSealed }
      var size = 0
      // SAFETY: the pointer is to a variable of this frame, and is not kept.
      let result = unsafe gh_size(descriptor.rawValue, &size)
      guard result == 0 else { throw .system(-result) }
      guard size <= limit else { throw .tooLong }
      self.descriptor = descriptor
    }

    /// All that is in it; may be asked again.
    public func bytes() throws(Failure) -> [UInt8] {
      var size = 0
      // SAFETY: the pointer is to a variable of this frame, and is not kept.
      let result = unsafe gh_size(descriptor.rawValue, &size)
      guard result == 0 else { throw .system(-result) }
      var failure: CInt?
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
        while filled < size {
          // SAFETY: the call writes behind what is filled, at most as many bytes as are left there.
          let count = unsafe gh_read_at(
            descriptor.rawValue, buffer.baseAddress?.advanced(by: filled), size - filled, filled)
          if count == -Int(EINTR) { continue }
          guard count > 0 else {
            failure = count == 0 ? EIO : CInt(truncatingIfNeeded: -count)
            return
          }
          filled += count
        }
      }
      if let failure { throw .system(failure) }
      return bytes
    }
  }
#endif
