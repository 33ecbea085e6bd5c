import GatehousePlatform
import GatehousePolicy
import GatehouseState

/// The policies that were accepted last, the newest and the one before, each in a file with all of
/// its files, and with when and how it was accepted.
struct AcceptedPolicies: Sendable {
  /// The newest first.
  private let files: [StateFile<KeptPolicy<Acceptance>>]
  /// This machine, by its machine-id(5); nil if that is not known.
  let machine: String?

  init(folder: String, machine: String?) {
    files = ["last-good-policy", "last-good-policy.before"].map {
      StateFile(folder: folder, name: $0, StateKinds.acceptedPolicy)
    }
    self.machine = machine
  }

  /// Which policy was accepted, and how.
  struct Entry: Equatable, Sendable {
    let digest: String
    let acceptance: Acceptance
  }

  /// A kept policy that serves.
  struct LoadedCopy: Sendable {
    let policy: Policy
    let warnings: [Diagnostic]
    let acceptance: Acceptance

    var entry: Entry { Entry(digest: policy.digest, acceptance: acceptance) }
  }

  /// What came of looking for one.
  struct Search: Sendable {
    /// What there is.
    enum Result: Sendable {
      /// The newest is the one in the folder, which needs no loading from here.
      case folder(Entry)
      /// A copy that can serve.
      case copy(LoadedCopy)
      /// None can be used.
      case none
    }

    let result: Result
    /// Why newer ones cannot be used; empty if none is kept.
    let problems: [String]
  }

  /// Loads the newest of them that can be used, unless it is the policy with `digest`, which was
  /// accepted on this machine.
  func search(_ mark: LoadMark, folder digest: String? = nil) -> Search {
    var problems: [String] = []
    for file in files {
      do throws(Unusable) {
        guard let result = try load(file, mark, unless: digest) else { continue }
        return Search(result: result, problems: problems)
      } catch { problems.append("\(error)") }
    }
    return Search(result: .none, problems: problems)
  }

  /// The newest one of this machine, without loading it; nil if there is none, or it cannot be used.
  func newest() -> Entry? {
    guard let kept = files[0].valueIfUsable(), kept.note.isOf(machine: machine) else { return nil }
    return Entry(digest: kept.archive.digest, acceptance: kept.note)
  }

  private struct Unusable: Error, CustomStringConvertible {
    let description: String
  }

  private func load(
    _ file: StateFile<KeptPolicy<Acceptance>>, _ mark: LoadMark, unless digest: String?
  ) throws(Unusable) -> Search.Result? {
    let name = file.path.split(separator: "/").last.map { "file \($0)" } ?? ""
    let deadly = Unusable(description: "\(file.path): gatehoused died twice while it loaded it")
    guard !mark.isDeadly(name) else { throw deadly }
    mark.begin(name)
    var wasTried = true
    defer { mark.end(wasTried: wasTried) }
    let reading: StateFile<KeptPolicy<Acceptance>>.Reading
    do throws(SystemError) {
      reading = try file.read()
    } catch { throw Unusable(description: "\(error)") }
    let kept: KeptPolicy<Acceptance>
    switch reading {
    case .absent: return nil
    case .value(let value): kept = value
    case .setAside(let problem): throw Unusable(description: "\(problem)")
    }
    let archive = kept.archive
    if archive.digest == digest, kept.note.isOf(machine: machine) {
      return .folder(Entry(digest: archive.digest, acceptance: kept.note))
    }
    guard !mark.isDeadly(name, archive.digest) else {
      wasTried = false
      throw deadly
    }
    mark.begin(archive.digest)
    let load = Policy.load(archive.snapshot)
    guard let policy = load.policy else {
      let first = load.diagnostics.first.map { ": \($0)" } ?? ""
      throw Unusable(description: "\(file.path): it does not load\(first)")
    }
    return .copy(
      LoadedCopy(policy: policy, warnings: load.diagnostics, acceptance: kept.note))
  }

  /// Keeps a policy as the newest; nothing is written if it is that already.
  ///
  /// - Parameters:
  ///   - snapshot: The files.
  ///   - policy: What they were loaded to.
  ///   - acceptance: When and how it was accepted.
  /// - Throws: If it could not be written; what was kept before is still kept.
  func keep(
    _ snapshot: PolicySnapshot, of policy: Policy, _ acceptance: Acceptance
  ) throws(SystemError) {
    guard let archive = SnapshotArchive(snapshot, of: policy) else { return }
    let kept = KeptPolicy(acceptance, archive)
    guard !files[0].holds(kept) else { return }
    try files[0].write(kept, keepingOldIn: files[1])
  }
}
