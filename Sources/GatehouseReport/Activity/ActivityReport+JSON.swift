import GatehouseControl
import GatehouseDoors
import GatehouseJournal
import GatehousePolicy

extension ActivityReport {
  /// How many elements an array has at most.
  private static let mostElements = 1000

  /// Writes the members; `left_out` says how many elements of each array it does not have.
  public func writeMembers(to writer: inout JSONWriter) {
    var leftOut: [(name: StaticString, count: Int)] = []
    writer.member("machine", machine?.name)
    writer.member("since", since)
    writer.member("until", until)
    writer.member("journal_begins", beginning)
    writer.member("record_begins", machine?.record?.since)
    writer.member("decisions", tally.total)
    writer.member("not_grouped", tally.ungrouped)
    writer.member("not_believed", tally.omitted)
    writer.member("notes", reach)
    array("refused", refusals) { refusal, object in
      refusal.group.writeMembers(to: &object)
      object.member("first_from_there", refusal.isFirst)
      object.member("remedies", refusal.explanation?.explanation.remedies.map(\.text))
    }
    array("first_from_place", newcomers) { one, object in
      object.member("user", one.user)
      object.member("origin", one.origin)
      object.member("is_network", one.isNetwork)
      object.member("services", one.services)
      object.member("first", one.first)
      object.member("allowed", one.allowed)
      object.member("refused", one.refused)
    }
    array("exceptions", exceptions) { group, object in
      group.writeMembers(to: &object)
      object.member("grant", group.newest.grant)
    }
    array("second_factor", factors) { group, object in
      object.member("answer", group.answer.outcome.rawValue)
      object.member("reason", group.answer.reason)
      object.member("rule", group.answer.rule)
      object.member("service", group.answer.service)
      object.member("count", group.count)
      object.member("first", group.first)
      object.member("last", group.last)
    }
    array("codes", codes) { group, object in
      object.member("user", group.user)
      object.member("last", group.last)
      object.member("origin", group.origin)
      for event in CodeEvent.allCases {
        object.member(named: event.rawValue) { group[event].write(to: &$0) }
      }
    }
    array("unchecked", machine?.unchecked?.lines ?? []) { one, object in
      object.member("message", one.text)
      object.member("count", one.count)
      object.member("last", one.last)
    }
    writer.member("watched", machine?.shadow?.watched)
    array("services", busiestServices) { service, object in
      object.member("service", service.name)
      object.member("decisions", service.total)
      object.member("by_period", service.byPeriod)
    }
    writer.member("periods", tally.periods)
    writer.member("by_period", tally.byPeriod)
    writer.member("unused") { writer in
      guard let unused else { return writer.literal("null") }
      writer.object {
        $0.member("since", unused.since)
        $0.member("caution", unused.caution)
        $0.member("younger", unused.younger)
        $0.member("entries", Array(unused.entries.prefix(Self.mostElements)))
        $0.member("lists_since", unused.listsSince)
        $0.member("lists", unused.lists.map { Array($0.prefix(Self.mostElements)) })
      }
    }
    leaveOut("unused_entries", unused?.entries.count)
    leaveOut("unused_lists", unused?.lists?.count)
    writer.member("ending", Array(ending.prefix(Self.mostElements)))
    leaveOut("ending", ending.count)
    writer.member("ending_logins", machine?.endings)
    writer.member("door_counts", machine?.doors)
    writer.member("door_findings", machine?.doors?.findings.filter { $0.weight != .note })
    writer.member("left_out") { writer in
      writer.object { object in
        for (name, count) in leftOut { object.member(name, count) }
      }
    }
    func leaveOut(_ name: StaticString, _ count: Int?) {
      leftOut.append((name, max(0, (count ?? 0) - Self.mostElements)))
    }
    func array<Element>(
      _ name: StaticString, _ elements: [Element],
      _ members: (Element, inout JSONWriter) -> Void
    ) {
      writer.member(name) { writer in
        writer.array { array in
          for element in elements.prefix(Self.mostElements) {
            array.object { members(element, &$0) }
          }
        }
      }
      leaveOut(name, elements.count)
    }
  }
}

extension LoginTally.Group {
  /// Writes what is alike in them, how many there are, and when.
  fileprivate func writeMembers(to writer: inout JSONWriter) {
    writer.member("count", count)
    writer.member("first", first)
    writer.member("last", newest.time)
    writer.member("id", newest.id)
    writer.member("machine", newest.machine)
    writer.member("decision", newest.verdictWord)
    writer.member("would_deny", newest.outcome == .wouldDeny)
    writer.member("reason", newest.reason)
    writer.member("user", newest.user)
    writer.member("origin", newest.origin)
    writer.member("remote_host", newest.remoteHost)
    writer.member("service", newest.service)
    writer.member("rule", newest.rule)
  }
}

extension LoginTally.Outcomes: JSONWritable {
  /// Writes an object with a number for each kind of decision.
  func write(to writer: inout JSONWriter) {
    writer.object {
      for outcome in LoggedDecision.Outcome.allCases {
        $0.member(named: outcome.rawValue) { self[outcome].write(to: &$0) }
      }
    }
  }
}

extension EntryPlace: JSONWritable {
  /// Writes an object of `list`, `entry`, `description`, `rule` and `until`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("list", list)
      $0.member("entry", text)
      $0.member("description", comment)
      $0.member("rule", location.fileAndLine)
      $0.member("until", until)
    }
  }
}
