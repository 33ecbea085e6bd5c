/// Why a text is no address, and what to write instead.
struct AddressProblem: Error, Equatable {
  /// What is wrong, to follow the offending text: "has host bits set".
  let message: String
  /// What to do: "write 192.0.2.0/24 or 192.0.2.1".
  let remedy: String?

  init(_ message: String, remedy: String? = nil) {
    self.message = message
    self.remedy = remedy
  }
}
