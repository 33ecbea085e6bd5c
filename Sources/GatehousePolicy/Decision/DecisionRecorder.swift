/// Listens to a decision being made.
protocol DecisionRecorder {
  /// A step is being judged; what it finds follows.
  func begin(_ step: Step)
  /// What the step found.
  func note(_ detail: @autoclosure () -> String)
}

/// Listens to nothing: a decision that is not explained makes no text.
struct NoRecorder: DecisionRecorder {
  func begin(_ step: Step) {}
  func note(_ detail: @autoclosure () -> String) {}
}
