import GatehousePlatform
import GatehousePolicy
import GatehouseState

/// The policies that were accepted last, the newest and the one before, each in a file with all of
/// its files.
struct AcceptedPolicies: Sendable {
  /// The newest first.
  private let files: [StateFile<KeptPolicy<Void>>]

  init(folder: String) {
    files = ["last-good-policy", "last-good-policy.before"].map {
      StateFile(folder: folder, name: $0, StateKinds.acceptedPolicy)
    }
  }

  /// A kept policy that serves.
  struct LoadedCopy {
    let policy: Policy
    let warnings: [Diagnostic]
  }

  /// What came of looking for one.
  struct Search {
    let copy: LoadedCopy?
    /// Why newer ones cannot be used; empty if none is kept.
    let problems: [String]
  }

  /// Loads the newest of them that can be used.
  func load(_ mark: LoadMark) -> Search {
    var problems: [String] = []
    for file in files {
      do throws(Unusable) {
        guard let copy = try load(file, mark) else { continue }
        return Search(copy: copy, problems: problems)
      } catch { problems.append("\(error)") }
    }
    return Search(copy: nil, problems: problems)
  }

  private struct Unusable: Error, CustomStringConvertible {
    let description: String
  }

  private func load(
    _ file: StateFile<KeptPolicy<Void>>, _ mark: LoadMark
  ) throws(Unusable) -> LoadedCopy? {
    let name = file.path.split(separator: "/").last.map { "file \($0)" } ?? ""
    let deadly = Unusable(description: "\(file.path): gatehoused died twice while it loaded it")
    guard !mark.isDeadly(name) else { throw deadly }
    mark.begin(name)
    var wasTried = true
    defer { mark.end(wasTried: wasTried) }
    let reading: StateFile<KeptPolicy<Void>>.Reading
    do throws(SystemError) {
      reading = try file.read()
    } catch { throw Unusable(description: "\(error)") }
    let archive: SnapshotArchive
    switch reading {
    case .absent: return nil
    case .value(let kept): archive = kept.archive
    case .setAside(let problem): throw Unusable(description: "\(problem)")
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
    return LoadedCopy(policy: policy, warnings: load.diagnostics)
  }

  /// Keeps a policy as the newest; nothing is written if it is that already.
  ///
  /// - Parameters:
  ///   - snapshot: The files.
  ///   - policy: What they were loaded to.
  /// - Throws: If it could not be written; what was kept before is still kept.
  func keep(_ snapshot: PolicySnapshot, of policy: Policy) throws(SystemError) {
    guard let archive = SnapshotArchive(snapshot, of: policy) else { return }
    let kept = KeptPolicy(archive)
    guard !files[0].holds(kept) else { return }
    try files[0].write(kept, keepingOldIn: files[1])
  }
}
