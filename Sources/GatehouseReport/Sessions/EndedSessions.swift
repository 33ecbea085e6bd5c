/// What became of sessions that were to be ended: `gatehouse sessions end`.
public struct EndedSessions: Report {
  /// One of them.
  public struct Session: Sendable {
    /// Its name.
    public var id: String
    /// Its user and place, such as `bob from 198.51.100.7`.
    public var person: String
    /// Whether its terminal showed its user why it ends.
    public var wasTold: Bool
    /// Why it did not end; nil if it did.
    public var problem: String?

    /// A session.
    public init(id: String, person: String, wasTold: Bool, problem: String?) {
      self.id = id
      self.person = person
      self.wasTold = wasTold
      self.problem = problem
    }
  }

  private let sessions: [Session]
  private let left: Int

  /// What became of sessions; `left` are those that the policy would refuse, and that were not to be ended.
  public init(_ sessions: [Session], left: Int) {
    self.sessions = sessions
    self.left = left
  }

  /// Yes if all of them have ended.
  public var status: ReportStatus { sessions.contains { $0.problem != nil } ? .no : .yes }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    if sessions.isEmpty {
      page.line(
        left == 0
          ? "no session is open that the policy would refuse"
          : "nothing was ended; sessions that the policy would refuse and that stay: \(left)")
    }
    for session in sessions {
      let text = "session \(session.id): \(session.person)"
      if let problem = session.problem {
        page.line(StyledText("failed", .bad, then: "\(text): \(problem)"))
      } else {
        page.line(StyledText("ended", .good, then: text))
      }
    }
    return page.bytes
  }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    writer.member("left", left)
    writer.member("sessions") { writer in
      writer.array {
        for session in sessions {
          $0.object {
            $0.member("session", session.id)
            $0.member("person", session.person)
            $0.member("told", session.wasTold)
            $0.member("ended", session.problem == nil)
            $0.member("problem", session.problem)
          }
        }
      }
    }
  }
}
