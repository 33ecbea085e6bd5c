public import GatehouseNotify
import GatehousePolicy

/// Whether those are told whom the policy names in `notify`, for `gatehouse status`.
public struct NotifyStanding: Sendable {
  /// A way in which somebody is told.
  public struct Way: Sendable {
    /// What it is called in the policy: `mail` or `command`.
    let name: String
    /// What is known of it.
    let state: NoticeState.Way

    /// A way by its name in the policy.
    public init(_ name: String, _ state: NoticeState.Way) {
      self.name = name
      self.state = state
    }
  }

  private let isRunning: Bool?
  private let ways: [Way]

  /// - Parameters:
  ///   - isRunning: Whether the service runs; nil if that is not known.
  ///   - ways: The ways that the policy names.
  public init(isRunning: Bool?, ways: [Way]) {
    self.isRunning = isRunning
    self.ways = ways
  }

  /// What needs attention.
  var attention: [Attention] {
    let stopped =
      isRunning == false
      ? [
        Attention(
          .notTold, "nobody is told what notify in the policy names: the service does not run",
          remedy: "systemctl enable --now gatehouse-notify.path gatehouse-notify.service")
      ] : []
    return stopped
      + ways.compactMap { way in
        way.state.failure.map {
          Attention(
            .notTold,
            "notify: no message by \(way.name) is taken since \($0.since.roundedToSeconds): "
              + $0.problem,
            remedy: "`gatehouse notify --test` tries it; it is tried again until it succeeds")
        }
      }
  }

  /// A row for each way.
  func rows(at now: Instant) -> [[StyledText]] {
    let service: StyledText =
      switch isRunning {
      case true?: ""
      case false?: StyledText("  the service does not run", .bad)
      case nil: StyledText("  whether the service runs is not known", .doubtful)
      }
    return ways.map { way in
      let last = way.state.lastTold.map { "last told \($0.ago(from: now))" } ?? "nothing told yet"
      let failing = way.state.failure.map {
        StyledText("  failing since \($0.since.ago(from: now))", .bad)
      }
      return [
        StyledText("notify", .faint),
        StyledText("\(way.name): \(last)") + (failing ?? "") + service,
      ]
    }
  }
}

extension NotifyStanding: JSONWritable {
  /// Writes an object.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("running", isRunning)
      $0.member("ways", ways)
    }
  }
}

extension NotifyStanding.Way: JSONWritable {
  /// Writes an object.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("way", name)
      $0.member("last_told", state.lastTold)
      $0.member("failing_since", state.failure?.since)
      $0.member("problem", state.failure?.problem)
      $0.member("waiting", state.waiting?.count ?? 0)
    }
  }
}
