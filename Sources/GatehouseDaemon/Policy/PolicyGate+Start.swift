import GatehousePolicy
import GatehouseState

extension PolicyGate {
  /// What a start can serve before the first question.
  struct StartOutcome: Sendable {
    enum Result: Sendable {
      /// The folder's policy: it is the accepted one, or none was ever accepted on this machine.
      case admitted(AdmittedPolicy)
      /// The accepted policy, while the folder has another one, with this digest, that is to be
      /// judged; nil if it was not read.
      case copy(AcceptedPolicies.LoadedCopy, folder: String?)
      /// The folder's policy is refused, and there is no other.
      case none(RefusedPolicy)
    }

    let result: Result
    /// Why policies that are kept cannot be used.
    let problems: [String]
  }

  /// Finds what can serve at once, without asking a directory.
  func start(progress: @escaping (String) -> Void) -> StartOutcome {
    let reading = FolderReading.read(folder, byItself: true, mark)
    let digest = reading.digest
    let search = accepted.search(mark, folder: digest)
    switch search.result {
    case .folder(let entry):
      let standing = Standing(accepted: entry)
      let admission = admit(
        reading, LoadOrder(occasion: .start), standing, progress: progress)
      switch admission {
      case .accepted(let admitted):
        return StartOutcome(result: .admitted(admitted), problems: search.problems)
      case .refused(let refusal):
        // It loads no longer, so its copy does not either; the one before may.
        let others = accepted.search(mark)
        return StartOutcome(result: others.copy(else: refusal), problems: others.problems)
      }
    case .copy(let copy) where copy.acceptance.isOf(machine: accepted.machine):
      return StartOutcome(
        result: .copy(copy, folder: digest), problems: search.problems)
    case .copy, .none:
      let admission = admit(
        reading, LoadOrder(occasion: .start), Standing(), progress: progress)
      let result: StartOutcome.Result =
        switch admission {
        case .accepted(let admitted): .admitted(admitted)
        case .refused(let refusal): search.copy(else: refusal)
        }
      return StartOutcome(result: result, problems: search.problems)
    }
  }
}

extension AcceptedPolicies.Search {
  /// A copy that serves while the folder's policy may not.
  fileprivate func copy(else refusal: RefusedPolicy) -> PolicyGate.StartOutcome.Result {
    if case .copy(let copy) = result { .copy(copy, folder: refusal.digest) } else { .none(refusal) }
  }
}
