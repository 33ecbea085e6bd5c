/// Writes down what each step found.
final class ExplanationRecorder: DecisionRecorder {
  /// The steps that were judged, in order, each with what it found.
  private var details: [(step: Step, detail: String)] = []

  func begin(_ step: Step) {
    details.append((step, ""))
  }

  func note(_ detail: @autoclosure () -> String) {
    guard let last = details.indices.last else { return }
    details[last].detail = detail()
  }

  /// Every step; the last one that was judged has decided.
  var steps: [Explanation.Step] {
    Step.allCases.map { step in
      let detail = details.first { $0.step == step }?.detail
      let outcome: Explanation.Step.Outcome =
        step == details.last?.step ? .decided : detail == nil ? .notReached : .passed
      return Explanation.Step(
        number: step.rawValue, condition: step.condition, outcome: outcome, detail: detail ?? "")
    }
  }
}
