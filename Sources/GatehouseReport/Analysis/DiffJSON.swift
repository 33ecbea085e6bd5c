import GatehouseControl
import GatehousePolicy

extension DiffReport {
  /// Everything that differs, as one JSON object.
  public func json() -> [UInt8] {
    JSONWriter.line {
      $0.member("different", status == .no)
      $0.member("old", old)
      $0.member("new", new)
      $0.member("time", time)
      $0.member("compared", results.count)
      $0.member("subjects", differing)
    }
  }
}

extension DiffReport.Side: JSONWritable {
  /// Writes an object of `path`, `sha256` and `mode`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("path", path)
      $0.member("sha256", source.digest)
      $0.member("mode", source.mode.rawValue)
    }
  }
}

extension DiffReport.SubjectResult: JSONWritable {
  /// Writes an object of whom it is about, and `parts`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      switch difference.subject {
      case .user(let name, let groups):
        $0.member("kind", "user")
        $0.member("user", name)
        $0.member("groups", groups.sorted())
      case .members(let groups):
        $0.member("kind", groups.isEmpty ? "everyone_else" : "members")
        $0.member("groups", groups.sorted())
        $0.member("users", users)
      }
      $0.member("parts", difference.parts)
    }
  }
}

extension SubjectDifference.Part: JSONWritable {
  /// Writes an object of `services`, `other_services` and `differences`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("services", services.named)
      $0.member("other_services", services.includesOthers)
      $0.member("differences", differences)
    }
  }
}

extension Difference: JSONWritable {
  /// Writes an object of `prefixes`, `local`, `unknown` and `changes`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("prefixes", addresses)
      $0.member("local", isLocal)
      $0.member("unknown", isUnknown)
      $0.member("changes", changes)
    }
  }
}

extension DecisionChange: JSONWritable {
  /// Writes an object of `since`, `until`, `old` and `new`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("since", since)
      $0.member("until", until)
      $0.member("old", old)
      $0.member("new", new)
    }
  }
}

extension DecisionOutcome: JSONWritable {
  /// Writes an object of `decision`, `roles` and `would_deny`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("decision", verdict.rawValue)
      $0.member("roles", roles)
      $0.member("would_deny", wouldDeny)
    }
  }
}
