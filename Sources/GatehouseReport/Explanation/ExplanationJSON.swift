public import GatehouseControl
import GatehousePolicy

extension ExplainedLogin {
  /// Everything that is known, as one JSON object: the members of a batch's answer first.
  public func json() -> [UInt8] {
    let login = explanation.login
    return JSONWriter.line {
      $0.members(of: explanation.decision)
      $0.member("user", login.user)
      $0.member("groups", login.groups?.sorted())
      $0.member("groups_from", groupSource.rawValue)
      $0.member("origin", origin)
      $0.member("service", login.service)
      $0.member("role", login.role)
      $0.member("grant", explanation.decision.grant)
      $0.member("time", login.time)
      $0.member("generation") { writer in
        writer.object {
          $0.member("number", policy.generation)
          $0.member("sha256", policy.digest)
          $0.member("mode", policy.mode.rawValue)
        }
      }
      $0.member("steps", explanation.steps)
      $0.member("lists", explanation.lists)
      $0.member("remedies", explanation.remedies.map(\.text))
    }
  }

  /// The kind of the origin is a member of its own: no text can turn into it.
  private func origin(_ writer: inout JSONWriter) {
    writer.object {
      switch explanation.login.origin {
      case .address(let address):
        $0.member("kind", "address")
        $0.member("address", address.description)
      case .local:
        $0.member("kind", "local")
      case .unknown:
        $0.member("kind", "unknown")
        $0.member("remote_host", remoteHost)
      }
    }
  }
}

extension Explanation.Step: JSONWritable {
  /// Writes an object of `number`, `condition`, `outcome` and `detail`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("number", step.rawValue)
      $0.member("condition", step.condition)
      $0.member("outcome", outcome.rawValue)
      $0.member("detail", detail)
    }
  }
}

extension Explanation.AppliedList: JSONWritable {
  /// Writes an object of the list's scope, place, and what became of it.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("path", path)
      $0.member("scope", scope.kind.rawValue)
      $0.member("name", scope.name)
      $0.member("key", key.rawValue)
      $0.member("rule", location.fileAndLine)
      $0.member("holds_address", holdsAddress)
      $0.member("entry", matched)
      $0.member("note", note)
    }
  }
}

extension Explanation.AppliedList.Entry: JSONWritable {
  /// Writes an object of `text`, `rule`, `networks` and `description`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("text", text)
      $0.member("rule", location.fileAndLine)
      $0.member("networks", networks)
      $0.member("description", comment)
    }
  }
}
