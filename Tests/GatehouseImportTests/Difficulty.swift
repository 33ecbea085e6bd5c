/// How hard random files are to import.
enum Difficulty: CaseIterable {
  /// Lines as people write them.
  case tidy
  /// All kinds of words, exceptions and nesting that a policy can say.
  case tangled
  /// All of that, what a policy cannot say, and what is written wrongly.
  case wild
}
