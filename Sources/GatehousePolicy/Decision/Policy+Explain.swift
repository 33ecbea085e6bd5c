extension Policy {
  /// Decides a login and says why, with every step, every list that applied, and what to change.
  ///
  /// The grants may be all that there are, or none where there is nobody to give them.
  public func explain(_ login: Login, grants: [Grant] = []) -> Explanation {
    let recorder = ExplanationRecorder()
    let engine = DecisionEngine(rules, login: login, grants: grants, recorder: recorder)
    let decision = engine.decide()
    return Explanation(
      login: login, decision: decision, steps: recorder.steps,
      lists: AppliedLists(rules: rules, login: login).all,
      remedies: RemedyFinder(rules: rules, login: login).remedies(for: decision))
  }
}
