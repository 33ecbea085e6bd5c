import GatehousePolicy

extension StatusReport {
  /// The finished report in UTF-8, ended by a newline.
  public func render(as format: ReportFormat) -> [UInt8] {
    format.render(text: text, json: json)
  }

  private func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.line(summary)
    page.line()
    var rows: [[StyledText]] = []
    if let serving {
      let generation = generationText(serving.generation, serving.digest)
      rows.append(["policy", StyledText("\(generation), since \(ago(serving.since))")])
      let place = serving.isKeptCopy ? "the last good copy" : folder
      rows.append(["from", StyledText(trial == nil ? place : "a candidate on trial")])
    }
    if let trial {
      rows.append(["trial", StyledText("by \(trial.author), since \(ago(trial.since))")])
      rows.append(["until", StyledText("\(trial.until), then \(folder) again")])
      if let exempt = trial.exempt {
        rows.append(["lockout", StyledText("allowed for \(exempt)", .doubtful)])
      }
    }
    if let monitored { rows.append(["monitor", StyledText(denials(of: monitored))]) }
    if let shadow {
      let share = shadow.changes.share
      rows.append([
        "shadow", StyledText("\(share) differently since \(ago(shadow.since)); gatehouse shadow"),
      ])
    }
    rows.append(["answers", StyledText(answers)])
    if !counts.reasons.isEmpty { rows.append(["reasons", StyledText(reasons)]) }
    if grants > 0 { rows.append(["grants", StyledText("\(grants) (gatehouse grants)")]) }
    rows.append(["users", users])
    rows.append([
      "daemon",
      StyledText("version \(version), process \(processID), since \(ago(startedAt))"),
    ])
    rows.append(["socket", StyledText(socket)])
    if malformedRequests > 0 {
      let requests = counted(malformedRequests, "request")
      rows.append(["closed", StyledText("\(requests) made no sense", .doubtful)])
    }
    if lostEntries > 0 {
      rows.append([
        "journal", StyledText("\(counted(lostEntries, "entry", plural: "entries")) lost", .bad),
      ])
    }
    page.fields(rows)
    if let refusal {
      page.heading("Refused \(ago(refusal.at))")
      page.findings(refusal.diagnostics, in: folder)
    }
    if let warnings = serving?.warnings, !warnings.isEmpty {
      page.heading("Warnings of the serving policy")
      page.findings(warnings, in: folder)
    }
    return page.bytes
  }

  /// The first line says whether all is as it should be.
  private var summary: StyledText {
    guard let serving else {
      return StyledText(
        "no policy", .bad, then: "every question is answered no_policy; the module's onerr decides")
    }
    if let trial {
      return StyledText(
        "on trial", .doubtful,
        then: "\(trial.timeLeft) left; `gatehouse confirm`, in a new session, keeps it")
    }
    if refusal != nil || serving.isKeptCopy {
      return StyledText(
        "behind", .bad, then: "\(folder) has errors; the last good policy serves on")
    }
    return switch serving.mode {
    case .enforce: StyledText("enforcing", .good)
    case .monitor:
      StyledText("monitoring", .doubtful, then: "denials are recorded, and let through")
    case .off: StyledText("off", .doubtful, then: "no login is checked")
    }
  }

  private var answers: String {
    let monitored = counts.wouldDeny > 0 ? " (\(counts.wouldDeny) would be deny)" : ""
    let without = counts.noPolicy > 0 ? ", no policy \(counts.noPolicy)" : ""
    return "allow \(counts.allow)\(monitored), deny \(counts.deny), "
      + "ignore \(counts.ignore)\(without)"
  }

  /// Since when nothing would have been denied, and how much was before.
  private func denials(of monitored: ShadowReport.Watched) -> String {
    let changes = monitored.changes
    guard !changes.isEmpty else {
      return "none would have been denied since \(ago(monitored.since))"
    }
    let last = monitored.last.map { ", the last \(ago($0))" } ?? ""
    return
      "\(changes.share) would have been denied since \(monitored.since.roundedToSeconds)\(last); "
      + "gatehouse shadow"
  }

  /// The most frequent first.
  private var reasons: String {
    counts.reasons.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
      .map { "\($0.key.rawValue) \($0.value)" }.joined(separator: ", ")
  }

  private var users: StyledText {
    let kept = StyledText("\(counted(identity.users, "reading")) kept")
    guard let failing = identity.failing else { return kept }
    return kept + StyledText("  failing since \(ago(failing.since)): \(failing.problem)", .bad)
  }

  private func ago(_ time: Instant) -> String { time.ago(from: now) }

  private func json() -> [UInt8] {
    JSONWriter.line {
      $0.member("ok", status == .yes)
      $0.member("version", version)
      $0.member("pid", processID)
      $0.member("started", startedAt)
      $0.member("now", now)
      $0.member("socket", socket)
      $0.member("folder", folder)
      $0.member("serving", serving)
      $0.member("refused", refusal)
      $0.member("trial", trial)
      write(monitored, as: "monitored", to: &$0)
      write(shadow, as: "shadow", to: &$0)
      $0.member("answers", counts)
      $0.member("malformed_requests", malformedRequests)
      $0.member("grants", grants)
      $0.member("identity", identity)
      $0.member("lost_entries", lostEntries)
    }
  }

  private func write(_ watched: ShadowReport.Watched?, as name: String, to writer: inout JSONWriter)
  {
    writer.member(named: name) {
      if let watched { watched.writeCounts(to: &$0) } else { $0.literal("null") }
    }
  }
}

extension StatusReport.Serving: JSONWritable {
  /// Writes an object.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("generation", generation)
      $0.member("sha256", digest)
      $0.member("mode", mode.rawValue)
      $0.member("since", since)
      $0.member("kept_copy", isKeptCopy)
      $0.member("warnings", warnings)
    }
  }
}

extension StatusReport.Refusal: JSONWritable {
  /// Writes an object.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("at", at)
      $0.member("diagnostics", diagnostics)
    }
  }
}

extension StatusReport.Counts: JSONWritable {
  /// Writes an object.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("allow", allow)
      $0.member("deny", deny)
      $0.member("ignore", ignore)
      $0.member("no_policy", noPolicy)
      $0.member("would_deny", wouldDeny)
      $0.member("reasons") { writer in
        writer.object { object in
          for reason in Reason.allCases {
            guard let count = reasons[reason] else { continue }
            object.member(named: reason.rawValue) { count.write(to: &$0) }
          }
        }
      }
    }
  }
}

extension StatusReport.Identity: JSONWritable {
  /// Writes an object.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("users", users)
      $0.member("failing_since", failing?.since)
      $0.member("problem", failing?.problem)
    }
  }
}
