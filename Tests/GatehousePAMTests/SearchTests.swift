import PAMKit
import TestKit
import Testing

@testable import GatehousePAM

/// The search against its slow, obvious twin: every assignment of codes to lines.
@Suite struct SearchTests {
  @Test("the verdict is what trying everything comes to")
  func twin() throws {
    var random = SeededRandom(seed: 7)
    var stacks = 0
    var unsound = 0
    for seed in 0..<1000 as Range<UInt64> {
      var service = RandomService(.tidy, seed: seed, name: "s")
      var files = FolderFiles()
      files.files = service.next()
      guard case .stacks(let read) = StackReader.read("s", by: .debian13, from: files),
        var stack = read[.account]
      else { continue }
      let modules = stack.lines.indices.filter { stack.lines[$0].moduleName != nil }
      guard (2...6).contains(modules.count) else { continue }
      for (place, index) in modules.shuffled(using: &random).enumerated() {
        // One of our lines, sometimes two or none.
        let isOurs = place < [0, 1, 1, 1, 2].randomElement(using: &random) ?? 1
        stack.lines[index].kind = .module(
          path: isOurs ? "pam_gatehouse.so" : "pam_m\(index).so", arguments: ["\(index)"],
          isLoadable: isOurs || Int.random(in: 0..<12, using: &random) > 0)
      }
      var answers: [Int: [ModuleAnswer]] = [:]
      for index in modules {
        answers[index] = ([.success, .newPasswordRequired, .ignore] + ReturnCode.all).shuffled(
          using: &random
        )
        .prefix(3).map { ModuleAnswer(code: $0) }
      }
      let verdict = StackVerdict(stack) { _, arguments in
        answers[arguments.first.flatMap { Int($0) } ?? -1] ?? []
      }
      let twin = Twin(stack, answers)
      #expect(Twin(verdict) == twin, "seed \(seed): \(stack.lines)")
      for way in verdict.unasked + verdict.overruled { try check(way, of: stack, verdict) }
      stacks += 1
      if !verdict.isSound { unsound += 1 }
    }
    #expect(stacks > 200 && unsound > 50 && unsound < stacks)
  }

  /// A way is one that the stack goes, and lets in.
  private func check(_ way: StackWay, of stack: PAMStack, _ verdict: StackVerdict) throws {
    let codes = Dictionary(uniqueKeysWithValues: way.steps.map { ($0.index, $0.code) })
    let run = stack.run { codes[$0] ?? .abort }
    #expect(run == StackRun(code: way.code, steps: way.steps))
    #expect(way.code.letsIn && way.conditions.count == way.steps.count)
    let ours = way.steps.filter { verdict.ours.contains($0.index) }
    let isOverruled = ours.contains { $0.code == .permissionDenied || $0.code == .unavailable }
    #expect(ours.isEmpty || isOverruled)
    // If we stand in the stack, there is somebody to blame.
    #expect(way.culprit != nil || verdict.ours.isEmpty)
    #expect(!way.sentence(about: stack, verdict).isEmpty)
  }

  private struct Twin: Equatable {
    var unasked = false
    var overruled = false
    var canLetIn = false
    var lettingIn: Set<Int32> = []
    var refusing: Set<Int32> = []

    init(_ verdict: StackVerdict) {
      unasked = !verdict.unasked.isEmpty
      overruled = !verdict.overruled.isEmpty
      canLetIn = verdict.canLetIn
      for (code, outcome) in [
        (ReturnCode.success, verdict.allowed), (.permissionDenied, verdict.denied),
        (.unavailable, verdict.unavailable), (.ignore, verdict.ignored),
      ] {
        if outcome.letsIn != nil { lettingIn.insert(code.rawValue) }
        if outcome.refuses != nil { refusing.insert(code.rawValue) }
      }
    }

    init(_ stack: PAMStack, _ answers: [Int: [ModuleAnswer]]) {
      let ours: [ReturnCode] = [.success, .permissionDenied, .unavailable, .ignore]
      let lines = answers.keys.sorted()
      let choices = lines.map { stack.lines[$0].isOurs ? ours : answers[$0]?.map(\.code) ?? [] }
      var turn = [Int](repeating: 0, count: lines.count)
      while true {
        let run = stack.run { index in
          guard let place = lines.firstIndex(of: index) else { return .abort }
          return choices[place][turn[place]]
        }
        let said = run.steps.filter { stack.lines[$0.index].isOurs }.map(\.code)
        if run.code.letsIn {
          canLetIn = true
          if said.isEmpty { unasked = true }
          if said.contains(.permissionDenied) || said.contains(.unavailable) { overruled = true }
        }
        if let first = said.first, said.allSatisfy({ $0 == first }) {
          if run.code.letsIn {
            lettingIn.insert(first.rawValue)
          } else {
            refusing.insert(first.rawValue)
          }
        }
        guard let place = turn.indices.first(where: { turn[$0] + 1 < choices[$0].count }) else {
          return
        }
        turn[place] += 1
        for earlier in 0..<place { turn[earlier] = 0 }
      }
    }
  }

  @Test("a stack of many unknown modules is judged in no time")
  func large() throws {
    let text = (0..<60).map { "account [success=\($0 % 3 + 1) default=ignore 12=ok] m\($0).so\n" }
      .joined()
      .replacing("12", with: "new_authtok_reqd")
    let files = FolderFiles([
      "s": text + "account required pam_gatehouse.so\naccount required pam_permit.so\n"
    ])
    guard case .stacks(let stacks) = StackReader.read("s", by: .debian12, from: files),
      let stack = stacks[.account]
    else { return }
    let start = ContinuousClock.now
    #expect(!StackVerdict(stack).unasked.isEmpty)
    #expect(ContinuousClock.now - start < .seconds(5))
  }
}
