internal import GatehousePlatform

/// The result of loading a policy.
public struct PolicyLoad: Sendable {
  /// The policy; nil if there are errors.
  public let policy: Policy?
  /// Every error and warning of every file, sorted by place.
  public let diagnostics: [Diagnostic]
}

extension Policy {
  /// Loads a policy from a snapshot.
  ///
  /// Every error of every file is reported. The policy's own tests are not run: see `failingTests`.
  ///
  /// - Parameters:
  ///   - snapshot: The policy's files.
  ///   - progress: Called now and then within long lists, with how far the reading is, in words.
  /// - Returns: The policy, or what is wrong with it.
  public static func load(
    _ snapshot: PolicySnapshot, progress: @escaping (String) -> Void = { _ in }
  ) -> PolicyLoad {
    load(
      snapshot, begun: PolicyDigest(), documents: [:], progress: progress, identified: { _ in })
  }

  /// Loads what was read; faster than loading its snapshot if it has a long list.
  ///
  /// `identified` gets the digest as soon as it is known, during the load and on any thread.
  public static func load(
    _ reading: PolicyReading, progress: @escaping (String) -> Void = { _ in },
    identified: @escaping @Sendable (String) -> Void = { _ in }
  ) -> PolicyLoad {
    load(
      reading.snapshot, begun: reading.digest, documents: reading.documents, progress: progress,
      identified: identified)
  }

  private static func load(
    _ snapshot: PolicySnapshot, begun: PolicyDigest, documents: [String: Document],
    progress: @escaping (String) -> Void, identified: @escaping @Sendable (String) -> Void
  ) -> PolicyLoad {
    let (digest, loader) = concurrently(
      if: PolicyDigest.isLong(snapshot.byteCount),
      {
        let digest = begun.hexadecimal(of: snapshot)
        identified(digest)
        return digest
      },
      {
        var loader = PolicyLoader(snapshot, documents: documents, progress: progress)
        loader.load()
        return loader
      })
    let diagnostics = loader.log.diagnostics.sorted()
    guard !loader.log.hasErrors else {
      return PolicyLoad(policy: nil, diagnostics: diagnostics)
    }
    let policy = Policy(
      rules: loader.rules, tests: loader.tests, message: loader.message,
      silenced: loader.silenced, identityMaxAge: loader.identityMaxAge,
      grantLimits: loader.grantLimits, notify: loader.notify, digest: digest)
    return PolicyLoad(policy: policy, diagnostics: diagnostics)
  }
}
