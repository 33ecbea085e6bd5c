/// The words of a line that a policy cannot express, by what is said of them.
struct LeftOutWords {
  private var words: [(reason: UnsupportedWord, opens: Bool, words: [String])] = []

  /// Adds a word, made safe to print, without which the policy allows more if `opens`, else less.
  mutating func add(_ word: String, _ reason: UnsupportedWord, opens: Bool) {
    let text = "`\(word)`"
    guard let index = words.firstIndex(where: { $0.reason == reason && $0.opens == opens }) else {
      words.append((reason, opens, [text]))
      return
    }
    if !words[index].words.contains(text) { words[index].words.append(text) }
  }

  /// What the line says that a policy cannot: one finding for all words of which the same is true.
  func diagnostics(at location: LineLocation) -> [LocatedDiagnostic] {
    words.map { reason, opens, words in
      let others = words.dropFirst()
      let likewise = others.isEmpty ? "" : " (likewise \(others.joined(separator: ", ")))"
      return LocatedDiagnostic(
        opens ? .error : .notImported, reason.name, at: location,
        "\(words[0])\(likewise) \(reason.reason); without it the policy allows"
          + " \(opens ? "more" : "less")")
    }
  }
}
