internal import CPAM
internal import GatehouseClient
internal import GatehouseWire

/// The options of the PAM line, as libpam hands them over.
@safe
struct PAMArguments {
  private let count: Int
  private let strings: UnsafeMutablePointer<UnsafePointer<CChar>?>?

  /// So many C strings, which must be valid as long as this lives.
  @unsafe
  init(count: CInt, strings: UnsafeMutablePointer<UnsafePointer<CChar>?>?) {
    self.count = Int(count)
    // SAFETY: kept as it is; the caller has promised that it stays valid.
    unsafe self.strings = unsafe strings
  }

  /// Takes all options.
  ///
  /// - Parameter options: What they add up to.
  /// - Returns: Whether each was understood.
  func take(into options: inout ModuleOptions) -> Bool {
    var understood = true
    forEach { option in
      do throws(OptionProblem) { try options.take(option) } catch { understood = false }
    }
    return understood
  }

  /// Reports each option that was not understood.
  func report<Host: LoginHost & ~Copyable>(to stage: borrowing AccountStage<Host>) {
    var options = ModuleOptions()
    forEach { option in
      do throws(OptionProblem) { try options.take(option) } catch {
        stage.report(error, in: option)
      }
    }
  }

  private func forEach(_ body: (Span<UInt8>) -> Void) {
    // SAFETY: only looked at whether it is there.
    guard let strings = unsafe strings else { return }
    var position = 0
    while position < count {
      // SAFETY: there are `count` pointers, and each is to a C string.
      if let text = unsafe strings[position] {
        let length = unsafe max(Int(strlen(text)), 0)
        unsafe text.withMemoryRebound(to: UInt8.self, capacity: length) { bytes in
          unsafe body(Span(_unsafeStart: bytes, count: length))
        }
      }
      position &+= 1
    }
  }
}
