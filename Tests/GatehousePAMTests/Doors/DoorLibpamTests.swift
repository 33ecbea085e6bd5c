import GatehouseDoors
import GatehousePAM
import PAMKit
import TestKit
import Testing

/// What `doors` says of stacks of real systems, against logins through the real libpam.
@Suite(.enabled(if: RealLibpam.obstacle == nil, "\(RealLibpam.obstacle ?? "")"))
struct DoorLibpamTests {
  /// A login: what each line returns that is asked.
  private struct TriedLogin {
    var service: String
    var written: WrittenStack
    var standing: Door.Standing
    var isWayIn: Bool
  }

  @Test("what doors says of a stack is what a login by it then gets")
  func logins() throws {
    var files = FolderFiles()
    var tried: [TriedLogin] = []
    var stacks: Set<String> = []
    for (number, written) in try WrittenStack.all().enumerated() where written.fitsIntoOneFolder {
      guard let door = written.door, let stack = door.stack, let verdict = door.verdict else {
        continue
      }
      stacks.insert(written.name)
      var ways = Self.deviations(of: stack, denying: door.standing != .closed).map { ($0, false) }
      // The way that doors names.
      if [.unasked, .bypassed, .overruled].contains(door.standing),
        let way = verdict.unasked.first ?? verdict.overruled.first
      {
        ways.append((way.steps, true))
      }
      for (turn, (steps, isWayIn)) in ways.enumerated() {
        let prefix = "d\(number)-\(turn)-"
        for (path, bytes) in written.files(of: prefix, returning: steps, in: stack).files {
          files.files[path] = bytes
        }
        tried.append(
          TriedLogin(
            service: prefix + written.service, written: written, standing: door.standing,
            isWayIn: isWayIn))
      }
    }
    #expect(stacks.count >= 40)
    let answers = try RealLibpam.ask(tried.map(\.service), files)
    for (login, answer) in zip(tried, answers) {
      let isIn = ["0", "12"].contains(answer)
      switch login.standing {
      case .asked, .closed:
        #expect(!isIn, "\(login.written.name), \(login.service): \(login.standing), and in")
      case .unasked, .bypassed, .overruled:
        if login.isWayIn { #expect(isIn, "\(login.written.name): \(login.standing), and refused") }
      case .unknown: break
      }
    }
  }

  /// Logins that are ordinary but for what one line returns: each of its answers once.
  ///
  /// Ours denies all of them, or allows them.
  private static func deviations(of stack: PAMStack, denying: Bool) -> [[StackStep]] {
    let answers = stack.lines.map { line -> [ReturnCode] in
      guard case .module(_, let arguments, _) = line.kind, let name = line.moduleName else {
        return [.permissionDenied]
      }
      if line.isOurs { return [denying ? .permissionDenied : .success] }
      return ModuleKnowledge.answers(of: name, arguments: arguments).map(\.code)
    }
    var runs: [[StackStep]] = []
    for (index, codes) in answers.enumerated() {
      for code in codes {
        let steps = stack.run { $0 == index ? code : answers[$0][0] }.steps
        // A line that is included twice returns the same each time.
        let locations = Set(steps.map { stack.lines[$0.index].location })
        if locations.count == steps.count && !runs.contains(steps) { runs.append(steps) }
      }
    }
    return runs
  }
}

extension WrittenStack {
  /// What doors says of it.
  fileprivate var door: Door? {
    var machine = FakeMachine(sshd: nil)
    machine.files = files
    machine.libpam.dialect = dialect
    return machine.doors()[service: service]
  }
}
