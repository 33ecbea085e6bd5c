/// The questions of `gatehouse setup`; whoever ends the input has said no.
enum SetupQuestions {
  /// Whether something is to be done, which stands above it.
  static func agrees(to question: String) -> Bool {
    Terminal.say("\n")
    while let line = Terminal.ask("\(question) (y)es or (n)o [no]:") {
      switch line.lowercased() {
      case "y", "yes": return true
      case "", "n", "no": return false
      default: continue
      }
    }
    Terminal.say("\n")
    return false
  }

  /// An answer that can be used; what is wrong with others is said, and the question asked again.
  ///
  /// - Parameters:
  ///   - question: Without the colon at its end.
  ///   - proposal: What an empty line means; nil if that is no answer.
  ///   - read: Gives the answer's value.
  /// - Returns: The value; nil at the end of input.
  static func answer<Value>(
    to question: String, proposing proposal: String?,
    _ read: (String) throws(CommandFailure) -> Value
  ) -> Value? {
    let proposed = proposal.map { " [\($0)]" } ?? ""
    while let line = Terminal.ask("\(question)\(proposed):") {
      let text = line.isEmpty ? proposal ?? "" : line
      guard !text.isEmpty else { continue }
      do throws(CommandFailure) {
        return try read(text)
      } catch {
        Terminal.report(error)
      }
    }
    Terminal.say("\n")
    return nil
  }
}
