import GatehouseControl
import GatehousePolicy

extension GuardVerdict: JSONWritable {
  /// Writes an object of who would lose and gain what, and who could not be judged.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("obstacle", isObstacle)
      $0.member("losses", losses)
      $0.member("losing", losing)
      $0.member("losing_count", losingCount)
      $0.member("gaining", gaining)
      $0.member("gaining_count", gainingCount)
      $0.member("later_times_cut", isPlanCut)
      $0.member("judged_until", judgedUntil)
      $0.member("judged", judgedCount)
      $0.member("unjudged", unjudged)
      $0.member("unjudged_count", unjudgedCount)
    }
  }
}

extension GuardVerdict.Count: JSONWritable {
  /// Writes an object of both numbers.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("places", places)
      $0.member("users", users)
    }
  }
}

extension Lockout: JSONWritable {
  /// Writes an object of what is lost, by whom, when and why.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("loses", kind.rawValue)
      $0.member("names", names)
      $0.member("role", role)
      $0.member("session", session)
      $0.member("origin", origin)
      $0.member("service", service)
      $0.member("own", isOwn)
      $0.member("time", at)
      $0.member("reason", decision?.reason.rawValue)
      $0.member("rule", decision?.rule?.fileAndLine)
      $0.member("obstacle", isObstacle)
      $0.member("excuse", excuse?.rawValue)
      $0.member("missing", missing?.rawValue)
    }
  }
}

extension PlanRow: JSONWritable {
  /// Writes an object of who comes from where by what, and what becomes of it.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("user", user)
      $0.member("origin", origin)
      $0.member("is_network", isNetwork)
      $0.member("service", service)
      $0.member("last", lastSeen)
      $0.member("time", at)
      $0.member("reason", reason.rawValue)
      $0.member("rule", rule?.fileAndLine)
    }
  }
}

extension UnjudgedPerson: JSONWritable {
  /// Writes an object of who it is and why.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("user", user)
      $0.member("session", session)
      $0.member("reason", why.rawValue)
      $0.member("problem", problem)
      $0.member("matters", matters)
    }
  }
}
